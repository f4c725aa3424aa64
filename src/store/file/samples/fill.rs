//! Fills the hot memory with the past, so that a restart shows the charts that there were.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, Result};

use super::block::Column;
use super::read::Reader;
use super::spans::{self, Extent};
use super::tier::Tier;
use super::view::{Piece, View};
use crate::model::{SeriesId, Timestamp};
use crate::store::StoreError;
use crate::store::file::ids::FileId;
use crate::store::hot::{HotHistory, PastBucket, TICKS_KEPT};

const HOUR: Duration = Duration::from_secs(3600);

/// The tiers of the hot memory, and how far back it has each.
const HOT: [(Tier, Duration); 2] = [
    (Tier::TenSeconds, HOUR.saturating_mul(6)),
    (Tier::Minutes, HOUR.saturating_mul(24)),
];

impl Reader {
    /// Fills an empty hot history with what its tiers would hold had it taken every tick until `until`. `series` says
    /// which number each series of the file has here.
    ///
    /// # Errors
    /// SQLite can't read the file.
    pub fn fill(
        &self,
        db: &Connection,
        series: &[(FileId, SeriesId)],
        history: &mut HotHistory,
        until: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        let Some((began, _)) = self.remembers(db)?.filter(|(began, _)| *began <= until) else {
            return Ok(());
        };
        self.reading(db, |view| {
            history.begin_past(began, until);
            let (moments, mut columns) = past_ticks(view, until)?;
            for (file, here) in series {
                let ticks = columns.remove(file).unwrap_or_default();
                history.fill_ticks(*here, &moments, ticks);
                for (tier, kept) in HOT {
                    let buckets = past_buckets(view, tier, *file, kept, until)?;
                    history.fill_buckets(*here, tier.width(), &buckets);
                }
            }
            history.end_past(&moments);
            Ok(())
        })
    }
}

/// The values of a series at each tick.
type Columns = HashMap<FileId, Vec<f64>>;

/// The ticks that the hot memory would still have, with all values.
fn past_ticks(view: &View<'_>, until: Timestamp) -> Result<(Vec<(Timestamp, Duration)>, Columns)> {
    let from = Timestamp(until.minus(TICKS_KEPT).0.saturating_add(1));
    let pieces = view.pieces(Tier::Ticks);
    let extents: Vec<Extent> = pieces.iter().map(|(extent, _)| *extent).collect();
    let mut order: Vec<usize> = (0..pieces.len())
        .filter(|index| extents[*index].last >= from && extents[*index].first <= until)
        .collect();
    order.sort_by_key(|index| extents[*index].first);
    let mut moments: Vec<(Timestamp, Duration)> = Vec::new();
    let mut columns = Columns::new();
    for index in order {
        let piece = pieces[index].1;
        let times = view.times(piece)?;
        let later = spans::later_over(&extents, index);
        let is_told = |tick: &usize| {
            let at = times.at(*tick).unwrap_or_default();
            let is_next = moments.last().is_none_or(|(last, _)| at > *last);
            is_next
                && !spans::is_veiled(
                    extents[index],
                    &later,
                    Extent {
                        first: at,
                        last: at,
                    },
                )
        };
        let range = times.within(from, until);
        let told: Vec<usize> = range.clone().filter(is_told).collect();
        let before = moments.len();
        let told_at = told
            .iter()
            .filter_map(|tick| Some((times.at(*tick)?, times.tick(*tick))));
        moments.extend(told_at);
        let mut put = |series: FileId, value: &dyn Fn(usize) -> f64| {
            let column = columns.entry(series).or_default();
            column.resize(before, f64::NAN);
            column.extend(told.iter().map(|tick| value(*tick)));
        };
        match piece {
            Piece::Sealed(span) => spans::each_block(view.db, span.id, |series, body| {
                let values = Column::open(body)?.read(range.clone())?;
                let value = |tick: usize| values.get(tick - range.start).copied();
                put(series, &|tick| value(tick).unwrap_or(f64::NAN));
                Ok(())
            })?,
            Piece::Open(span) => span
                .lanes
                .iter()
                .for_each(|(series, lane)| put(*series, &|tick| lane.at(tick))),
        }
    }
    Ok((moments, columns))
}

fn past_buckets(
    view: &View<'_>,
    tier: Tier,
    series: FileId,
    kept: Duration,
    until: Timestamp,
) -> Result<Vec<PastBucket>> {
    let from = until.floor_to(tier.width()).minus(kept);
    let buckets = view.buckets(tier, series, from, until)?;
    Ok(buckets
        .into_iter()
        .map(|bucket| PastBucket {
            at: bucket.at,
            count: bucket.count,
            sum: bucket.sum,
            min: bucket.min,
            max: bucket.max,
        })
        .collect())
}
