//! The reader's side: stretches of time and single moments of figures.

use std::cmp::Reverse;
use std::time::Duration;

use rusqlite::Connection;

use super::block::Column;
use super::buckets::{self, Block, single};
use super::spans::{self, Extent};
use super::tier::Tier;
use super::times::Times;
use super::view::{Piece, TailCache, Tick, View};
use crate::model::Timestamp;
use crate::store::file::ids::FileId;
use crate::store::window::Gatherer;
use crate::store::{Points, StoreError, Window};

/// A tick that stands for longer than this before a window is not looked for.
const LONGEST_TICK: Duration = Duration::from_secs(300);

/// The figures of one moment.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store::file) struct Moment {
    /// The tick, or the beginning of the bucket.
    pub at: Timestamp,
    /// How long a tick was then, or how wide the bucket is.
    pub tick: Duration,
    /// What was known, by the series' number in the file. Empty where the tick no longer stood at the moment asked for.
    pub values: Vec<(FileId, f64)>,
}

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
            let before = last_tick(view, at)?.map(|found| found.at);
            let after = next_tick(view, at)?;
            if before.is_some() {
                return Ok((before, after));
            }
            let Some(tier) = coarse_at(view, at) else {
                return Ok((None, after));
            };
            let (before, next) = buckets_around(view, tier, at);
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

    /// Every series at a moment: the tick at or before it, or the bucket around it where ticks are no longer kept. `None`
    /// before all that is kept.
    pub fn values_at(&self, db: &Connection, at: Timestamp) -> Result<Option<Moment>, StoreError> {
        self.reading(db, |view| match last_tick(view, at)? {
            Some(found) => values_of_tick(view, &found, at).map(Some),
            None => match coarse_at(view, at) {
                Some(tier) => values_of_bucket(view, tier, at).map(Some),
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
    let oldest = view.oldest(tier).unwrap_or(Timestamp(i64::MAX));
    if let Some(coarser) = tier.next_coarser().filter(|_| from < oldest) {
        let reaches_further = view.oldest(coarser).is_some_and(|older| older < oldest);
        if reaches_further {
            // The bucket within which this tier begins is told whole, and this tier from its end on.
            let begins = Timestamp(oldest.0.saturating_sub(1)).floor_to(coarser.width());
            let until = Timestamp(begins.plus(coarser.width()).0.saturating_sub(1));
            gather(view, coarser, series, (from, to.min(until)), points, window)?;
            from = Timestamp(until.0.saturating_add(1));
        }
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
    let ends_within = to.0 < cut.plus(width).0 - 1;
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

/// A tick that was looked for.
struct Found<'a> {
    at: Timestamp,
    index: usize,
    times: Times,
    piece: Piece<'a>,
}

/// The last tick at or before a moment that no later written one stands in place of.
fn last_tick<'a>(view: &'a View<'_>, at: Timestamp) -> rusqlite::Result<Option<Found<'a>>> {
    let pieces = view.pieces(Tier::Ticks);
    let extents: Vec<Extent> = pieces.iter().map(|(extent, _)| *extent).collect();
    let mut order: Vec<usize> = (0..pieces.len())
        .filter(|index| extents[*index].first <= at)
        .collect();
    order.sort_by_key(|index| Reverse((extents[*index].last.min(at), *index)));
    let mut best: Option<Found<'a>> = None;
    for index in order {
        if best
            .as_ref()
            .is_some_and(|best| extents[index].last.min(at) <= best.at)
        {
            break;
        }
        let later = spans::later_over(&extents, index);
        let times = view.times(pieces[index].1)?;
        let until = times.all().partition_point(|tick| *tick <= at);
        let is_told = |tick: &usize| {
            let at = times.at(*tick).unwrap_or_default();
            !spans::is_veiled(
                extents[index],
                &later,
                Extent {
                    first: at,
                    last: at,
                },
            )
        };
        let found = (0..until).rev().find(is_told);
        let Some((tick, found)) = found.and_then(|tick| Some((tick, times.at(tick)?))) else {
            continue;
        };
        if best.as_ref().is_none_or(|best| found > best.at) {
            best = Some(Found {
                at: found,
                index: tick,
                times,
                piece: pieces[index].1,
            });
        }
    }
    Ok(best)
}

fn next_tick(view: &View<'_>, at: Timestamp) -> rusqlite::Result<Option<Timestamp>> {
    let pieces = view.pieces(Tier::Ticks);
    let extents: Vec<Extent> = pieces.iter().map(|(extent, _)| *extent).collect();
    let mut order: Vec<usize> = (0..pieces.len())
        .filter(|index| extents[*index].last > at)
        .collect();
    order.sort_by_key(|index| extents[*index].first);
    let mut best: Option<Timestamp> = None;
    for index in order {
        if best.is_some_and(|best| extents[index].first >= best) {
            break;
        }
        let later = spans::later_over(&extents, index);
        let times = view.times(pieces[index].1)?;
        let from = times.all().partition_point(|tick| *tick <= at);
        let mut told = times.all().iter().skip(from).filter(|at| {
            let moment = Extent {
                first: **at,
                last: **at,
            };
            !spans::is_veiled(extents[index], &later, moment)
        });
        best = told.next().copied().into_iter().chain(best).min();
    }
    Ok(best)
}

/// The finest coarse tier that is kept at a moment.
fn coarse_at(view: &View<'_>, at: Timestamp) -> Option<Tier> {
    let is_kept = |tier: &Tier| {
        let oldest = view.oldest(*tier);
        oldest.is_some_and(|oldest| oldest.floor_to(tier.width()) <= at)
    };
    Tier::COARSE.into_iter().find(is_kept)
}

/// The beginnings of the bucket that holds a moment, or of the last before it, and of the next.
fn buckets_around(
    view: &View<'_>,
    tier: Tier,
    at: Timestamp,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let width = tier.width();
    let next = at.floor_to(width).plus(width);
    let pieces = view.pieces(tier);
    let extents = || pieces.iter().map(|(extent, _)| *extent);
    let before = extents().filter(|extent| extent.first.floor_to(width) <= at);
    let before = before
        .map(|extent| extent.last.min(at).floor_to(width))
        .max();
    let after = extents().filter(|extent| extent.last >= next);
    let after = after
        .map(|extent| extent.first.floor_to(width).max(next))
        .min();
    (before, after)
}

fn values_of_tick(view: &View<'_>, found: &Found<'_>, at: Timestamp) -> rusqlite::Result<Moment> {
    let own = found.times.tick(found.index);
    let next = found
        .times
        .at(found.index + 1)
        .map(|_| found.times.tick(found.index + 1));
    let lasts = own.max(next.unwrap_or_default());
    let mut values = Vec::new();
    // As in the hot memory: one tick may have been left out, and ticks come a little late.
    if at < found.at.plus(lasts * 2 + lasts / 4) {
        let tick = found.index;
        let mut put = |series: FileId, value: f64| {
            if !value.is_nan() {
                values.push((series, value));
            }
        };
        match found.piece {
            Piece::Sealed(span) => spans::each_block(view.db, span.id, |series, body| {
                let read = Column::open(body)?.read(tick..tick + 1)?;
                put(series, read.first().copied().unwrap_or(f64::NAN));
                Ok(())
            })?,
            Piece::Open(span) => span
                .lanes
                .iter()
                .for_each(|(series, lane)| put(*series, lane.at(tick))),
        }
    }
    Ok(Moment {
        at: found.at,
        tick: own,
        values,
    })
}

fn values_of_bucket(view: &View<'_>, tier: Tier, at: Timestamp) -> rusqlite::Result<Moment> {
    let begins = at.floor_to(tier.width());
    let mut values = std::collections::BTreeMap::new();
    for (extent, piece) in view.pieces(tier) {
        let holds = extent.first < begins.plus(tier.width()) && extent.last >= begins;
        let Piece::Sealed(span) = piece else { continue };
        if !holds {
            continue;
        }
        let index = tier.bucket_of(extent.first, begins);
        spans::each_block(view.db, span.id, |series, body| {
            let avg = Block::open(body)?.avg(index)?;
            if !avg.is_nan() {
                values.insert(series, avg);
            }
            Ok(())
        })?;
    }
    Ok(Moment {
        at: begins,
        tick: tier.width(),
        values: values.into_iter().collect(),
    })
}
