//! Servers, pages and logs: what is watched and how it is doing, what was found and is not watched, and what would watch
//! it; a section for each tab.

use super::finding::{Finding, Section};
use super::sources::source;
use crate::config::Settings;
use crate::model::{Found, Frame, SourceKind, SourceStatus, redact};

/// A section for each tab that watches more than this machine.
pub fn sections(frame: &Frame, settings: &Settings) -> Vec<Section> {
    let of = |title, is_its_own: fn(SourceKind) -> bool, kinds: &[&str], needs| {
        let mut findings = watched(frame, is_its_own);
        findings.extend(unwatched(frame, kinds));
        findings.extend(passwords(settings, kinds));
        if findings.is_empty() {
            findings.push(nothing(settings, needs));
        }
        Section::new(title, findings)
    };
    vec![
        of(
            "API",
            SourceKind::is_of_api,
            &["metrics", "access_log"],
            "a page of metrics or an access log",
        ),
        of(
            "Cache",
            |kind| kind == SourceKind::Cache,
            &["redis", "memcached"],
            "Redis, Valkey or memcached",
        ),
        of(
            "Queries",
            |kind| kind == SourceKind::Database,
            &["postgres", "mysql"],
            "PostgreSQL, MySQL or MariaDB",
        ),
    ]
}

/// Those that are watched, each with what it can't bring and the mend.
fn watched(frame: &Frame, is_its_own: fn(SourceKind) -> bool) -> Vec<Finding> {
    let own = frame
        .sources
        .iter()
        .filter(|status| is_its_own(status.kind));
    own.flat_map(|status| {
        let found = row_of(frame, status);
        let how = found.map_or("configured".to_owned(), |row| {
            format!("found at {}", row.address)
        });
        let lacks = status.partial.iter().map(|partial| {
            Finding::doubt(format!("{}: no {}", status.name, partial.part))
                .mend(partial.line.to_string())
        });
        std::iter::once(source(status, &how)).chain(lacks)
    })
    .collect()
}

/// The row of a source that was found.
fn row_of<'a>(frame: &'a Frame, status: &SourceStatus) -> Option<&'a Found> {
    let rows = frame.tables.found.as_ref()?;
    rows.iter()
        .find(|row| row.attached.as_ref() == Some(&status.name))
}

/// What was found and is not watched, with the lines for the settings below.
fn unwatched(frame: &Frame, kinds: &[&str]) -> Vec<Finding> {
    let rows = frame.tables.found.iter().flat_map(|rows| rows.iter());
    rows.filter(|row| row.attached.is_none() && kinds.contains(&&*row.kind))
        .map(|row| {
            let why = row.why_not.as_deref().unwrap_or("it is not watched");
            let what = format!("{} at {} was found: {why}", row.kind, row.address);
            Finding::doubt(what)
                .mend("these lines in the settings watch it:")
                .below(&row.settings)
        })
        .collect()
}

/// Passwords that stand in addresses.
fn passwords(settings: &Settings, kinds: &[&str]) -> Vec<Finding> {
    let sources = settings.sources.iter();
    sources
        .filter(|form| kinds.contains(&form.value.kind.as_str()))
        .filter(|form| redact::argument(&form.value.address) != form.value.address)
        .map(|form| {
            Finding::doubt(format!("{}: a password stands in the address", form.place))
                .mend("password_file keeps it out of the settings")
        })
        .collect()
}

fn nothing(settings: &Settings, needs: &str) -> Finding {
    if settings.discover.enabled {
        Finding::absent(format!("{needs}: none is configured, none was found here"))
            .mend("name one in a [[source]]; `hubtop demo` shows how it looks")
    } else {
        let place = settings.place_of("discover.enabled");
        Finding::absent(format!(
            "{needs}: none is configured, none is looked for ({place})"
        ))
    }
}
