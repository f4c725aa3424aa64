//! What the Alerts tab makes of a frame's board.

use std::time::Duration;

use crate::feed::Window;
use crate::model::format::duration;
use crate::model::{AlertState, Frame, Incident, Severity, Timestamp};
use crate::ui::tabs::{Context, Range};
use crate::ui::theme::Role;

/// What is shown before and behind an incident, as a part of its length.
const MARGIN: u32 = 4;

/// Every incident, the open ones first.
pub fn incidents(frame: &Frame) -> impl Iterator<Item = &Incident> {
    let board = &frame.alerts;
    board.open.iter().chain(&*board.resolved)
}

/// Whether there is no incident at all.
#[must_use]
pub fn is_calm(frame: &Frame) -> bool {
    frame.alerts.open.is_empty() && frame.alerts.resolved.is_empty()
}

/// Whether there is an incident or a rule.
#[must_use]
pub fn has_something(frame: &Frame) -> bool {
    !is_calm(frame) || !frame.alerts.rules.is_empty()
}

/// How an incident is called: its rule and number.
#[must_use]
pub fn name(incident: &Incident) -> String {
    format!("{} #{}", incident.rule, incident.id.0)
}

/// How the row of a rule is called; no incident is called so.
#[must_use]
pub fn rule_name(rule: &crate::model::alert::RuleSummary) -> String {
    rule.name.to_string()
}

/// The incident called so.
#[must_use]
pub fn find<'a>(frame: &'a Frame, wanted: &str) -> Option<&'a Incident> {
    incidents(frame).find(|incident| name(incident) == wanted)
}

/// How long it has held, or did.
#[must_use]
pub fn lasted(incident: &Incident, at: Timestamp) -> Duration {
    let from = incident.fired.unwrap_or(incident.began);
    incident.resolved.unwrap_or(at).since(from)
}

/// The same in words.
#[must_use]
pub fn lasted_text(incident: &Incident, at: Timestamp) -> String {
    duration(lasted(incident, at))
}

/// The colour of an incident's state: of its severity while it fires, quiet before and after.
#[must_use]
pub fn state_role(incident: &Incident) -> Role {
    match incident.state {
        AlertState::Firing => Role::of(incident.severity),
        AlertState::Acknowledged => Role::Info,
        AlertState::Pending => Role::Text,
        AlertState::Resolved => Role::Dim,
    }
}

/// The colour of what is said of an incident: dim once it is over.
#[must_use]
pub fn text_role(incident: &Incident) -> Role {
    match incident.state {
        AlertState::Resolved => Role::Dim,
        _ => Role::Text,
    }
}

/// The stretch of time that shows an incident with what came before and after it, cut into `points`.
#[must_use]
pub fn window_around(cx: &Context<'_>, incident: &Incident, points: usize) -> Window {
    let over = incident.resolved.unwrap_or(cx.at());
    let margin = (over.since(incident.began) / MARGIN).max(Duration::from_secs(60));
    let end = over.plus(margin).min(cx.at());
    let span = end.since(incident.began.minus(margin));
    let span = span.clamp(Range::FiveMinutes.span(), Range::Day.span());
    Window::ending(end, span, points, cx.frame.tick)
}

/// How many incidents of a severity fired in each bucket; NaN where none did.
#[must_use]
pub fn firing_over(frame: &Frame, severity: Severity, window: Window) -> Vec<f64> {
    let mut counts = vec![f64::NAN; window.count];
    for incident in incidents(frame).filter(|incident| incident.severity == severity) {
        let Some(fired) = incident.fired else {
            continue;
        };
        let over = incident.resolved.unwrap_or(frame.at);
        let mut start = window.start;
        for count in &mut counts {
            let end = start.plus(window.step);
            if fired < end && over >= start {
                *count = if count.is_nan() { 1.0 } else { *count + 1.0 };
            }
            start = end;
        }
    }
    counts
}

/// What is watched in words: `9 rules over 14 series, nothing fires`; rules without a series are not counted.
#[must_use]
pub fn watch_text(frame: &Frame) -> String {
    let rules = frame.alerts.rules.iter().filter(|rule| rule.series > 0);
    let (count, series) = rules.fold((0, 0), |(count, series), rule| {
        (count + 1, series + rule.series)
    });
    format!("{count} rules over {series} series, nothing fires")
}

/// How many rules have no series to judge by.
#[must_use]
pub fn blind_rules(frame: &Frame) -> usize {
    let rules = frame.alerts.rules.iter();
    rules.filter(|rule| rule.series == 0).count()
}
