//! The tables of the file, and how a file of an older hubtop becomes one of this.

use rusqlite::{Connection, Result, Transaction};

use super::{journal, pictures, samples};

/// What stands in the file's header for programs such as file(1): `hubt`.
pub(super) const APPLICATION: i32 = i32::from_be_bytes(*b"hubt");

/// The version of the file that this hubtop writes: the number of steps.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// No hubtop will ever take so many steps: a version beyond is damage.
pub(super) const NO_VERSION: i64 = 1000;

/// One step each from one version of the file to the next, as scripts; the version is the number of steps taken
/// (`PRAGMA user_version`). A step that has been in a release is never changed.
const STEPS: &[&[&str]] = &[&[BASE, journal::TABLES, samples::TABLES, pictures::TABLES]];

/// What every part of the file shares.
const BASE: &str = "
-- The series that samples and distributions are of.
CREATE TABLE series (
    id     INTEGER PRIMARY KEY,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL,
    UNIQUE (metric, labels)
) STRICT;

-- What is not yet sealed, a row a writing; `shelf` says whose it is.
CREATE TABLE tail (
    id    INTEGER PRIMARY KEY,
    shelf INTEGER NOT NULL,
    first INTEGER NOT NULL,
    data  BLOB NOT NULL
) STRICT;
";

/// The version of an open file.
pub(super) fn version(db: &Connection) -> Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes the steps from the file's version to the newest, all or none.
pub(super) fn step_forward(db: &mut Connection) -> Result<()> {
    let known = version(db)?;
    if known >= NEWEST {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    take_steps(&tx, usize::try_from(known).unwrap_or(0))?;
    tx.commit()
}

fn take_steps(tx: &Transaction<'_>, from: usize) -> Result<()> {
    for script in STEPS.iter().skip(from).copied().flatten() {
        tx.execute_batch(script)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", NEWEST)
}

/// Whether the file has all tables and indexes of the newest version, as they were made.
pub(super) fn is_whole(db: &Connection) -> Result<bool> {
    let mut right = Connection::open_in_memory()?;
    step_forward(&mut right)?;
    let found = made(db)?;
    Ok(made(&right)?.iter().all(|made| found.contains(made)))
}

/// What was said to make each table and index.
fn made(db: &Connection) -> Result<Vec<(String, Option<String>)>> {
    db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
