//! A picture as what differs from the one before it, in bytes.
//!
//! A chunk is pictures one after the other: the length of each, its moment, its marks, and the lists that differ. A list
//! is a row of steps: so many rows of the list before from a place on, or a row that is new.

use std::collections::HashMap;

use super::bytes::{Broken, Cursor, put_number, put_signed};
use super::part::{NEVER_BYTES, NEVER_ROWS, Parts, Rows};
use crate::model::Timestamp;

/// The picture stands alone: what was before it does not count.
const WHOLE: u8 = 1;
/// An alert changed its state, came or went.
const ALERT: u8 = 2;

/// What is known of a picture beside its lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub at: Timestamp,
    /// An alert changed with it.
    pub is_alert: bool,
}

/// A chunk that is being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Writer {
    pub raw: Vec<u8>,
    pub count: usize,
    last: i64,
    body: Vec<u8>,
}

impl Writer {
    /// Adds a picture whose lists, as far as they differ from those before, `write` puts down.
    pub fn push(&mut self, mark: Mark, write: impl FnOnce(&mut Vec<u8>)) {
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        put_signed(mark.at.0.wrapping_sub(self.last), &mut body);
        let whole = if self.count == 0 { WHOLE } else { 0 };
        body.push(whole | if mark.is_alert { ALERT } else { 0 });
        write(&mut body);
        put_number(body.len() as u64, &mut self.raw);
        self.raw.extend(&body);
        self.last = mark.at.0;
        self.count += 1;
        self.body = body;
    }

    /// Adds a picture given as all of its lists, after another given so (or after nothing).
    pub fn push_after<A: AsRef<[u8]>, B: AsRef<[u8]>>(
        &mut self,
        mark: Mark,
        before: &Parts<A>,
        now: &Parts<B>,
    ) {
        self.push(mark, |out| {
            for (part, (before, now)) in before.0.iter().zip(&now.0).enumerate() {
                put_part(part, before.as_ref(), now.as_ref(), out);
            }
        });
    }
}

/// Puts one list down if it differs from what it was.
pub(super) fn put_part<A: AsRef<[u8]>, B: AsRef<[u8]>>(
    part: usize,
    before: Option<&Rows<A>>,
    now: Option<&Rows<B>>,
    out: &mut Vec<u8>,
) {
    let Some(now) = now else {
        if before.is_some() {
            put_number(part as u64, out);
            put_number(0, out);
        }
        return;
    };
    if before.is_some_and(|before| is_same(before, now)) {
        return;
    }
    put_number(part as u64, out);
    put_number(now.of as u64 + 1, out);
    put_steps(before.map_or(&[], |before| &before.rows), &now.rows, out);
}

fn is_same<A: AsRef<[u8]>, B: AsRef<[u8]>>(before: &Rows<A>, now: &Rows<B>) -> bool {
    let pairs = before.rows.iter().zip(&now.rows);
    before.of == now.of
        && before.rows.len() == now.rows.len()
        && pairs.into_iter().all(|(a, b)| a.as_ref() == b.as_ref())
}

/// A run of rows that stood in the list before.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    start: usize,
    length: usize,
}

fn put_steps<A: AsRef<[u8]>, B: AsRef<[u8]>>(before: &[A], now: &[B], out: &mut Vec<u8>) {
    let mut places: Option<HashMap<&[u8], usize>> = None;
    let (mut run, mut expected) = (Run::default(), 0);
    for row in now {
        let row = row.as_ref();
        let next = run.start + run.length;
        let follows = before.get(next).is_some_and(|old| old.as_ref() == row);
        let found = if follows {
            Some(next)
        } else {
            let places = places.get_or_insert_with(|| {
                let rows = before.iter().map(AsRef::as_ref);
                rows.zip(0..).collect()
            });
            places.get(row).copied()
        };
        match found {
            Some(place) if place == next && run.length > 0 => run.length += 1,
            Some(start) => {
                flush(run, &mut expected, out);
                run = Run { start, length: 1 };
            }
            None => {
                flush(run, &mut expected, out);
                // A row that changed mostly stands where it stood.
                let start = next + 1;
                run = Run { start, length: 0 };
                put_number((row.len() as u64) << 1 | 1, out);
                out.extend(row);
            }
        }
    }
    flush(run, &mut expected, out);
    put_number(0, out);
}

fn flush(run: Run, expected: &mut usize, out: &mut Vec<u8>) {
    if run.length == 0 {
        return;
    }
    put_number((run.length as u64) << 1, out);
    put_signed(run.start as i64 - *expected as i64, out);
    *expected = run.start + run.length;
}

/// Goes through the pictures of a chunk. Rows are slices of its bytes.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    rest: Cursor<'a>,
    at: i64,
    parts: Parts<&'a [u8]>,
}

impl<'a> Walk<'a> {
    pub fn new(raw: &'a [u8]) -> Self {
        Self {
            rest: Cursor::new(raw),
            at: 0,
            parts: Parts::default(),
        }
    }

    /// The picture that was reached last.
    pub fn parts(&self) -> &Parts<&'a [u8]> {
        &self.parts
    }

    /// Goes on to the next picture; `None` at the end.
    pub fn step(&mut self) -> Result<Option<Mark>, Broken> {
        let Some((mark, mut body)) = self.open_next()? else {
            return Ok(None);
        };
        while !body.is_empty() {
            let part = body.count()?;
            let before = self.parts.0.get_mut(part).ok_or(Broken)?;
            *before = read_part(before.as_ref(), &mut body)?;
        }
        Ok(Some(mark))
    }

    /// The moment of the next picture, without going there.
    pub fn peek(&self) -> Result<Option<Timestamp>, Broken> {
        let mut ahead = self.rest;
        if ahead.is_empty() {
            return Ok(None);
        }
        ahead.number()?;
        let at = self.at.wrapping_add(ahead.signed()?);
        Ok(Some(Timestamp(at)))
    }

    fn open_next(&mut self) -> Result<Option<(Mark, Cursor<'a>)>, Broken> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let length = self.rest.count()?;
        let mut body = Cursor::new(self.rest.take(length)?);
        self.at = self.at.wrapping_add(body.signed()?);
        let marks = body.byte()?;
        if marks & WHOLE != 0 {
            self.parts = Parts::default();
        }
        let mark = Mark {
            at: Timestamp(self.at),
            is_alert: marks & ALERT != 0,
        };
        Ok(Some((mark, body)))
    }
}

fn read_part<'a>(
    before: Option<&Rows<&'a [u8]>>,
    body: &mut Cursor<'a>,
) -> Result<Option<Rows<&'a [u8]>>, Broken> {
    let Some(of) = body.count()?.checked_sub(1) else {
        return Ok(None);
    };
    let before: &[&[u8]] = before.map_or(&[], |before| &before.rows);
    let (mut rows, mut expected) = (Vec::with_capacity(before.len()), 0i64);
    let (mut known, mut bytes) = (0, 0);
    loop {
        let step = body.count()?;
        let length = step >> 1;
        match step {
            0 => return Ok(Some(Rows { of, rows })),
            _ if step & 1 == 1 => rows.push(body.take(length)?),
            _ => {
                let start = expected.checked_add(body.signed()?).ok_or(Broken)?;
                let from = usize::try_from(start).map_err(|_| Broken)?;
                let until = from.checked_add(length).ok_or(Broken)?;
                rows.extend(before.get(from..until).ok_or(Broken)?);
                expected = i64::try_from(until).map_err(|_| Broken)?;
            }
        }
        // A few bytes may stand for many rows, and those are read: how much that is has a bound of its own.
        bytes += rows[known..].iter().map(|row| row.len()).sum::<usize>();
        known = rows.len();
        if known > NEVER_ROWS || bytes > NEVER_BYTES {
            return Err(Broken);
        }
    }
}

/// How many bytes of a chunk can be read from the front, and how many pictures those are.
pub(super) fn readable(raw: &[u8]) -> (usize, usize) {
    let mut walk = Walk::new(raw);
    let (mut length, mut count) = (0, 0);
    while let Ok(Some(_)) = walk.step() {
        length = raw.len() - walk.rest.left();
        count += 1;
    }
    (length, count)
}
