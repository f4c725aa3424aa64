//! The past as a file tells it to a screen: each question once, an error once, and unknown where nothing can be read.

use std::cell::RefCell;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cache::Cache;
use super::{Points, Window};
use crate::model::{
    Catalog, Distribution, Frame, Incident, Process, ProcessKey, SeriesId, Timestamp,
};
use crate::store::StoreError;
use crate::store::file::Archive;

/// What is younger than this may not be on disk yet, nor is all that is there of it the last word.
pub(super) const WRITTEN_AFTER: Duration = Duration::from_secs(15);
/// How long an answer about such a moment is good for.
const UNSETTLED: Duration = Duration::from_secs(2);
/// When a file that could not be read is opened anew.
const REOPENED_AFTER: Duration = Duration::from_secs(5);

/// What all answers of one kind may take: points, which a moment has some thirty of.
const POINTS_BYTES: usize = 2 << 20;
const DISTRIBUTIONS_BYTES: usize = 2 << 20;
const PROCESSES_BYTES: usize = 2 << 20;
const SMALL_BYTES: usize = 128 << 10;
/// Whole frames: the few that a person steps to and fro between. One counts as a megabyte, of which large hosts need all.
const FRAMES_BYTES: usize = 8 * FRAME_BYTES;
const FRAME_BYTES: usize = 1 << 20;

/// A question, and until when its answer is the last word: 0 where it stays, else the stretch of seconds it was asked in.
type Asked<Q> = (Q, i64);
/// Answers of one kind; `None` is what could not be read.
type Told<Q, A> = Cache<Asked<Q>, Option<A>>;
/// The ticks on both sides of a moment.
type Around = (Option<Timestamp>, Option<Timestamp>);
/// What happened in each bucket of a window.
type Distributions = Arc<Vec<Option<Distribution>>>;
/// The rows of one process, by when they were.
type ProcessRows = Arc<Vec<(Timestamp, Arc<Process>)>>;

/// A file of history that may not be there yet.
#[derive(Debug)]
pub(super) struct Past {
    path: PathBuf,
    catalog: Catalog,
    reader: RefCell<Reader>,
    answers: RefCell<Answers>,
}

#[derive(Debug, Default)]
struct Reader {
    archive: Option<Archive>,
    failed: Option<Instant>,
    /// The last thing that went wrong, as it was told.
    trouble: Option<String>,
    notice: Option<String>,
}

#[derive(Debug)]
struct Answers {
    remembers: Told<(), Option<(Timestamp, Timestamp)>>,
    frames: Told<Timestamp, Option<Arc<Frame>>>,
    ticks: Told<Timestamp, Around>,
    points: Told<(SeriesId, Window), Arc<Points>>,
    distribution: Told<(SeriesId, Timestamp, Timestamp), Option<Distribution>>,
    distributions: Told<(SeriesId, Window), Distributions>,
    processes: Told<(ProcessKey, Window), ProcessRows>,
    incidents: Told<(Timestamp, Timestamp), Arc<Vec<Incident>>>,
}

impl Past {
    /// What the file at `path` tells, whenever there is one.
    pub fn at(path: &Path, catalog: Catalog) -> Self {
        Self {
            path: path.to_owned(),
            catalog,
            reader: RefCell::default(),
            answers: RefCell::new(Answers::new()),
        }
    }

    /// What a file tells that is open already.
    pub fn of(archive: Archive, path: &Path, catalog: Catalog) -> Self {
        let past = Self::at(path, catalog);
        past.reader.borrow_mut().archive = Some(archive);
        past
    }

    /// What went wrong, once.
    pub fn take_notice(&self) -> Option<String> {
        self.reader.borrow_mut().notice.take()
    }

    pub fn remembers(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let asked = ((), epoch(now, now));
        self.answered(|of| &mut of.remembers, asked, |_| 0, Archive::remembers)
            .flatten()
    }

    /// The frame of a moment; `now` is the newest moment there is, as in all that is asked here.
    pub fn frame_at(&self, at: Timestamp, now: Timestamp) -> Option<Arc<Frame>> {
        let asked = (at, epoch(at, now));
        self.answered(
            |of| &mut of.frames,
            asked,
            |_| FRAME_BYTES,
            |archive| Ok(archive.frame_at(at)?.map(Arc::new)),
        )
        .flatten()
    }

    pub fn ticks_around(&self, at: Timestamp, now: Timestamp) -> Around {
        let asked = (at, epoch(at, now));
        self.answered(
            |of| &mut of.ticks,
            asked,
            |_| 0,
            |archive| archive.ticks_around(at),
        )
        .unwrap_or_default()
    }

    pub fn points(&self, series: SeriesId, window: Window, now: Timestamp) -> Option<Arc<Points>> {
        let asked = ((series, window), epoch(last_of(window), now));
        self.answered(
            |of| &mut of.points,
            asked,
            |_| window.count * 3 * size_of::<f64>(),
            |archive| archive.points(series, window).map(Arc::new),
        )
    }

    pub fn distribution(
        &self,
        series: SeriesId,
        (from, to): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Option<Distribution> {
        let asked = ((series, from, to), epoch(to, now));
        self.answered(
            |of| &mut of.distribution,
            asked,
            |told| told.as_ref().map_or(0, Distribution::bytes),
            |archive| archive.distribution(series, from, to),
        )
        .flatten()
    }

    pub fn distributions(
        &self,
        series: SeriesId,
        window: Window,
        now: Timestamp,
    ) -> Option<Distributions> {
        let asked = ((series, window), epoch(last_of(window), now));
        let bytes = |told: &Distributions| {
            let each = told.iter().flatten().map(Distribution::bytes);
            each.sum::<usize>() + size_of_val(told.as_slice())
        };
        self.answered(
            |of| &mut of.distributions,
            asked,
            bytes,
            |archive| archive.distributions(series, window).map(Arc::new),
        )
    }

    pub fn process_rows(
        &self,
        process: ProcessKey,
        window: Window,
        now: Timestamp,
    ) -> Option<ProcessRows> {
        let asked = ((process, window), epoch(last_of(window), now));
        self.answered(
            |of| &mut of.processes,
            asked,
            |rows| rows.len() * (size_of::<Process>() + 32),
            |archive| archive.process_rows(process, window).map(Arc::new),
        )
    }

    pub fn incidents(
        &self,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Option<Arc<Vec<Incident>>> {
        let asked = ((from, to), epoch(to, now));
        self.answered(
            |of| &mut of.incidents,
            asked,
            |told| told.len() * (size_of::<Incident>() + 64),
            |archive| archive.incidents(from, to).map(Arc::new),
        )
    }

    /// The answer that is known, else that of the file; `None` where it can't tell. What is damaged stays unknown.
    fn answered<Q: Clone + Eq + Hash, A: Clone>(
        &self,
        cache: impl Fn(&mut Answers) -> &mut Told<Q, A>,
        asked: Asked<Q>,
        bytes: impl FnOnce(&A) -> usize,
        read: impl FnOnce(&Archive) -> Result<A, StoreError>,
    ) -> Option<A> {
        if let Some(known) = cache(&mut self.answers.borrow_mut()).get(&asked) {
            return known;
        }
        let mut reader = self.reader.borrow_mut();
        let archive = reader.archive(&self.path, &self.catalog)?;
        let read = read(archive);
        let told = reader.told(read);
        // Else it may be read once the file is opened anew.
        reader.archive.as_ref()?;
        let bytes = told.as_ref().map_or(0, bytes);
        cache(&mut self.answers.borrow_mut()).put(asked, told.clone(), bytes);
        told
    }
}

impl Reader {
    /// The file, opened now if it is time to try.
    fn archive(&mut self, path: &Path, catalog: &Catalog) -> Option<&Archive> {
        if self.archive.is_none() {
            let is_early = |failed: &Instant| failed.elapsed() < REOPENED_AFTER;
            if self.failed.as_ref().is_some_and(is_early) {
                return None;
            }
            let opened = Archive::open(path, catalog.clone());
            self.archive = self.told(opened);
        }
        self.archive.as_ref()
    }

    /// What was read; what went wrong is told where it was not the last time.
    fn told<T>(&mut self, read: Result<T, StoreError>) -> Option<T> {
        let error = match read {
            Ok(told) => return Some(told),
            Err(error) => error,
        };
        // Damage is in one place: the rest can still be read.
        if !matches!(error, StoreError::Damaged { .. }) {
            self.archive = None;
            self.failed = Some(Instant::now());
        }
        // Nothing has been kept yet: that is how every history begins.
        if matches!(error, StoreError::Absent { .. }) {
            return None;
        }
        let line = error.to_string();
        if self.trouble.as_ref() != Some(&line) {
            tracing::warn!("the past can't be read: {line}");
            self.notice = Some(format!("the past can't be read: {line}"));
            self.trouble = Some(line);
        }
        None
    }
}

impl Answers {
    fn new() -> Self {
        Self {
            remembers: Cache::of(SMALL_BYTES),
            frames: Cache::of(FRAMES_BYTES),
            ticks: Cache::of(SMALL_BYTES),
            points: Cache::of(POINTS_BYTES),
            distribution: Cache::of(DISTRIBUTIONS_BYTES),
            distributions: Cache::of(DISTRIBUTIONS_BYTES),
            processes: Cache::of(PROCESSES_BYTES),
            incidents: Cache::of(SMALL_BYTES),
        }
    }
}

/// The last moment that a window tells of.
fn last_of(window: Window) -> Timestamp {
    window.until.min(window.end())
}

/// In which stretch of time an answer about a moment stays as it is: for ever, once all of it is on disk.
fn epoch(latest: Timestamp, now: Timestamp) -> i64 {
    if latest.plus(WRITTEN_AFTER) <= now {
        0
    } else {
        now.floor_to(UNSETTLED).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn points(past: &Past) -> Option<Arc<Points>> {
        let window = Window::whole(NOW.minus(UNSETTLED), UNSETTLED, 1);
        past.points(SeriesId(0), window, NOW)
    }

    #[test]
    fn what_is_not_there_yet_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let past = Past::at(&folder.path().join("none.db"), Catalog::new());
        assert_eq!(past.remembers(NOW), None);
        assert!(points(&past).is_none());
        assert_eq!(past.take_notice(), None);
    }

    #[test]
    fn what_can_not_be_read_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.db");
        std::fs::write(&path, "no history, only words".repeat(100)).unwrap();
        let past = Past::at(&path, Catalog::new());
        assert!(past.frame_at(NOW, NOW).is_none());
        let notice = past.take_notice().unwrap();
        assert!(notice.contains("words.db"), "{notice}");
        assert!(points(&past).is_none());
        past.reader.borrow_mut().failed = None;
        assert!(past.incidents(NOW, NOW, NOW).is_none());
        assert_eq!(past.take_notice(), None, "the same trouble again");
    }

    #[test]
    fn an_answer_stays_once_all_of_it_is_on_disk() {
        let later = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert_eq!(epoch(NOW, later(15)), 0);
        assert_ne!(epoch(NOW, later(1)), epoch(NOW, later(3)));
    }
}
