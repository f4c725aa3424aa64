//! One state of the file as a reader sees it: what is sealed, and the tail behind it.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Result};

use super::block::Column;
use super::buckets::{self, Block, Bucket};
use super::open::OpenSpan;
use super::spans::{self, Extent, Span, State};
use super::tail::{self, Gathered};
use super::tier::Tier;
use super::times::Times;
use crate::model::Timestamp;
use crate::store::file::ids::FileId;

/// The tail as it was read last, with what tells whether it has only grown since.
#[derive(Debug, Default)]
pub struct TailCache {
    held: Mutex<Cached>,
}

#[derive(Debug, Default)]
struct Cached {
    /// Number and moment of the first and of the last row.
    rows: Option<[(i64, i64); 2]>,
    tail: Arc<Gathered>,
}

impl TailCache {
    /// The tail as it is now. Rows that were read before are not read again.
    fn read(&self, db: &Connection) -> Result<Arc<Gathered>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = row_of_tail(db, "ORDER BY id LIMIT 1", 0)? else {
            *held = Cached::default();
            return Ok(held.tail.clone());
        };
        let has_grown = match held.rows {
            Some([begins, last]) if begins == first => {
                row_of_tail(db, "AND id = ?", last.0)? == Some(last)
            }
            _ => false,
        };
        if !has_grown {
            *held = Cached::default();
        }
        let read_until = held.rows.map_or(i64::MIN, |[_, last]| last.0);
        let last = row_of_tail(db, "ORDER BY id DESC LIMIT 1", 0)?.unwrap_or(first);
        if last.0 > read_until {
            Arc::make_mut(&mut held.tail).take_rows(db, read_until)?;
        }
        held.rows = Some([first, last]);
        Ok(held.tail.clone())
    }
}

fn row_of_tail(db: &Connection, which: &str, id: i64) -> Result<Option<(i64, i64)>> {
    let mut row = db.prepare_cached(&format!(
        "SELECT id, first FROM tail WHERE shelf = {} {which}",
        tail::SHELF
    ))?;
    let given: &[&dyn rusqlite::ToSql] = if which.contains('?') { &[&id] } else { &[] };
    row.query_row(given, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// A stretch of ticks, sealed or not.
#[derive(Debug, Clone, Copy)]
pub enum Piece<'a> {
    Sealed(&'a Span),
    Open(&'a OpenSpan),
}

/// A tick of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    pub at: Timestamp,
    pub lasts: std::time::Duration,
    pub value: f64,
}

/// What is told at one moment of reading.
pub struct View<'a> {
    pub db: &'a Connection,
    told: Vec<Span>,
    tail: Arc<Gathered>,
}

impl<'a> View<'a> {
    pub fn of(db: &'a Connection, cache: &TailCache) -> Result<Self> {
        let mut told = spans::all(db)?;
        told.retain(|span| span.state == State::Told);
        Ok(Self {
            db,
            told,
            tail: cache.read(db)?,
        })
    }

    /// The pieces of a tier in the order in which they were written, with what each covers.
    pub fn pieces(&self, tier: Tier) -> Vec<(Extent, Piece<'_>)> {
        let sealed = self.told.iter().filter(|span| span.tier == tier);
        let sealed = sealed.map(|span| (span.extent, Piece::Sealed(span)));
        sealed.chain(self.open()).collect()
    }

    /// The moment of the last tick of the tail.
    pub fn newest_of_tail(&self) -> Option<Timestamp> {
        self.open().last().map(|(extent, _)| extent.last)
    }

    fn open(&self) -> impl Iterator<Item = (Extent, Piece<'_>)> {
        self.tail.spans.iter().filter_map(|(span, ..)| {
            let (first, last) = (span.times.first()?, span.times.last()?);
            Some((Extent { first, last }, Piece::Open(span)))
        })
    }

    pub fn oldest(&self, tier: Tier) -> Option<Timestamp> {
        let pieces = self.pieces(tier);
        pieces.iter().map(|(extent, _)| extent.first).min()
    }

    pub fn newest(&self, tier: Tier) -> Option<Timestamp> {
        let pieces = self.pieces(tier);
        pieces.iter().map(|(extent, _)| extent.last).max()
    }

    pub fn times(&self, piece: Piece<'_>) -> Result<Times> {
        match piece {
            Piece::Sealed(span) => Ok(spans::times(self.db, span)?.unwrap_or_default()),
            Piece::Open(span) => Ok(span.times.clone()),
        }
    }

    /// Every tick from one moment to another, both included, with the values of a series; NaN where it has none.
    pub fn ticks(&self, series: FileId, from: Timestamp, to: Timestamp) -> Result<Vec<Tick>> {
        let pieces = self.pieces(Tier::Ticks);
        let extents: Vec<Extent> = pieces.iter().map(|(extent, _)| *extent).collect();
        let mut ticks: Vec<Tick> = Vec::new();
        for (index, (extent, piece)) in pieces.iter().enumerate() {
            if extent.first > to || extent.last < from {
                continue;
            }
            let later = spans::later_over(&extents, index);
            let times = self.times(*piece)?;
            let range = times.within(from, to);
            let values = match piece {
                Piece::Sealed(span) => spans::with_block(self.db, span.id, series, |body| {
                    Column::open(body)?.read(range.clone())
                })?,
                Piece::Open(span) => span.lanes.get(&series).map(|lane| {
                    let lane = range.clone().map(|tick| lane.at(tick));
                    lane.collect()
                }),
            };
            let values = values.unwrap_or_default();
            for (place, tick) in range.enumerate() {
                let Some(at) = times.at(tick) else { break };
                let moment = Extent {
                    first: at,
                    last: at,
                };
                if later.is_empty() || !spans::is_veiled(*extent, &later, moment) {
                    ticks.push(Tick {
                        at,
                        lasts: times.tick(tick),
                        value: values.get(place).copied().unwrap_or(f64::NAN),
                    });
                }
            }
        }
        ticks.sort_by_key(|tick| tick.at);
        Ok(ticks)
    }

    /// The buckets of a coarse tier that begin from one moment to another, both included; those of which nothing is known
    /// are left out.
    pub fn buckets(
        &self,
        tier: Tier,
        series: FileId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Bucket>> {
        let pieces = self.pieces(tier);
        let extents: Vec<Extent> = pieces.iter().map(|(extent, _)| *extent).collect();
        let mut found: Vec<(Timestamp, Bucket)> = Vec::new();
        for (index, (extent, piece)) in pieces.iter().enumerate() {
            if extent.first.floor_to(tier.width()) > to || extent.last < from {
                continue;
            }
            let later = spans::later_over(&extents, index);
            let buckets = self.buckets_of(*piece, tier, series, from, to)?;
            let is_told = |bucket: &Bucket| {
                let last = bucket.at.plus(tier.width()).before();
                let whole = Extent {
                    first: bucket.at,
                    last,
                };
                later.is_empty() || !spans::is_veiled(*extent, &later, whole)
            };
            let told = buckets.into_iter().filter(is_told);
            found.extend(told.map(|bucket| (extent.first, bucket)));
        }
        found.sort_by_key(|(first, bucket)| (bucket.at, *first));
        let mut all = Vec::with_capacity(found.len());
        for (_, bucket) in found {
            buckets::push(&mut all, bucket);
        }
        Ok(all)
    }

    fn buckets_of(
        &self,
        piece: Piece<'_>,
        tier: Tier,
        series: FileId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Bucket>> {
        match piece {
            Piece::Sealed(span) => {
                let range = tier.bucket_of(span.extent.first, from)
                    ..tier.bucket_of(span.extent.first, to).saturating_add(1);
                let held = spans::with_block(self.db, span.id, series, |body| {
                    Block::open(body)?.read(tier, span.extent.first, range)
                })?;
                Ok(held.unwrap_or_default())
            }
            Piece::Open(span) => {
                let Some(lane) = span.lanes.get(&series) else {
                    return Ok(Vec::new());
                };
                let end = to.floor_to(tier.width()).plus(tier.width()).before();
                let range = span.times.within(from.floor_to(tier.width()), end);
                let ticks = range.filter_map(|tick| Some((span.times.at(tick)?, lane.at(tick))));
                Ok(buckets::of_ticks(tier, ticks))
            }
        }
    }
}
