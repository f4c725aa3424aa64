//! What has time: distributions into their tiers, pictures of an hour ago thinned, and what is too old or too much away.

use std::time::Duration;

use rusqlite::{OptionalExtension as _, Result, Transaction, params};

use super::bytes::{Broken, MOST_UNPACKED, pack, unpack};
use super::delta::{Walk, Writer};
use super::find::TAIL_OF_TENS;
use super::part::Part;
use super::show::Slices;
use super::sketches::tens::{TEN_SECONDS, Tens};
use super::sketches::tiers::{self, TIERS};
use crate::model::Timestamp;
use crate::store::file::Limits;

/// Distributions are folded a quarter of an hour at a time.
const FOLDED: Duration = Duration::from_secs(15 * 60);
/// So long after its end, when all of its chunks are surely sealed.
const FOLDED_AFTER: Duration = Duration::from_secs(90);
/// How much time a chunk of thinned pictures tells of.
const THINNED: Duration = Duration::from_secs(10 * 60);
/// How far apart thinned pictures are.
const THINNED_STEP: Duration = TEN_SECONDS;
/// How many rows go at a time.
const GONE_AT_ONCE: i64 = 64;
/// How many chunks, or starts of blocks, go at a time to make room.
const DROPPED_AT_ONCE: usize = 16;

/// Lets go of some of what is too old; whether there was any.
pub(super) fn forget(tx: &Transaction<'_>, now: Timestamp, limits: &Limits) -> Result<bool> {
    let mut gone = tx.execute(
        "DELETE FROM picture WHERE id IN (SELECT id FROM picture WHERE last < ?1 LIMIT ?2)",
        params![now.minus(limits.pictures).0, GONE_AT_ONCE],
    )?;
    for tier in TIERS {
        let oldest = now.minus(tiers::kept(tier, limits)).minus(tier.block);
        gone += tx.execute(
            "DELETE FROM sketch WHERE (tier, series, start) IN
             (SELECT tier, series, start FROM sketch WHERE tier = ?1 AND start < ?2 LIMIT ?3)",
            params![tier.number, oldest.0, GONE_AT_ONCE],
        )?;
    }
    Ok(gone > 0)
}

/// Folds the distributions of the oldest quarter of an hour that is over into the tiers; whether there was one.
pub(super) fn fold(tx: &Transaction<'_>, now: Timestamp) -> Result<bool> {
    let mut oldest =
        tx.prepare_cached("SELECT first FROM tail WHERE shelf = ?1 ORDER BY id LIMIT 1")?;
    let oldest = oldest.query_row([TAIL_OF_TENS], |row| row.get(0));
    let Some(first) = oldest.optional()?.map(Timestamp) else {
        return Ok(false);
    };
    let slot = first.floor_to(FOLDED);
    let end = slot.plus(FOLDED);
    // A slot that lies in the future was written before the clock was set back: it waits for nobody.
    if (slot..end.plus(FOLDED_AFTER)).contains(&now) {
        return Ok(false);
    }
    let (mut all, mut ids) = (Tens::default(), Vec::new());
    let mut select = tx
        .prepare_cached("SELECT id, first, data FROM tail WHERE shelf = ?1 ORDER BY id LIMIT 64")?;
    let mut rows = select.query([TAIL_OF_TENS])?;
    while let Some(row) = rows.next()? {
        let (id, first, data): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // One timeline at a time: what the clock told twice is told once, in the order in which it was written.
        let last = all.span.map_or(first, |(_, last)| last.0);
        if Timestamp(first).floor_to(FOLDED) != slot || first < last {
            break;
        }
        ids.push(id);
        if let Ok(tens) = Tens::read(&data, None) {
            all.take_later(tens);
        }
    }
    drop(rows);
    tiers::fold(tx, all)?;
    for id in &ids {
        tx.execute("DELETE FROM tail WHERE id = ?1", [id])?;
    }
    Ok(!ids.is_empty())
}

/// A chunk of single ticks.
struct Chunk {
    id: i64,
    first: Timestamp,
    last: Timestamp,
    size: i64,
    data: Vec<u8>,
}

/// Makes one chunk of the pictures of ten minutes before `until`: one each 10 s, and those at which an alert changed.
/// Whether there were any.
pub(super) fn thin(tx: &Transaction<'_>, until: Timestamp) -> Result<bool> {
    let mut oldest =
        tx.prepare_cached("SELECT min(first) FROM picture WHERE is_thinned = 0 AND last < ?1")?;
    let oldest: Option<i64> = oldest.query_row([until.0], |row| row.get(0))?;
    let Some(slot) = oldest.map(|first| Timestamp(first).floor_to(THINNED)) else {
        return Ok(false);
    };
    if slot.plus(THINNED) > until {
        return Ok(false);
    }
    let chunks = chunks_of(tx, slot)?;
    for chunk in &chunks {
        tx.execute("DELETE FROM picture WHERE id = ?1", [chunk.id])?;
    }
    match thinned(&chunks).and_then(|raw| Ok((raw.len() as i64, pack(&raw).map_err(|_| Broken)?))) {
        Ok((size, data)) => put_thinned(tx, &chunks, size, &data)?,
        // What can't be read stays as it is until it is too old.
        Err(Broken) => {
            for chunk in &chunks {
                put_thinned(tx, std::slice::from_ref(chunk), chunk.size, &chunk.data)?;
            }
        }
    }
    Ok(!chunks.is_empty())
}

/// The chunks of ten minutes that belong together: what was written in the order of its moments, and is not too much.
fn chunks_of(tx: &Transaction<'_>, slot: Timestamp) -> Result<Vec<Chunk>> {
    let mut select = tx.prepare_cached(
        "SELECT id, first, last, size, data FROM picture
         WHERE is_thinned = 0 AND first >= ?1 AND first < ?2 ORDER BY id",
    )?;
    let mut rows = select.query(params![slot.0, slot.plus(THINNED).0])?;
    let (mut chunks, mut size): (Vec<Chunk>, i64) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let chunk = Chunk {
            id: row.get(0)?,
            first: Timestamp(row.get(1)?),
            last: Timestamp(row.get(2)?),
            size: row.get(3)?,
            data: row.get(4)?,
        };
        size = size.saturating_add(chunk.size);
        let follows = chunks
            .last()
            .is_none_or(|before| before.last <= chunk.first);
        if !follows || (size > MOST_UNPACKED as i64 && !chunks.is_empty()) {
            break;
        }
        chunks.push(chunk);
    }
    Ok(chunks)
}

fn thinned(chunks: &[Chunk]) -> Result<Vec<u8>, Broken> {
    let raws = chunks.iter().map(|chunk| unpack(&chunk.data, chunk.size));
    let raws: Vec<Vec<u8>> = raws.collect::<Result<_, _>>()?;
    let (mut thinned, mut before) = (Writer::default(), Slices::default());
    let mut last = None;
    for raw in &raws {
        let mut walk = Walk::new(raw);
        while let Some(mark) = walk.step()? {
            let bucket = mark.at.floor_to(THINNED_STEP);
            if last == Some(bucket) && !mark.is_alert {
                continue;
            }
            last = Some(bucket);
            let mut now = walk.parts().clone();
            // What came is in the tiers by now.
            now.0[Part::Came as usize] = None;
            thinned.push_after(mark, &before, &now);
            before = now;
        }
    }
    Ok(thinned.raw)
}

/// Puts a chunk in the place of others, so that the order in which they were written is the same.
fn put_thinned(tx: &Transaction<'_>, of: &[Chunk], size: i64, data: &[u8]) -> Result<()> {
    let (Some(first), Some(last)) = (of.first(), of.last()) else {
        return Ok(());
    };
    let mut insert = tx.prepare_cached(
        "INSERT INTO picture (id, first, last, is_thinned, size, data) VALUES (?1, ?2, ?3, 1, ?4, ?5)",
    )?;
    insert.execute(params![last.id, first.first.0, last.last.0, size, data])?;
    Ok(())
}

/// Lets go of about so many bytes, of a bounded piece of them: the oldest of what is finest. How many bytes that were.
pub(super) fn make_room(tx: &Transaction<'_>, bytes: u64) -> Result<u64> {
    let mut freed = 0;
    for _ in 0..DROPPED_AT_ONCE {
        if freed >= bytes {
            break;
        }
        let gone = drop_oldest(tx)?;
        if gone == 0 {
            break;
        }
        freed += gone;
    }
    Ok(freed)
}

/// Drops the older of the oldest chunk and the oldest blocks of the finest tier; where there are none of either, of the
/// next tier.
fn drop_oldest(tx: &Transaction<'_>) -> Result<u64> {
    let mut oldest = tx.prepare_cached("SELECT min(last) FROM picture")?;
    let picture: Option<i64> = oldest.query_row([], |row| row.get(0))?;
    let mut oldest = tx.prepare_cached("SELECT min(start) FROM sketch WHERE tier = ?1")?;
    for tier in TIERS {
        let sketch: Option<i64> = oldest.query_row([tier.number], |row| row.get(0))?;
        let which = match (picture, sketch) {
            (Some(picture), Some(sketch)) if sketch < picture => Some(sketch),
            (Some(picture), _) => return drop_picture(tx, picture),
            (None, sketch) => sketch,
        };
        if let Some(start) = which {
            return drop_blocks(tx, tier.number, start);
        }
    }
    Ok(0)
}

fn drop_picture(tx: &Transaction<'_>, last: i64) -> Result<u64> {
    let mut delete =
        tx.prepare_cached("DELETE FROM picture WHERE last = ?1 RETURNING length(data)")?;
    let lengths = delete.query_map([last], |row| row.get(0))?;
    sum(lengths)
}

fn drop_blocks(tx: &Transaction<'_>, tier: i64, start: i64) -> Result<u64> {
    let mut delete = tx.prepare_cached(
        "DELETE FROM sketch WHERE tier = ?1 AND start = ?2 RETURNING length(data)",
    )?;
    let lengths = delete.query_map([tier, start], |row| row.get(0))?;
    sum(lengths)
}

fn sum(lengths: impl Iterator<Item = Result<i64>>) -> Result<u64> {
    let all: Result<i64> = lengths.sum();
    Ok(all?.unsigned_abs())
}
