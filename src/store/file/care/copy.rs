//! Copies a history, or a stretch of it, into one file that needs no other: for a colleague, for a ticket.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result, params};

use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::file::shelves::{self, SERIES_BITS};
use crate::store::file::{open, pictures, place, schema};

/// Which rows of each table touch a stretch of time from `?1` to `?2`. Figures, pictures and distributions are copied by
/// whole blocks. What is not named here or in [`touching`] is copied as a whole.
const TOUCHING: &[(&str, &str)] = &[
    ("run", "started <= ?2 AND coalesce(ended, seen) >= ?1"),
    (
        "clock_jump",
        "max(was, became) >= ?1 AND min(was, became) <= ?2",
    ),
    ("incident", "began <= ?2 AND coalesce(resolved, ?2) >= ?1"),
    ("acknowledgement", "at BETWEEN ?1 AND ?2"),
    ("silence", "until >= ?1 AND at <= ?2"),
    ("notification", "at BETWEEN ?1 AND ?2"),
    ("mark", "coalesce(until, at) >= ?1 AND at <= ?2"),
    ("model", "at <= ?2"),
    ("span", "state = 1 AND last >= ?1 AND first <= ?2"),
    ("picture", "last >= ?1 AND first <= ?2"),
];

/// The condition for the rows of a table.
fn touching(table: &str) -> String {
    match table {
        // The blocks of a span lie together: a range each, instead of all of the file.
        shelves::BLOCKS => format!(
            "id IN (SELECT held.id FROM kept.span CROSS JOIN kept.block AS held
             ON held.id >= span.id << {SERIES_BITS} AND held.id < (span.id + 1) << {SERIES_BITS}
             WHERE span.state = 1 AND span.last >= ?1 AND span.first <= ?2)"
        ),
        "sketch" => format!(
            "start > ?1 - {} AND start <= ?2",
            pictures::WIDEST_BLOCK.as_millis()
        ),
        _ => {
            let known = TOUCHING.iter().find(|(name, _)| *name == table);
            known.map_or("?1 <= ?2", |(_, condition)| condition).into()
        }
    }
}

/// Copies what touches the time from one moment to another into a new file at `to_path`. While it is made it is called
/// `….part`.
///
/// # Errors
/// There is no history at `from_path`, something is at `to_path` already, or the disk refuses.
pub fn copy_stretch(
    from_path: &Path,
    to_path: &Path,
    from: Timestamp,
    to: Timestamp,
) -> std::result::Result<(), StoreError> {
    make(from_path, to_path, |part| {
        let mut db = new_file(part)?;
        let source = from_path.to_string_lossy();
        let address = format!("file:{}?mode=ro", open::percent(from_path));
        db.execute("ATTACH ?1 AS kept", [address])
            .map_err(|error| with_path(error, &source))?;
        let tx = db.transaction()?;
        for table in open::tables(&tx)? {
            copy_table(&tx, &table, from, to)?;
        }
        tx.commit()?;
        db.execute("DETACH kept", [])?;
        db.execute_batch("VACUUM")
    })
}

/// Copies all of it.
///
/// # Errors
/// As with [`copy_stretch`].
pub fn copy_whole(from_path: &Path, to_path: &Path) -> std::result::Result<(), StoreError> {
    make(from_path, to_path, |part| {
        let db = Connection::open_with_flags(
            from_path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.execute("VACUUM INTO ?1", [part.to_string_lossy()])?;
        drop(db);
        // The copy has the WAL mode of the original; on a disk that is read-only that would be in the way.
        let copy = Connection::open(part)?;
        copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
    })
}

/// Makes a file that nobody will write any more one that needs no other beside it.
///
/// # Errors
/// It is not there, somebody still has it open, or the disk refuses.
pub fn finish(path: &Path) -> std::result::Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
        .and_then(|db| db.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())))
        .map_err(|error| StoreError::of_sqlite(path, error))?;
    let lock = place::beside(path, ".lock");
    remove(&lock).map_err(|error| StoreError::Io { path: lock, error })
}

/// Makes the file beside its place first, so that half a copy is never taken for a whole one.
fn make(
    from_path: &Path,
    to_path: &Path,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> std::result::Result<(), StoreError> {
    // It must be there, of a version that is known.
    drop(open::to_read(from_path)?);
    if to_path.symlink_metadata().is_ok() {
        return Err(StoreError::Exists {
            path: to_path.to_owned(),
        });
    }
    let part = place::beside(to_path, ".part");
    let refused = |path: &Path, error| StoreError::Io {
        path: path.to_owned(),
        error,
    };
    remove(&part).map_err(|error| refused(&part, error))?;
    place::open_own(&part).map_err(|error| refused(&part, error))?;
    let made = fill(&part).map_err(|error| StoreError::of_sqlite(to_path, error));
    let named = made
        .and_then(|()| std::fs::rename(&part, to_path).map_err(|error| refused(to_path, error)));
    if named.is_err() {
        // What can't be removed says by its name that it is half.
        let _ = remove(&part);
    }
    named
}

fn remove(part: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn new_file(part: &Path) -> Result<Connection> {
    let mut db = Connection::open_with_flags(
        part,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI,
    )?;
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    schema::step_forward(&mut db)?;
    Ok(db)
}

fn copy_table(db: &Connection, table: &str, from: Timestamp, to: Timestamp) -> Result<()> {
    let condition = touching(table);
    let columns = columns(db, table)?.join(", ");
    let sql = format!(
        "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM kept.{table} WHERE {condition}"
    );
    db.execute(&sql, params![from.0, to.0])?;
    Ok(())
}

/// The columns that both files have, quoted.
fn columns(db: &Connection, table: &str) -> Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_info(?1, 'main')
               INTERSECT SELECT name FROM pragma_table_info(?1, 'kept')";
    db.prepare(sql)?
        .query_map([table], |row| {
            Ok(format!("\"{}\"", row.get::<_, String>(0)?))
        })?
        .collect()
}

fn with_path(error: rusqlite::Error, path: &str) -> rusqlite::Error {
    tracing::warn!(path, %error, "the history can't be read");
    error
}
