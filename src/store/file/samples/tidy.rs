//! The work that has time: small blocks are folded into long ones, and what is too old or too much goes.
//!
//! What is under way stands in the file itself (`state` and `into` of a span), so that it goes on after a restart, and a
//! transaction that fails leaves nothing half done in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::{Connection, Result, Transaction};

use super::block::{self, Column};
use super::buckets::{self, Block, Bucket};
use super::spans::{self, Extent, Span, State};
use super::tier::Tier;
use super::times::Times;
use crate::model::Timestamp;
use crate::store::file::{Limits, ids::FileId};

/// How many values are folded at once.
const FOLDED_AT_ONCE: usize = 150_000;
/// How many blocks are deleted at once.
const DELETED_AT_ONCE: usize = 1000;
/// So long after its end a stretch of time is folded: until then its last blocks may not be sealed.
const SETTLED_AFTER: Duration = Duration::from_secs(300);
/// Ticks that are further apart than this are of two runs.
const RUN_GAP: Duration = Duration::from_secs(3600);
/// A run has to last so long before what is too old for it goes: a clock that was set wrong may be set right again.
const RUN_TRUSTED_AFTER: Duration = Duration::from_secs(3600);

/// Lets go of spans whose sealing never ended; what they were made of is still in the tail.
pub fn drop_unfinished(db: &Connection) -> Result<()> {
    db.execute(
        "UPDATE span SET state = 2 WHERE state = 0
         AND id NOT IN (SELECT \"into\" FROM span WHERE \"into\" IS NOT NULL)",
        [],
    )?;
    Ok(())
}

/// Does one piece of what is to be done; whether there is more.
pub fn some(tx: &Transaction<'_>, now: Timestamp) -> Result<bool> {
    let all = spans::all(tx)?;
    if let Some(going) = all.iter().find(|span| span.state == State::Going) {
        spans::delete_some(tx, going.id, DELETED_AT_ONCE)?;
        return Ok(true);
    }
    if let Some(into) = all.iter().find_map(|span| span.into) {
        go_on(tx, &all, into)?;
        return Ok(true);
    }
    match next_fold(&all, now) {
        Some(parts) => begin(tx, &parts).map(|()| true),
        None => Ok(false),
    }
}

/// Lets go of what is too old; its blocks are deleted with what else is to be done. Whether there was any.
pub fn forget(tx: &Transaction<'_>, now: Timestamp, limits: &Limits) -> Result<bool> {
    let all = spans::all(tx)?;
    let old = too_old(&all, now, limits);
    for id in &old {
        spans::set_state(tx, *id, State::Going)?;
    }
    Ok(!old.is_empty())
}

/// Deletes the oldest blocks of the finest tier that has more than its newest span, until about so many bytes are free.
pub fn make_room(tx: &Transaction<'_>, bytes: u64) -> Result<u64> {
    let (mut freed, mut blocks) = (0, 0);
    while freed < bytes && blocks < DELETED_AT_ONCE {
        let all = spans::all(tx)?;
        let going = all.iter().find(|span| span.state == State::Going);
        let Some(id) = going.map(|span| span.id).or_else(|| oldest_of_finest(&all)) else {
            break;
        };
        spans::set_state(tx, id, State::Going)?;
        let (more, count) = spans::delete_some(tx, id, DELETED_AT_ONCE - blocks)?;
        freed += more;
        blocks += count;
    }
    Ok(freed)
}

fn oldest_of_finest(all: &[Span]) -> Option<i64> {
    Tier::ALL.into_iter().find_map(|tier| {
        let told = || told(all, tier).filter(|span| span.into.is_none());
        let newest = told().max_by_key(|span| span.id)?;
        told()
            .filter(|span| span.id != newest.id)
            .min_by_key(|span| span.extent.first)
            .map(|span| span.id)
    })
}

fn told(all: &[Span], tier: Tier) -> impl Iterator<Item = &Span> {
    all.iter()
        .filter(move |span| span.tier == tier && span.state == State::Told)
}

fn too_old(all: &[Span], now: Timestamp, limits: &Limits) -> Vec<i64> {
    Tier::ALL
        .into_iter()
        .flat_map(|tier| {
            let oldest = now.minus(tier.kept(limits));
            told(all, tier).filter(move |span| span.into.is_none() && span.extent.last < oldest)
        })
        .map(|span| span.id)
        .collect()
}

/// The moment from which ages are counted: now, or, shortly after a jump of the clock or a long pause, when the run before
/// it ended. `None` where nothing is old enough for it to matter.
pub fn trusted(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let all = spans::all(db)?;
    Ok(trusted_of(&all, now))
}

fn trusted_of(all: &[Span], now: Timestamp) -> Option<Timestamp> {
    let mut extents: Vec<Extent> = told(all, Tier::TenSeconds)
        .map(|span| span.extent)
        .filter(|extent| extent.first <= now)
        .collect();
    extents.sort_by_key(|extent| std::cmp::Reverse(extent.last));
    let mut begins = now;
    for extent in extents {
        if begins.since(extent.last) > RUN_GAP {
            return Some(extent.last);
        }
        begins = begins.min(extent.first);
        if now.since(begins) >= RUN_TRUSTED_AFTER {
            return Some(now);
        }
    }
    None
}

/// The spans of the next stretch of time that is over and is still in pieces.
fn next_fold(all: &[Span], now: Timestamp) -> Option<Vec<Span>> {
    if all.iter().any(|span| span.state == State::Making) {
        return None;
    }
    Tier::ALL.into_iter().find_map(|tier| {
        tier.folds().iter().find_map(|length| {
            let mut stretches: BTreeMap<Timestamp, Vec<Span>> = BTreeMap::new();
            for span in told(all, tier) {
                let begins = span.extent.first.floor_to(*length);
                stretches.entry(begins).or_default().push(span.clone());
            }
            stretches
                .into_iter()
                .find(|(begins, parts)| {
                    parts.len() > 1
                        && begins.plus(*length).plus(SETTLED_AFTER) <= now
                        && is_plain(parts)
                        && parts.iter().map(|part| part.count).sum::<usize>() <= block::MOST
                })
                .map(|(_, parts)| parts)
        })
    })
}

/// Whether no two are of the same time. Where a clock went back there are such, and the later written must stay apart.
fn is_plain(parts: &[Span]) -> bool {
    parts.iter().enumerate().all(|(index, part)| {
        let others = parts.iter().skip(index + 1);
        let mut others = others.map(|other| other.extent);
        !others.any(|other| other.overlaps(part.extent))
    })
}

fn by_time(parts: &[Span]) -> Vec<Span> {
    let mut parts = parts.to_vec();
    parts.sort_by_key(|part| part.extent.first);
    parts
}

fn begin(tx: &Transaction<'_>, parts: &[Span]) -> Result<()> {
    let parts = by_time(parts);
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return Ok(());
    };
    let extent = Extent {
        first: first.extent.first,
        last: last.extent.last,
    };
    let id = if first.tier == Tier::Ticks {
        let mut times = Times::default();
        for part in &parts {
            match spans::times(tx, part)? {
                Some(more) => times.append(&more),
                // Without its times nothing of it can be told.
                None => return spans::set_state(tx, part.id, State::Going),
            }
        }
        spans::begin(tx, Tier::Ticks, extent, times.len(), Some(&times))?
    } else {
        let count = spans::buckets_in(first.tier, extent);
        spans::begin(tx, first.tier, extent, count, None)?
    };
    for part in &parts {
        tx.prepare_cached("UPDATE span SET \"into\" = ? WHERE id = ?")?
            .execute([id, part.id])?;
    }
    Ok(())
}

/// Folds the blocks of the next series; once there are none left, the long span is told in place of its parts.
fn go_on(tx: &Transaction<'_>, all: &[Span], into: i64) -> Result<()> {
    let parts: Vec<Span> = all
        .iter()
        .filter(|span| span.into == Some(into))
        .cloned()
        .collect();
    let parts = by_time(&parts);
    let Some(whole) = all.iter().find(|span| span.id == into) else {
        for part in &parts {
            tx.execute("UPDATE span SET \"into\" = NULL WHERE id = ?", [part.id])?;
        }
        return Ok(());
    };
    let most = (FOLDED_AT_ONCE / whole.count.max(1)).max(1);
    let next = next_series(tx, whole, &parts, most)?;
    for series in &next {
        let body = match whole.tier {
            Tier::Ticks => fold_ticks(tx, &parts, *series)?,
            _ => fold_buckets(tx, whole, &parts, *series)?,
        };
        spans::put_block(tx, into, *series, &body)?;
    }
    if next.len() < most {
        spans::set_state(tx, into, State::Told)?;
        for part in &parts {
            tx.prepare_cached("UPDATE span SET state = 2, \"into\" = NULL WHERE id = ?")?
                .execute([part.id])?;
        }
    }
    Ok(())
}

fn next_series(
    tx: &Transaction<'_>,
    whole: &Span,
    parts: &[Span],
    most: usize,
) -> Result<BTreeSet<FileId>> {
    let (first, last) = spans::blocks_of(whole.id);
    let done: Option<i64> = tx
        .prepare_cached("SELECT max(id) FROM block WHERE id BETWEEN ? AND ?")?
        .query_row([first, last], |row| row.get(0))?;
    // No series has the number 0.
    let after = done.map_or(0, spans::series_of);
    let mut found = BTreeSet::new();
    for part in parts {
        let (first, last) = spans::blocks_of(part.id);
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let mut ids =
            tx.prepare_cached("SELECT id FROM block WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?")?;
        let ids = ids.query_map([(first | after).saturating_add(1), last, limit], |row| {
            row.get::<_, i64>(0)
        })?;
        for id in ids {
            found.insert(spans::series_of(id?));
        }
    }
    Ok(found.into_iter().take(most).collect())
}

fn fold_ticks(tx: &Transaction<'_>, parts: &[Span], series: FileId) -> Result<Vec<u8>> {
    let mut values = Vec::new();
    for part in parts {
        let held = spans::with_block(tx, part.id, series, |body| Column::open(body)?.read_all())?;
        let known = held.filter(|held| held.len() == part.count);
        values.extend(known.unwrap_or_else(|| vec![f64::NAN; part.count]));
    }
    let mut bytes = Vec::new();
    block::encode(&values, &mut bytes);
    Ok(bytes)
}

fn fold_buckets(
    tx: &Transaction<'_>,
    whole: &Span,
    parts: &[Span],
    series: FileId,
) -> Result<Vec<u8>> {
    let mut all: Vec<Bucket> = Vec::new();
    for part in parts {
        let held = spans::with_block(tx, part.id, series, |body| {
            Block::open(body)?.read(part.tier, part.extent.first, 0..part.count)
        })?;
        for bucket in held.unwrap_or_default() {
            buckets::push(&mut all, bucket);
        }
    }
    Ok(buckets::encode(
        whole.tier,
        whole.extent.first,
        whole.count,
        &all,
    ))
}
