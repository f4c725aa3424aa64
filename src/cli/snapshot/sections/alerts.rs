//! The alerts that are open.

use super::{Figures, cells};
use crate::cli::snapshot::page::{Page, Side};
use crate::model::{Formatter, Frame, Incident};

const SIDES: [Side; 7] = [
    Side::Left,
    Side::Left,
    Side::Left,
    Side::Left,
    Side::Right,
    Side::Left,
    Side::Left,
];

/// Writes the open alerts, and the rules that can't be judged.
pub fn write(page: &mut Page, frame: &Frame, format: Formatter) {
    let board = &frame.alerts;
    let blind: Vec<&str> = board
        .rules
        .iter()
        .filter(|rule| rule.series == 0)
        .map(|rule| &*rule.name)
        .collect();
    page.heading(&format!(
        "Alerts: {} firing, {} rules",
        board.firing_count(),
        board.rules.len()
    ));
    if !board.open.is_empty() {
        let figures = Figures { frame, format };
        let mut rows = vec![cells([
            "STATE",
            "SEVERITY",
            "RULE",
            "WHERE",
            "VALUE",
            "CONDITION",
            "SINCE",
        ])];
        rows.extend(board.open.iter().map(|incident| row(incident, &figures)));
        page.table(&SIDES, &rows);
    }
    if !blind.is_empty() {
        page.line(&format!(
            "  without figures to judge by: {}",
            blind.join(", ")
        ));
    }
}

fn row(incident: &Incident, figures: &Figures<'_>) -> Vec<String> {
    vec![
        incident.state.word().to_owned(),
        incident.severity.word().to_owned(),
        incident.rule.to_string(),
        incident.place.clone(),
        figures.value(incident.unit, incident.value),
        incident.condition.clone(),
        incident.began.clock_text(),
    ]
}
