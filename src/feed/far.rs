//! What lies before all that is kept on this machine, as an engine elsewhere tells it: drawn when it has come, and a gap
//! until then.

use std::cell::RefCell;
use std::sync::Arc;

use tokio::sync::watch;

use super::{Points, Window};
use crate::model::{SeriesKey, Timestamp};
use crate::store::remote::prometheus::RemoteHistory;

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
