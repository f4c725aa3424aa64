//! What a frame says of the APIs: what is wrong, how the responses divide, how the objectives stand.

use crate::model::{Frame, Labels, Objective, ObjectiveState, SeriesId, Severity, Unit};
use crate::ui::tabs::{Badge, source};
use crate::ui::theme::{Look, Role};

/// From this share of 5xx on an endpoint is in trouble, percent: the thresholds of the default rules.
const ERRORS_HIGH: f64 = 5.0;
const ERRORS_CRITICAL: f64 = 10.0;
/// From this time on a response is slow, milliseconds: the thresholds of the default rules.
const SLOW_MS: f64 = 2000.0;
const VERY_SLOW_MS: f64 = 5000.0;
/// The classes of status; the one that matters least leaves first where there is no room.
const CLASSES: [&str; 4] = ["2xx", "4xx", "5xx", "3xx"];

/// Whether any source has brought anything that the tab shows.
pub(super) fn has_source(frame: &Frame) -> bool {
    let tables = &frame.tables;
    tables.endpoints.is_some()
        || tables.models.is_some()
        || tables.sessions.is_some()
        || tables.pages.is_some()
        || tables.probes.is_some()
        || tables.objectives.is_some()
}

/// The meaning of a share of 5xx.
pub(super) fn errors_role(percent: f64) -> Role {
    match percent {
        p if p > ERRORS_CRITICAL => Role::Critical,
        p if p > ERRORS_HIGH => Role::Warning,
        _ => Role::Text,
    }
}

/// The meaning of a response time in milliseconds.
pub(super) fn latency_role(millis: f64) -> Role {
    match millis {
        ms if ms > VERY_SLOW_MS => Role::Critical,
        ms if ms > SLOW_MS => Role::Warning,
        _ => Role::Text,
    }
}

/// The meaning of an Apdex: poor below 0.7, unacceptable below 0.5 (Apdex Alliance, technical specification 1.1).
pub(super) fn apdex_role(apdex: f64) -> Role {
    match apdex {
        a if a < 0.5 => Role::Critical,
        a if a < 0.7 => Role::Warning,
        _ => Role::Text,
    }
}

/// How many endpoints fail too often and objectives are missed.
pub(super) fn badge(frame: &Frame) -> Option<Badge> {
    let endpoints = frame.tables.endpoints.iter().flat_map(|rows| rows.iter());
    let heard = |source: &str| !source::is_silent(frame, source);
    let endpoints = endpoints.filter(|endpoint| heard(&endpoint.source));
    let errors = endpoints.filter_map(|endpoint| {
        let role = errors_role(endpoint.error_percent?);
        severity(role)
    });
    let objectives = frame.tables.objectives.iter().flat_map(|rows| rows.iter());
    let objectives = objectives.filter(|objective| heard(&objective.source));
    let missed = objectives.filter_map(|objective| severity(state_role(objective.state)));
    let severities: Vec<Severity> = errors.chain(missed).collect();
    Some(Badge {
        count: severities.len(),
        severity: severities.into_iter().max()?,
    })
}

fn severity(role: Role) -> Option<Severity> {
    match role {
        Role::Critical => Some(Severity::Critical),
        Role::Warning => Some(Severity::Warning),
        _ => None,
    }
}

/// The word of an objective's state.
pub(super) fn state_word(state: ObjectiveState) -> &'static str {
    match state {
        ObjectiveState::NoData => "no data",
        ObjectiveState::Ok => "ok",
        ObjectiveState::Burning => "BURN",
        ObjectiveState::Spent => "SPENT",
    }
}

/// The meaning of an objective's state.
pub(super) fn state_role(state: ObjectiveState) -> Role {
    match state {
        ObjectiveState::NoData => Role::Dim,
        ObjectiveState::Ok => Role::Ok,
        ObjectiveState::Burning => Role::Warning,
        ObjectiveState::Spent => Role::Critical,
    }
}

/// What is left of an objective's budget, and how many times too fast it burns over which window.
pub(super) fn budget_text(objective: &Objective, look: &Look) -> String {
    let left = look.format.value(Unit::Percent, objective.budget_percent);
    match &objective.burn {
        Some((rate, window)) => format!("{left:>4}  {rate:.1}x/{window}"),
        None => format!("{left:>4}"),
    }
}

/// The share of each class of status.
pub(super) fn classes(frame: &Frame) -> Vec<(&'static str, Option<f64>)> {
    CLASSES
        .iter()
        .map(|class| {
            let labels = Labels::one("class", class);
            (*class, frame.value_with("app.responses.percent", &labels))
        })
        .collect()
}

/// The series of a metric for one endpoint, or for the whole application.
pub(super) fn series(frame: &Frame, metric: &str, endpoint: Option<&str>) -> Option<SeriesId> {
    let labels = endpoint.map_or_else(Labels::none, |name| Labels::one("endpoint", name));
    frame.series.find(metric, &labels)
}

/// The limit of the objective on the 95th percentile, for the line in the chart.
pub(super) fn latency_limit(frame: &Frame) -> Option<f64> {
    let objectives = frame.tables.objectives.as_deref()?;
    let judges =
        |objective: &&Objective| objective.metric.as_deref() == Some("app.response_time.p95_ms");
    objectives.iter().find(judges)?.limit
}
