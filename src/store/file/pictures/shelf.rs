//! The writer's side: ticks go into a chunk in memory and into the tail on disk; each minute the chunk is sealed.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use rusqlite::{Connection, Result, Transaction, params};

use super::bytes::{pack, put_number};
use super::delta::{Walk, Writer, readable};
use super::find::{TAIL, TAIL_OF_TENS, tail_of};
use super::part::Part;
use super::sketches::packed;
use super::sketches::tens::Tens;
use super::sketches::tiers;
use super::take::Taker;
use super::{bytes::Broken, bytes::Cursor, tidy};
use crate::model::Timestamp;
use crate::store::Kept;
use crate::store::file::ids::{FileId, Ids};
use crate::store::file::{Limits, shelf::Shelf};

/// How much time a chunk tells of.
const CHUNK: Duration = Duration::from_secs(60);
/// A chunk that has grown to so many bytes is sealed earlier.
const CHUNK_BYTES: usize = 8 << 20;
/// Sealed chunks that wait while the disk takes nothing may take so many bytes.
const WAITING_BYTES: usize = 32 << 20;

/// Pictures and distributions.
#[derive(Default)]
pub(in crate::store::file) struct Pictures {
    taker: Taker,
    /// The chunk that is being filled.
    chunk: Writer,
    tens: Tens,
    /// How many bytes of it are in the tail.
    written: usize,
    /// Chunks that are full, the oldest first; those that could not be written yet among them.
    sealed: VecDeque<Sealed>,
    /// What the last [`Shelf::write`] wrote: chunks, and bytes of the chunk that is being filled.
    writing: (usize, usize),
    /// The tail is still that of the last writer, and perhaps not readable to its end.
    has_old_tail: bool,
    /// The newest tick that was ever put.
    newest: Option<Timestamp>,
    /// How many ticks are in the chunk that is being filled.
    ticks: u64,
    /// Ticks that went without being in a chunk on disk.
    dropped: u64,
}

/// A chunk that is full.
struct Sealed {
    span: (Timestamp, Timestamp),
    ticks: u64,
    size: usize,
    data: Vec<u8>,
    tens: Vec<u8>,
}

impl Sealed {
    fn of(raw: &[u8], ticks: u64, tens: &Tens) -> std::io::Result<Self> {
        Ok(Self {
            span: tens.span.unwrap_or_default(),
            ticks,
            size: raw.len(),
            data: pack(raw)?,
            tens: if tens.buckets.is_empty() {
                Vec::new()
            } else {
                tens.packed()?
            },
        })
    }

    fn bytes(&self) -> usize {
        self.data.len() + self.tens.len()
    }

    fn write(&self, tx: &Transaction<'_>) -> Result<()> {
        let mut insert = tx.prepare_cached(
            "INSERT INTO picture (first, last, is_thinned, size, data) VALUES (?1, ?2, 0, ?3, ?4)",
        )?;
        let (first, last) = self.span;
        insert.execute(params![first.0, last.0, self.size as i64, self.data])?;
        if !self.tens.is_empty() {
            put_tail(tx, TAIL_OF_TENS, first, &self.tens)?;
        }
        Ok(())
    }
}

fn put_tail(tx: &Transaction<'_>, shelf: i64, first: Timestamp, data: &[u8]) -> Result<()> {
    let mut insert =
        tx.prepare_cached("INSERT INTO tail (shelf, first, data) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![shelf, first.0, data])?;
    Ok(())
}

impl Pictures {
    /// Whether a tick of this moment belongs into another chunk than the one that is being filled.
    fn is_over_at(&self, at: Timestamp) -> bool {
        self.tens.span.is_some_and(|(first, last)| {
            at < last
                || at.floor_to(CHUNK) != first.floor_to(CHUNK)
                || self.chunk.raw.len() > CHUNK_BYTES
        })
    }

    fn seal(&mut self) {
        let raw = std::mem::take(&mut self.chunk).raw;
        let tens = std::mem::take(&mut self.tens);
        let ticks = std::mem::take(&mut self.ticks);
        (self.written, self.writing.1) = (0, 0);
        if !raw.is_empty() {
            match Sealed::of(&raw, ticks, &tens) {
                Ok(sealed) => self.sealed.push_back(sealed),
                Err(_) => self.dropped += ticks,
            }
        }
        self.stay_within(WAITING_BYTES);
    }

    /// While the disk takes nothing, the oldest chunks go; what of them is in the tail goes with the next writing.
    fn stay_within(&mut self, most: usize) {
        while self.sealed.len() > 1 && self.waiting_bytes() > most {
            self.dropped += self.sealed.pop_front().map_or(0, |gone| gone.ticks);
            self.writing.0 = self.writing.0.saturating_sub(1);
        }
    }

    fn waiting_bytes(&self) -> usize {
        self.sealed.iter().map(Sealed::bytes).sum()
    }
}

impl Shelf for Pictures {
    fn recover(&mut self, db: &Connection) -> Result<()> {
        let newest: Option<i64> =
            db.query_row("SELECT max(last) FROM picture", [], |row| row.get(0))?;
        self.newest = newest.map(Timestamp);
        let raw = tail_of(db)?;
        self.has_old_tail = true;
        if raw.is_empty() {
            return Ok(());
        }
        // What the tail holds becomes a chunk; what came in it is gathered again.
        let mut tens = Tens::default();
        let (length, _) = readable(&raw);
        let ticks = gather(&raw[..length], &mut tens).unwrap_or_else(|Broken| {
            tens.buckets.clear();
            0
        });
        let (first, last) = tens.span.unwrap_or_default();
        tens.is_again = self.newest.is_some_and(|newest| first < newest);
        self.newest = self.newest.max(Some(last));
        if let Ok(sealed) = Sealed::of(&raw[..length], ticks, &tens) {
            self.sealed.push_back(sealed);
        }
        Ok(())
    }

    fn put(&mut self, kept: &Kept, ids: &Ids) {
        let at = kept.frame.at;
        if self.is_over_at(at) {
            self.seal();
        }
        if self.tens.span.is_none() {
            self.tens.is_again = self.newest.is_some_and(|newest| at < newest);
        }
        self.newest = self.newest.max(Some(at));
        self.ticks += 1;
        self.taker.take(kept, ids, &mut self.chunk);
        let came = kept.came.iter();
        let came = came.filter_map(|(id, distribution)| Some((ids.of(*id)?, distribution)));
        self.tens.put(at, came);
    }

    fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for sealed in &self.sealed {
            sealed.write(tx)?;
        }
        if self.has_old_tail || !self.sealed.is_empty() {
            // The chunk that is being filled was begun after all that is in the tail.
            tx.execute("DELETE FROM tail WHERE shelf = ?1", [TAIL])?;
        }
        let fresh = &self.chunk.raw[self.written..];
        if let Some((first, _)) = self.tens.span.filter(|_| !fresh.is_empty()) {
            let mut data = Vec::new();
            put_number(fresh.len() as u64, &mut data);
            if let Ok(packed) = pack(fresh) {
                data.extend(packed);
                put_tail(tx, TAIL, first, &data)?;
            }
        }
        self.writing = (self.sealed.len(), self.chunk.raw.len());
        Ok(())
    }

    fn written(&mut self) {
        let (sealed, bytes) = std::mem::take(&mut self.writing);
        self.sealed.drain(..sealed.min(self.sealed.len()));
        self.written = self.written.max(bytes);
        self.has_old_tail = false;
    }

    fn tidy(&mut self, tx: &Transaction<'_>, now: Timestamp) -> Result<bool> {
        tidy::fold(tx, now)
    }

    fn forget(&mut self, tx: &Transaction<'_>, now: Timestamp, limits: &Limits) -> Result<bool> {
        Ok(tidy::forget(tx, now, limits)? || tidy::thin(tx, now.minus(limits.every_picture))?)
    }

    fn make_room(&mut self, tx: &Transaction<'_>, bytes: u64) -> Result<u64> {
        tidy::make_room(tx, bytes)
    }

    fn bytes_held(&self) -> usize {
        self.waiting_bytes() + self.chunk.raw.capacity() + self.tens.bytes() + self.taker.bytes()
    }

    fn holds(&self, db: &Connection) -> Result<BTreeSet<FileId>> {
        let mut held: BTreeSet<FileId> = self.tens.buckets.keys().map(|(id, _)| *id).collect();
        let mut select = db.prepare_cached("SELECT data FROM tail WHERE shelf = ?1")?;
        let rows = select.query_map([TAIL_OF_TENS], |row| row.get::<_, Vec<u8>>(0))?;
        let waiting = self.sealed.iter().map(|sealed| Ok(sealed.tens.clone()));
        for data in rows.chain(waiting) {
            // What can't be read tells of nothing.
            if let Ok(tens) = Tens::read(&data?, None) {
                held.extend(tens.buckets.keys().map(|(id, _)| *id));
            }
        }
        Ok(held)
    }

    fn tells_of(&self, db: &Connection, series: FileId) -> Result<bool> {
        tiers::tell_of(db, series)
    }

    fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Gathers what came with the ticks of a chunk; how many those are.
fn gather(raw: &[u8], tens: &mut Tens) -> Result<u64, Broken> {
    let mut walk = Walk::new(raw);
    let mut ticks = 0;
    while let Some(mark) = walk.step()? {
        let rows = walk.parts().get(Part::Came).map_or(&[][..], |it| &it.rows);
        let read = |row: &&[u8]| {
            let mut row = Cursor::new(row);
            let series: FileId = row.number()?.cast_signed();
            Ok((series, packed::take(&mut row)?))
        };
        let came: Vec<_> = rows.iter().map(read).collect::<Result<_, Broken>>()?;
        tens.put(mark.at, came.iter().map(|(series, it)| (*series, it)));
        ticks += 1;
    }
    Ok(ticks)
}
