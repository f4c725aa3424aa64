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

/// The width of the widest block.
pub(in crate::store::file) const WIDEST_BLOCK: Duration = TIERS[2].block;

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
    let mut series: BTreeMap<FileId, Line> = BTreeMap::new();
    for ((id, bucket), distribution) in tens.buckets {
        series.entry(id).or_default().insert(bucket, distribution);
    }
    if tens.is_again {
        return fold_again(tx, span, series);
    }
    for (id, line) in series {
        for tier in TIERS {
            merge(tx, tier, id, None, in_steps(&line, tier.step))?;
        }
    }
    Ok(())
}

/// Where the clock was set back, the finest tier tells of that stretch what came last, and the others what the finest
/// one tells now.
fn fold_again(
    tx: &Transaction<'_>,
    (first, last): (Timestamp, Timestamp),
    mut series: BTreeMap<FileId, Line>,
) -> Result<()> {
    let [finest, coarser @ ..] = TIERS;
    let mut known = tx.prepare_cached(
        "SELECT DISTINCT series FROM sketch WHERE tier = ?1 AND start >= ?2 AND start <= ?3",
    )?;
    let start = first.floor_to(finest.block);
    for id in known.query_map(params![finest.number, start.0, last.0], |row| row.get(0))? {
        series.entry(id?).or_default();
    }
    for (id, line) in series {
        let gone = (first.floor_to(finest.step), last);
        merge(tx, finest, id, Some(gone), line)?;
        for tier in coarser {
            let from = first.floor_to(tier.step);
            let to = last.floor_to(tier.step).plus(tier.step);
            if let Ok(line) = read(tx, finest, id, (from, to))? {
                let gone = (from, to.before());
                merge(tx, tier, id, Some(gone), in_steps(&line, tier.step))?;
            }
        }
    }
    Ok(())
}

fn in_steps(line: &Line, step: Duration) -> Line {
    let mut wide = Line::new();
    for (bucket, distribution) in line {
        let all = wide.entry(bucket.floor_to(step)).or_default();
        all.merge(distribution);
    }
    wide
}

/// Merges buckets into the blocks of a series. `gone` is a stretch of which the blocks tell nothing any more.
fn merge(
    tx: &Transaction<'_>,
    tier: Tier,
    series: FileId,
    gone: Option<(Timestamp, Timestamp)>,
    line: Line,
) -> Result<()> {
    let mut blocks: BTreeMap<Timestamp, Line> = BTreeMap::new();
    for (bucket, distribution) in line {
        let block = blocks.entry(bucket.floor_to(tier.block)).or_default();
        block.insert(bucket, distribution);
    }
    if let Some((first, last)) = gone {
        let mut start = first.floor_to(tier.block);
        while start <= last {
            blocks.entry(start).or_default();
            start = start.plus(tier.block);
        }
    }
    for (start, line) in blocks {
        let mut all = known_block(tx, tier, series, start)?;
        if let Some((first, last)) = gone {
            all.retain(|bucket, _| *bucket < first || *bucket > last);
        }
        for (bucket, distribution) in line {
            all.entry(bucket).or_default().merge(&distribution);
        }
        put_block(tx, tier, series, start, &all)?;
    }
    Ok(())
}

/// What a block holds; one that can't be read any more is begun anew.
fn known_block(tx: &Transaction<'_>, tier: Tier, series: FileId, start: Timestamp) -> Result<Line> {
    let mut select = tx.prepare_cached(
        "SELECT size, data FROM sketch WHERE tier = ?1 AND series = ?2 AND start = ?3",
    )?;
    let known = select.query_row(params![tier.number, series, start.0], |row| {
        let (size, data): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        Ok(read_block(start, size, &data))
    });
    Ok(known.optional()?.and_then(Result::ok).unwrap_or_default())
}

fn put_block(
    tx: &Transaction<'_>,
    tier: Tier,
    series: FileId,
    start: Timestamp,
    line: &Line,
) -> Result<()> {
    let raw = raw_block(start, line);
    let Ok(data) = pack(&raw) else { return Ok(()) };
    let mut insert = tx.prepare_cached(
        "INSERT OR REPLACE INTO sketch (tier, series, start, size, data) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    insert.execute(params![
        tier.number,
        series,
        start.0,
        raw.len() as i64,
        data
    ])?;
    Ok(())
}

fn raw_block(start: Timestamp, line: &Line) -> Vec<u8> {
    let mut raw = Vec::new();
    for (bucket, distribution) in line {
        let before = raw.len();
        put_signed(bucket.0.wrapping_sub(start.0), &mut raw);
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
            Ok(block) => line.extend(block.into_iter().filter(|(at, _)| (from..to).contains(at))),
            Err(broken) => return Ok(Err(broken)),
        }
    }
    Ok(Ok(line))
}

/// Whether any tier holds anything of a series.
pub(in crate::store::file::pictures) fn tell_of(db: &Connection, series: FileId) -> Result<bool> {
    for tier in TIERS {
        if oldest(db, tier, series)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
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
