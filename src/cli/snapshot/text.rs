//! The snapshot for people: a page that reads well in a ticket.

use super::page::Page;
use super::sections;
use crate::model::format::{UNKNOWN, duration};
use crate::model::text::printable;
use crate::model::{Formatter, Frame, Health};

/// How the time of a snapshot reads; the offset makes it unambiguous in a ticket.
const TIME: &str = "%Y-%m-%d %H:%M:%S %:z";

/// The frame as a page.
pub fn write(frame: &Frame, format: Formatter) -> String {
    let mut page = Page::default();
    head(&mut page, frame);
    sections::host::write(&mut page, frame, format);
    sections::processes::write(&mut page, frame, format);
    sections::services::write(&mut page, frame, format);
    sections::alerts::write(&mut page, frame, format);
    sources(&mut page, frame);
    page.finish()
}

/// Who, when, what.
fn head(page: &mut Page, frame: &Frame) {
    let host = &*frame.host;
    let name = if host.name.is_empty() {
        UNKNOWN
    } else {
        &host.name
    };
    let demo = if frame.demo {
        "  DEMO: a story, no machine's figures"
    } else {
        ""
    };
    page.line(&format!(
        "hubtop  {}  {}{demo}",
        printable(name),
        frame.at.local().format(TIME)
    ));
    let up = host
        .boot
        .map(|boot| format!("up {}", duration(frame.at.since(boot))));
    let cores = (host.cores > 0).then(|| format!("{} cores", host.cores));
    let container = host.container.as_ref().map(|container| {
        let name = container.name.as_deref().unwrap_or_default();
        format!("in {} {name}", container.runtime)
            .trim_end()
            .to_owned()
    });
    let facts = [
        host.os.clone(),
        host.kernel.clone(),
        host.cpu_model.clone(),
        cores,
        up,
        container,
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    if !facts.is_empty() {
        page.line(&printable(&facts.join("  ")));
    }
}

/// How many sources answer, and those that should and do not.
fn sources(page: &mut Page, frame: &Frame) {
    let (giving, others): (Vec<_>, Vec<_>) = frame
        .sources
        .iter()
        .partition(|source| source.health.is_giving());
    let (absent, silent): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|source| source.health == Health::Absent);
    page.heading(&format!(
        "Sources: {} answer, {} do not, {} absent",
        giving.len(),
        silent.len(),
        absent.len()
    ));
    for source in silent {
        page.line(&format!("  {}: {}", source.name, printable(&source.line())));
    }
    for source in giving {
        for partial in source.partial.iter() {
            let line = format!("  {}: no {}: {}", source.name, partial.part, partial.line);
            page.line(&printable(&line));
        }
    }
    let found = frame.tables.found.iter().flat_map(|rows| rows.iter());
    for row in found.filter(|row| row.attached.is_none()) {
        let why = row.why_not.as_deref().unwrap_or_default();
        let line = format!("  found, not watched: {} {}: {why}", row.kind, row.address);
        page.line(&printable(&line));
    }
}
