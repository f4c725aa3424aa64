//! Copies what can still be read of a damaged file into the new one, row by row: the short tables before anything is
//! written, the long ones in pieces while hubtop keeps.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, Result, Transaction, params_from_iter};

use super::open::tables;
use super::{place, shelves};

/// Rows in one piece.
const ROWS: usize = 64;
/// How long the short tables may hold up the first writing.
const SHORT: Duration = Duration::from_secs(5);
/// After an error the next rows are tried one by one so often, and then ever further on.
const TRIED_ONE_BY_ONE: u32 = 4096;
/// A table that can't be read so often is given up.
const MOST_ERRORS: u32 = 20_000;
/// How far the numbers of new series are from those of a table of series that could be read only in part.
const NUMBERS_LEFT_OUT: i64 = 100_000;
/// Without these the figures of the new file would have other numbers than those of the old one, or be written twice: they
/// are copied before anything is written, however long that takes.
const AT_ONCE: &[&str] = &["series", shelves::TAIL];

/// The copying of one file.
pub(super) struct Salvage {
    old: Connection,
    left: VecDeque<Copying>,
    /// The newest span of figures that could be read.
    last_span: i64,
    rows: u64,
    /// The file that says that there is something left to copy, for the next run.
    note: PathBuf,
}

impl Salvage {
    /// Copies the short tables of `aside` into the file at `path` at once; the others wait for [`Salvage::copy_some`].
    ///
    /// # Errors
    /// Nothing of the old file can be read, or the new one can't be written.
    pub fn begin(aside: &Path, path: &Path, db: &mut Connection) -> Result<Self> {
        let mut salvage = Self::of(aside, path)?;
        let (long, short) = salvage.tables(db)?;
        let until = Instant::now() + SHORT;
        for copying in short {
            salvage.copy_until(copying, Some(until), db)?;
        }
        salvage.last_span = shelves::last_span(db)?;
        for copying in long {
            salvage.copy_until(copying, None, db)?;
        }
        salvage.write_note(aside);
        Ok(salvage)
    }

    /// Goes on with what an earlier run did not come to the end of; `None` when there is nothing.
    pub fn resume(path: &Path, db: &Connection) -> Option<Self> {
        let note = std::fs::read_to_string(note_of(path)).ok()?;
        let (last_span, name) = note.split_once('\n')?;
        // A name alone: whatever stands there leads nowhere else.
        let name = Path::new(name.trim_end()).file_name()?;
        let mut salvage = Self::of(&path.with_file_name(name), path).ok()?;
        salvage.last_span = last_span.parse().ok()?;
        let (long, mut short) = salvage.tables(db).ok()?;
        // What was in the tail is sealed by now.
        short.retain(|copying| copying.table != shelves::TAIL);
        salvage.left = short.into_iter().chain(long).collect();
        Some(salvage)
    }

    /// Copies a table until a moment, one piece of it at least; the rest waits for [`Salvage::copy_some`]. The first piece
    /// has the newest row, so that no new one gets a number of those that follow.
    fn copy_until(
        &mut self,
        mut copying: Copying,
        until: Option<Instant>,
        db: &mut Connection,
    ) -> Result<()> {
        let is_at_once = AT_ONCE.contains(&&*copying.table);
        let goes_on = || is_at_once || until.is_some_and(|until| Instant::now() < until);
        let mut more = self.copy_piece(&mut copying, db)?;
        while more && goes_on() {
            more = self.copy_piece(&mut copying, db)?;
        }
        if copying.table == "series" && copying.errors > 0 {
            leave_numbers_out(db)?;
        }
        if more {
            self.left.push_back(copying);
        }
        Ok(())
    }

    fn of(aside: &Path, path: &Path) -> Result<Self> {
        Ok(Self {
            old: open_damaged(aside)?,
            left: VecDeque::new(),
            last_span: 0,
            rows: 0,
            note: note_of(path),
        })
    }

    /// The long tables, and the short ones.
    fn tables(&self, db: &Connection) -> Result<(Vec<Copying>, Vec<Copying>)> {
        let mut all = Vec::new();
        for table in tables(db)? {
            all.extend(Copying::of(&table, &self.old, db)?);
        }
        let is_long = |copying: &Copying| shelves::LONG.contains(&&*copying.table);
        Ok(all.into_iter().partition(is_long))
    }

    fn write_note(&self, aside: &Path) {
        let name = aside.file_name().unwrap_or_default().to_string_lossy();
        let text = format!("{}\n{name}\n", self.last_span);
        let written = place::open_own(&self.note).and_then(|mut file| {
            file.set_len(0)
                .and_then(|()| file.write_all(text.as_bytes()))
        });
        if let Err(error) = written {
            tracing::warn!(%error, "what is not copied in this run will not be copied");
        }
    }

    /// Copies one piece; whether there is more.
    pub fn copy_some(&mut self, db: &mut Connection) -> Result<bool> {
        if let Some(mut copying) = self.left.pop_front() {
            let more = self.copy_piece(&mut copying, db);
            // Where the new file refused for now, the same piece is read again.
            if !matches!(more, Ok(false)) {
                self.left.push_front(copying);
            }
            more?;
        }
        if self.left.is_empty() {
            tracing::info!(rows = self.rows, "copied what was readable");
            // Where it stays, the next run copies what is there already, which changes nothing.
            let _ = std::fs::remove_file(&self.note);
        }
        Ok(!self.left.is_empty())
    }

    /// What the old file refuses is skipped; what the new one refuses is an error.
    fn copy_piece(&mut self, copying: &mut Copying, db: &mut Connection) -> Result<bool> {
        let (rows, error) = copying.read(&self.old);
        let mut written = 0;
        let tx = db.transaction()?;
        for row in &rows {
            if self.is_wanted(&copying.table, row) {
                written += copying.write(&tx, row)?;
            }
        }
        tx.commit()?;
        self.rows += written;
        let more = copying.step(rows, error, &self.old);
        if copying.errors >= MOST_ERRORS {
            tracing::warn!(table = copying.table, "the rest of it can't be read");
        }
        Ok(more)
    }

    /// A block of a span that could not be read must not become one of a new span of the same number; and a series whose
    /// number is damaged must not have all that follow be beyond those that can have figures.
    fn is_wanted(&self, table: &str, row: &[Value]) -> bool {
        match row.first() {
            Some(Value::Integer(id)) if table == shelves::BLOCKS => {
                id >> shelves::SERIES_BITS <= self.last_span
            }
            Some(Value::Integer(id)) if table == "series" => {
                (0..=shelves::MOST_SERIES).contains(id)
            }
            _ => true,
        }
    }
}

/// Where some series could not be read, what is left of their figures must not become those of new ones. The row that
/// stands for them is of no series, and another one each time.
fn leave_numbers_out(db: &Connection) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO series (id, metric, labels)
         SELECT number, '', number FROM (SELECT coalesce(max(id), 0) + ?1 AS number FROM series)",
        [NUMBERS_LEFT_OUT],
    )?;
    Ok(())
}

fn note_of(path: &Path) -> PathBuf {
    place::beside(path, ".copying")
}

/// How many rows of each table of a damaged file can be read, and how often that failed.
pub(super) fn readable(path: &Path) -> Result<Vec<(String, u64, u32)>> {
    let old = open_damaged(path)?;
    let mut found = Vec::new();
    for table in tables(&old)? {
        let Some(mut copying) = Copying::of(&table, &old, &old)? else {
            continue;
        };
        let mut count = 0;
        loop {
            let (rows, error) = copying.read(&old);
            count += rows.len() as u64;
            if !copying.step(rows, error, &old) {
                break;
            }
        }
        found.push((table, count, copying.errors));
    }
    Ok(found)
}

/// Opens a file in which anything may be wrong; nothing is written into it but what its own WAL holds.
fn open_damaged(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let db = Connection::open_with_flags(path, flags)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // A file that ends too early is read as far as it goes.
    db.pragma_update(None, "writable_schema", "ON")?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "mmap_size", 0)?;
    tables(&db)?;
    Ok(db)
}

/// Where the copying of one table stands; the newest rows come first.
struct Copying {
    table: String,
    /// The columns that both files have.
    columns: Vec<String>,
    /// The columns by which rows are found, in this order.
    key: Vec<String>,
    /// Rows are read before this key, or the beginning of one.
    before: Option<Vec<Value>>,
    /// The key of the last row that could be read.
    last: Option<Vec<Value>>,
    /// Errors one after the other.
    failed: u32,
    /// All of them.
    errors: u32,
}

impl Copying {
    /// `None` when the old file has no such table.
    fn of(table: &str, old: &Connection, new: &Connection) -> Result<Option<Self>> {
        let (columns, keys) = columns_of(new, table)?;
        let Ok((there, _)) = columns_of(old, table) else {
            return Ok(None);
        };
        let columns: Vec<String> = columns
            .into_iter()
            .filter(|column| there.contains(column))
            .collect();
        let key = if keys.is_empty() {
            vec!["rowid".to_owned()]
        } else {
            keys
        };
        let copying = Self {
            table: table.to_owned(),
            columns,
            key,
            before: None,
            last: None,
            failed: 0,
            errors: 0,
        };
        Ok((!copying.columns.is_empty()).then_some(copying))
    }

    /// The next rows, the key before the columns; and whether an error ended them.
    fn read(&self, old: &Connection) -> (Vec<Vec<Value>>, bool) {
        let mut rows = Vec::new();
        let ended = self.read_into(old, &mut rows);
        (rows, ended.is_err())
    }

    fn read_into(&self, old: &Connection, into: &mut Vec<Vec<Value>>) -> Result<()> {
        let sql = self.question(ROWS);
        let mut statement = old.prepare_cached(&sql)?;
        let width = self.key.len() + self.columns.len();
        let before = self.before.iter().flatten();
        let mut rows = statement.query(params_from_iter(before))?;
        while let Some(row) = rows.next()? {
            let values: Result<Vec<Value>> = (0..width).map(|index| row.get(index)).collect();
            into.push(values?);
        }
        Ok(())
    }

    fn question(&self, limit: usize) -> String {
        let condition = self.before.as_ref().map_or(String::new(), |before| {
            let key = self.key[..before.len()].join(", ");
            let marks = vec!["?"; before.len()].join(", ");
            format!("WHERE ({key}) < ({marks})")
        });
        format!(
            "SELECT {}, {} FROM {} {condition} ORDER BY {} DESC LIMIT {limit}",
            self.key.join(", "),
            self.columns.join(", "),
            self.table,
            self.key.join(" DESC, "),
        )
    }

    /// Writes a row; what the new file has already stays. How many rows that were.
    fn write(&self, tx: &Transaction<'_>, row: &[Value]) -> Result<u64> {
        let sql = format!(
            "INSERT OR IGNORE INTO {} ({}) VALUES ({})",
            self.table,
            self.columns.join(", "),
            vec!["?"; self.columns.len()].join(", ")
        );
        let values = row.iter().skip(self.key.len());
        let written = tx.prepare_cached(&sql)?.execute(params_from_iter(values));
        match written {
            Ok(rows) => Ok(rows as u64),
            Err(error) => match error.sqlite_error_code() {
                // A value that the table does not take: the row is part of the damage.
                Some(
                    ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig,
                ) => Ok(0),
                _ => Err(error),
            },
        }
    }

    /// Moves on behind what was read, and over what could not be; whether there can be more.
    fn step(&mut self, rows: Vec<Vec<Value>>, error: bool, old: &Connection) -> bool {
        let count = rows.len();
        if let Some(mut last) = rows.into_iter().last() {
            last.truncate(self.key.len());
            self.before = Some(last.clone());
            self.last = Some(last);
            self.failed = 0;
        }
        if !error {
            return count == ROWS;
        }
        self.failed += 1;
        self.errors += 1;
        if self.errors >= MOST_ERRORS {
            return false;
        }
        if self.last.is_none() {
            self.last = self.find_readable(old);
        }
        let further = self.failed.saturating_sub(TRIED_ONE_BY_ONE);
        let step = 1_i64.checked_shl(further).filter(|step| *step > 0);
        let tried = i64::from(self.failed.min(TRIED_ONE_BY_ONE));
        let last = self.last.as_deref().unwrap_or_default();
        self.before = step.and_then(|step| below(last, step.saturating_mul(tried)));
        self.before.is_some()
    }

    /// Where the end of the table can't be read, the largest number from which on downwards it can.
    fn find_readable(&mut self, old: &Connection) -> Option<Vec<Value>> {
        let (mut readable, mut not) = (0_i64, i64::MAX);
        while not - readable > 1 {
            let middle = readable + (not - readable) / 2;
            self.before = Some(vec![Value::Integer(middle)]);
            let probe = old.prepare(&self.question(1)).and_then(|mut statement| {
                let mut rows = statement.query([middle])?;
                rows.next().map(|_| ())
            });
            match probe {
                Ok(()) => readable = middle,
                Err(_) => not = middle,
            }
        }
        let mut key = vec![Value::Integer(not)];
        key.resize(self.key.len(), Value::Integer(i64::MAX));
        Some(key)
    }
}

/// The key, or the beginning of one, that lies `step` numbers below. Of a key of several columns the last is left out: its
/// rows lie together, and so does what is damaged.
fn below(key: &[Value], step: i64) -> Option<Vec<Value>> {
    let (start, number) = match key {
        [only] => (&[][..], only),
        [start @ .., number, _] => (start, number),
        [] => return None,
    };
    match number {
        // Numbers are given out from 0 on.
        Value::Integer(number) if *number >= step => {
            let mut before = start.to_vec();
            before.push(Value::Integer(number - step + i64::from(!start.is_empty())));
            Some(before)
        }
        _ if start.is_empty() => None,
        _ => Some(start.to_vec()),
    }
}

/// The columns of a table, quoted, and those of its key; none where rows are found by their number alone.
fn columns_of(db: &Connection, table: &str) -> Result<(Vec<String>, Vec<String>)> {
    let sql = "SELECT name, pk FROM pragma_table_info(?1)";
    let mut statement = db.prepare(sql)?;
    let found: Vec<(String, i64)> = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let mut keys: Vec<&(String, i64)> = found.iter().filter(|(_, pk)| *pk > 0).collect();
    keys.sort_by_key(|(_, pk)| *pk);
    let quoted = |name: &String| format!("\"{name}\"");
    let keys = keys.into_iter().map(|(name, _)| quoted(name)).collect();
    Ok((found.iter().map(|(name, _)| quoted(name)).collect(), keys))
}
