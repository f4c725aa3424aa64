//! The alerts of a moment of which there is no picture, from what is known today of when each incident began, fired and
//! was over.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use super::{Points, Window};
use crate::model::alert::RuleSummary;
use crate::model::{AlertBoard, AlertState, Frame, Incident, SeriesId, Timestamp};

const QUARTER: Duration = Duration::from_secs(15 * 60);
/// What lasted longer is not looked through tick by tick.
const LONG: Duration = Duration::from_secs(3600);

/// The alerts at a moment among the incidents that are known, with the values that the frame of that moment has; the
/// worst ones until then are those of `points`.
pub(super) fn board_at(
    at: Timestamp,
    known: impl Iterator<Item = Incident>,
    rules: &Arc<Vec<RuleSummary>>,
    then: &Frame,
    points: impl Fn(SeriesId, Window) -> Option<Points>,
) -> AlertBoard {
    let is_over = |incident: &Incident| incident.resolved.is_some_and(|resolved| resolved <= at);
    let begun = known.filter(|incident| incident.began <= at);
    let (mut over, mut open): (Vec<Incident>, Vec<Incident>) = begun.partition(is_over);
    for incident in &mut open {
        incident.resolved = None;
        incident.stale_since = incident.stale_since.filter(|since| *since <= at);
        incident.fired = incident.fired.filter(|fired| *fired <= at);
        incident.state = if incident.fired.is_some() {
            AlertState::Firing
        } else {
            AlertState::Pending
        };
        incident.value = then.value_of(incident.series);
        let told = points(incident.series, until(incident, at));
        incident.worst = worst(incident, rises(rules, incident), told.as_ref());
    }
    // As boards are ordered: the worst first, and what was over last.
    open.sort_by_key(|it| (Reverse((it.is_firing(), it.severity)), it.began, it.id));
    over.sort_by_key(|incident| Reverse(incident.resolved));
    over.truncate(AlertBoard::KEPT);
    AlertBoard {
        open,
        resolved: Arc::new(over),
        rules: rules.clone(),
    }
}

/// From the beginning of an incident to a moment in it. What is long takes whole quarters of an hour, which are made of
/// few buckets.
fn until(incident: &Incident, at: Timestamp) -> Window {
    let span = at.since(incident.began) + Duration::from_millis(1);
    let quarters = u32::try_from(span.as_millis().div_ceil(QUARTER.as_millis()));
    let step = match quarters {
        Ok(quarters) if span > LONG => QUARTER * quarters,
        _ => span,
    };
    Window {
        until: at,
        ..Window::whole(incident.began, step, 1)
    }
}

/// Whether a larger value of the incident is a worse one.
fn rises(rules: &[RuleSummary], incident: &Incident) -> bool {
    let rule = rules.iter().find(|rule| rule.name == incident.rule);
    rule.map_or(incident.worst >= incident.threshold, |rule| rule.above)
}

/// The worst of an incident's values; NaN when none of them is remembered.
fn worst(incident: &Incident, rises: bool, told: Option<&Points>) -> f64 {
    let value = incident.value.unwrap_or(f64::NAN);
    // Of a number and NaN, both give the number.
    let worst = match told {
        None => value,
        Some(told) if rises => told.max[0].max(value),
        Some(told) => told.min[0].min(value),
    };
    // As it was shown: points have 24 bits, figures have five digits.
    incident.unit.rounded(worst)
}
