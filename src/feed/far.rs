//! What lies before all that is kept on this machine, as an engine elsewhere tells it: drawn when it has come, and unknown
//! until then. It has figures alone.

use std::cell::RefCell;
use std::sync::Arc;

use tokio::sync::watch;

use super::{Points, Window};
use crate::model::{Frame, SeriesKey, Tables, Timestamp};
use crate::store::remote::prometheus::RemoteHistory;

/// By so many series it is told since when the engine has samples: one alone may be newer than the others.
const WITNESSES: usize = 3;

/// The engine that is asked.
#[derive(Debug)]
pub(super) struct Far {
    history: RemoteHistory,
    arrivals: watch::Receiver<u64>,
    /// The trouble that was told last.
    told: RefCell<Option<Arc<str>>>,
}

impl Far {
    pub fn new(history: RemoteHistory) -> Self {
        Self {
            arrivals: history.arrivals(),
            history,
            told: RefCell::default(),
        }
    }

    /// Fills the gaps of points in the time before `begins`, when what is kept here begins.
    pub fn fill(&self, points: &mut Points, key: &SeriesKey, begins: Timestamp) {
        let older = before(points.window, begins);
        if let Some(older) = older
            && let Some(told) = self.history.points(key, older)
        {
            take_where_unknown(points, &told);
        }
    }

    /// Since when the engine has samples, as soon as it has said so.
    pub fn begins(&self, newest: &Frame) -> Option<Timestamp> {
        let known = newest.series.iter();
        let known = known.filter(|(id, _)| newest.value_of(*id).is_some());
        let witnesses: Vec<&SeriesKey> = known.map(|(_, key)| &**key).take(WITNESSES).collect();
        self.history.begins(&witnesses, newest.at)
    }

    /// The frame of a moment: its figures, if they have come, and none of its tables. The host is taken to be the same.
    pub fn frame_at(&self, at: Timestamp, newest: &Frame) -> Frame {
        Frame {
            at,
            values: self.history.values(at).unwrap_or_default(),
            tables: Tables::default(),
            sources: Arc::default(),
            alerts: Arc::default(),
            ..newest.clone()
        }
    }

    /// Why nothing is known of a moment: it is being asked for, or can't be had.
    pub fn asking(&self, at: Timestamp) -> Option<String> {
        if self.history.knows(at) {
            return None;
        }
        Some(match self.history.trouble() {
            Some(trouble) => trouble.to_string(),
            None => format!("asking {}", self.history.shown()),
        })
    }

    /// The last moment at or before another for which there is a sample, and the first after it: samples come one an
    /// interval.
    pub fn ticks_around(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let interval = self.history.interval();
        let before = at.floor_to(interval);
        (before, before.plus(interval))
    }

    /// How often something has come that was asked for, or could not be had.
    pub fn arrivals(&self) -> u64 {
        *self.arrivals.borrow()
    }

    /// Waits until something has come that was asked for.
    pub async fn arrived(&mut self) {
        if self.arrivals.changed().await.is_err() {
            // Its thread is gone: nothing will come any more.
            std::future::pending().await
        }
    }

    /// Why nothing comes; each thing once.
    pub fn take_notice(&self) -> Option<String> {
        let trouble = self.history.trouble();
        let before = self.told.replace(trouble.clone());
        trouble
            .filter(|trouble| before.as_ref() != Some(trouble))
            .map(|trouble| trouble.to_string())
    }
}

/// The buckets of a window that begin before a moment.
fn before(window: Window, begins: Timestamp) -> Option<Window> {
    if begins <= window.start {
        return None;
    }
    let last = Timestamp(begins.0.saturating_sub(1));
    let count = window.bucket_of(last).map_or(window.count, |last| last + 1);
    Some(Window { count, ..window })
}

fn take_where_unknown(points: &mut Points, told: &Points) {
    for bucket in 0..told.avg.len().min(points.avg.len()) {
        if points.avg[bucket].is_nan() {
            points.avg[bucket] = told.avg[bucket];
            points.min[bucket] = told.min[bucket];
            points.max[bucket] = told.max[bucket];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_begins_before_the_own_history_is_asked_for() {
        let window = Window::whole(Timestamp(10_000), Duration::from_secs(10), 5);
        let count = |begins| before(window, Timestamp(begins)).map(|older| older.count);
        assert_eq!(count(5_000), None);
        assert_eq!(count(10_000), None);
        assert_eq!(count(10_001), Some(1));
        assert_eq!(count(30_000), Some(2));
        assert_eq!(count(35_000), Some(3));
        assert_eq!(count(99_000), Some(5));
    }

    #[test]
    fn what_is_known_here_stays() {
        let window = Window::whole(Timestamp(0), Duration::from_secs(10), 3);
        let mut points = Points::unknown(window);
        (points.avg[1], points.min[1], points.max[1]) = (5.0, 4.0, 6.0);
        let mut told = Points::unknown(Window { count: 2, ..window });
        told.avg = vec![1.0, 2.0];
        told.max = vec![3.0, 9.0];
        take_where_unknown(&mut points, &told);
        assert_eq!(points.avg[..2], [1.0, 5.0]);
        assert_eq!(points.max[..2], [3.0, 6.0]);
        assert!(points.min[0].is_nan() && points.avg[2].is_nan());
    }
}
