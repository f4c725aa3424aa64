//! Reads moments and stretches of time back from a file. Several may read while one writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::ids::{self, FileId};
use super::{journal, open, pictures, samples};
use crate::model::{Catalog, Distribution, Frame, Incident, ProcessKey, SeriesId, Timestamp};
use crate::store::hot::{HotHistory, Picture};
use crate::store::{Points, StoreError, Window};

/// The reader's side of a file. Series have the numbers of the catalog it was opened with; those of the file that the
/// catalog lacks are added to it.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    db: Connection,
    catalog: Catalog,
    host: String,
    /// The numbers of the file's series here; grows as the file does.
    known: Mutex<Arc<Vec<(FileId, SeriesId)>>>,
    figures: samples::Reader,
}

impl Archive {
    /// Opens a file to read it, and only that.
    ///
    /// # Errors
    /// There is none, it can't be read, it is no history, or a newer hubtop wrote it.
    pub fn open(path: &Path, catalog: Catalog) -> Result<Self, StoreError> {
        let db = open::to_read(path)?;
        let refused = |error| StoreError::of_sqlite(path, error);
        let known = ids::known_here(&db, &catalog).map_err(refused)?;
        let host = journal::last_host(&db).map_err(refused)?;
        Ok(Self {
            path: path.to_owned(),
            db,
            catalog,
            host: host.unwrap_or_default(),
            known: Mutex::new(Arc::new(known)),
            figures: samples::Reader::default(),
        })
    }

    /// Every series of the file with its number here.
    fn known(&self) -> Result<Arc<Vec<(FileId, SeriesId)>>, StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = known.last().map_or(0, |(number, _)| *number);
        let new = ids::known_after(&self.db, &self.catalog, newest);
        let new = new.map_err(|error| self.refused(error))?;
        if !new.is_empty() {
            Arc::make_mut(&mut known).extend(new);
        }
        Ok(known.clone())
    }

    /// The number in the file of a series that is known here.
    fn number_of(&self, series: SeriesId) -> Result<Option<FileId>, StoreError> {
        let table = self.catalog.table();
        let Some(key) = table.key(series) else {
            return Ok(None);
        };
        ids::find(&self.db, key).map_err(|error| self.refused(error))
    }

    /// The connection, for what has a reader of its own: [`journal`].
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.db
    }

    fn refused(&self, error: rusqlite::Error) -> StoreError {
        StoreError::of_sqlite(&self.path, error)
    }

    /// The first and the last moment that [`Archive::frame_at`] can show.
    ///
    /// # Errors
    /// As with every method: the file can't be read, or what is in it can't be what was written.
    pub fn remembers(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        self.figures.remembers(&self.db)
    }

    /// The last tick at or before a moment, and the first after it.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn ticks_around(
        &self,
        at: Timestamp,
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
        self.figures.ticks_around(&self.db, at)
    }

    /// What was shown at a moment: the frame of the last tick at or before it. Where single ticks are no longer kept, the
    /// figures are of the 10 s, the minute or the quarter of an hour around it, and tables of the last picture that still
    /// stands. Where there is none, its number is 0, and all it has beside figures is the host and the rules. `None`
    /// before all that is kept.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn frame_at(&self, at: Timestamp) -> Result<Option<Frame>, StoreError> {
        // Figures and pictures of one state of the file.
        let state = self.db.unchecked_transaction();
        let _state = state.map_err(|error| self.refused(error))?;
        let Some(moment) = self.figures.values_at(&self.db, at)? else {
            return Ok(None);
        };
        let known = self.known()?;
        let mut frame = pictures::frame_at(&self.db, &self.catalog, &known, at, &moment.values)?;
        // Of a bucket that is its beginning; the picture is that of the moment asked for.
        if !moment.values.is_empty() {
            (frame.at, frame.tick) = (moment.at, moment.tick);
        }
        frame.tables.as_of.take_if(|of| *of == moment.at);
        Ok(Some(frame))
    }

    /// A series over a window, from the tier that has about as many buckets as the window; gaps where nothing is kept.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn points(&self, series: SeriesId, window: Window) -> Result<Points, StoreError> {
        match self.number_of(series)? {
            Some(number) => self.figures.points(&self.db, number, window),
            None => Ok(Points::unknown(window)),
        }
    }

    /// Everything of a series that happened from one moment to another, as [`HotHistory::distribution`] tells it.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Distribution>, StoreError> {
        match self.number_of(series)? {
            Some(number) => pictures::distribution(&self.db, number, from, to),
            None => Ok(None),
        }
    }

    /// What happened in each bucket of a window.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn distributions(
        &self,
        series: SeriesId,
        window: Window,
    ) -> Result<Vec<Option<Distribution>>, StoreError> {
        match self.number_of(series)? {
            Some(number) => pictures::distributions(&self.db, number, window),
            None => Ok(vec![None; window.count]),
        }
    }

    /// The pictures of a stretch of time, at most one each `step`, oldest first: what a process's own history is drawn
    /// from.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn pictures(
        &self,
        from: Timestamp,
        to: Timestamp,
        step: std::time::Duration,
    ) -> Result<Vec<Picture>, StoreError> {
        pictures::pictures(&self.db, &self.known()?, from, to, step)
    }

    /// Every series that the file knows, and perhaps others of the catalog it was opened with.
    #[must_use]
    pub fn series(&self) -> Arc<crate::model::SeriesTable> {
        self.catalog.table()
    }

    /// The name of the host that the file is of.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The samples of a series from one moment until before another, in order: each tick where those are kept, else the
    /// mean of the finest buckets there are, at their beginnings. What was not known is left out.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn samples(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, f64)>, StoreError> {
        match self.number_of(series)? {
            Some(number) => self.figures.samples(&self.db, number, from, to),
            None => Ok(Vec::new()),
        }
    }

    /// What one process used, from the first picture in each bucket of a window; of a long window from fewer, so that it
    /// takes no longer.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn process_rows(
        &self,
        process: ProcessKey,
        window: Window,
    ) -> Result<pictures::ProcessRows, StoreError> {
        pictures::process_rows(&self.db, process, window)
    }

    /// Every incident that was open at any time from one moment to another, by when it began. Its number is unique among
    /// all runs of hubtop, and so not that of a frame; one that was open when its run ended is stale since then.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn incidents(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Incident>, StoreError> {
        journal::between(&self.db, &self.catalog, from, to).map_err(|error| self.refused(error))
    }

    /// Fills a hot history with what its tiers would hold had hubtop run all the time until `until`.
    ///
    /// # Errors
    /// See [`Archive::remembers`].
    pub fn fill(&self, history: &mut HotHistory, until: Timestamp) -> Result<(), StoreError> {
        self.figures.fill(&self.db, &self.known()?, history, until)
    }
}
