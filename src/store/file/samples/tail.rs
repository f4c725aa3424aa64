//! The rows of the tail: what came since the row before, of a span that is not sealed yet.
//!
//! A row says what changed from tick to tick; the first of a span says all. Together they are read into the same spans
//! that the writer had in memory.

use std::io::Read;
use std::time::Duration;

use rusqlite::{Connection, Result, Transaction, params};

use super::bytes::{Damaged, bounded, put_varint, sealed, take, unsealed, varint};
use super::open::{MOST_TICKS, OpenSpan};
use crate::model::Timestamp;
use crate::store::file::ids::FileId;

/// Whose rows these are among those of the tail.
pub const SHELF: i64 = 1;
/// A row unpacked is never larger: a whole span of 2,000 series that all change at each tick.
const MOST_BYTES: u64 = 64 << 20;
const ZSTD_LEVEL: i32 = 1;

/// Writes the ticks from the `from`-th on as a row. Its number.
pub fn write(tx: &Transaction<'_>, span: &OpenSpan, from: usize) -> Result<i64> {
    let first = span.times.at(from).unwrap_or_default();
    let data = encode(span, from)?;
    tx.prepare_cached("INSERT INTO tail (shelf, first, data) VALUES (?, ?, ?)")?
        .insert(params![SHELF, first.0, data])
}

fn encode(span: &OpenSpan, from: usize) -> Result<Vec<u8>> {
    let mut body = vec![u8::from(from == 0)];
    put_varint((span.times.len() - from) as u64, &mut body);
    for tick in from..span.times.len() {
        body.extend(span.times.at(tick).unwrap_or_default().0.to_le_bytes());
        put_varint(span.times.tick(tick).as_millis() as u64, &mut body);
        let changed: Vec<(FileId, f64)> = span
            .lanes
            .iter()
            .filter_map(|(series, lane)| {
                let before = tick.checked_sub(1).map_or(f64::NAN, |tick| lane.at(tick));
                let now = lane.at(tick);
                (now.to_bits() != before.to_bits() && !(now.is_nan() && before.is_nan()))
                    .then_some((*series, now))
            })
            .collect();
        put_varint(changed.len() as u64, &mut body);
        for (series, value) in changed {
            put_varint(series as u64, &mut body);
            body.extend(value.to_le_bytes());
        }
    }
    let packed = zstd::bulk::compress(&body, ZSTD_LEVEL)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    Ok(sealed(&packed))
}

/// Gathers rows into spans, in the order in which they were written.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Each with the numbers of its first and its last row.
    pub spans: Vec<(OpenSpan, i64, i64)>,
    /// A row was damaged: what only says what changed since is of no use until the next span.
    is_broken: bool,
    /// Rows that could not be read.
    pub damaged: Vec<i64>,
}

impl Gathered {
    /// Takes the rows from after one on.
    pub fn take_rows(&mut self, db: &Connection, after: i64) -> Result<()> {
        let mut rows =
            db.prepare_cached("SELECT id, data FROM tail WHERE shelf = ? AND id > ? ORDER BY id")?;
        let mut rows = rows.query(params![SHELF, after])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let taken = row
                .get_ref(1)?
                .as_blob()
                .map_err(|_| Damaged)
                .and_then(|data| self.take(id, data));
            if taken.is_err() {
                self.is_broken = true;
                self.damaged.push(id);
            }
        }
        self.end_span();
        Ok(())
    }

    fn take(&mut self, id: i64, data: &[u8]) -> std::result::Result<(), Damaged> {
        let body = unpack(data)?;
        let mut rest = body.as_slice();
        let begins = take(&mut rest, 1)?[0] == 1;
        if self.is_broken && !begins {
            return Err(Damaged);
        }
        if begins {
            self.is_broken = false;
            self.end_span();
            self.spans.push((OpenSpan::default(), id, id));
        }
        let ticks = bounded(varint(&mut rest)?, MOST_TICKS)?;
        for _ in 0..ticks {
            self.take_tick(id, &mut rest)?;
        }
        Ok(())
    }

    fn take_tick(&mut self, id: i64, rest: &mut &[u8]) -> std::result::Result<(), Damaged> {
        let at = take(rest, 8)?.try_into().map_err(|_| Damaged)?;
        let at = Timestamp(i64::from_le_bytes(at));
        let lasts = Duration::from_millis(varint(rest)?);
        let (span, _, last) = self.spans.last_mut().ok_or(Damaged)?;
        if !span.takes(at) {
            return Err(Damaged);
        }
        let tick = span.times.len();
        span.times.push(at, lasts);
        *last = id;
        for _ in 0..bounded(varint(rest)?, rest.len())? {
            let series = i64::try_from(varint(rest)?).map_err(|_| Damaged)?;
            let value = take(rest, 8)?.try_into().map_err(|_| Damaged)?;
            let lane = span.lanes.entry(series).or_default();
            lane.stay_until(tick);
            lane.put(tick, f64::from_le_bytes(value));
        }
        Ok(())
    }

    /// What did not change until the end stands until there.
    fn end_span(&mut self) {
        if let Some((span, ..)) = self.spans.last_mut() {
            let ticks = span.times.len();
            let lanes = span.lanes.values_mut();
            lanes.for_each(|lane| lane.stay_until(ticks));
        }
    }
}

fn unpack(data: &[u8]) -> std::result::Result<Vec<u8>, Damaged> {
    let packed = unsealed(data)?;
    let mut body = Vec::new();
    zstd::stream::read::Decoder::with_buffer(packed)
        .map_err(|_| Damaged)?
        .take(MOST_BYTES)
        .read_to_end(&mut body)
        .map_err(|_| Damaged)?;
    Ok(body)
}
