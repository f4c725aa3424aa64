//! Which stretch of time is asked for, and what comes back.

use std::time::Duration;

use super::hot::TICKS_KEPT;
use crate::model::Timestamp;

/// A stretch of time cut into equal buckets. Buckets lie at multiples of their width since the epoch, so that a chart
/// moves by whole buckets and its picture stays still in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The beginning of the first bucket.
    pub start: Timestamp,
    /// The width of a bucket.
    pub step: Duration,
    /// How many buckets.
    pub count: usize,
    /// Nothing later than this counts, so that a moment of the past looks as it did then.
    pub until: Timestamp,
}

impl Window {
    /// `count` buckets of this width from `start` on, with everything that is in them.
    #[must_use]
    pub fn whole(start: Timestamp, step: Duration, count: usize) -> Self {
        Self {
            start,
            step,
            count,
            until: Timestamp(i64::MAX),
        }
    }

    /// The window of at most `count` buckets that covers `span` and whose last bucket holds `end`. A bucket is never
    /// narrower than what is kept for a span of this length (the tick, 10 s or a minute), and a whole number of those;
    /// where that makes them wide, there are fewer of them, at least two.
    #[must_use]
    pub fn ending(end: Timestamp, span: Duration, count: usize, tick: Duration) -> Self {
        Self::of_grain(end, span, count, grain_of(span, tick))
    }

    /// The same for distributions: no bucket is narrower than what is kept of those for spans of this length (10 s or a
    /// minute), or than `interval`, in which they come.
    #[must_use]
    pub fn of_distributions(
        end: Timestamp,
        span: Duration,
        count: usize,
        interval: Duration,
    ) -> Self {
        let kept = super::hot::sketches_grain(span);
        let times = interval.as_millis().div_ceil(kept.as_millis()).max(1);
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        Self::of_grain(end, span, count, kept.saturating_mul(times))
    }

    fn of_grain(end: Timestamp, span: Duration, count: usize, grain: Duration) -> Self {
        let count = count.max(1);
        let grain = grain.as_millis().max(1);
        let exact = span.as_millis().div_ceil(count as u128).max(1);
        let wide = exact.div_ceil(grain) * grain;
        let step = Duration::from_millis(u64::try_from(wide).unwrap_or(u64::MAX));
        let covering = usize::try_from(span.as_millis().div_ceil(wide)).unwrap_or(count);
        let count = count.min(covering.max(2));
        let back = step.saturating_mul(u32::try_from(count - 1).unwrap_or(u32::MAX));
        Self {
            start: end.floor_to(step).minus(back),
            step,
            count,
            until: end,
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
        // In 64 bits: this is asked for each tick of a day, and a division of 128 is most of what a tick costs.
        let step = i64::try_from(self.step.as_millis()).unwrap_or(i64::MAX);
        let bucket = at.0.saturating_sub(self.start.0) / step.max(1);
        usize::try_from(bucket)
            .ok()
            .filter(|bucket| *bucket < self.count)
    }
}

/// The width of what is kept for spans of this length.
fn grain_of(span: Duration, tick: Duration) -> Duration {
    let kept = match span {
        span if span <= TICKS_KEPT => Duration::from_secs(1).min(tick),
        span if span <= Duration::from_secs(6 * 3600) => Duration::from_secs(10),
        _ => Duration::from_secs(60),
    };
    kept.max(tick)
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

    /// Takes the buckets after this one from finer points of the same window.
    pub fn replace_after(&mut self, bucket: usize, finer: &Self) {
        let from = bucket + 1;
        for (own, finer) in [
            (&mut self.avg, &finer.avg),
            (&mut self.min, &finer.min),
            (&mut self.max, &finer.max),
        ] {
            if from < own.len() {
                own[from..].copy_from_slice(&finer[from..]);
            }
        }
    }
}

/// Gathers samples into the buckets of a window.
pub(in crate::store) struct Gatherer {
    points: Points,
    counts: Vec<u32>,
}

impl Gatherer {
    pub fn new(window: Window) -> Self {
        Self {
            points: Points::unknown(window),
            counts: vec![0; window.count],
        }
    }

    /// Adds what stood from `at` for `lasts`, unless that is later than what counts: to the bucket that holds `at`, and where buckets are narrower than
    /// `lasts` to the empty ones after it as well. A count of zero is a gap.
    pub fn add(
        &mut self,
        at: Timestamp,
        lasts: Duration,
        avg: f64,
        min: f64,
        max: f64,
        count: u16,
    ) {
        if count == 0 || avg.is_nan() || at > self.points.window.until {
            return;
        }
        let window = self.points.window;
        if let Some(bucket) = window.bucket_of(at) {
            self.merge(bucket, avg, min, max, count);
        }
        if lasts <= window.step {
            return;
        }
        let from = window.bucket_of(at).map_or(0, |bucket| bucket + 1);
        for bucket in from..window.count {
            if window.start.plus(
                window
                    .step
                    .saturating_mul(u32::try_from(bucket).unwrap_or(u32::MAX)),
            ) >= at.plus(lasts)
            {
                break;
            }
            if self.counts[bucket] == 0 {
                self.merge(bucket, avg, min, max, count);
            }
        }
    }

    pub fn finish(self) -> Points {
        self.points
    }

    fn merge(&mut self, bucket: usize, avg: f64, min: f64, max: f64, count: u16) {
        let Points {
            avg: avgs,
            min: mins,
            max: maxs,
            ..
        } = &mut self.points;
        let known = f64::from(self.counts[bucket]);
        let added = f64::from(count);
        if self.counts[bucket] == 0 {
            (avgs[bucket], mins[bucket], maxs[bucket]) = (avg, min, max);
        } else {
            avgs[bucket] = (avgs[bucket] * known + avg * added) / (known + added);
            mins[bucket] = mins[bucket].min(min);
            maxs[bucket] = maxs[bucket].max(max);
        }
        self.counts[bucket] += u32::from(count);
    }
}
