//! The busiest processes.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Figures, cells};
use crate::cli::snapshot::page::{Page, Side};
use crate::model::format::UNKNOWN;
use crate::model::{Formatter, Frame, Process, Unit};

/// How many are listed.
const LISTED: usize = 15;
/// How much of a command line is printed.
const COMMAND_CHARS: usize = 60;

/// Writes the busiest processes.
pub fn write(page: &mut Page, frame: &Frame, format: Formatter) {
    let Some(processes) = &frame.tables.processes else {
        return page.heading("Processes: not known");
    };
    let figures = Figures { frame, format };
    page.heading(&format!(
        "Processes: {}, {} running, the busiest {LISTED}",
        processes.len(),
        figures.plain("system.process.running_count"),
    ));
    let mut busiest: Vec<&Arc<Process>> = processes.iter().collect();
    busiest.sort_by(|a, b| by_use(a, b));
    let mut rows = vec![cells([
        "PID", "USER", "STATE", "CPU%", "MEM%", "RES", "READ", "WRITE", "THR", "COMMAND",
    ])];
    rows.extend(
        busiest
            .iter()
            .take(LISTED)
            .map(|process| row(process, &figures)),
    );
    page.table(&SIDES, &rows);
}

const SIDES: [Side; 10] = [
    Side::Right,
    Side::Left,
    Side::Left,
    Side::Right,
    Side::Right,
    Side::Right,
    Side::Right,
    Side::Right,
    Side::Right,
    Side::Left,
];

/// Most CPU first, then most memory, then the oldest number.
fn by_use(a: &Process, b: &Process) -> Ordering {
    let cpu = |process: &Process| process.cpu_percent.unwrap_or(-1.0);
    cpu(b)
        .total_cmp(&cpu(a))
        .then(b.resident_bytes.cmp(&a.resident_bytes))
        .then(a.key().cmp(&b.key()))
}

fn row(process: &Process, figures: &Figures<'_>) -> Vec<String> {
    let identity = &process.identity;
    vec![
        identity.key.pid.to_string(),
        identity.user.to_string(),
        process.state.word().to_owned(),
        figures.value(Unit::Percent, process.cpu_percent),
        figures.value(Unit::Percent, Some(process.memory_percent)),
        figures.value(Unit::Bytes, Some(process.resident_bytes as f64)),
        figures.value(Unit::BytesPerSec, process.read_bytes_per_sec),
        figures.value(Unit::BytesPerSec, process.write_bytes_per_sec),
        process
            .threads
            .map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string()),
        identity.command.chars().take(COMMAND_CHARS).collect(),
    ]
}
