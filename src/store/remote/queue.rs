//! What waits to be sent to an engine elsewhere: one SQLite file a target in the state folder, bounded in bytes, that
//! outlives us at any moment.
//!
//! A batch bears an id that is given out once: the file's own random name and a number that only rises. Whoever
//! receives batches in order need remember no more than the highest number to know one that comes twice.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use crate::model::Timestamp;
use crate::store::StoreError;

/// How long to wait for another program that is about to let go of the file.
const BUSY: Duration = Duration::from_secs(1);

/// What a row of the file takes besides its bytes; an estimate on the safe side, so that the bound holds for the file.
const ROW_BYTES: u64 = 64;

/// The write-ahead log is cut back to this after it was larger, bytes.
const LOG_BYTES: u64 = 1 << 20;

/// The tables of the file; the number is its `user_version`.
const VERSION: i64 = 1;
const TABLES: &str = "
CREATE TABLE queue (name TEXT NOT NULL) STRICT;
INSERT INTO queue VALUES (lower(hex(randomblob(8))));
-- AUTOINCREMENT: a number is never given out again, also after the last row is gone.
CREATE TABLE batch (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    bytes  BLOB NOT NULL
) STRICT;
";

/// Which batch it is, among those of all queues of all machines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BatchId {
    /// The queue's own name, made up when its file was.
    pub queue: String,
    /// Its number in the queue; a later batch has a higher one.
    pub number: i64,
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.queue, self.number)
    }
}

/// Something that is sent in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Which one.
    pub id: BatchId,
    /// The moment that it tells of.
    pub at: Timestamp,
    /// How many figures are in it.
    pub count: u64,
    /// What its engine made of them.
    pub bytes: Vec<u8>,
}

/// What had to go without being sent, because the queue was full or the engine will never take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped {
    /// Batches.
    pub batches: u64,
    /// Figures in them.
    pub count: u64,
}

impl Dropped {
    fn add(&mut self, other: Self) {
        self.batches += other.batches;
        self.count += other.count;
    }
}

/// The batches of one target that were not yet sent. One program holds a queue at a time.
#[derive(Debug)]
pub struct Queue {
    db: Connection,
    path: PathBuf,
    name: String,
    most_bytes: u64,
    bytes: u64,
    batches: u64,
    dropped: Dropped,
    /// The batch that was looked at last: it may be with the engine already, and is the last to go for lack of room.
    out: i64,
}

impl Queue {
    /// The file of the queue for `target` in the state folder.
    #[must_use]
    pub fn path_in(folder: &Path, target: &str) -> PathBuf {
        folder.join(format!("queue-{target}.db"))
    }

    /// Opens the queue for `target` in the state folder, made if it is not there; it holds `most_bytes` at most. A file
    /// that is damaged is set aside under a name that says when (`now`), and a new one begun.
    ///
    /// # Errors
    /// [`StoreError::Held`] when another program has it; else what the system or SQLite says.
    pub fn open(
        folder: &Path,
        target: &str,
        most_bytes: u64,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let path = Self::path_in(folder, target);
        make_private(folder, &path)?;
        match Self::read(&path, most_bytes) {
            Err(StoreError::Sqlite { error, .. }) if is_damage(&error) => {
                set_aside(&path, now)?;
                make_private(folder, &path)?;
                Self::read(&path, most_bytes)
            }
            read => read,
        }
    }

    fn read(path: &Path, most_bytes: u64) -> Result<Self, StoreError> {
        let failed = |error| failure(path, error);
        let db = Connection::open(path).map_err(failed)?;
        prepare(&db, path)?;
        let name = db
            .query_row("SELECT name FROM queue", [], |row| row.get(0))
            .map_err(failed)?;
        let (batches, bytes) = db
            .query_row(
                "SELECT count(*), coalesce(sum(length(bytes) + ?1), 0) FROM batch",
                [ROW_BYTES.cast_signed()],
                |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)),
            )
            .map_err(failed)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            name,
            most_bytes,
            bytes,
            batches,
            dropped: Dropped::default(),
            out: 0,
        })
    }

    /// Puts a batch of `count` figures of the moment `at` behind the others. It is on the disk when this returns. Where
    /// there is no room the oldest go, that which is being sent last of all; one that is larger than the whole queue goes
    /// itself. What went for it.
    ///
    /// # Errors
    /// What SQLite says; nothing has changed then.
    pub fn push(&mut self, bytes: &[u8], count: u64, at: Timestamp) -> Result<Dropped, StoreError> {
        let size = size_of(bytes.len() as u64);
        if size > self.most_bytes {
            let gone = Dropped { batches: 1, count };
            self.dropped.add(gone);
            return Ok(gone);
        }
        let pushed = self.push_in_its_room(bytes, count, at, self.most_bytes - size);
        let (freed, gone) = pushed.map_err(|error| failure(&self.path, error))?;
        self.bytes = self.bytes.saturating_sub(freed) + size;
        self.batches = self.batches.saturating_sub(gone.batches) + 1;
        self.dropped.add(gone);
        Ok(gone)
    }

    fn push_in_its_room(
        &mut self,
        bytes: &[u8],
        count: u64,
        at: Timestamp,
        most_before: u64,
    ) -> rusqlite::Result<(u64, Dropped)> {
        let too_many = self.bytes.saturating_sub(most_before);
        let tx = self.db.transaction()?;
        let mut gone = Dropped::default();
        let mut freed = 0;
        while freed < too_many {
            let oldest = "DELETE FROM batch WHERE number =
                     (SELECT number FROM batch ORDER BY number = ?1, number LIMIT 1)
                 RETURNING length(bytes), count";
            let oldest = tx
                .query_row(oldest, [self.out], |row| {
                    Ok((unsigned(row, 0)?, unsigned(row, 1)?))
                })
                .optional()?;
            let Some((length, count)) = oldest else { break };
            freed += size_of(length);
            gone.add(Dropped { batches: 1, count });
        }
        tx.execute(
            "INSERT INTO batch (at, count, bytes) VALUES (?1, ?2, ?3)",
            params![at.0, count.cast_signed(), bytes],
        )?;
        tx.commit()?;
        Ok((freed, gone))
    }

    /// The oldest batch; it stays until it is acknowledged.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn peek(&mut self) -> Result<Option<Batch>, StoreError> {
        let oldest = "SELECT number, at, count, bytes FROM batch ORDER BY number LIMIT 1";
        let batch = self
            .db
            .query_row(oldest, [], |row| {
                Ok(Batch {
                    id: BatchId {
                        queue: self.name.clone(),
                        number: row.get(0)?,
                    },
                    at: Timestamp(row.get(1)?),
                    count: unsigned(row, 2)?,
                    bytes: row.get(3)?,
                })
            })
            .optional()
            .map_err(|error| failure(&self.path, error))?;
        self.out = batch.as_ref().map_or(0, |batch| batch.id.number);
        Ok(batch)
    }

    /// The engine has the batch: it goes. One that is gone already is no error.
    ///
    /// # Errors
    /// What SQLite says; the batch is still there then, and comes again.
    pub fn acknowledge(&mut self, id: &BatchId) -> Result<(), StoreError> {
        self.remove(id).map(drop)
    }

    /// The engine will never take the batch: it goes, and is counted as dropped.
    ///
    /// # Errors
    /// What SQLite says; the batch is still there then.
    pub fn drop_refused(&mut self, id: &BatchId) -> Result<Dropped, StoreError> {
        let gone = self.remove(id)?;
        self.dropped.add(gone);
        Ok(gone)
    }

    fn remove(&mut self, id: &BatchId) -> Result<Dropped, StoreError> {
        if id.queue != self.name {
            return Ok(Dropped::default());
        }
        let removed = self
            .db
            .query_row(
                "DELETE FROM batch WHERE number = ?1 RETURNING length(bytes), count",
                [id.number],
                |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)),
            )
            .optional()
            .map_err(|error| failure(&self.path, error))?;
        let Some((length, count)) = removed else {
            return Ok(Dropped::default());
        };
        self.bytes = self.bytes.saturating_sub(size_of(length));
        self.batches = self.batches.saturating_sub(1);
        Ok(Dropped { batches: 1, count })
    }

    /// Bytes that wait.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Batches that wait.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.batches
    }

    /// What went unsent since the queue was opened.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }
}

/// What a batch of so many bytes takes.
fn size_of(length: u64) -> u64 {
    length.saturating_add(ROW_BYTES)
}

/// A column that counts; SQLite knows no unsigned numbers.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column)
        .map(|value| u64::try_from(value).unwrap_or(0))
}

/// Takes the file for this program alone, looks whether it is sound, and makes its tables.
fn prepare(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |error| failure(path, error);
    db.busy_timeout(BUSY).map_err(failed)?;
    // Held until the connection ends, however it ends: no other program sends the same batches. `auto_vacuum` must
    // stand before the first table; FULL for `synchronous`, so that no number is given out twice after a power cut.
    let manners = format!(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL; PRAGMA journal_size_limit = {LOG_BYTES};"
    );
    db.execute_batch(&manners).map_err(failed)?;
    let version: i64 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    match version {
        0 => {
            let make =
                format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;");
            db.execute_batch(&make).map_err(failed)?;
        }
        VERSION => {
            // A writing of nothing takes the lock.
            db.execute_batch("BEGIN IMMEDIATE; COMMIT;")
                .map_err(failed)?;
        }
        found => {
            return Err(StoreError::Newer {
                path: path.to_owned(),
                found,
                known: VERSION,
            });
        }
    }
    let sound: String = db
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if sound == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(failed(rusqlite::Error::SqliteFailure(corrupt, Some(sound))))
}

fn failure(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Held {
            path: path.to_owned(),
        },
        _ => StoreError::Sqlite {
            path: path.to_owned(),
            error,
        },
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// The folder and the file, for their owner's eyes alone: names of hosts and routes are in there.
fn make_private(folder: &Path, path: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| StoreError::Io { path, error }
    };
    if !folder.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed(folder))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(failed(path))
}

/// Puts a damaged file under another name, with what belongs to it.
fn set_aside(path: &Path, now: Timestamp) -> Result<(), StoreError> {
    let when = now.local().format("%Y%m%d-%H%M%S");
    let aside = |end: &str| PathBuf::from(format!("{}.damaged-{when}{end}", path.display()));
    let own = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
    tracing::warn!(path = %path.display(), "a damaged queue was set aside");
    for end in ["-wal", "-shm"] {
        if own(end).exists() {
            // Without its log the file is what it was at the last checkpoint: still better than nothing.
            let _ = fs::rename(own(end), aside(end));
        }
    }
    fs::rename(path, aside("")).map_err(|error| StoreError::Io {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests;
