//! The writing thread: takes ticks, writes them every two seconds, tidies in between, and goes on whatever happens to the
//! file.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::book::Book;
use super::keeper::Told;
use super::lock::{Attempt, WriterLock, try_lock};
use super::open::Refusal;
use super::salvage::Salvage;
use super::set_aside::{mend_head, set_aside};
use super::trouble::Trouble;
use super::{Limits, lines, open, place};
use crate::model::{KeepingState, Timestamp};
use crate::store::{Kept, StoreError};

/// What a `kill -9` loses is what came since the last writing: two seconds and a tick.
const WRITE_EACH: Duration = Duration::from_secs(2);
/// When the file is tried again that could not be opened, or that another hubtop writes.
const AGAIN: Duration = Duration::from_secs(10);
/// When a disk is tried again on which file after file was damaged.
const MUCH_LATER: Duration = Duration::from_secs(600);
/// So many files are set aside in one run at most.
const MOST_DAMAGED: u32 = 3;
/// A file that refuses so often without a known reason is damaged …
const MOST_FAILED: u32 = 3;
/// … and one of which the disk can't read a place for five minutes.
const MOST_UNREADABLE: u32 = 30;
/// The shelves let go of their oldest ticks while the disk takes none. Should they ever hold so many bytes all the same,
/// no more is put on them.
const HELD: usize = 256 << 20;
/// The ticks since the last writing are held too, for the case that they must go into another file: so many at most.
const RECENT: usize = 20;
/// How long a line about something that is over is told.
const TOLD_FOR: Duration = Duration::from_secs(3600);
/// Tidying takes a fifth of the thread's time at most.
const REST: u32 = 4;

/// The inside of the thread.
pub(super) struct Writer {
    path: PathBuf,
    limits: Limits,
    ticks: Receiver<Kept>,
    told: Arc<Told>,
    book: Option<Book>,
    /// The ticks that are not on disk yet, oldest first.
    recent: VecDeque<Kept>,
    /// Of those the ones that the book could not take: their series could not be numbered.
    delayed: VecDeque<Kept>,
    /// How many ticks that are not on disk are no longer among the recent: the book's shelves alone hold them.
    only_held: u64,
    /// The time of the newest tick.
    now: Timestamp,
    /// The tick at which was last written.
    written_at: Timestamp,
    write_at: Instant,
    tidy_at: Instant,
    open_at: Instant,
    damaged: u32,
    /// What was refused for the same reason since all went well, and how often.
    failed: Option<(Trouble, u32)>,
    /// What happened to the file before this one, and until when that is told.
    news: Option<(String, Timestamp)>,
}

impl Writer {
    pub fn new(path: &Path, limits: Limits, ticks: Receiver<Kept>, told: Arc<Told>) -> Self {
        let now = Instant::now();
        Self {
            path: path.to_owned(),
            limits,
            ticks,
            told,
            book: None,
            recent: VecDeque::new(),
            delayed: VecDeque::new(),
            only_held: 0,
            now: Timestamp(0),
            written_at: Timestamp(0),
            write_at: now,
            tidy_at: now,
            open_at: now,
            damaged: 0,
            failed: None,
            news: None,
        }
    }

    /// Runs until nobody hands ticks in any more.
    pub fn run(mut self) {
        be_modest();
        loop {
            match self.ticks.recv_timeout(self.pause()) {
                Ok(kept) => self.take(kept),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.work();
        }
        self.end();
    }

    /// Until when there is nothing to do but to wait for ticks.
    fn pause(&self) -> Duration {
        let next = match &self.book {
            Some(_) => self.write_at.min(self.tidy_at),
            None => self.open_at,
        };
        let pause = next.saturating_duration_since(Instant::now());
        // Before the first tick nothing is known of the time.
        if self.now == Timestamp(0) {
            AGAIN
        } else {
            pause
        }
    }

    fn take(&mut self, kept: Kept) {
        if self.now == Timestamp(0) {
            self.told.begin(kept.frame.at);
            self.written_at = kept.frame.at;
        }
        self.now = kept.frame.at;
        if self.book.is_none() && Instant::now() >= self.open_at {
            self.open();
        }
        self.remember(kept.clone());
        if self.book.is_some() {
            self.put(&kept);
        }
        self.told.took();
    }

    /// Holds a tick until it is on disk.
    fn remember(&mut self, kept: Kept) {
        if self.told.keeping().state == KeepingState::Reading {
            return;
        }
        self.recent.push_back(kept);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
            if self.book.is_some() {
                self.only_held += 1;
            } else {
                self.told.lose(1);
            }
        }
    }

    fn put(&mut self, kept: &Kept) {
        self.delayed.push_back(kept.clone());
        self.put_delayed();
        if self.delayed.len() > RECENT {
            self.delayed.pop_front();
            self.lose_held(1);
        }
        let dropped = self.book.as_mut().map_or(0, Book::take_dropped);
        self.lose_held(dropped);
    }

    /// So many of the oldest ticks that are not on disk are held no more.
    fn lose_held(&mut self, ticks: u64) {
        self.told.lose(ticks);
        self.only_held = self.only_held.saturating_sub(ticks);
    }

    /// Hands on what waits, as far as it is taken.
    fn put_delayed(&mut self) {
        while let (Some(book), Some(kept)) = (&mut self.book, self.delayed.front()) {
            if book.bytes_held() > HELD {
                self.told.lose(1);
            } else if let Err(error) = book.put(kept) {
                return self.refused(&error);
            }
            self.delayed.pop_front();
        }
    }

    /// What is due.
    fn work(&mut self) {
        let now = Instant::now();
        if self.now == Timestamp(0) {
            return;
        }
        if self.book.is_none() {
            if now >= self.open_at {
                self.open();
            }
            return;
        }
        let passed = self
            .now
            .since(self.written_at)
            .max(self.written_at.since(self.now));
        if now >= self.write_at || passed >= WRITE_EACH {
            self.write();
        } else if now >= self.tidy_at {
            self.tidy();
        }
    }

    fn write(&mut self) {
        self.write_at = Instant::now() + WRITE_EACH;
        self.written_at = self.now;
        let Some(book) = &mut self.book else { return };
        if !book.is_there() {
            self.leave_book();
            self.open_at = Instant::now();
            self.tell_news(lines::REMOVED.to_owned());
            return;
        }
        let written = book.write();
        match written {
            Ok(()) => {
                self.recent.clear();
                self.recent.extend(self.delayed.iter().cloned());
                self.only_held = 0;
                self.told.tell_bytes(book.bytes());
                self.tell_keeping();
            }
            Err(error) => self.refused(&error),
        }
    }

    fn tidy(&mut self) {
        let Some(book) = &mut self.book else { return };
        let began = Instant::now();
        match book.tidy(self.now, &self.limits) {
            Ok(true) => self.tidy_at = Instant::now() + began.elapsed() * REST,
            Ok(false) => {
                // All of its parts were written and gone through.
                self.failed = None;
                self.tidy_at = Instant::now() + WRITE_EACH;
            }
            Err(error) => {
                self.tidy_at = Instant::now() + WRITE_EACH;
                self.refused(&error);
            }
        }
    }

    /// All is well, or was but for what is still news.
    fn tell_keeping(&mut self) {
        let stale = |until: Timestamp| self.now > until;
        if self.news.as_ref().is_some_and(|(_, until)| stale(*until)) {
            self.news = None;
        }
        let line = self.news.as_ref().map_or("", |(line, _)| line);
        self.told.tell(KeepingState::Keeping, line, self.now);
    }

    fn tell_news(&mut self, line: String) {
        self.news = Some((line, self.now.plus(TOLD_FOR)));
    }

    /// What the file refuses while it is open.
    fn refused(&mut self, error: &rusqlite::Error) {
        tracing::warn!(%error, "the history's file refuses");
        match Trouble::of(error) {
            Trouble::Full => self.tell_failing(&lines::full(&self.path)),
            Trouble::Busy => self.tell_failing(lines::BUSY),
            trouble if self.is_damage(trouble) => self.begin_anew(&error.to_string()),
            _ => {
                self.leave_book();
                self.open_at = Instant::now() + AGAIN;
                self.tell_failing(&lines::refused(error));
            }
        }
    }

    /// Whether the file is to be set aside. What is in it may be what refuses for no known reason: then it does so again.
    fn is_damage(&mut self, trouble: Trouble) -> bool {
        let most = match trouble {
            Trouble::Damage => return true,
            Trouble::Other => MOST_FAILED,
            Trouble::Unreadable => MOST_UNREADABLE,
            _ => return false,
        };
        let before = match self.failed {
            Some((known, times)) if known == trouble => times,
            _ => 0,
        };
        self.failed = (before < most).then_some((trouble, before + 1));
        before >= most
    }

    /// Closes the file. What its shelves alone held is lost.
    fn leave_book(&mut self) -> Option<Book> {
        let book = self.book.take()?;
        self.told.lose(std::mem::take(&mut self.only_held));
        Some(book)
    }

    fn tell_failing(&self, line: &str) {
        self.told.tell(KeepingState::Failing, line, self.now);
    }

    /// Sets a file aside that turned out to be damaged while it was written.
    fn begin_anew(&mut self, what: &str) {
        let Some(book) = self.leave_book() else {
            return;
        };
        let run = book.run();
        match self.renew(book.close(), Some(run), what) {
            Ok(()) => self.put_recent(),
            Err(refusal) => self.not_opened(refusal),
        }
    }

    /// Opens the file, or says why not and when it is tried again.
    fn open(&mut self) {
        match self.try_open() {
            Ok(true) => self.put_recent(),
            Ok(false) => self.open_at = Instant::now() + AGAIN,
            Err(refusal) => self.not_opened(refusal),
        }
    }

    fn not_opened(&mut self, refusal: Refusal) {
        self.open_at = Instant::now() + AGAIN;
        match refusal {
            Refusal::Error(error) => self.tell_failing(&lines::not_opened(&error)),
            Refusal::Damaged(what) => {
                self.open_at = Instant::now() + MUCH_LATER;
                self.tell_failing(&lines::damaged_again(&what));
            }
        }
    }

    /// `false` when another hubtop writes it.
    fn try_open(&mut self) -> Result<bool, Refusal> {
        self.path = place::prepare(&self.path)?;
        let lock = match try_lock(&self.path)? {
            Attempt::Ours(lock) => lock,
            Attempt::Theirs(pid) => {
                self.recent.clear();
                let line = lines::reading(pid);
                self.told.tell(KeepingState::Reading, &line, self.now);
                return Ok(false);
            }
        };
        match open::to_write(&self.path) {
            Ok(db) => match Book::new(&self.path, db, lock, None) {
                Ok(mut book) => {
                    book.go_on_copying();
                    self.book = Some(book);
                }
                Err((error, lock)) => {
                    if !self.is_damage(Trouble::of(&error)) {
                        return Err(StoreError::of_sqlite(&self.path, error).into());
                    }
                    self.renew(lock, None, &error.to_string())?;
                }
            },
            Err(Refusal::Damaged(what)) => self.renew(lock, None, &what)?,
            Err(refusal) => return Err(refusal),
        }
        Ok(true)
    }

    /// Sets the file aside and begins a new one with what can be read of it.
    fn renew(&mut self, lock: WriterLock, run: Option<i64>, what: &str) -> Result<(), Refusal> {
        tracing::error!(what, path = %self.path.display(), "the history is damaged");
        self.damaged += 1;
        if self.damaged > MOST_DAMAGED {
            return Err(Refusal::Damaged(what.to_owned()));
        }
        let aside = set_aside(&self.path, self.now)?;
        let mut db = open::to_write(&self.path)?;
        if let Err(error) = mend_head(&aside, &self.path) {
            tracing::warn!(%error, "its head can't be mended");
        }
        // What can't be taken over must not keep the new file from being written.
        let salvage = Salvage::begin(&aside, &self.path, &mut db)
            .inspect_err(|error| tracing::warn!(%error, "nothing can be read of it"));
        let book = Book::new(&self.path, db, lock, run);
        let mut book = book.map_err(|(error, _)| StoreError::of_sqlite(&self.path, error))?;
        self.tell_news(lines::set_aside(&aside, salvage.is_ok()));
        if let Ok(salvage) = salvage {
            book.take_over(salvage);
        }
        self.book = Some(book);
        Ok(())
    }

    /// Puts the ticks into a newly opened file that were not on disk when the one before was lost.
    fn put_recent(&mut self) {
        self.write_at = Instant::now();
        self.delayed = self.recent.clone();
        self.put_delayed();
    }

    /// Writes what is left and closes the file.
    fn end(mut self) {
        if let Some(book) = self.book.take()
            && let Err(error) = book.end()
        {
            tracing::warn!(%error, "the last ticks could not be kept");
        }
    }
}

/// Whoever is watched comes first.
fn be_modest() {
    #[cfg(target_os = "linux")]
    {
        // On Linux nice values are those of threads. Without the right to it nothing is lost.
        let _ = rustix::process::setpriority_process(None, 10);
    }
}
