//! Series of which nothing tells any more: their rows go, or the file of a host whose containers come and go would grow for
//! ever.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Result, Transaction};

use super::ids::{FileId, Ids};
use super::shelf::Shelf;
use crate::model::Timestamp;

/// How often all are gone through.
const EACH: Duration = Duration::from_secs(3600);
/// How many are looked at in one piece: each in every span.
const AT_ONCE: usize = 32;

/// The going through of all series.
#[derive(Debug, Default)]
pub(super) struct Unused {
    /// When it came to its end the last time.
    done: Option<Timestamp>,
    round: Option<Round>,
}

#[derive(Debug, Default)]
struct Round {
    /// Series of which something is in memory, in the tail, or in the journal.
    held: BTreeSet<FileId>,
    /// The last series that was looked at.
    after: FileId,
}

impl Unused {
    /// Whether there is something to do.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_long_ago = |done: Timestamp| now < done || now.since(done) >= EACH;
        self.round.is_some() || self.done.is_none_or(is_long_ago)
    }

    /// Looks at some series and deletes those that are not used; whether there are more. Those of this process stay, and
    /// so does the largest number: what once was a series' number never becomes another's.
    pub fn look(
        &mut self,
        tx: &Transaction<'_>,
        now: Timestamp,
        ids: &Ids,
        shelves: &[&dyn Shelf],
    ) -> Result<bool> {
        let mut round = match self.round.take() {
            Some(round) => round,
            None => begin(tx, shelves)?,
        };
        let some = next(tx, round.after)?;
        for id in &some {
            let is_held = ids.has(*id) || round.held.contains(id);
            if !is_held && !is_told(tx, *id, shelves)? {
                tx.prepare_cached("DELETE FROM series WHERE id = ?")?
                    .execute([id])?;
            }
        }
        let Some(last) = some.last() else {
            self.done = Some(now);
            return Ok(false);
        };
        round.after = *last;
        self.round = Some(round);
        Ok(true)
    }
}

fn begin(tx: &Transaction<'_>, shelves: &[&dyn Shelf]) -> Result<Round> {
    let mut round = Round::default();
    for shelf in shelves {
        round.held.extend(shelf.holds(tx)?);
    }
    Ok(round)
}

/// The next series, but for the one with the largest number.
fn next(tx: &Transaction<'_>, after: FileId) -> Result<Vec<FileId>> {
    let sql = "SELECT id FROM series WHERE id > ?1 AND id < (SELECT max(id) FROM series) ORDER BY id LIMIT ?2";
    let most = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    tx.prepare_cached(sql)?
        .query_map([after, most], |row| row.get(0))?
        .collect()
}

fn is_told(tx: &Transaction<'_>, id: FileId, shelves: &[&dyn Shelf]) -> Result<bool> {
    for shelf in shelves {
        if shelf.tells_of(tx, id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::model::Catalog;
    use crate::store::file::journal::Journal;
    use crate::store::file::tests::{in_memory, tick};
    use crate::store::file::{Limits, shelves};

    const START: Timestamp = Timestamp(1_790_000_100_000);

    /// Keeps a tick of these series in a run of its own, and seals it.
    fn keep(db: &mut Connection, names: &[&str], at: Timestamp) -> Ids {
        let catalog = Catalog::new();
        for name in names {
            catalog.plain(name);
        }
        let mut all = shelves::all();
        let mut ids = Ids::default();
        let tx = db.transaction().unwrap();
        for shelf in &mut all {
            shelf.recover(&tx).unwrap();
        }
        for later in [0, 3_600_000] {
            let kept = tick(&catalog, at.0 + later, vec![1.0; names.len()]);
            ids.take(&kept.frame.series, &tx).unwrap();
            for shelf in &mut all {
                shelf.put(&kept, &ids);
                shelf.write(&tx).unwrap();
                shelf.written();
            }
        }
        tx.commit().unwrap();
        ids
    }

    fn look(db: &mut Connection, ids: &Ids) -> Vec<String> {
        let mut all = shelves::all();
        let tx = db.transaction().unwrap();
        for shelf in &mut all {
            shelf.recover(&tx).unwrap();
        }
        let journal = Journal::default();
        let mut parts: Vec<&dyn Shelf> = all.iter().map(|shelf| &**shelf).collect();
        parts.push(&journal);
        let mut unused = Unused::default();
        assert!(unused.is_due(START));
        while unused.look(&tx, START, ids, &parts).unwrap() {}
        assert!(!unused.is_due(START));
        tx.commit().unwrap();
        db.prepare("SELECT metric FROM series ORDER BY id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_>>()
            .unwrap()
    }

    #[test]
    fn a_series_goes_when_nothing_tells_of_it() {
        let mut db = in_memory();
        for number in 0..100 {
            let sql = "INSERT INTO series (metric, labels) VALUES (?1, '{}')";
            db.execute(sql, [format!("gone.{number}")]).unwrap();
        }
        keep(&mut db, &["old", "both"], START);
        let ids = keep(
            &mut db,
            &["both", "new"],
            START.plus(Duration::from_secs(86_400)),
        );
        db.execute(
            "INSERT INTO series (metric, labels) VALUES ('unfired', '{}'), ('last', '{}')",
            [],
        )
        .unwrap();
        assert_eq!(look(&mut db, &ids), ["old", "both", "new", "last"]);

        // The tail tells of the last tick of each run; the ticks that are too old go.
        let mut all = shelves::all();
        let tx = db.transaction().unwrap();
        tx.execute("DELETE FROM tail", []).unwrap();
        let much_later = START.plus(Duration::from_secs(9 * 365 * 86_400));
        for shelf in &mut all {
            let limits = Limits::default();
            while shelf.forget(&tx, much_later, &limits).unwrap()
                || shelf.tidy(&tx, much_later).unwrap()
            {}
        }
        tx.commit().unwrap();
        assert_eq!(look(&mut db, &ids), ["both", "new", "last"]);
        assert_eq!(look(&mut db, &Ids::default()), ["last"]);
    }
}
