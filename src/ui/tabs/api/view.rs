//! What a frame says of the APIs: what is wrong, how the responses divide, how the objectives stand.

use std::time::Duration;

use super::latency::{BETWEEN, Whose};
use crate::model::metric::RESPONSE_TIME;
use crate::model::{Endpoint, Frame, Labels, Objective, ObjectiveState, Severity, Unit};
use crate::ui::tabs::{Badge, Context, source};
use crate::ui::theme::{Look, Role};

/// From this share of 5xx on an endpoint is in trouble, percent: the thresholds of the default rules.
const ERRORS_HIGH: f64 = 5.0;
const ERRORS_CRITICAL: f64 = 10.0;
/// From this time on a response is slow, milliseconds: the thresholds of the default rules.
const SLOW_MS: f64 = 2000.0;
const VERY_SLOW_MS: f64 = 5000.0;
/// What the figures beside the chart are of.
const LAST_MINUTE: Duration = Duration::from_secs(60);
/// The classes of status.
pub(super) const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
/// The same; the one that matters least leaves first where there is no room.
const CLASSES_BY_WORTH: [&str; 4] = ["2xx", "4xx", "5xx", "3xx"];
/// So many failing endpoints are told of at most.
const MOST_FAILING: usize = 5;

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

/// How an objective stands, as a word and its meaning: a figure may be over its limit long before the budget suffers.
pub(super) fn standing(objective: &Objective) -> (&'static str, Role) {
    let Objective {
        state,
        value,
        limit,
        unit,
        ..
    } = objective;
    let is_over = value.zip(*limit).is_some_and(|(value, limit)| match unit {
        // An availability must not fall.
        Unit::Percent => value < limit,
        _ => value > limit,
    });
    if *state == ObjectiveState::Ok && is_over {
        return ("over", Role::Warning);
    }
    (state_word(*state), state_role(*state))
}

/// What is left of an objective's budget.
pub(super) fn budget_text(objective: &Objective, look: &Look) -> String {
    let left = objective.budget_percent.map(|left| left.max(0.0));
    format!("{:>4}", look.format.value(Unit::Percent, left))
}

/// How many times too fast the budget is spent, over which window.
pub(super) fn burn_text(objective: &Objective) -> Option<String> {
    let (rate, window) = objective.burn.as_ref()?;
    Some(format!("{rate:.1}x {window}"))
}

/// The share of each class of status.
pub(super) fn classes(frame: &Frame) -> Vec<(&'static str, Option<f64>)> {
    CLASSES_BY_WORTH
        .iter()
        .map(|class| {
            let labels = Labels::one("class", class);
            (*class, frame.value_with("app.responses.percent", &labels))
        })
        .collect()
}

/// The meaning of the share of a class of status.
pub(super) fn class_role(class: &str, share: f64) -> Role {
    match (class, errors_role(share)) {
        ("5xx", role) if role != Role::Text => role,
        _ => Role::Bright,
    }
}

/// The identity of a row: the same route may be told of by several sources.
pub(super) fn endpoint_id(endpoint: &Endpoint) -> String {
    format!("{}{BETWEEN}{}", endpoint.label(), endpoint.source)
}

/// The row with this identity.
pub(super) fn endpoint_of<'a>(frame: &'a Frame, id: &str) -> Option<&'a Endpoint> {
    let rows = frame.tables.endpoints.as_deref()?;
    rows.iter().find(|endpoint| endpoint_id(endpoint) == id)
}

/// p50, p95 and p99 of the last minute.
pub(super) fn newest(frame: &Frame, whose: Whose<'_>) -> [Option<f64>; 3] {
    let Whose::Of { endpoint, source } = whose else {
        return ["p50", "p95", "p99"].map(|p| frame.value(&format!("app.response_time.{p}_ms")));
    };
    let row = endpoint_of(frame, &format!("{endpoint}{BETWEEN}{source}"));
    let row = row.filter(|row| !source::is_silent(frame, &row.source));
    row.map_or([None; 3], |row| [row.p50_ms, row.p95_ms, row.p99_ms])
}

/// The bounds of the buckets that these lie in, where buckets are all there is.
pub(super) fn newest_bounds(cx: &Context<'_>, whose: Whose<'_>) -> [Option<(f64, f64)>; 3] {
    if let Whose::Of { endpoint, source } = whose {
        let row = endpoint_of(cx.frame, &format!("{endpoint}{BETWEEN}{source}"));
        return row.map_or([None; 3], |row| {
            [row.p50_bounds_ms, row.p95_bounds_ms, row.p99_bounds_ms]
        });
    }
    let minute = whose.series(cx.frame, RESPONSE_TIME).and_then(|id| {
        let from = cx.at().minus(LAST_MINUTE);
        cx.feed.distribution(id, from, cx.at())
    });
    [0.5, 0.95, 0.99].map(|q| minute.as_ref()?.quantile(q)?.bounds_ms)
}

/// An endpoint that fails.
pub(super) struct Failing {
    /// What it is called.
    pub label: String,
    /// Failures a second.
    pub rate: f64,
    /// Their share.
    pub percent: f64,
}

/// The endpoints with the most 5xx.
pub(super) fn most_failing(frame: &Frame) -> Vec<Failing> {
    let rows = frame.tables.endpoints.iter().flat_map(|rows| rows.iter());
    let mut failing: Vec<Failing> = rows
        .filter(|row| !source::is_silent(frame, &row.source))
        .filter_map(|row| {
            let percent = row.error_percent.filter(|percent| *percent > 0.0)?;
            let rate = row.requests_per_sec * percent / 100.0;
            Some(Failing {
                label: row.label(),
                rate,
                percent,
            })
        })
        .collect();
    failing.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    failing.truncate(MOST_FAILING);
    failing
}

/// What the sources of the API don't bring, in one line: the first part that is missing, after those sources that fail
/// and have brought no row, whose list would say so itself.
pub(super) fn lacking(frame: &Frame) -> Option<(Role, String)> {
    let sources = || frame.sources.iter().filter(|it| it.kind.is_of_api());
    let rows = frame
        .tables
        .endpoints
        .as_deref()
        .map_or(&[][..], Vec::as_slice);
    let has_rows = |name: &str| rows.iter().any(|row| *row.source == *name);
    let unlisted = sources().map(|it| &*it.name).filter(|name| !has_rows(name));
    if let Some(trouble) = source::trouble_among(frame, unlisted) {
        return Some((trouble.role, trouble.line));
    }
    let mut parts = sources().flat_map(|it| it.partial.iter().map(move |part| (&it.name, part)));
    let (name, first) = parts.next()?;
    let more = source::and_more(parts.count());
    let line = format!("partial: {name} {}: {}{more}", first.part, first.line);
    Some((Role::Warning, line))
}

/// The bounds of the bucket that a percentile lies in: `0.5–1s`, `100–250ms`, `> 10s`.
pub(super) fn bounds_text((low, high): (f64, f64)) -> String {
    let number = |value: f64| {
        let text = format!("{value:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let in_unit = |top: f64| match top {
        top if top >= 1000.0 => (1e-3, "s"),
        top if top < 1.0 => (1e3, "µs"),
        _ => (1.0, "ms"),
    };
    if high.is_infinite() {
        let (times, unit) = in_unit(low);
        return format!("> {}{unit}", number(low * times));
    }
    let (times, unit) = in_unit(high);
    format!("{}–{}{unit}", number(low * times), number(high * times))
}

/// The limit of the objective on the 95th percentile, for the line in the chart.
pub(super) fn latency_limit(frame: &Frame) -> Option<f64> {
    let objectives = frame.tables.objectives.as_deref()?;
    let judges =
        |objective: &&Objective| objective.metric.as_deref() == Some("app.response_time.p95_ms");
    objectives.iter().find(judges)?.limit
}
