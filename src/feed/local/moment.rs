//! The frame of a past moment, from what hot memory has of it.

use std::sync::Arc;

use crate::feed::board::board_at;
use crate::model::{Frame, Tables, Timestamp};
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
            let today = &newest.alerts;
            let known = today.open.iter().chain(&*today.resolved).cloned();
            let points = |series, window| Some(history.points(series, window));
            frame.alerts = Arc::new(board_at(at, known, &today.rules, &frame, points));
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

#[cfg(test)]
mod tests;
