//! A coarser tier: mean, least, largest and count of the samples in each bucket of a fixed width.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{SeriesId, Timestamp};
use crate::store::window::{Gatherer, Points, Window};

/// Columns grow by so many buckets at a time, not by doubling: memory follows use.
const GROWTH: usize = 90;

/// What came of one series in one bucket. 14 bytes in four arrays rather than 16 in one.
#[derive(Debug, Default)]
struct Column {
    avg: VecDeque<f32>,
    min: VecDeque<f32>,
    max: VecDeque<f32>,
    count: VecDeque<u16>,
    open: Open,
}

/// The bucket that is still being filled.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    sum: f64,
    min: f64,
    max: f64,
    count: u16,
}

impl Open {
    pub fn add(&mut self, value: f64) {
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.count = self.count.saturating_add(1);
    }

    fn of(bucket: &PastBucket) -> Self {
        Self {
            sum: bucket.sum,
            min: bucket.min,
            max: bucket.max,
            count: u16::try_from(bucket.count).unwrap_or(u16::MAX),
        }
    }

    fn avg(self) -> f64 {
        if self.count == 0 {
            f64::NAN
        } else {
            self.sum / f64::from(self.count)
        }
    }

    /// In single precision, as it will be told once it is closed.
    fn add_to(self, points: &mut Gatherer, at: Timestamp, step: Duration) {
        let [avg, min, max] =
            [self.avg(), self.min, self.max].map(|figure| f64::from(figure as f32));
        points.add(at, step, avg, min, max, self.count);
    }
}

/// What a series was in one bucket of the past, as a file has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::store) struct PastBucket {
    /// Its beginning.
    pub at: Timestamp,
    pub count: u32,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
}

/// A ring of buckets that lie at multiples of their width since the epoch.
#[derive(Debug)]
pub(super) struct BucketTier {
    step: Duration,
    capacity: usize,
    columns: Vec<Column>,
    /// The beginning of the bucket that is still being filled.
    open_at: Option<Timestamp>,
    /// How many closed buckets lie before it, empty ones counted.
    closed: usize,
}

impl BucketTier {
    pub const BYTES_PER_BUCKET: usize = 3 * size_of::<f32>() + size_of::<u16>();

    pub fn new(step: Duration, capacity: usize) -> Self {
        Self {
            step,
            capacity,
            columns: Vec::new(),
            open_at: None,
            closed: 0,
        }
    }

    pub fn bytes(&self) -> usize {
        let column = |c: &Column| size_of::<Column>() + c.avg.capacity() * Self::BYTES_PER_BUCKET;
        self.columns.iter().map(column).sum()
    }

    pub fn append(&mut self, at: Timestamp, values: &[f64]) {
        self.open_bucket(at.floor_to(self.step));
        if self.columns.len() < values.len() {
            self.columns.resize_with(values.len(), Column::default);
        }
        for (column, value) in self
            .columns
            .iter_mut()
            .zip(values)
            .filter(|(_, value)| !value.is_nan())
        {
            column.open.add(*value);
        }
    }

    pub fn oldest(&self) -> Option<Timestamp> {
        self.open_at.map(|open| open.minus(self.span(self.closed)))
    }

    /// Whether buckets are kept as far back as `at`.
    pub fn reaches(&self, at: Timestamp) -> bool {
        self.open_at
            .is_some_and(|open| open.since(at) <= self.span(self.capacity))
    }

    /// The width of a bucket.
    pub fn step(&self) -> Duration {
        self.step
    }

    #[cfg(test)]
    pub fn points(&self, series: SeriesId, window: Window) -> Points {
        self.points_with(series, window, None)
    }

    /// A series over a window; `partial` is what had come by the window's `until` of the bucket that holds it.
    pub fn points_with(&self, series: SeriesId, window: Window, partial: Option<Open>) -> Points {
        let mut points = Gatherer::new(window);
        let (Some(column), Some(open_at)) = (self.columns.get(series.index()), self.open_at) else {
            return points.finish();
        };
        let last = window.until.floor_to(self.step);
        let held = column.avg.len();
        let first_at = open_at.minus(self.span(held));
        let skipped =
            usize::try_from(window.start.since(first_at).as_millis() / self.step.as_millis())
                .unwrap_or(held);
        for i in skipped.min(held)..held {
            let at = first_at.plus(self.span(i));
            if at >= window.end() || at > window.until {
                break;
            }
            if let Some(partial) = partial.filter(|_| at == last) {
                partial.add_to(&mut points, at, self.step);
                break;
            }
            points.add(
                at,
                self.step,
                f64::from(column.avg[i]),
                f64::from(column.min[i]),
                f64::from(column.max[i]),
                column.count[i],
            );
        }
        if open_at <= window.until {
            let open = partial.filter(|_| open_at == last).unwrap_or(column.open);
            open.add_to(&mut points, open_at, self.step);
        }
        points.finish()
    }

    /// Begins to take the past into an empty ring, as if it had been filled from `began` until now.
    pub fn begin_past(&mut self, began: Timestamp, until: Timestamp) {
        let open = until.floor_to(self.step);
        let passed = open.since(began.floor_to(self.step)).as_millis() / self.step.as_millis();
        self.open_at = Some(open);
        self.closed = usize::try_from(passed)
            .unwrap_or(usize::MAX)
            .min(self.capacity);
    }

    /// Takes the past buckets of a series, oldest first.
    pub fn fill(&mut self, series: SeriesId, buckets: &[PastBucket]) {
        let Some(open_at) = self.open_at else { return };
        if self.columns.len() <= series.index() {
            self.columns
                .resize_with(series.index() + 1, Column::default);
        }
        let oldest = open_at.minus(self.span(self.closed));
        let column = &mut self.columns[series.index()];
        let mut next = oldest;
        for bucket in buckets.iter().filter(|bucket| bucket.at >= oldest) {
            let open = Open::of(bucket);
            if bucket.at >= open_at {
                column.open = open;
                break;
            }
            if column.avg.is_empty() {
                let steps = open_at.since(bucket.at).as_millis() / self.step.as_millis();
                column.reserve(usize::try_from(steps).unwrap_or(0).min(self.capacity));
                next = bucket.at;
            }
            while next < bucket.at {
                column.push_open(Open::default(), self.capacity);
                next = next.plus(self.step);
            }
            column.push_open(open, self.capacity);
            next = next.plus(self.step);
        }
        while !column.avg.is_empty() && next < open_at {
            column.push_open(Open::default(), self.capacity);
            next = next.plus(self.step);
        }
    }

    pub fn value_at(&self, series: SeriesId, at: Timestamp) -> f64 {
        let window = Window::whole(at.floor_to(self.step), self.step, 1);
        self.points_with(series, window, None).avg[0]
    }

    fn span(&self, buckets: usize) -> Duration {
        self.step
            .saturating_mul(u32::try_from(buckets).unwrap_or(u32::MAX))
    }

    fn open_bucket(&mut self, bucket: Timestamp) {
        match self.open_at {
            None => self.open_at = Some(bucket),
            Some(open) if bucket > open => self.close_until(open, bucket),
            Some(open) if bucket < open => self.go_back_to(open, bucket),
            Some(_) => {}
        }
    }

    fn close_until(&mut self, open: Timestamp, bucket: Timestamp) {
        let passed = usize::try_from(bucket.since(open).as_millis() / self.step.as_millis())
            .unwrap_or(usize::MAX);
        let closed = (self.closed.saturating_add(passed)).min(self.capacity);
        for column in &mut self.columns {
            column.close(passed, self.capacity, self.closed);
        }
        self.closed = closed;
        self.open_at = Some(bucket);
    }

    /// The clock was set back: what is later than it is now is forgotten.
    fn go_back_to(&mut self, open: Timestamp, bucket: Timestamp) {
        let back = usize::try_from(open.since(bucket).as_millis() / self.step.as_millis())
            .unwrap_or(usize::MAX);
        for column in &mut self.columns {
            column.forget_newest(back);
        }
        self.closed = self.closed.saturating_sub(back);
        self.open_at = Some(bucket);
    }
}

impl Column {
    /// Closes the open bucket and `passed - 1` empty ones after it.
    fn close(&mut self, passed: usize, capacity: usize, closed_before: usize) {
        let open = std::mem::take(&mut self.open);
        if self.avg.is_empty() && open.count == 0 {
            return;
        }
        if self.avg.is_empty() {
            self.reserve(1);
        }
        debug_assert!(self.avg.len() <= closed_before.max(capacity));
        self.push_open(open, capacity);
        for _ in 1..passed.min(capacity + 1) {
            self.push_open(Open::default(), capacity);
        }
    }

    fn push_open(&mut self, open: Open, capacity: usize) {
        if open.count == 0 {
            return self.push(f32::NAN, f32::NAN, f32::NAN, 0, capacity);
        }
        let (min, max) = (open.min as f32, open.max as f32);
        self.push(open.avg() as f32, min, max, open.count, capacity);
    }

    fn push(&mut self, avg: f32, min: f32, max: f32, count: u16, capacity: usize) {
        if self.avg.len() >= capacity {
            self.avg.pop_front();
            self.min.pop_front();
            self.max.pop_front();
            self.count.pop_front();
        }
        if self.avg.len() == self.avg.capacity() {
            self.reserve(GROWTH);
        }
        self.avg.push_back(avg);
        self.min.push_back(min);
        self.max.push_back(max);
        self.count.push_back(count);
    }

    fn reserve(&mut self, more: usize) {
        self.avg.reserve_exact(more);
        self.min.reserve_exact(more);
        self.max.reserve_exact(more);
        self.count.reserve_exact(more);
    }

    fn forget_newest(&mut self, buckets: usize) {
        let kept = self.avg.len().saturating_sub(buckets);
        self.avg.truncate(kept);
        self.min.truncate(kept);
        self.max.truncate(kept);
        self.count.truncate(kept);
        self.open = Open::default();
    }
}
