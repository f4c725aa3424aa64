//! Hot memory: every series in three tiers, distributions in two, and pictures of the tables, bounded by a stated number
//! of bytes.
//!
//! The pipeline is the one writer; feeds read. Nothing here asks what time it is.

mod buckets;
mod packed;
mod past;
mod pictures;
#[cfg(test)]
mod sketch_tests;
mod sketches;
mod ticks;

use std::time::Duration;

use super::window::{Points, Window};
use crate::model::{Distribution, SeriesId, Timestamp};

pub(super) use buckets::PastBucket;
use buckets::{BucketTier, Open};
pub use pictures::{Picture, Pictures};
pub use sketches::FINEST_KEPT as DISTRIBUTIONS_KEPT;
use sketches::Sketches;
pub(super) use sketches::grain_of as sketches_grain;
use ticks::TickTier;

/// How far back the ticks themselves are kept.
pub const TICKS_KEPT: Duration = Duration::from_secs(15 * 60);
/// Width and reach of the middle tier.
const TEN_SECONDS: (Duration, usize) = (Duration::from_secs(10), 6 * 360);
/// Width and reach of the coarse tier.
const MINUTE: (Duration, usize) = (Duration::from_secs(60), 24 * 60);
/// The share of the budget that series may take.
const SERIES_SHARE: f64 = 0.65;
/// The share that distributions may take; the rest is for pictures of the tables.
const SKETCHES_SHARE: f64 = 0.2;
/// The tick that decides how many slots a series has; faster ones are kept for fewer minutes.
const BUDGETED_TICK: Duration = Duration::from_secs(1);

/// Every series in three tiers: the tick for 15 minutes (fewer where it is under a second), 10 s for 6 hours, 1 minute
/// for 24 hours.
#[derive(Debug)]
pub struct HotHistory {
    ticks: TickTier,
    coarse: [BucketTier; 2],
    sketches: Sketches,
    series_limit: usize,
    /// Which series have a history, and how many those are.
    admitted: (Vec<bool>, usize),
    /// The values of one tick without those of series that have no history.
    row: Vec<f64>,
    /// The first moment that was ever written; buckets reach back to before it.
    began: Option<Timestamp>,
    /// Pictures of the tables.
    pub pictures: Pictures,
}

impl HotHistory {
    /// An empty history that stays within `budget` bytes.
    #[must_use]
    pub fn new(budget: usize, tick: Duration) -> Self {
        let for_series = (budget as f64 * SERIES_SHARE) as usize;
        let for_sketches = (budget as f64 * SKETCHES_SHARE) as usize;
        Self {
            ticks: TickTier::new(TICKS_KEPT, BUDGETED_TICK, tick),
            coarse: [
                BucketTier::new(TEN_SECONDS.0, TEN_SECONDS.1),
                BucketTier::new(MINUTE.0, MINUTE.1),
            ],
            sketches: Sketches::new(for_sketches),
            series_limit: for_series / Self::bytes_per_series(),
            admitted: (Vec::new(), 0),
            row: Vec::new(),
            began: None,
            pictures: Pictures::new(budget.saturating_sub(for_series + for_sketches)),
        }
    }

    /// Bytes that one series takes once its tiers are full.
    #[must_use]
    pub fn bytes_per_series() -> usize {
        TickTier::bytes_per_series(TICKS_KEPT, BUDGETED_TICK)
            + (TEN_SECONDS.1 + MINUTE.1) * BucketTier::BYTES_PER_BUCKET
    }

    /// How many series the budget allows; those whose first value comes later have a value in each frame and no history.
    #[must_use]
    pub fn series_limit(&self) -> usize {
        self.series_limit
    }

    /// Bytes that series and pictures take now, without what allocators add.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.ticks.bytes()
            + self.coarse.iter().map(BucketTier::bytes).sum::<usize>()
            + self.sketches.bytes()
            + self.pictures.bytes()
    }

    /// From now on a tick takes this long.
    pub fn set_tick(&mut self, tick: Duration) {
        self.ticks.set_tick(tick);
    }

    /// Writes the values of one tick: `values[id]`, NaN where nothing is known. A moment that is not after the last
    /// one (the clock was set back) makes the history forget what was later.
    pub fn append(&mut self, at: Timestamp, values: &[f64]) {
        self.admit(values);
        if self.ticks.newest().is_some_and(|newest| at <= newest) {
            self.pictures.forget_from(at);
        }
        self.began = Some(self.began.map_or(at, |began| began.min(at)));
        self.ticks.append(at, &self.row);
        for tier in &mut self.coarse {
            tier.append(at, &self.row);
        }
    }

    /// Takes over the values of the series that have a history; a new one has it if there is room.
    fn admit(&mut self, values: &[f64]) {
        let (admitted, count) = &mut self.admitted;
        admitted.resize(values.len().max(admitted.len()), false);
        self.row.clear();
        self.row.extend(values);
        for (value, is_in) in self.row.iter_mut().zip(admitted) {
            if !*is_in && !value.is_nan() && *count < self.series_limit {
                *is_in = true;
                *count += 1;
            }
            if !*is_in {
                *value = f64::NAN;
            }
        }
    }

    /// Writes how long things took that happened since the tick before. Called at each tick, also when nothing came: what
    /// is too old goes then, and what is later than a clock that was set back.
    pub fn append_distributions(&mut self, at: Timestamp, came: &[(SeriesId, Distribution)]) {
        self.sketches.append(at, came);
    }

    /// Everything of a series that happened from one moment to another, to be read from its percentiles of that time: in
    /// whole buckets of 10 s (the last 75 minutes) or a minute (a day), the one that holds `from` included. `None` when
    /// nothing is known to have happened.
    #[must_use]
    pub fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        self.sketches.between(series, from, to)
    }

    /// What happened in each bucket of a window, `None` where nothing is known to have. [`Window::of_distributions`]
    /// gives windows whose buckets are as wide as what is kept.
    #[must_use]
    pub fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        self.sketches.over(series, window)
    }

    /// Since when the distributions of a series are complete, where something later than `from` had to go for want of
    /// memory.
    #[must_use]
    pub fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        self.sketches.complete_since(series, from)
    }

    /// Since when distributions have been told of; what was before a restart is not filled in.
    #[must_use]
    pub fn distributions_begin(&self) -> Option<Timestamp> {
        self.sketches.began()
    }

    /// The first and the last moment of which something is known.
    #[must_use]
    pub fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        let oldest = self
            .coarse
            .iter()
            .filter_map(BucketTier::oldest)
            .chain(self.ticks.oldest())
            .min()?;
        Some((oldest.max(self.began?), self.ticks.newest()?))
    }

    /// The last tick at or before a moment and the first after it, of those that are still kept one by one.
    #[must_use]
    pub fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        self.ticks.around(at)
    }

    /// Appends everything that a history knows which began where this one ends, as if it had been told here.
    pub fn continue_with(&mut self, later: &Self) {
        for (at, lasts, values) in later.ticks.each() {
            self.set_tick(lasts);
            self.append(at, &values);
        }
        self.set_tick(later.ticks.tick());
        self.sketches.continue_with(&later.sketches);
        for picture in later.pictures.iter() {
            self.pictures.push(picture.clone());
        }
    }

    /// A series over a window: from the coarsest tier whose buckets make up those of the window and that reaches back to
    /// its beginning, else from the finest that does; what the ticks had to leave to the next tier for want of room comes
    /// from there.
    #[must_use]
    pub fn points(&self, series: SeriesId, window: Window) -> Points {
        let nests = |tier: &&BucketTier| {
            window
                .step
                .as_millis()
                .is_multiple_of(tier.step().as_millis())
                && tier.reaches(window.start)
        };
        if let Some(tier) = self.coarse.iter().rev().find(nests) {
            return self.coarse_points(tier, series, window);
        }
        if self.ticks.reaches(window.start) {
            return self.ticks.points(series, window);
        }
        let [fine, coarse] = &self.coarse;
        if !fine.reaches(window.start) {
            return self.coarse_points(coarse, series, window);
        }
        let mut points = self.coarse_points(fine, series, window);
        if let Some(since) = self
            .ticks
            .cut_after(window.start)
            .and_then(|cut| window.bucket_of(cut))
        {
            points.replace_after(since, &self.ticks.points(series, window));
        }
        points
    }

    /// Of the bucket that holds the window's `until`, only what had come by then: from the ticks, where they are kept.
    fn coarse_points(&self, tier: &BucketTier, series: SeriesId, window: Window) -> Points {
        let begins = window.until.floor_to(tier.step());
        let is_past = self
            .ticks
            .newest()
            .is_some_and(|newest| window.until < newest);
        let partial = (is_past && self.ticks.reaches(begins)).then(|| {
            let mut open = Open::default();
            let ticks = self.ticks.between(series, begins, window.until);
            ticks
                .filter(|value| !value.is_nan())
                .for_each(|value| open.add(value));
            open
        });
        tier.points_with(series, window, partial)
    }

    /// The value of each of the first `count` series at a moment: of the last tick at or before it, or the mean of the
    /// 10 s or the minute around it where ticks are no longer kept. NaN where nothing was written around that moment.
    #[must_use]
    pub fn values_at(&self, at: Timestamp, count: usize) -> Vec<f64> {
        let reader: &dyn Fn(SeriesId) -> f64 = if self.ticks.reaches(at) {
            &|id| self.ticks.value_at(id, at)
        } else if self.coarse[0].reaches(at) {
            &|id| self.coarse[0].value_at(id, at)
        } else {
            &|id| self.coarse[1].value_at(id, at)
        };
        (0..u32::try_from(count).unwrap_or(u32::MAX))
            .map(SeriesId)
            .map(reader)
            .collect()
    }
}

#[cfg(test)]
mod tests;
