//! Engines elsewhere: whether each would take what it is sent, and what still waits for it here.

use super::finding::{Finding, Mark, Section};
use crate::cli::{history, targets::forms};
use crate::config::{Located, Settings};
use crate::model::{Formatter, Unit, redact};
use crate::store::remote::prometheus::look_back;
use crate::store::remote::queue::Queue;
use crate::store::remote::{ExportForm, look_at_export};

/// A section where there is an export; each is asked now.
pub fn section(settings: &Settings) -> Option<Section> {
    if settings.exports.is_empty() && settings.history.from.is_none() {
        return None;
    }
    let findings = settings.exports.iter();
    let findings = findings.flat_map(|form| {
        let password = has_password(form).then(|| {
            Finding::doubt(format!("{}: a password stands in the url", form.place))
                .mend("password_file keeps it out of the settings")
        });
        [
            Some(engine(&form.value)),
            waiting(settings, &form.value),
            password,
        ]
    });
    let read_from = settings.history.from.as_ref();
    let read_from = read_from.map(|url| past(settings, url));
    let findings = findings.flatten().chain(read_from);
    Some(Section::new("Exports", findings.collect()))
}

fn engine(form: &ExportForm) -> Finding {
    let name = form.name();
    match look_at_export(form) {
        Ok(what) => Finding::good(format!("{name}: {what}")),
        Err(why) => Finding::new(Mark::Bad, format!("{name}: {why}")),
    }
}

/// The engine that is asked for what is no longer kept here.
fn past(settings: &Settings, url: &str) -> Finding {
    match look_back(url, &forms(settings)) {
        Ok(what) => Finding::good(format!("history.from: {what}")),
        Err(why) => Finding::new(Mark::Bad, format!("history.from: {why}")),
    }
}

/// What a hubtop that runs holds of the queue can only be told by the length of the file.
fn waiting(settings: &Settings, form: &ExportForm) -> Option<Finding> {
    let path = Queue::path_in(&history::folder(settings)?, form.name());
    let length = std::fs::metadata(&path).ok()?.len();
    let length = Formatter::default().value(Unit::Bytes, Some(length as f64));
    let what = format!(
        "{}: its queue takes {length} at {}",
        form.name(),
        path.display()
    );
    Some(Finding::good(what))
}

fn has_password(form: &Located<ExportForm>) -> bool {
    redact::argument(&form.value.url) != form.value.url
}
