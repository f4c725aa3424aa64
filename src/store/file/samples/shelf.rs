//! The writer's side: ticks into the tail, and the tail into sealed spans.

use std::collections::{BTreeSet, VecDeque};

use rusqlite::{Connection, Result, Transaction};

use super::open::OpenSpan;
use super::seal::{self, Progress};
use super::spans;
use super::tail::{self, Gathered};
use super::tidy;
use crate::model::{SeriesId, Timestamp};
use crate::store::Kept;
use crate::store::file::ids::{FileId, Ids};
use crate::store::file::{Limits, shelf::Shelf};

/// What may wait in memory while the disk takes nothing: an hour of 2,000 series.
const MOST_BYTES: usize = 64 << 20;
/// How many values are sealed at a writing, so that it stays within some ten milliseconds …
const SEALED_AT_ONCE: usize = 250_000;
/// … unless so many spans wait for it.
const MOST_WAITING: usize = 2;

/// A span in memory, and what of it is on disk.
#[derive(Debug, Default)]
struct Held {
    span: OpenSpan,
    /// What the last transaction that held has written.
    disk: OnDisk,
    /// What the present one writes.
    next: Option<OnDisk>,
}

/// What of a span is on disk.
#[derive(Debug, Clone, Default)]
struct OnDisk {
    /// How many ticks are in rows of the tail.
    ticks: usize,
    /// The first and the last of those rows.
    rows: Option<(i64, i64)>,
    sealing: Option<Progress>,
    is_sealed: bool,
}

/// The shelf of figures.
#[derive(Debug, Default)]
pub(in crate::store::file) struct Samples {
    /// In the order in which they were written; the last takes ticks, those before it wait to be sealed.
    held: VecDeque<Held>,
    bytes: usize,
    /// Ticks that went without being on disk.
    dropped: u64,
}

impl Samples {
    /// A shelf without anything in memory.
    pub fn new() -> Self {
        Self::default()
    }

    fn write_tail(held: &mut Held, tx: &Transaction<'_>) -> Result<()> {
        let mut next = held.disk.clone();
        if next.ticks < held.span.times.len() {
            let row = tail::write(tx, &held.span, next.ticks)?;
            next.ticks = held.span.times.len();
            next.rows = Some((next.rows.map_or(row, |(first, _)| first), row));
        }
        held.next = Some(next);
        Ok(())
    }

    /// Seals some of what is due; how many values that were.
    fn seal_some(held: &mut Held, tx: &Transaction<'_>, most: usize) -> Result<usize> {
        let Some(next) = &mut held.next else {
            return Ok(0);
        };
        let progress = match next.sealing.take() {
            Some(progress) => progress,
            None => seal::begin(tx, &held.span)?,
        };
        let (progress, sealed) = seal::go_on(tx, &held.span, progress, most)?;
        next.is_sealed = progress.is_done();
        if next.is_sealed {
            seal::finish(tx, &progress)?;
            if let Some((first, last)) = next.rows {
                tx.prepare_cached("DELETE FROM tail WHERE shelf = ? AND id BETWEEN ? AND ?")?
                    .execute([tail::SHELF, first, last])?;
            }
        }
        next.sealing = Some(progress);
        Ok(sealed)
    }

    fn count_bytes(&mut self) {
        self.bytes = self.held.iter().map(|held| held.span.bytes()).sum();
    }

    /// While the disk takes nothing, the oldest ticks go; what of them is in the tail stays there.
    fn stay_within(&mut self, most: usize) {
        if self.held.len() <= 1 {
            return;
        }
        self.count_bytes();
        while self.bytes > most && self.held.len() > 1 {
            if let Some(gone) = self.held.pop_front() {
                let unwritten = gone.span.times.len().saturating_sub(gone.disk.ticks);
                self.dropped += unwritten as u64;
            }
            self.count_bytes();
        }
    }
}

impl Shelf for Samples {
    fn recover(&mut self, db: &Connection) -> Result<()> {
        let mut gathered = Gathered::default();
        gathered.take_rows(db, i64::MIN)?;
        for row in &gathered.damaged {
            tracing::warn!("a row of the history's tail is damaged: its seconds are lost");
            db.execute("DELETE FROM tail WHERE id = ?", [row])?;
        }
        self.held = gathered
            .spans
            .into_iter()
            .filter(|(span, ..)| span.times.len() > 0)
            .map(|(span, first, last)| Held {
                disk: OnDisk {
                    ticks: span.times.len(),
                    rows: Some((first, last)),
                    ..OnDisk::default()
                },
                next: None,
                span,
            })
            .collect();
        tidy::drop_unfinished(db)?;
        self.count_bytes();
        Ok(())
    }

    fn put(&mut self, kept: &Kept, ids: &Ids) {
        let frame = &kept.frame;
        if !self
            .held
            .back()
            .is_some_and(|held| held.span.takes(frame.at))
        {
            self.held.push_back(Held::default());
            self.stay_within(MOST_BYTES);
        }
        let values = (0..).map(SeriesId).zip(frame.values.iter());
        let known = values.filter_map(|(id, value)| Some((ids.of(id)?, *value)));
        let kept = known.filter(|(id, _)| *id <= spans::MOST_SERIES);
        if let Some(held) = self.held.back_mut() {
            held.span.push(frame.at, frame.tick, kept);
        }
    }

    fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for held in &mut self.held {
            Self::write_tail(held, tx)?;
        }
        let due = self.held.len().saturating_sub(1);
        let mut most = if due > MOST_WAITING {
            usize::MAX
        } else {
            SEALED_AT_ONCE
        };
        for held in self.held.iter_mut().take(due) {
            if most == 0 {
                break;
            }
            most = most.saturating_sub(Self::seal_some(held, tx, most)?);
        }
        Ok(())
    }

    fn written(&mut self) {
        for held in &mut self.held {
            if let Some(next) = held.next.take() {
                held.disk = next;
            }
        }
        while self.held.front().is_some_and(|held| held.disk.is_sealed) {
            self.held.pop_front();
        }
        self.count_bytes();
    }

    fn tidy(&mut self, tx: &Transaction<'_>, now: Timestamp) -> Result<bool> {
        tidy::some(tx, now)
    }

    fn forget(&mut self, tx: &Transaction<'_>, now: Timestamp, limits: &Limits) -> Result<bool> {
        tidy::forget(tx, now, limits)
    }

    fn make_room(&mut self, tx: &Transaction<'_>, bytes: u64) -> Result<u64> {
        tidy::make_room(tx, bytes)
    }

    fn bytes_held(&self) -> usize {
        self.bytes
    }

    fn holds(&self, _db: &Connection) -> Result<BTreeSet<FileId>> {
        let lanes = self.held.iter().flat_map(|held| held.span.lanes.keys());
        Ok(lanes.copied().collect())
    }

    fn tells_of(&self, db: &Connection, series: FileId) -> Result<bool> {
        spans::tell_of(db, series)
    }

    fn dropped(&self) -> u64 {
        self.dropped
    }
}
