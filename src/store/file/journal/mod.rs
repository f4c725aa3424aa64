//! What is rare and must be found again: the runs of hubtop, incidents, and what people and hubtop did about them. Plain
//! tables in the file of the history.

mod incidents;
mod notes;
mod runs;

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, Transaction};

pub(super) use incidents::between;
pub use notes::{Acknowledgement, Mark, Model, Notification, Silence};
pub(super) use runs::last_host;
pub use runs::{ClockJump, Run, clock_jumps, runs};

use super::Limits;
use super::ids::{FileId, Ids};
use super::shelf::Shelf;
use crate::model::Timestamp;
use crate::store::Kept;
use incidents::Incidents;
use runs::Runs;

/// The tables of the journal.
pub(super) const TABLES: &str = "
-- One row a run of hubtop that kept. `seen` is the last tick that is kept of it; without `ended` it was killed, or it
-- still runs.
CREATE TABLE run (
    id      INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    ended   INTEGER,
    version TEXT NOT NULL,
    host    TEXT NOT NULL,
    pid     INTEGER NOT NULL
) STRICT;

-- Where the time of the ticks jumped back, or a minute or more forward (a suspend is such a jump too).
CREATE TABLE clock_jump (
    id     INTEGER PRIMARY KEY,
    run    INTEGER NOT NULL,
    was    INTEGER NOT NULL,
    became INTEGER NOT NULL
) STRICT;

-- Incidents that fired, and those that are pending; numbers are those of the run.
CREATE TABLE incident (
    id          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    rule        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    state       TEXT NOT NULL,
    metric      TEXT NOT NULL,
    labels      TEXT NOT NULL,
    series      INTEGER,
    place       TEXT NOT NULL,
    unit        TEXT NOT NULL,
    value       REAL,
    worst       REAL,
    condition   TEXT NOT NULL,
    threshold   REAL NOT NULL,
    began       INTEGER NOT NULL,
    fired       INTEGER,
    resolved    INTEGER,
    stale_since INTEGER,
    UNIQUE (run, number)
) STRICT;
CREATE INDEX incident_time ON incident (began, resolved);

CREATE TABLE acknowledgement (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL,
    incident INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    note     TEXT NOT NULL
) STRICT;
CREATE INDEX acknowledgement_time ON acknowledgement (at);

CREATE TABLE silence (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    matches TEXT NOT NULL,
    who     TEXT NOT NULL,
    note    TEXT NOT NULL
) STRICT;
CREATE INDEX silence_time ON silence (at);

CREATE TABLE notification (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL,
    incident INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    channel  TEXT NOT NULL,
    event    TEXT NOT NULL,
    error    TEXT
) STRICT;
CREATE INDEX notification_time ON notification (at);

CREATE TABLE model (
    name TEXT NOT NULL,
    at   INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (name, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark (
    id    INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    until INTEGER,
    kind  TEXT NOT NULL,
    text  TEXT NOT NULL
) STRICT;
CREATE INDEX mark_time ON mark (at);
";

/// The part of the file that the journal is.
#[derive(Debug, Default)]
pub(super) struct Journal {
    runs: Runs,
    incidents: Incidents,
    tidied: Option<Timestamp>,
}

impl Journal {
    /// The journal of this run; with its number where it had one in a file before.
    pub fn of_run(run: Option<i64>) -> Self {
        Self {
            runs: Runs::of(run),
            ..Self::default()
        }
    }

    /// Writes that this run has ended well.
    pub fn end(&self, tx: &Transaction<'_>) -> Result<()> {
        self.runs.end(tx)
    }

    /// The number of this run.
    pub fn run(&self) -> i64 {
        self.runs.number()
    }
}

impl Shelf for Journal {
    fn recover(&mut self, db: &Connection) -> Result<()> {
        self.runs.recover(db)
    }

    fn put(&mut self, kept: &Kept, ids: &Ids) {
        self.runs.put(&kept.frame);
        self.incidents.put(&kept.frame, ids);
    }

    fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        self.runs.write(tx)?;
        self.incidents.write(tx, self.runs.number())
    }

    fn written(&mut self) {
        self.runs.written();
        self.incidents.written();
    }

    fn tidy(&mut self, _tx: &Transaction<'_>, _now: Timestamp) -> Result<bool> {
        Ok(false)
    }

    fn forget(&mut self, tx: &Transaction<'_>, now: Timestamp, limits: &Limits) -> Result<bool> {
        const EACH: std::time::Duration = std::time::Duration::from_secs(3600);
        let due = self
            .tidied
            .is_none_or(|last| now < last || now.since(last) >= EACH);
        if !due {
            return Ok(false);
        }
        let gone = forget(tx, now.minus(limits.longest()))?;
        if gone == 0 {
            self.tidied = Some(now);
        }
        Ok(gone > 0)
    }

    fn make_room(&mut self, _tx: &Transaction<'_>, _bytes: u64) -> Result<u64> {
        // A year of it takes less than an hour of figures.
        Ok(0)
    }

    fn bytes_held(&self) -> usize {
        self.incidents.bytes_held()
    }

    fn holds(&self, db: &Connection) -> Result<BTreeSet<FileId>> {
        // Those in memory are of this process.
        db.prepare("SELECT DISTINCT series FROM incident WHERE series IS NOT NULL")?
            .query_map([], |row| row.get(0))?
            .collect()
    }

    fn tells_of(&self, _db: &Connection, _series: FileId) -> Result<bool> {
        Ok(false)
    }
}

/// Runs that were over and of which nothing is left; the newest stays, so that no number is given out again.
const OLD_RUNS: &str = "
DELETE FROM run WHERE id IN (
    SELECT id FROM run WHERE coalesce(ended, seen) < ?1 AND id < (SELECT max(id) FROM run)
    AND id NOT IN (SELECT run FROM incident UNION SELECT run FROM acknowledgement
                   UNION SELECT run FROM notification UNION SELECT run FROM clock_jump)
    LIMIT 500)";

/// Models in whose place a later one stood by then.
const OLD_MODELS: &str = "
DELETE FROM model WHERE (name, at) IN (
    SELECT name, at FROM model WHERE at < ?1
    AND EXISTS (SELECT 1 FROM model AS later
                WHERE later.name = model.name AND later.at > model.at AND later.at <= ?1)
    LIMIT 500)";

/// Forgets some of what was over before a moment; how many rows that were.
fn forget(tx: &Transaction<'_>, before: Timestamp) -> Result<usize> {
    let mut gone = 0;
    for (table, over) in [
        ("incident", "coalesce(resolved, began)"),
        ("acknowledgement", "at"),
        ("silence", "max(at, until)"),
        ("notification", "at"),
        ("mark", "coalesce(until, at)"),
        ("clock_jump", "max(was, became)"),
    ] {
        let sql = format!(
            "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {over} < ?1 LIMIT 500)"
        );
        gone += tx.execute(&sql, [before.0])?;
    }
    for sql in [OLD_RUNS, OLD_MODELS] {
        gone += tx.execute(sql, [before.0])?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests;
