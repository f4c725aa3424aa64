//! Single moments: which tick was the last one then, and every figure of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::block::Column;
use super::buckets::Block;
use super::spans::{self, Extent};
use super::tier::Tier;
use super::times::Times;
use super::view::{Piece, View};
use crate::model::Timestamp;
use crate::store::file::ids::FileId;

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

/// A tick that was looked for.
pub struct Found<'a> {
    pub at: Timestamp,
    index: usize,
    times: Times,
    piece: Piece<'a>,
}

/// The last tick at or before a moment that no later written one stands in place of.
pub fn last_tick<'a>(view: &'a View<'_>, at: Timestamp) -> rusqlite::Result<Option<Found<'a>>> {
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

/// The first tick after a moment that no later written one stands in place of.
pub fn next_tick(view: &View<'_>, at: Timestamp) -> rusqlite::Result<Option<Timestamp>> {
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
pub fn coarse_at(view: &View<'_>, at: Timestamp) -> Option<Tier> {
    let is_kept = |tier: &Tier| {
        let oldest = view.oldest(*tier);
        oldest.is_some_and(|oldest| oldest.floor_to(tier.width()) <= at)
    };
    Tier::COARSE.into_iter().find(is_kept)
}

/// The beginnings of the bucket that holds a moment, or of the last before it, and of the next.
pub fn buckets_around(
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

/// Every series at the tick that was found for a moment; none where it no longer stands then.
pub fn values_of_tick(
    view: &View<'_>,
    found: &Found<'_>,
    at: Timestamp,
) -> rusqlite::Result<Moment> {
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

/// The means of every series in the bucket of a tier that holds a moment.
pub fn values_of_bucket(view: &View<'_>, tier: Tier, at: Timestamp) -> rusqlite::Result<Moment> {
    let begins = at.floor_to(tier.width());
    let mut values = BTreeMap::new();
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
