//! The table of spans, and the blocks of each.

use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, params};

use super::block;
use super::bytes::{self, Damaged};
use super::tier::Tier;
use super::times::Times;
use crate::model::Timestamp;
use crate::store::file::ids::FileId;

/// How many bits of a block's number are the series'; those above are the span's.
pub const SERIES_BITS: u32 = 24;
/// The largest number of a series whose figures are kept.
pub const MOST_SERIES: FileId = (1 << SERIES_BITS) - 1;

/// What a span is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Blocks are still added; nobody reads it.
    Making,
    /// It is read.
    Told,
    /// Its blocks are being deleted; nobody reads it.
    Going,
}

impl State {
    fn of_number(number: i64) -> Self {
        match number {
            0 => Self::Making,
            1 => Self::Told,
            _ => Self::Going,
        }
    }
}

/// From the first to the last tick of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Extent {
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// What of it is also in the other.
    pub fn within(self, other: Self) -> Self {
        Self {
            first: self.first.max(other.first),
            last: self.last.min(other.last),
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Span {
    pub id: i64,
    pub tier: Tier,
    pub state: State,
    pub into: Option<i64>,
    pub extent: Extent,
    /// Ticks, or buckets with the empty ones.
    pub count: usize,
}

impl Span {
    fn of_row(row: &Row<'_>) -> Result<Option<Self>> {
        let (first, last) = (Timestamp(row.get(4)?), Timestamp(row.get(5)?));
        let count = usize::try_from(row.get::<_, i64>(6)?).unwrap_or(usize::MAX);
        // What can't be a span is not told.
        Ok(Tier::of_number(row.get(1)?)
            .filter(|_| first <= last && count <= block::MOST)
            .map(|tier| Self {
                id: row.get(0).unwrap_or_default(),
                tier,
                state: State::of_number(row.get(2).unwrap_or_default()),
                into: row.get(3).unwrap_or_default(),
                extent: Extent { first, last },
                count,
            }))
    }
}

/// All spans, in the order in which they were written.
pub fn all(db: &Connection) -> Result<Vec<Span>> {
    db.prepare_cached("SELECT id, tier, state, \"into\", first, last, count FROM span ORDER BY id")?
        .query_map([], Span::of_row)?
        .filter_map(Result::transpose)
        .collect()
}

/// Begins a span; its number.
pub fn begin(
    tx: &Connection,
    tier: Tier,
    extent: Extent,
    count: usize,
    times: Option<&Times>,
) -> Result<i64> {
    let times = times.map(Times::encode);
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO span (tier, state, first, last, count, times) VALUES (?, 0, ?, ?, ?, ?)",
    )?
    .insert(params![
        tier.number(),
        extent.first.0,
        extent.last.0,
        count,
        times
    ])
}

/// Begins the span of a tier that these ticks make up.
pub fn begin_of(tx: &Connection, tier: Tier, times: &Times) -> Result<i64> {
    let extent = Extent {
        first: times.first().unwrap_or_default(),
        last: times.last().unwrap_or_default(),
    };
    match tier {
        Tier::Ticks => begin(tx, tier, extent, times.len(), Some(times)),
        _ => begin(tx, tier, extent, buckets_in(tier, extent), None),
    }
}

/// How many buckets lie in an extent, the empty ones counted.
pub fn buckets_in(tier: Tier, extent: Extent) -> usize {
    tier.bucket_of(extent.first, extent.last).saturating_add(1)
}

pub fn set_state(tx: &Connection, id: i64, state: State) -> Result<()> {
    tx.prepare_cached("UPDATE span SET state = ? WHERE id = ?")?
        .execute(params![state as i64, id])?;
    Ok(())
}

/// The ticks of a span of ticks; `None` where they are damaged.
pub fn times(db: &Connection, span: &Span) -> Result<Option<Times>> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT times FROM span WHERE id = ?")?
        .query_row([span.id], |row| row.get::<_, Option<Vec<u8>>>(0))
        .optional()?
        .flatten();
    Ok(bytes
        .and_then(|bytes| Times::decode(span.extent.first, &bytes).ok())
        .filter(|times| times.len() == span.count))
}

/// The numbers of the blocks of a span.
pub fn blocks_of(span: i64) -> (i64, i64) {
    let first = span << SERIES_BITS;
    (first, first | MOST_SERIES)
}

pub fn block_id(span: i64, series: FileId) -> i64 {
    span << SERIES_BITS | series & MOST_SERIES
}

pub fn series_of(block: i64) -> FileId {
    block & MOST_SERIES
}

pub fn put_block(tx: &Connection, span: i64, series: FileId, body: &[u8]) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO block (id, data) VALUES (?, ?)")?
        .execute(params![block_id(span, series), bytes::sealed(body)])?;
    Ok(())
}

/// Hands the block of a series to a reader; `None` where there is none, or it is damaged.
pub fn with_block<T>(
    db: &Connection,
    span: i64,
    series: FileId,
    read: impl FnOnce(&[u8]) -> std::result::Result<T, Damaged>,
) -> Result<Option<T>> {
    let mut rows = db.prepare_cached("SELECT data FROM block WHERE id = ?")?;
    let mut rows = rows.query([block_id(span, series)])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(opened(row.get_ref(0)?, read).ok())
}

/// Hands each block of a span to a reader; those that are damaged are left out.
pub fn each_block(
    db: &Connection,
    span: i64,
    mut read: impl FnMut(FileId, &[u8]) -> std::result::Result<(), Damaged>,
) -> Result<()> {
    let (first, last) = blocks_of(span);
    let mut rows = db.prepare_cached("SELECT id, data FROM block WHERE id BETWEEN ? AND ?")?;
    let mut rows = rows.query([first, last])?;
    while let Some(row) = rows.next()? {
        let series = series_of(row.get(0)?);
        // Damage is a gap here; `check` is for naming it.
        let _ = opened(row.get_ref(1)?, |body| read(series, body));
    }
    Ok(())
}

fn opened<T>(
    data: rusqlite::types::ValueRef<'_>,
    read: impl FnOnce(&[u8]) -> std::result::Result<T, Damaged>,
) -> std::result::Result<T, Damaged> {
    read(bytes::unsealed(data.as_blob().map_err(|_| Damaged)?)?)
}

/// Deletes up to so many blocks of a span, and its row with the last of them. How many bytes and how many blocks went.
pub fn delete_some(tx: &Transaction<'_>, span: i64, most: usize) -> Result<(u64, usize)> {
    let (first, last) = blocks_of(span);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let (end, count, bytes): (Option<i64>, i64, i64) = tx
        .prepare_cached(
            "SELECT max(id), count(*), coalesce(sum(bytes), 0) FROM
             (SELECT id, length(data) AS bytes FROM block WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?)",
        )?
        .query_row([first, last, most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if let Some(end) = end {
        tx.prepare_cached("DELETE FROM block WHERE id BETWEEN ? AND ?")?
            .execute([first, end])?;
    }
    if count < most {
        tx.prepare_cached("DELETE FROM span WHERE id = ?")?
            .execute([span])?;
    }
    Ok((
        u64::try_from(bytes).unwrap_or(0),
        usize::try_from(count).unwrap_or(0),
    ))
}

/// What was written later than `index` and is of the same time as a part of it.
pub fn later_over(extents: &[Extent], index: usize) -> Vec<Extent> {
    let Some(own) = extents.get(index) else {
        return Vec::new();
    };
    let later = extents.iter().skip(index + 1);
    later
        .filter(|later| later.overlaps(*own))
        .copied()
        .collect()
}

/// Whether what a span holds of a stretch of time is told by a later one instead.
pub fn is_veiled(own: Extent, later: &[Extent], stretch: Extent) -> bool {
    let held = own.within(stretch);
    later.iter().any(|later| later.overlaps(held))
}
