//! What the screen is told by the memory of this process.

use std::time::Duration;

use super::*;
use crate::model::alert::RuleSummary;
use crate::model::{
    AlertBoard, AlertState, Health, Incident, IncidentId, SeriesId, Severity, SourceStatus, Unit,
};

const SECOND: Duration = Duration::from_secs(1);
/// A moment that is a multiple of a day.
const START: Timestamp = Timestamp(20_000 * 86_400_000);

fn at(second: u64) -> Timestamp {
    START.plus(Duration::from_secs(second))
}

/// Ten minutes in which one value is 1, 2, 3… up to the middle and falls again; no pictures.
fn hill() -> HotHistory {
    let mut history = HotHistory::new(1 << 20, SECOND);
    for second in 0..600 {
        history.append(at(second), &[second.min(600 - second) as f64]);
    }
    history
}

/// The newest frame, with one incident that is open since the second 100.
fn newest(above: bool) -> Frame {
    let incident = Incident {
        id: IncidentId(1),
        rule: "hot".into(),
        severity: Severity::Warning,
        state: AlertState::Firing,
        metric: "m".into(),
        series: SeriesId(0),
        place: "web-01".into(),
        unit: Unit::Percent,
        value: Some(1.0),
        worst: 300.0,
        condition: "> 90%".into(),
        threshold: 90.0,
        began: at(100),
        fired: Some(at(130)),
        resolved: None,
        stale_since: None,
    };
    let rule = RuleSummary {
        name: "hot".into(),
        severity: Severity::Warning,
        condition: String::new(),
        metric: "m".into(),
        threshold: 90.0,
        operator: if above { ">" } else { "<" }.to_owned(),
        hold_seconds: 0.0,
        above,
        series: 1,
    };
    let catalog = crate::model::Catalog::new();
    catalog.plain("system.cpu.usage_percent");
    Frame {
        series: catalog.table(),
        values: Arc::new(vec![1.0]),
        sources: Arc::new(vec![source()]),
        alerts: Arc::new(AlertBoard {
            open: vec![incident],
            resolved: Arc::default(),
            rules: Arc::new(vec![rule]),
        }),
        ..Frame::empty(at(599))
    }
}

fn source() -> SourceStatus {
    SourceStatus {
        kind: crate::model::SourceKind::Host,
        partial: Arc::default(),
        name: "cpu".into(),
        health: Health::Up,
        interval: SECOND,
        last_answer: None,
        duration_ms: None,
        success_percent: None,
    }
}

#[test]
fn an_incident_has_the_figures_of_the_moment_that_is_shown() {
    let history = hill();
    let shown = |above, second| {
        let frame = past_frame(&history, &newest(above), at(second)).unwrap();
        let incident = &frame.alerts.open[0];
        (incident.state, incident.value, incident.worst)
    };
    assert_eq!(shown(true, 120), (AlertState::Pending, Some(120.0), 120.0));
    assert_eq!(shown(true, 200), (AlertState::Firing, Some(200.0), 200.0));
    assert_eq!(shown(true, 500), (AlertState::Firing, Some(100.0), 300.0));
    assert_eq!(shown(false, 200), (AlertState::Firing, Some(200.0), 100.0));
    let before = past_frame(&history, &newest(true), at(99)).unwrap();
    assert!(before.alerts.open.is_empty());
}

#[test]
fn an_incident_has_no_value_in_an_outage() {
    let mut history = hill();
    history.append(at(800), &[5.0]);
    let frame = past_frame(&history, &newest(true), at(700)).unwrap();
    assert_eq!(frame.alerts.open[0].value, None);
    assert_eq!(frame.alerts.open[0].worst, 300.0);
}

#[test]
fn a_moment_without_a_picture_has_no_sources_of_today() {
    let frame = past_frame(&hill(), &newest(true), at(300)).unwrap();
    assert!(frame.sources.is_empty());
    assert!(frame.tables.processes.is_none());
}
