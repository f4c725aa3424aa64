//! Finds pictures in the file: the chunk of a moment, all of a stretch of time, and the tail that is in no chunk yet.

use std::cell::OnceCell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::bytes::{Broken, Cursor, MOST_UNPACKED, unpack};
use super::delta::{Mark, Walk};
use super::show::Slices;
use crate::model::Timestamp;
use crate::store::StoreError;

/// What a picture is called where it can't be read.
const WHAT: &str = "a picture of the history";

/// The most chunks that are unpacked for one who waits: those of an hour of single ticks.
const MOST_CHUNKS: u32 = 60;

/// Which rows of `tail` are ours: pictures that are in no chunk yet.
pub(super) const TAIL: i64 = 2;
/// And distributions that are in no tier yet.
pub(super) const TAIL_OF_TENS: i64 = 3;

/// Reads one state of the file, however long that takes and whatever is written meanwhile.
pub(super) struct Reader<'a> {
    db: &'a Connection,
    /// None where the caller has begun one.
    _state: Option<Transaction<'a>>,
    tail: OnceCell<Rc<Vec<u8>>>,
}

/// A chunk as it stands in the file.
struct Sealed {
    id: i64,
    last: Timestamp,
    size: i64,
    data: Vec<u8>,
}

impl Sealed {
    const COLUMNS: &str = "id, last, size, data";

    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            last: Timestamp(row.get(1)?),
            size: row.get(2)?,
            data: row.get(3)?,
        })
    }

    fn raw(&self) -> Result<Vec<u8>, StoreError> {
        unpack(&self.data, self.size).map_err(|broken| broken.of(WHAT))
    }
}

impl<'a> Reader<'a> {
    pub fn new(db: &'a Connection) -> Result<Self, StoreError> {
        let state = db.is_autocommit().then(|| db.unchecked_transaction());
        Ok(Self {
            db,
            _state: state.transpose().map_err(|error| failed(db, error))?,
            tail: OnceCell::new(),
        })
    }

    pub fn db(&self) -> &'a Connection {
        self.db
    }

    pub fn failed(&self, error: rusqlite::Error) -> StoreError {
        failed(self.db, error)
    }

    /// The newest picture at or before a moment, if there is any, as `look` sees it.
    pub fn at<T>(
        &self,
        at: Timestamp,
        look: impl FnOnce(Mark, &Slices<'_>) -> Result<T, Broken>,
    ) -> Result<Option<T>, StoreError> {
        let Some(raw) = self.chunk_at(at)? else {
            return Ok(None);
        };
        let told = || {
            let mut walk = Walk::new(&raw);
            let mut mark = None;
            while walk.peek()?.is_some_and(|next| next <= at) {
                mark = walk.step()?;
            }
            mark.map(|mark| look(mark, walk.parts())).transpose()
        };
        told().map_err(|broken| broken.of(WHAT))
    }

    /// Every picture from one moment to another, in the order of their moments. Where the clock was set back, what was
    /// written later is told.
    pub fn each(
        &self,
        from: Timestamp,
        to: Timestamp,
        mut look: impl FnMut(Mark, &Slices<'_>) -> Result<(), Broken>,
    ) -> Result<(), StoreError> {
        for (span, first, last) in told_of(&self.spans(from, to)?) {
            let raw = self.raw_of(span)?;
            let mut tell = || {
                let mut walk = Walk::new(&raw);
                while walk.peek()?.is_some_and(|next| next <= to.min(last)) {
                    let Some(mark) = walk.step()? else { break };
                    if mark.at >= from.max(first) {
                        look(mark, walk.parts())?;
                    }
                }
                Ok(())
            };
            tell().map_err(|broken: Broken| broken.of(WHAT))?;
        }
        Ok(())
    }

    /// The first picture in each `step` from one moment to another, so that one who draws them needs no more; in wider
    /// steps where more than [`MOST_CHUNKS`] would have to be unpacked. Which steps those were.
    pub fn each_step(
        &self,
        (from, to): (Timestamp, Timestamp),
        step: Duration,
        mut look: impl FnMut(Mark, &Slices<'_>) -> Result<(), Broken>,
    ) -> Result<Duration, StoreError> {
        let told = told_of(&self.spans(from, to)?);
        let step = match needed(&told, from, step) {
            0..=MOST_CHUNKS => step,
            _ => step.max(to.since(from) / MOST_CHUNKS),
        };
        let mut due = from;
        for (span, first, last) in told {
            let last = last.min(to);
            if last < due {
                continue;
            }
            let raw = self.raw_of(span)?;
            let mut tell = || {
                let mut walk = Walk::new(&raw);
                while due <= last && walk.peek()?.is_some_and(|next| next <= last) {
                    let Some(mark) = walk.step()? else { break };
                    if mark.at >= due.max(first) {
                        look(mark, walk.parts())?;
                        due = mark.at.floor_to(step).plus(step);
                    }
                }
                Ok(())
            };
            tell().map_err(|broken: Broken| broken.of(WHAT))?;
        }
        Ok(step)
    }

    /// The pictures that are in no chunk yet, unless all of them are later than a moment.
    pub fn tail(&self, until: Timestamp) -> Result<Rc<Vec<u8>>, StoreError> {
        if let Some(known) = self.tail.get() {
            return Ok(known.clone());
        }
        let query = "SELECT min(first) FROM tail WHERE shelf = ?1";
        let first = self.db.query_row(query, [TAIL], |row| row.get(0));
        let first: Option<i64> = first.map_err(|error| self.failed(error))?;
        if first.is_none_or(|first| first > until.0) {
            return Ok(Rc::default());
        }
        let raw = Rc::new(tail_of(self.db).map_err(|error| self.failed(error))?);
        Ok(self.tail.get_or_init(|| raw).clone())
    }

    /// The newest moment that a chunk tells of.
    pub fn newest_sealed(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest = "SELECT max(last) FROM picture";
        let newest = self.db.query_row(newest, [], |row| row.get(0));
        let newest: Option<i64> = newest.map_err(|error| self.failed(error))?;
        Ok(newest.map(Timestamp))
    }

    fn chunk_at(&self, at: Timestamp) -> Result<Option<Rc<Vec<u8>>>, StoreError> {
        let tail = self.tail(at)?;
        let in_tail = span_of(&tail);
        if in_tail.is_some_and(|tail| tail.holds(at)) {
            return Ok(Some(tail));
        }
        let holds = "first <= ?1 AND last >= ?1 ORDER BY id DESC";
        if let Some(sealed) = self.sealed(holds, at)? {
            return Ok(Some(Rc::new(sealed.raw()?)));
        }
        let sealed = self.sealed("last <= ?1 ORDER BY last DESC, id DESC", at)?;
        let in_tail = in_tail
            .filter(|tail| tail.first <= at)
            .map(|tail| tail.last);
        match sealed {
            Some(sealed) if in_tail.is_none_or(|last| last < sealed.last) => {
                Ok(Some(Rc::new(sealed.raw()?)))
            }
            _ => Ok(in_tail.map(|_| tail)),
        }
    }

    fn sealed(&self, which: &str, at: Timestamp) -> Result<Option<Sealed>, StoreError> {
        let query = format!(
            "SELECT {} FROM picture WHERE {which} LIMIT 1",
            Sealed::COLUMNS
        );
        let find = || {
            let mut select = self.db.prepare_cached(&query)?;
            select.query_row([at.0], Sealed::of).optional()
        };
        find().map_err(|error| self.failed(error))
    }

    /// The chunks that have to do with a stretch of time, the tail among them.
    fn spans(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Span>, StoreError> {
        let find = || {
            let mut select = self.db.prepare_cached(
                "SELECT id, first, last FROM picture WHERE last >= ?1 AND first <= ?2",
            )?;
            let spans = select.query_map(params![from.0, to.0], |row| {
                Ok(Span {
                    id: row.get(0)?,
                    first: Timestamp(row.get(1)?),
                    last: Timestamp(row.get(2)?),
                })
            })?;
            spans.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut spans = find().map_err(|error| self.failed(error))?;
        spans.extend(span_of(&self.tail(to)?).filter(|tail| tail.last >= from));
        Ok(spans)
    }

    fn raw_of(&self, span: Span) -> Result<Rc<Vec<u8>>, StoreError> {
        if span.id == Span::TAIL {
            return self.tail(span.first);
        }
        let query = format!("SELECT {} FROM picture WHERE id = ?1", Sealed::COLUMNS);
        let find = || {
            let mut select = self.db.prepare_cached(&query)?;
            select.query_row([span.id], Sealed::of)
        };
        let sealed = find().map_err(|error| self.failed(error))?;
        debug_assert_eq!(sealed.id, span.id);
        Ok(Rc::new(sealed.raw()?))
    }
}

/// Which stretch of time a chunk tells of.
#[derive(Debug, Clone, Copy)]
struct Span {
    id: i64,
    first: Timestamp,
    last: Timestamp,
}

impl Span {
    /// The tail is written later than every chunk.
    const TAIL: i64 = i64::MAX;

    fn holds(self, at: Timestamp) -> bool {
        (self.first..=self.last).contains(&at)
    }
}

/// How many chunks have a picture that is the first in its step.
fn needed(told: &[(Span, Timestamp, Timestamp)], from: Timestamp, step: Duration) -> u32 {
    let (mut due, mut needed) = (from, 0);
    for (_, _, last) in told.iter().filter(|(_, _, last)| *last >= from) {
        if *last >= due {
            due = last.floor_to(step).plus(step);
            needed += 1;
        }
    }
    needed
}

/// Which part of each chunk is told, in the order of time: where two tell of the same, the one that was written later.
fn told_of(spans: &[Span]) -> Vec<(Span, Timestamp, Timestamp)> {
    let mut told = Vec::new();
    for span in spans {
        let mut pieces = vec![(span.first, span.last)];
        let later = spans.iter().filter(|other| other.id > span.id);
        for other in later.filter(|other| other.first <= span.last && other.last >= span.first) {
            pieces = pieces
                .into_iter()
                .flat_map(|(first, last)| {
                    let before = (first, last.min(Timestamp(other.first.0.saturating_sub(1))));
                    let after = (first.max(Timestamp(other.last.0.saturating_add(1))), last);
                    [before, after]
                })
                .filter(|(first, last)| first <= last)
                .collect();
        }
        told.extend(pieces.into_iter().map(|(first, last)| (*span, first, last)));
    }
    told.sort_unstable_by_key(|(span, first, _)| (*first, span.id));
    told
}

fn span_of(tail: &[u8]) -> Option<Span> {
    let mut walk = Walk::new(tail);
    let first = walk.step().ok()??.at;
    let mut last = first;
    while let Ok(Some(mark)) = walk.step() {
        last = mark.at;
    }
    Some(Span {
        id: Span::TAIL,
        first,
        last,
    })
}

/// The bytes of the tail, as far as they can be read from the front.
pub(super) fn tail_of(db: &Connection) -> rusqlite::Result<Vec<u8>> {
    let mut select = db.prepare_cached("SELECT data FROM tail WHERE shelf = ?1 ORDER BY id")?;
    let rows = select.query_map([TAIL], |row| row.get::<_, Vec<u8>>(0))?;
    let mut raw = Vec::new();
    for row in rows {
        let row: Vec<u8> = row?;
        let mut cursor = Cursor::new(&row);
        let piece = cursor.count().and_then(|size| unpack(cursor.rest(), size));
        match piece {
            Ok(piece) if raw.len() + piece.len() <= MOST_UNPACKED => raw.extend(piece),
            _ => break,
        }
    }
    let (length, _) = super::delta::readable(&raw);
    raw.truncate(length);
    Ok(raw)
}

/// The distributions that are in no tier yet, as they were written.
pub(super) fn unfolded(reader: &Reader<'_>, until: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
    let find = || {
        let mut select = reader
            .db
            .prepare_cached("SELECT data FROM tail WHERE shelf = ?1 AND first <= ?2 ORDER BY id")?;
        let rows = select.query_map(params![TAIL_OF_TENS, until.0], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    find().map_err(|error| reader.failed(error))
}

/// An error of SQLite with the file's name.
fn failed(db: &Connection, error: rusqlite::Error) -> StoreError {
    StoreError::of_sqlite(Path::new(db.path().unwrap_or_default()), error)
}
