//! Whether what happens is kept on disk, and what of it there is.

use super::finding::{Finding, Mark, Section};
use crate::cli::history;
use crate::config::Settings;
use crate::model::Formatter;
use crate::store::StoreError;
use crate::store::file::care::{self, Info};

/// The file of the history, as it is now; nothing is written.
pub fn section(settings: &Settings) -> Section {
    Section::new("History", vec![finding(settings)])
}

fn finding(settings: &Settings) -> Finding {
    if !settings.history.enabled {
        let place = settings.place_of("history.enabled");
        return Finding::absent(format!("nothing is kept on disk ({place})"));
    }
    let Some(path) = history::file(settings) else {
        return Finding::new(
            Mark::Bad,
            "neither XDG_STATE_HOME nor HOME is set: nothing is kept",
        )
        .mend("name a folder, `[history] folder`");
    };
    match care::info(&path) {
        Ok(info) => kept(&info),
        Err(StoreError::Absent { path }) => {
            Finding::absent(format!("{} is not there yet", path.display()))
                .mend("`hubtop` makes it when it opens the screen")
        }
        Err(error @ StoreError::Damaged { .. }) => Finding::new(Mark::Bad, error.to_string()),
        Err(error) => Finding::doubt(error.to_string()),
    }
}

fn kept(info: &Info) -> Finding {
    let size = Formatter::default().bytes((info.bytes + info.wal_bytes) as f64);
    let reach = info.figures.iter().filter_map(|part| part.reach);
    let since = reach.map(|(first, _)| first).min();
    let since = since.map_or(String::new(), |since| {
        format!(", since {}", since.local().format("%Y-%m-%d %H:%M"))
    });
    let writer = match info.writer {
        Some(Some(pid)) => format!(", kept by PID {pid} now"),
        Some(None) => ", kept by another hubtop now".to_owned(),
        None => String::new(),
    };
    Finding::good(format!("{}: {size}{since}{writer}", info.path.display()))
}
