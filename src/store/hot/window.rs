//! Which stretch of time is asked for, and what comes back.

use std::time::Duration;

use crate::model::Timestamp;

/// A stretch of time cut into equal buckets. Buckets lie at multiples of their width since the epoch, so that a chart
/// moves by whole buckets and its picture stays still in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The beginning of the first bucket.
    pub start: Timestamp,
    /// The width of a bucket.
    pub step: Duration,
    /// How many buckets.
    pub count: usize,
}

impl Window {
    /// The window of `count` buckets that covers `span` and whose last bucket holds `end`. A bucket is never narrower
    /// than `tick`, and its width is a whole number of seconds from one second on.
    #[must_use]
    pub fn ending(end: Timestamp, span: Duration, count: usize, tick: Duration) -> Self {
        let count = count.max(1);
        let exact = span.as_millis().div_ceil(count as u128).max(1);
        let whole = if exact > 1000 {
            exact.div_ceil(1000) * 1000
        } else {
            exact
        };
        let step = Duration::from_millis(u64::try_from(whole).unwrap_or(u64::MAX)).max(tick);
        let last = end.floor_to(step);
        let back = step.saturating_mul(u32::try_from(count - 1).unwrap_or(u32::MAX));
        Self {
            start: last.minus(back),
            step,
            count,
        }
    }

    /// The moment after the last bucket.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.start.plus(
            self.step
                .saturating_mul(u32::try_from(self.count).unwrap_or(u32::MAX)),
        )
    }

    /// The bucket that holds `at`.
    #[must_use]
    pub fn bucket_of(&self, at: Timestamp) -> Option<usize> {
        if at < self.start {
            return None;
        }
        let bucket = at.since(self.start).as_millis() / self.step.as_millis().max(1);
        usize::try_from(bucket)
            .ok()
            .filter(|bucket| *bucket < self.count)
    }
}

/// What a series was in each bucket of a window. NaN is a gap: nothing was known there.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// The window asked for.
    pub window: Window,
    /// The mean of the samples in each bucket.
    pub avg: Vec<f64>,
    /// The least.
    pub min: Vec<f64>,
    /// The largest.
    pub max: Vec<f64>,
}

impl Points {
    /// Gaps all over.
    #[must_use]
    pub fn unknown(window: Window) -> Self {
        let gaps = vec![f64::NAN; window.count];
        Self {
            window,
            avg: gaps.clone(),
            min: gaps.clone(),
            max: gaps,
        }
    }
}
