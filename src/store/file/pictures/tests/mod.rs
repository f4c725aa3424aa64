//! Pictures and distributions on disk against what was live.

mod codec;
mod damage;
mod distributions;
mod shelves;
mod story;

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::Pictures;
use crate::model::{Catalog, Distribution, Frame, SeriesId, Timestamp};
use crate::store::Kept;
use crate::store::file::ids::{FileId, Ids};
use crate::store::file::shelf::Shelf;
use crate::store::file::tests::in_memory;
use crate::store::file::{Limits, pictures};

/// A moment that is a multiple of a day.
const START: Timestamp = Timestamp(20_000 * 86_400_000);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A file with a writer, as the keeper has them.
struct Desk {
    db: Connection,
    catalog: Catalog,
    ids: Ids,
    shelf: Pictures,
}

impl Desk {
    fn new(catalog: Catalog) -> Self {
        Self {
            db: in_memory(),
            catalog,
            ids: Ids::default(),
            shelf: Pictures::default(),
        }
    }

    /// Takes ticks and writes after every second one.
    fn keep<'a>(&mut self, ticks: impl IntoIterator<Item = &'a Kept>) {
        for (count, kept) in ticks.into_iter().enumerate() {
            self.put(kept);
            if count % 2 == 1 {
                self.write();
            }
        }
        self.write();
    }

    fn put(&mut self, kept: &Kept) {
        let tx = self.db.transaction().unwrap();
        self.ids.take(&self.catalog.table(), &tx).unwrap();
        tx.commit().unwrap();
        self.shelf.put(kept, &self.ids);
    }

    fn write(&mut self) {
        let tx = self.db.transaction().unwrap();
        self.shelf.write(&tx).unwrap();
        tx.commit().unwrap();
        self.shelf.written();
    }

    /// A transaction that comes to nothing.
    fn fail_to_write(&mut self) {
        let tx = self.db.transaction().unwrap();
        self.shelf.write(&tx).unwrap();
        tx.rollback().unwrap();
    }

    /// The writer is gone without a word; another takes its place.
    fn restart(&mut self) {
        self.shelf = Pictures::default();
        self.shelf.recover(&self.db).unwrap();
    }

    /// All that has time, as of a moment.
    fn tidy(&mut self, now: Timestamp) {
        let limits = Limits::default();
        let mut rounds = 0;
        loop {
            let tx = self.db.transaction().unwrap();
            let more =
                self.shelf.forget(&tx, now, &limits).unwrap() || self.shelf.tidy(&tx, now).unwrap();
            tx.commit().unwrap();
            rounds += 1;
            assert!(rounds < 10_000, "there is always more to tidy");
            if !more {
                return;
            }
        }
    }

    fn known(&self) -> Vec<(FileId, SeriesId)> {
        let table = self.catalog.table();
        let ids = table.iter().map(|(id, _)| (self.ids.of(id).unwrap(), id));
        ids.collect()
    }

    /// The frame of a moment, with the values of the one given.
    fn frame_at(&self, at: Timestamp, values: &[f64]) -> Frame {
        let known = self.known();
        let values: Vec<_> = known
            .iter()
            .filter_map(|(file, id)| Some((*file, *values.get(id.index())?)))
            .collect();
        let told = pictures::frame_at(&self.db, &self.catalog, &known, at, &values);
        let mut told = told.unwrap();
        told.tables.as_of.take_if(|of| *of == at);
        told
    }

    fn count(&self, query: &str) -> i64 {
        self.db.query_row(query, [], |row| row.get(0)).unwrap()
    }
}

/// A tick with nothing but what came.
fn tick(at: Timestamp, came: Vec<(SeriesId, Distribution)>) -> Kept {
    Kept {
        frame: Arc::new(Frame::empty(at)),
        came: came.into(),
    }
}
