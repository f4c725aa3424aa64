//! The shelf of figures without the thread that writes it and the shelves beside it: what benches measure.

use std::path::Path;

use rusqlite::Connection;

use super::{Reader, SERIES_BITS, Samples, trusted};
use crate::model::{SeriesId, Timestamp};
use crate::store::file::ids::Ids;
use crate::store::file::shelf::Shelf;
use crate::store::file::{Limits, schema};
use crate::store::{Kept, Points, StoreError, Window};

/// A file of figures.
#[derive(Debug)]
pub struct Figures {
    db: Connection,
    samples: Samples,
    ids: Ids,
    reader: Reader,
}

impl Figures {
    /// Makes a file.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn create(path: &Path) -> Result<Self, rusqlite::Error> {
        let mut db = Connection::open(path)?;
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        schema::step_forward(&mut db)?;
        Ok(Self {
            db,
            samples: Samples::new(),
            ids: Ids::default(),
            reader: Reader::default(),
        })
    }

    /// Takes a tick.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn put(&mut self, kept: &Kept) -> Result<(), rusqlite::Error> {
        if !self.ids.know(&kept.frame.series) {
            let tx = self.db.transaction()?;
            self.ids.take(&kept.frame.series, &tx)?;
            tx.commit()?;
        }
        self.samples.put(kept, &self.ids);
        Ok(())
    }

    /// Writes what came, as is done every two seconds.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn write(&mut self) -> Result<(), rusqlite::Error> {
        let tx = self.db.transaction()?;
        self.samples.write(&tx)?;
        tx.commit()?;
        self.samples.written();
        Ok(())
    }

    /// One piece of the work that has time; whether there is more.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn tidy(&mut self, now: Timestamp, limits: &Limits) -> Result<bool, rusqlite::Error> {
        let tx = self.db.transaction()?;
        let trusted = trusted(&tx, now)?;
        let more = match trusted {
            Some(now) => self.samples.forget(&tx, now, limits)?,
            None => false,
        } || self.samples.tidy(&tx, now)?;
        tx.commit()?;
        Ok(more)
    }

    /// A series over a window.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn points(&self, series: SeriesId, window: Window) -> Result<Points, StoreError> {
        match self.ids.of(series) {
            Some(id) => self.reader.points(&self.db, id, window),
            None => Ok(Points::unknown(window)),
        }
    }

    /// How many series are known at a moment.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn known_at(&self, at: Timestamp) -> Result<usize, StoreError> {
        let moment = self.reader.values_at(&self.db, at)?;
        Ok(moment.map_or(0, |moment| moment.values.len()))
    }

    /// Bytes of the blocks and the times of each tier, finest first, with what SQLite adds to a row.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn bytes_by_tier(&self) -> Result<[u64; 4], rusqlite::Error> {
        /// The head of a row: its length, its number, the type of its column.
        const ROW: i64 = 12;
        let mut bytes = [0; 4];
        for (tier, bytes) in (0i64..).zip(&mut bytes) {
            let held: i64 = self.db.query_row(
                "SELECT coalesce(sum(length(data) + ?2), 0) FROM block
                 WHERE id >> ?3 IN (SELECT id FROM span WHERE tier = ?1 AND state = 1)",
                [tier, ROW, SERIES_BITS.into()],
                |row| row.get(0),
            )?;
            let times: i64 = self.db.query_row(
                "SELECT coalesce(sum(length(times)), 0) FROM span WHERE tier = ? AND state = 1",
                [tier],
                |row| row.get(0),
            )?;
            *bytes = u64::try_from(held + times).unwrap_or(0);
        }
        Ok(bytes)
    }

    /// Bytes of ticks in memory.
    #[must_use]
    pub fn bytes_held(&self) -> usize {
        self.samples.bytes_held()
    }
}
