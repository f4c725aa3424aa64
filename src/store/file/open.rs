//! Opens the file, to write it or to read it, and looks whether it is what hubtop wrote, without reading all of it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Result};

use super::trouble::Trouble;
use super::{place, schema};
use crate::store::StoreError;

/// For how long a statement waits for somebody who holds the file for a moment.
const BUSY: Duration = Duration::from_secs(2);
/// Files up to this size are checked page by page at the start: some 20 ms.
const WHOLE_CHECK: u64 = 16 << 20;
/// Pages of WAL from which on they go into the file, 4 MB: two fsync each, so a few in an hour.
const CHECKPOINT_PAGES: i64 = 1000;
/// What the WAL is cut back to after it had to grow, bytes.
const WAL_KEPT: i64 = 8 << 20;

/// Why a file can't be written.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is not what was written, and is to be set aside.
    Damaged(String),
    /// Anything else.
    Error(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Error(error)
    }
}

/// Opens `path` to write, made if it is not there and brought to the newest version. The caller holds its lock.
///
/// # Errors
/// It is damaged, newer, not a history, or the system refuses.
pub(super) fn to_write(path: &Path) -> std::result::Result<Connection, Refusal> {
    let before = Head::of(path)?;
    if let Some(head) = &before {
        head.judge(path)?;
        head.judge_length(path)?;
    }
    place::open_own(path).map_err(|error| StoreError::Io {
        path: path.to_owned(),
        error,
    })?;
    let refuse = |error: rusqlite::Error| match Trouble::of(&error) {
        Trouble::Damage => Refusal::Damaged(error.to_string()),
        _ => Refusal::Error(StoreError::of_sqlite(path, error)),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut db = Connection::open_with_flags(path, flags).map_err(refuse)?;
    configure(&db).map_err(refuse)?;
    let version = schema::version(&db).map_err(refuse)?;
    judge_version(path, version)?;
    if version == 0 && has_tables(&db).map_err(refuse)? {
        return Err(foreign(path).into());
    }
    schema::step_forward(&mut db).map_err(refuse)?;
    if !schema::is_whole(&db).map_err(refuse)? {
        return Err(Refusal::Damaged("tables are missing".to_owned()));
    }
    look_over(&db, path).map_err(refuse)??;
    Ok(db)
}

/// Opens `path` to read, and only that.
///
/// # Errors
/// There is none, it can't be read, or a newer hubtop wrote it.
pub(super) fn to_read(path: &Path) -> std::result::Result<Connection, StoreError> {
    let Some(head) = Head::of(path)?.filter(|head| head.len > 0) else {
        return Err(StoreError::Absent {
            path: path.to_owned(),
        });
    };
    if let Err(refusal) = head.judge(path) {
        return Err(match refusal {
            Refusal::Error(error) => error,
            Refusal::Damaged(_) => damaged(path),
        });
    }
    let refuse = |error| StoreError::of_sqlite(path, error);
    let db = open_read_only(path, head.wal).map_err(refuse)?;
    let version = schema::version(&db).map_err(refuse)?;
    if version == 0 && !has_tables(&db).map_err(refuse)? {
        return Err(StoreError::Absent {
            path: path.to_owned(),
        });
    }
    match judge_version(path, version) {
        Err(Refusal::Error(error)) => Err(error),
        Err(Refusal::Damaged(_)) => Err(damaged(path)),
        Ok(()) if version == 0 => Err(foreign(path)),
        Ok(()) => Ok(db),
    }
}

/// Readers of a file with a WAL write into its index; where that can't be (a folder that is read-only, and nobody else
/// has it open), the file is as it is and stays so.
fn open_read_only(path: &Path, wal: bool) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|db| {
        db.busy_timeout(BUSY)?;
        schema::version(&db).map(|_| db)
    });
    match opened {
        Err(error) if wal && Trouble::of(&error) != Trouble::Damage => {
            let address = format!("file:{}?immutable=1", percent(path));
            let db = Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)?;
            schema::version(&db).map(|_| db).map_err(|_| error)
        }
        opened => opened,
    }
}

/// A path as it stands in an address.
pub(super) fn percent(path: &Path) -> String {
    const OTHERS: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'.')
        .remove(b'-')
        .remove(b'_');
    percent_encoding::percent_encode(path.as_os_str().as_encoded_bytes(), OTHERS).to_string()
}

fn configure(db: &Connection) -> Result<()> {
    db.busy_timeout(BUSY)?;
    // Counts only in a file without tables, so before the first.
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        tracing::warn!(mode, "the history's file can't have a WAL");
    }
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    db.pragma_update(None, "journal_size_limit", WAL_KEPT)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    // A file that is cut while it is mapped would end the process.
    db.pragma_update(None, "mmap_size", 0)?;
    db.pragma_update(None, "cell_size_check", true)
}

/// Looks for damage where it is cheap to: every page of a small file, and of a large one the schema, the small tables, and
/// the ends of the others.
fn look_over(db: &Connection, path: &Path) -> Result<std::result::Result<(), Refusal>> {
    // After this the pages are in the file itself, unless somebody is reading.
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    let length = std::fs::metadata(path).map_or(0, |known| known.len());
    let found = if length <= WHOLE_CHECK {
        quick_check(db, None)?
    } else {
        check_the_ends(db)?
    };
    Ok(found.map_or(Ok(()), |what| Err(Refusal::Damaged(what))))
}

/// The first thing that SQLite finds wrong, in all of the file or in one table.
pub(super) fn quick_check(db: &Connection, table: Option<&str>) -> Result<Option<String>> {
    let sql = match table {
        Some(table) => format!("PRAGMA quick_check('{table}')"),
        None => "PRAGMA quick_check(1)".to_owned(),
    };
    let said: String = db.query_row(&sql, [], |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

/// The tables that are never long.
const SMALL: [&str; 3] = ["series", "tail", "run"];

fn check_the_ends(db: &Connection) -> Result<Option<String>> {
    for table in SMALL {
        if let Some(found) = quick_check(db, Some(table))? {
            return Ok(Some(found));
        }
    }
    for table in tables(db)? {
        for order in ["ASC", "DESC"] {
            let sql = format!("SELECT * FROM \"{table}\" ORDER BY 1 {order} LIMIT 1");
            let mut statement = db.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
        }
    }
    Ok(None)
}

/// The names of the tables.
pub(super) fn tables(db: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rootpage";
    db.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn has_tables(db: &Connection) -> Result<bool> {
    db.query_row("SELECT count(*) > 0 FROM sqlite_schema", [], |row| {
        row.get(0)
    })
}

fn foreign(path: &Path) -> StoreError {
    StoreError::Foreign {
        path: path.to_owned(),
    }
}

fn damaged(path: &Path) -> StoreError {
    StoreError::Damaged {
        what: path.display().to_string(),
    }
}

fn judge_version(path: &Path, found: i64) -> std::result::Result<(), Refusal> {
    if !(0..schema::NO_VERSION).contains(&found) {
        return Err(Refusal::Damaged(format!("no version is {found}")));
    }
    if found > schema::NEWEST {
        return Err(Refusal::Error(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: schema::NEWEST,
        }));
    }
    Ok(())
}

/// What the first 100 bytes say (<https://sqlite.org/fileformat2.html#the_database_header>), read before SQLite touches
/// anything.
#[derive(Debug)]
struct Head {
    len: u64,
    /// How long it should be, where that is known.
    whole: Option<u64>,
    magic: bool,
    wal: bool,
    version: i64,
    application: i32,
    /// Whether what is the same in every file of ours is so here.
    fixed: bool,
}

impl Head {
    /// `None` when there is no file.
    fn of(path: &Path) -> std::result::Result<Option<Self>, StoreError> {
        let refused = |error| StoreError::Io {
            path: path.to_owned(),
            error,
        };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(error)),
        };
        let len = file.metadata().map_err(refused)?.len();
        let mut bytes = Vec::with_capacity(100);
        (&mut file)
            .take(100)
            .read_to_end(&mut bytes)
            .map_err(refused)?;
        bytes.resize(100, 0);
        let number = |at: usize| {
            i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        // The number of pages counts where it was written together with the counter of changes.
        let whole =
            (bytes[24..28] == bytes[92..96]).then(|| u64::from(number(28).cast_unsigned()) * PAGE);
        Ok(Some(Self {
            len,
            whole,
            magic: bytes.starts_with(b"SQLite format 3\0"),
            wal: bytes[18] == 2,
            version: number(60).into(),
            application: number(68),
            fixed: is_fixed(&bytes),
        }))
    }

    /// Whether to go on. An empty file is one that was just made.
    fn judge(&self, path: &Path) -> std::result::Result<(), Refusal> {
        if self.len == 0 {
            return Ok(());
        }
        if !self.magic {
            return Err(Refusal::Damaged("it is no SQLite file".to_owned()));
        }
        // A version that a file of ours can't have yet is damage; of one that is not marked as ours nothing is known.
        if self.application == schema::APPLICATION {
            if !self.fixed {
                return Err(Refusal::Damaged("its head is damaged".to_owned()));
            }
            judge_version(path, self.version)?;
        }
        Ok(())
    }

    /// Looks whether the end is missing, before the first checkpoint: that fills the last page up. What is in a WAL may be
    /// beyond the end.
    fn judge_length(&self, path: &Path) -> std::result::Result<(), Refusal> {
        let wal = std::fs::metadata(place::beside(path, "-wal")).map_or(0, |known| known.len());
        match self.whole {
            Some(whole) if wal == 0 && self.len < whole => Err(Refusal::Damaged(format!(
                "it ends after {} of {whole} bytes",
                self.len
            ))),
            _ => Ok(()),
        }
    }
}

/// Bytes of a page; [`is_fixed`] holds it against the file.
const PAGE: u64 = 4096;

/// Pages of 4096 bytes, a version of 1 or 2 (with a WAL), no reserved space, the fractions that are always the same, the
/// fourth format of the schema, and texts in UTF-8.
fn is_fixed(head: &[u8]) -> bool {
    let [write, read] = [head[18], head[19]];
    head[16..18] == [0x10, 0]
        && (1..=2).contains(&write)
        && (1..=2).contains(&read)
        && head[20..24] == [0, 64, 32, 32]
        && head[44..48] == [0, 0, 0, 4]
        && head[56..60] == [0, 0, 0, 1]
}
