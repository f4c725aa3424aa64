//! Distributions in three tiers, in blocks of one series each: how they are folded in and read.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Result, Transaction, params};

use super::packed;
use super::tens::Tens;
use crate::model::{Distribution, Timestamp};
use crate::store::file::Limits;
use crate::store::file::ids::FileId;
use crate::store::file::pictures::bytes::{
    Broken, Cursor, MOST_UNPACKED, pack, put_signed, unpack,
};

/// A tier of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::file::pictures) struct Tier {
    /// Its number in the file.
    pub number: i64,
    /// The width of a bucket.
    pub step: Duration,
    /// The width of a block.
    pub block: Duration,
    /// How far back it is read; as in hot memory for the two that are there too.
    pub read: Duration,
}

/// From the finest on.
pub(in crate::store::file::pictures) const TIERS: [Tier; 3] = [
    Tier {
        number: 0,
        step: Duration::from_secs(10),
        block: Duration::from_secs(15 * 60),
        read: Duration::from_secs(75 * 60),
    },
    Tier {
        number: 1,
        step: Duration::from_secs(60),
        block: Duration::from_secs(4 * 3600),
        read: Duration::from_secs(24 * 3600 + 600),
    },
    Tier {
        number: 2,
        step: Duration::from_secs(15 * 60),
        block: Duration::from_secs(86_400),
        read: Duration::MAX,
    },
];

/// The buckets of one series in one tier, by their beginnings.
pub(in crate::store::file::pictures) type Line = BTreeMap<Timestamp, Distribution>;

/// How long the blocks of a tier are kept.
pub(in crate::store::file::pictures) fn kept(tier: Tier, limits: &Limits) -> Duration {
    match tier.number {
        0 => limits.ten_seconds,
        1 => limits.minutes,
        _ => limits.quarters,
    }
}

/// Takes a stretch of ticks into all tiers.
pub(in crate::store::file::pictures) fn fold(tx: &Transaction<'_>, tens: Tens) -> Result<()> {
    let Some(span) = tens.span else {
        return Ok(());
    };
    let again = tens.is_again.then_some(span);
    let mut series: BTreeMap<FileId, Line> = BTreeMap::new();
    for ((id, bucket), distribution) in tens.buckets {
        series.entry(id).or_default().insert(bucket, distribution);
    }
    for (id, line) in series {
        for tier in TIERS {
            let mut blocks: BTreeMap<Timestamp, Line> = BTreeMap::new();
            for (bucket, distribution) in &line {
                let block = blocks.entry(bucket.floor_to(tier.block)).or_default();
                let all = block.entry(bucket.floor_to(tier.step)).or_default();
                all.merge(distribution);
            }
            for (start, line) in blocks {
                put_block(tx, tier, id, start, line, again)?;
            }
        }
    }
    Ok(())
}

/// Merges buckets into a block. `again` is the stretch that is told anew: what the block says of it goes.
fn put_block(
    tx: &Transaction<'_>,
    tier: Tier,
    series: FileId,
    start: Timestamp,
    line: Line,
    again: Option<(Timestamp, Timestamp)>,
) -> Result<()> {
    let mut select = tx.prepare_cached(
        "SELECT size, data FROM sketch WHERE tier = ?1 AND series = ?2 AND start = ?3",
    )?;
    let known = select
        .query_row(params![tier.number, series, start.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    // A block that can't be read any more is told anew from here on.
    let mut all = known
        .and_then(|(size, data): (i64, Vec<u8>)| read_block(start, size, &data).ok())
        .unwrap_or_default();
    if let Some((first, last)) = again {
        let from = first.floor_to(tier.step);
        all.retain(|bucket, _| *bucket < from || *bucket > last);
    }
    for (bucket, distribution) in line {
        all.entry(bucket).or_default().merge(&distribution);
    }
    let raw = raw_block(start, &all);
    let Ok(data) = pack(&raw) else { return Ok(()) };
    let mut insert = tx.prepare_cached(
        "INSERT OR REPLACE INTO sketch (tier, series, start, size, data) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    insert.execute(params![tier.number, series, start.0, raw.len() as i64, data])?;
    Ok(())
}

fn raw_block(start: Timestamp, line: &Line) -> Vec<u8> {
    let mut raw = Vec::new();
    for (bucket, distribution) in line {
        let before = raw.len();
        put_signed(bucket.0 - start.0, &mut raw);
        packed::put(distribution, &mut raw);
        if raw.len() > MOST_UNPACKED {
            raw.truncate(before);
            break;
        }
    }
    raw
}

fn read_block(start: Timestamp, size: i64, data: &[u8]) -> Result<Line, Broken> {
    let raw = unpack(data, size)?;
    let mut raw = Cursor::new(&raw);
    let mut line = Line::new();
    while !raw.is_empty() {
        let bucket = Timestamp(start.0.wrapping_add(raw.signed()?));
        line.insert(bucket, packed::take(&mut raw)?);
    }
    Ok(line)
}

/// The buckets of a series in a tier that begin from one moment on and before another.
pub(in crate::store::file::pictures) fn read(
    db: &Connection,
    tier: Tier,
    series: FileId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Result<Line, Broken>> {
    let mut select = db.prepare_cached(
        "SELECT start, size, data FROM sketch
         WHERE tier = ?1 AND series = ?2 AND start >= ?3 AND start < ?4 ORDER BY start",
    )?;
    let first = from.floor_to(tier.block);
    let rows = select.query_map(params![tier.number, series, first.0, to.0], |row| {
        let (start, size, data): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((Timestamp(start), size, data))
    })?;
    let mut line = Line::new();
    for row in rows {
        let (start, size, data): (Timestamp, i64, Vec<u8>) = row?;
        match read_block(start, size, &data) {
            Ok(block) => line.extend(
                block
                    .into_iter()
                    .filter(|(at, _)| (from..to).contains(at)),
            ),
            Err(broken) => return Ok(Err(broken)),
        }
    }
    Ok(Ok(line))
}

/// Since when a tier holds anything of a series.
pub(in crate::store::file::pictures) fn oldest(
    db: &Connection,
    tier: Tier,
    series: FileId,
) -> Result<Option<Timestamp>> {
    let mut select = db.prepare_cached(
        "SELECT start FROM sketch WHERE tier = ?1 AND series = ?2 ORDER BY start LIMIT 1",
    )?;
    let start = select.query_row(params![tier.number, series], |row| row.get(0));
    Ok(start.optional()?.map(Timestamp))
}
