//! The reader's side: stretches of time and single moments of figures.

use std::time::Duration;

use rusqlite::Connection;

use super::buckets::{self, single};
use super::moment::{self, Moment};
use super::tier::Tier;
use super::view::{TailCache, Tick, View};
use crate::model::Timestamp;
use crate::store::file::ids::FileId;
use crate::store::window::Gatherer;
use crate::store::{Points, StoreError, Window};

/// A tick that stands for longer than this before a window is not looked for.
const LONGEST_TICK: Duration = Duration::from_secs(300);

/// Reads figures; keeps the tail that it has read.
#[derive(Debug, Default)]
pub(in crate::store::file) struct Reader {
    tail: TailCache,
}

impl Reader {
    /// The first and the last moment of which something is known.
    ///
    /// # Errors
    /// As with all methods: SQLite can't read the file. Blocks that are damaged are gaps.
    pub fn remembers(&self, db: &Connection) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        self.reading(db, |view| {
            let oldest = Tier::ALL.iter().filter_map(|tier| view.oldest(*tier)).min();
            let newest = || Tier::ALL.iter().filter_map(|tier| view.newest(*tier)).max();
            Ok(oldest.zip(view.newest_of_tail().or_else(newest)))
        })
    }

    /// The last tick at or before a moment, and the first after it; where ticks are no longer kept, the beginnings of
    /// buckets.
    pub fn ticks_around(
        &self,
        db: &Connection,
        at: Timestamp,
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
        self.reading(db, |view| {
            let before = moment::last_tick(view, at)?.map(|found| found.at);
            let after = moment::next_tick(view, at)?;
            if before.is_some() {
                return Ok((before, after));
            }
            let Some(tier) = moment::coarse_at(view, at) else {
                return Ok((None, after));
            };
            let (before, next) = moment::buckets_around(view, tier, at);
            Ok((before, next.into_iter().chain(after).min()))
        })
    }

    /// A series over a window: from the coarsest tier whose buckets make up those of the window, and from coarser ones
    /// where that is no longer kept. In single precision, as the hot memory tells it.
    pub fn points(
        &self,
        db: &Connection,
        series: FileId,
        window: Window,
    ) -> Result<Points, StoreError> {
        self.reading(db, |view| {
            let mut points = Gatherer::new(window);
            let tier = Tier::for_window(window.step, window.end().since(window.start));
            let to = window
                .until
                .min(Timestamp(window.end().0.saturating_sub(1)));
            gather(view, tier, series, (window.start, to), &mut points, window)?;
            Ok(points.finish())
        })
    }

    /// The samples of a series from one moment until before another: each tick where those are kept, else the means of
    /// the finest buckets there are, at their beginnings.
    pub fn samples(
        &self,
        db: &Connection,
        series: FileId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, f64)>, StoreError> {
        self.reading(db, |view| {
            let mut samples = Vec::new();
            let last = Timestamp(to.0.saturating_sub(1));
            if from <= last {
                samples_of(view, Tier::Ticks, series, (from, last), &mut samples)?;
            }
            Ok(samples)
        })
    }

    /// Every series at a moment: the tick at or before it, or the bucket around it where ticks are no longer kept. `None`
    /// before all that is kept.
    pub fn values_at(&self, db: &Connection, at: Timestamp) -> Result<Option<Moment>, StoreError> {
        self.reading(db, |view| match moment::last_tick(view, at)? {
            Some(found) => moment::values_of_tick(view, &found, at).map(Some),
            None => match moment::coarse_at(view, at) {
                Some(tier) => moment::values_of_bucket(view, tier, at).map(Some),
                None => Ok(None),
            },
        })
    }

    /// Reads within one transaction, so that all of it is of one state of the file.
    pub(super) fn reading<T>(
        &self,
        db: &Connection,
        read: impl FnOnce(&View<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let run = || {
            let _state = db
                .is_autocommit()
                .then(|| db.unchecked_transaction())
                .transpose()?;
            read(&View::of(db, &self.tail)?)
        };
        let path = || db.path().unwrap_or_default().to_owned();
        run().map_err(|error| StoreError::of_sqlite(path().as_ref(), error))
    }
}

/// Gathers what a tier has of a stretch; what lies before all of it comes from the next coarser one.
fn gather(
    view: &View<'_>,
    tier: Tier,
    series: FileId,
    (mut from, to): (Timestamp, Timestamp),
    points: &mut Gatherer,
    window: Window,
) -> rusqlite::Result<()> {
    if from > to {
        return Ok(());
    }
    if let Some((coarser, until)) = before_all_of(view, tier, from) {
        gather(view, coarser, series, (from, to.min(until)), points, window)?;
        from = Timestamp(until.0.saturating_add(1));
    }
    if from > to {
        return Ok(());
    }
    if tier == Tier::Ticks {
        gather_ticks(view, series, from, to, points, window)
    } else {
        gather_buckets(view, tier, series, from, to, points)
    }
}

/// Where a tier begins later than a moment and the next coarser one reaches further back: that one, and until when it is
/// to be told. The bucket within which the finer tier begins is told whole, and the finer tier from its end on.
fn before_all_of(view: &View<'_>, tier: Tier, from: Timestamp) -> Option<(Tier, Timestamp)> {
    let oldest = view.oldest(tier).unwrap_or(Timestamp(i64::MAX));
    let coarser = tier.next_coarser().filter(|_| from < oldest)?;
    view.oldest(coarser).filter(|older| *older < oldest)?;
    let begins = Timestamp(oldest.0.saturating_sub(1)).floor_to(coarser.width());
    let until = Timestamp(begins.plus(coarser.width()).0.saturating_sub(1));
    Some((coarser, until))
}

/// The samples of a stretch of time, both ends included, from this tier or what lies before it.
fn samples_of(
    view: &View<'_>,
    tier: Tier,
    series: FileId,
    (mut from, to): (Timestamp, Timestamp),
    samples: &mut Vec<(Timestamp, f64)>,
) -> rusqlite::Result<()> {
    if let Some((coarser, until)) = before_all_of(view, tier, from) {
        samples_of(view, coarser, series, (from, to.min(until)), samples)?;
        from = Timestamp(until.0.saturating_add(1));
    }
    if from > to {
        return Ok(());
    }
    if tier == Tier::Ticks {
        let ticks = view.ticks(series, from, to)?;
        let known = ticks.iter().filter(|tick| !tick.value.is_nan());
        samples.extend(known.map(|tick| (tick.at, tick.value)));
    } else {
        let buckets = view.buckets(tier, series, from, to)?;
        let means = buckets.iter().filter(|bucket| bucket.at >= from);
        samples.extend(means.map(|bucket| (bucket.at, bucket.sum / f64::from(bucket.count))));
    }
    Ok(())
}

fn gather_ticks(
    view: &View<'_>,
    series: FileId,
    from: Timestamp,
    to: Timestamp,
    points: &mut Gatherer,
    window: Window,
) -> rusqlite::Result<()> {
    let reach = if from == window.start {
        from.minus(LONGEST_TICK)
    } else {
        from
    };
    let ticks = view.ticks(series, reach, to)?;
    for (index, tick) in ticks.iter().enumerate() {
        let lasts = standing(tick, ticks.get(index + 1));
        if tick.at.plus(tick.lasts) > window.start {
            let value = single(tick.value);
            points.add(tick.at, lasts, value, value, value, 1);
        }
    }
    Ok(())
}

/// For how long a tick stands: until the next one, where that came sooner than it should; where the ticks became slower,
/// until the first slow one.
fn standing(tick: &Tick, next: Option<&Tick>) -> Duration {
    next.map_or(tick.lasts, |next| {
        tick.lasts.max(next.lasts).min(next.at.since(tick.at))
    })
}

fn gather_buckets(
    view: &View<'_>,
    tier: Tier,
    series: FileId,
    from: Timestamp,
    to: Timestamp,
    points: &mut Gatherer,
) -> rusqlite::Result<()> {
    let width = tier.width();
    let mut all = view.buckets(tier, series, from.floor_to(width), to)?;
    // Of the bucket that holds the end only what had come by then counts, where its ticks are still there.
    let cut = to.floor_to(width);
    let ends_within = to < cut.plus(width).before();
    if ends_within && view.newest(tier).is_some_and(|newest| newest > to) {
        let ticks = view.ticks(series, cut, to)?;
        if !ticks.is_empty() {
            all.retain(|bucket| bucket.at < cut);
            let known = ticks.iter().map(|tick| (tick.at, tick.value));
            all.extend(buckets::of_ticks(tier, known));
        }
    }
    for bucket in all {
        let count = u16::try_from(bucket.count).unwrap_or(u16::MAX);
        let (min, max) = (single(bucket.min), single(bucket.max));
        points.add(bucket.at, width, bucket.avg(), min, max, count);
    }
    Ok(())
}
