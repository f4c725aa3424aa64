//! `hubtop doctor`: what was found, what was not, why, and what to do; one line each.

mod exports;
mod finding;
mod history;
mod rights;
mod services;
mod sources;
mod terminal;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::Error;
use super::engine::Watched;
use super::output::print;
use super::settings::Given;
use super::snapshot;
use crate::model::{Frame, Health};
use crate::ui::theme::Symbols;
use finding::{Finding, Section};

/// For how long sources are watched before they are judged: the slow ones have answered by then, and the quick ones twice.
const LOOK: Duration = Duration::from_millis(1500);

/// Looks into everything and says what it found. The exit code tells whether anything works at all.
pub fn run(given: &Given) -> Result<ExitCode, Error> {
    let settings = given.load_and_log()?;
    let frame = snapshot::take_when(&settings, Watched::Host, LOOK, everybody_answered)?;
    let facts = terminal::look();
    let mut sections = vec![
        settings_section(given),
        terminal::section(&facts, &settings),
        sources::section(&frame),
    ];
    sections.extend(services::sections(&frame, &settings));
    sections.extend([
        history::section(&settings),
        rights::section(&frame),
        sources::rules(&frame),
    ]);
    sections.extend(exports::section(&settings));
    let utf8 = facts.symbols != Symbols::Ascii || locale_is_utf8();
    let report: Vec<String> = sections.iter().map(Section::text).collect();
    let report = report.join("\n");
    print(&if utf8 {
        report
    } else {
        snapshot::ascii(&report)
    })?;
    let works = frame.sources.iter().any(|source| source.health.is_giving());
    Ok(ExitCode::from(u8::from(!works)))
}

/// Whether there is nobody left to wait for; what was found needs its time too.
fn everybody_answered(frame: &Frame) -> bool {
    let mut sources = frame.sources.iter();
    sources.all(|source| source.health != Health::Starting)
}

fn locale_is_utf8() -> bool {
    snapshot::locale_is_utf8(|name| std::env::var(name).ok())
}

fn settings_section(given: &Given) -> Section {
    let own = given.files.own();
    let finding = |path: &Path| {
        let shown = path.display().to_string();
        if path.exists() {
            return Finding::good(shown);
        }
        let absent = Finding::absent(format!("{shown} is not there"));
        if own == Some(path) {
            absent.mend("`hubtop config init` writes one with every setting")
        } else {
            absent
        }
    };
    let findings = given.files.all().into_iter().map(finding).collect();
    Section::new("Settings", findings)
}
