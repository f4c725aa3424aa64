//! The open file as the writing thread holds it: the connection, the lock, the series' numbers and the shelves.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

use super::ids::Ids;
use super::journal::Journal;
use super::lock::WriterLock;
use super::salvage::Salvage;
use super::shelf::Shelf;
use super::{Limits, place, shelves};
use crate::model::Timestamp;
use crate::store::Kept;

/// Free pages that stay in the file for what comes next, 4 MB.
const FREE_PAGES_KEPT: u64 = 1024;
/// Free pages that are given back to the disk in one piece, 1 MB.
const PAGES_GIVEN_BACK: u32 = 256;
/// Of the bytes that the history may take, so many are for the WAL and for free pages, at most an eighth.
const RESERVE: u64 = 16 << 20;

/// The open file.
pub(super) struct Book {
    path: PathBuf,
    db: Connection,
    lock: WriterLock,
    /// Which file it is, so that its removal is seen.
    identity: Option<Identity>,
    ids: Ids,
    journal: Journal,
    shelves: Vec<Box<dyn Shelf>>,
    /// The shelf that is tidied next; beyond the last it is the file's own turn.
    turn: usize,
    salvage: Option<Salvage>,
}

impl Book {
    /// Takes up what the last writer left. `run` is this run's number where it had one in a file before.
    ///
    /// # Errors
    /// What that refuses: damage, mostly.
    pub fn new(
        path: &Path,
        db: Connection,
        lock: WriterLock,
        run: Option<i64>,
    ) -> std::result::Result<Self, (rusqlite::Error, WriterLock)> {
        let mut book = Self {
            path: path.to_owned(),
            db,
            lock,
            identity: Identity::of(path),
            ids: Ids::default(),
            journal: Journal::of_run(run),
            shelves: shelves::all(),
            turn: 0,
            salvage: None,
        };
        match book.recover() {
            Ok(()) => Ok(book),
            Err(error) => Err((error, book.lock)),
        }
    }

    fn recover(&mut self) -> Result<()> {
        self.journal.recover(&self.db)?;
        for shelf in &mut self.shelves {
            shelf.recover(&self.db)?;
        }
        Ok(())
    }

    /// Goes on copying what can be read of a file that was set aside.
    pub fn take_over(&mut self, salvage: Salvage) {
        self.salvage = Some(salvage);
    }

    /// The same where an earlier run did not come to its end.
    pub fn go_on_copying(&mut self) {
        self.salvage = Salvage::resume(&self.path, &self.db);
    }

    /// Lets go of the file but not of the right to write it.
    pub fn close(self) -> WriterLock {
        self.lock
    }

    /// The number of this run.
    pub fn run(&self) -> i64 {
        self.journal.run()
    }

    /// Takes a tick into memory. New series get their numbers at once, in a transaction of their own.
    pub fn put(&mut self, kept: &Kept) -> Result<()> {
        if !self.ids.know(&kept.frame.series) {
            self.number_series(kept)?;
        }
        self.journal.put(kept, &self.ids);
        for shelf in &mut self.shelves {
            shelf.put(kept, &self.ids);
        }
        Ok(())
    }

    fn number_series(&mut self, kept: &Kept) -> Result<()> {
        let known = self.ids.len();
        let tx = begin(&mut self.db)?;
        let taken = self.ids.take(&kept.frame.series, &tx);
        let committed = taken.and_then(|()| tx.commit());
        if committed.is_err() {
            self.ids.forget_after(known);
        }
        committed
    }

    /// Writes what came since the last time, all or none of it.
    pub fn write(&mut self) -> Result<()> {
        self.write_with(|_, _| Ok(()))
    }

    /// The same at the end of the run.
    pub fn end(mut self) -> Result<()> {
        self.write_with(|journal, tx| journal.end(tx))
    }

    fn write_with(
        &mut self,
        and: impl FnOnce(&Journal, &Transaction<'_>) -> Result<()>,
    ) -> Result<()> {
        let tx = begin(&mut self.db)?;
        self.journal.write(&tx)?;
        for shelf in &mut self.shelves {
            shelf.write(&tx)?;
        }
        and(&self.journal, &tx)?;
        tx.commit()?;
        self.journal.written();
        for shelf in &mut self.shelves {
            shelf.written();
        }
        Ok(())
    }

    /// Does one bounded piece of the work that has time; whether there is more.
    pub fn tidy(&mut self, now: Timestamp, limits: &Limits) -> Result<bool> {
        // First, because what is folded together must be there.
        if let Some(salvage) = &mut self.salvage {
            if !salvage.copy_some(&mut self.db)? {
                self.salvage = None;
            }
            return Ok(true);
        }
        let more = match self.turn {
            0 => {
                let tx = begin(&mut self.db)?;
                let more = self.journal.tidy(&tx, now, limits)?;
                tx.commit()?;
                more
            }
            turn if turn <= self.shelves.len() => {
                let tx = begin(&mut self.db)?;
                let more = self.shelves[turn - 1].tidy(&tx, now, limits)?;
                tx.commit()?;
                more
            }
            _ => self.tidy_file(limits)?,
        };
        if more {
            return Ok(true);
        }
        let turns = self.shelves.len() + 2;
        self.turn = (self.turn + 1) % turns;
        Ok(self.turn != 0)
    }

    /// What is nobody's: the size, and the pages that are free.
    fn tidy_file(&mut self, limits: &Limits) -> Result<bool> {
        let reserve = RESERVE.min(limits.bytes / 8);
        let most = limits.bytes.saturating_sub(reserve);
        let size = Size::of(&self.db)?;
        if size.used() > most {
            return Ok(self.make_room(size.used() - most)? > 0);
        }
        if size.free > FREE_PAGES_KEPT {
            give_back(&self.db, PAGES_GIVEN_BACK)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Each shelf gives its part; where one has nothing left, the others give more.
    fn make_room(&mut self, bytes: u64) -> Result<u64> {
        let tx = begin(&mut self.db)?;
        let parts = u64::try_from(self.shelves.len()).unwrap_or(1).max(1);
        let mut freed = 0;
        for want in [bytes.div_ceil(parts), bytes] {
            for shelf in &mut self.shelves {
                let want = want.min(bytes.saturating_sub(freed));
                if want > 0 {
                    freed += shelf.make_room(&tx, want)?;
                }
            }
        }
        tx.commit()?;
        Ok(freed)
    }

    /// Writes the file anew without free pages; beside it on the disk, and not in memory.
    pub fn vacuum(&self) -> Result<()> {
        self.db.pragma_update(None, "temp_store", "FILE")?;
        self.db.execute_batch("VACUUM")?;
        self.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// Bytes that the ticks take in memory which are not on disk.
    pub fn bytes_held(&self) -> usize {
        let shelves: usize = self.shelves.iter().map(|shelf| shelf.bytes_held()).sum();
        shelves + self.journal.bytes_held()
    }

    /// Bytes on disk, the WAL among them.
    pub fn bytes(&self) -> Option<u64> {
        let length = |suffix| std::fs::metadata(place::beside(&self.path, suffix)).map(|m| m.len());
        Some(length("").ok()? + length("-wal").unwrap_or(0))
    }

    /// Whether the file is still the one that its name leads to.
    pub fn is_there(&self) -> bool {
        self.identity.is_none() || self.identity == Identity::of(&self.path)
    }
}

fn begin(db: &mut Connection) -> Result<Transaction<'_>> {
    db.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Gives free pages back to the disk; the statement frees one page at each step.
pub(super) fn give_back(db: &Connection, pages: u32) -> Result<()> {
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// How large the file is, in pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    page: u64,
    pages: u64,
    free: u64,
}

impl Size {
    pub fn of(db: &Connection) -> Result<Self> {
        let ask = |name| {
            db.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .map(i64::unsigned_abs)
        };
        Ok(Self {
            page: ask("page_size")?,
            pages: ask("page_count")?,
            free: ask("freelist_count")?,
        })
    }

    /// Bytes in use.
    pub fn used(self) -> u64 {
        self.pages.saturating_sub(self.free) * self.page
    }

    /// Bytes that are free within the file.
    pub fn free(self) -> u64 {
        self.free * self.page
    }
}

/// Which file a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let known = std::fs::metadata(path).ok()?;
        Some(Self {
            device: known.dev(),
            inode: known.ino(),
        })
    }

    #[cfg(not(unix))]
    fn of(_path: &Path) -> Option<Self> {
        None
    }
}
