//! The frame of a past moment, from what hot memory has of it.

use std::sync::Arc;
use std::time::Duration;

use crate::feed::Window;
use crate::model::{AlertBoard, AlertState, Frame, Incident, Tables, Timestamp};
use crate::store::hot::{HotHistory, Picture};

/// The frame of a past moment: figures from the tiers, tables from the pictures as far as those reach.
pub fn past_frame(history: &HotHistory, newest: &Frame, at: Timestamp) -> Option<Frame> {
    let (oldest, _) = history.remembers()?;
    if at < oldest {
        return None;
    }
    let mut values = history.values_at(at, newest.series.len());
    for ((_, key), value) in newest.series.iter().zip(&mut values) {
        // As it was shown: hot memory has it with 24 bits, figures have five digits.
        *value = key.describe().unit.rounded(*value);
    }
    let mut frame = Frame {
        at,
        values: Arc::new(values),
        ..newest.clone()
    };
    match history.pictures.at(at) {
        Some(picture) => take_picture(&mut frame, picture),
        None => {
            frame.tables = Tables::default();
            frame.sources = Arc::default();
            frame.alerts = Arc::new(alerts_at(history, newest, &frame));
        }
    }
    Some(frame)
}

fn take_picture(frame: &mut Frame, picture: &Picture) {
    frame.tick = picture.tick;
    frame.host = picture.host.clone();
    frame.tables = picture.tables.clone();
    frame.tables.as_of = (picture.at != frame.at).then_some(picture.at);
    frame.sources = picture.sources.clone();
    frame.alerts = picture.alerts.clone();
}

/// The alerts of a moment of which there is no picture, from what is known today of when each began, fired and was
/// over, with the values that the frame of that moment has.
pub fn alerts_at(history: &HotHistory, newest: &Frame, then: &Frame) -> AlertBoard {
    let at = then.at;
    let today = &newest.alerts;
    let known = today.open.iter().chain(&*today.resolved);
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for mut incident in known.filter(|incident| incident.began <= at).cloned() {
        if incident.resolved.is_some_and(|resolved| resolved <= at) {
            over.push(incident);
            continue;
        }
        incident.resolved = None;
        incident.stale_since = incident.stale_since.filter(|since| *since <= at);
        incident.fired = incident.fired.filter(|fired| *fired <= at);
        incident.state = if incident.fired.is_some() {
            AlertState::Firing
        } else {
            AlertState::Pending
        };
        incident.value = then.value_of(incident.series);
        incident.worst = worst_until(history, &incident, rises(newest, &incident), at);
        open.push(incident);
    }
    AlertBoard {
        open,
        resolved: Arc::new(over),
        rules: today.rules.clone(),
    }
}

/// Whether a larger value of the incident is a worse one.
fn rises(newest: &Frame, incident: &Incident) -> bool {
    let rule = newest
        .alerts
        .rules
        .iter()
        .find(|rule| rule.name == incident.rule);
    rule.map_or(incident.worst >= incident.threshold, |rule| rule.above)
}

/// The worst value from the beginning of the incident to a moment in it; NaN when none of that is remembered.
fn worst_until(history: &HotHistory, incident: &Incident, rises: bool, at: Timestamp) -> f64 {
    let stretch = Window::whole(
        incident.began,
        at.since(incident.began) + Duration::from_millis(1),
        1,
    );
    let points = history.points(incident.series, stretch);
    let value = incident.value.unwrap_or(f64::NAN);
    // Of a number and NaN, both give the number.
    if rises {
        points.max[0].max(value)
    } else {
        points.min[0].min(value)
    }
}

#[cfg(test)]
mod tests;
