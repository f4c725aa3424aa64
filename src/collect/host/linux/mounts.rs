//! Space and inodes of mounted file systems. A file system whose server is gone never answers; each question is asked
//! in a thread that can be left behind, so that one such mount costs its own figures and nobody else's.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::printable_bytes;
use crate::model::{Catalog, Labels, Moment, Reading, SeriesId, SourceKind};

use super::files::{Roots, io_error};
use super::mount_table::worth_showing;

/// A mount that has not answered for so long is left behind.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a file system tells of its space (statvfs(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Space {
    total: u64,
    used: u64,
    available: u64,
    inodes: u64,
    inodes_free: u64,
}

fn ask(path: &Path) -> io::Result<Option<Space>> {
    let stat = rustix::fs::statvfs(path)?;
    // A file that is mounted on a file, as containers do, shows a disk that is not its own.
    if stat.f_blocks == 0 || !std::fs::metadata(path)?.is_dir() {
        return Ok(None);
    }
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    Ok(Some(Space {
        total: bytes(stat.f_blocks),
        used: bytes(stat.f_blocks.saturating_sub(stat.f_bfree)),
        available: bytes(stat.f_bavail),
        inodes: stat.f_files,
        inodes_free: stat.f_ffree,
    }))
}

/// A thread that asks, and may never come back.
struct Asker<T> {
    question: mpsc::SyncSender<PathBuf>,
    answer: mpsc::Receiver<T>,
}

impl<T: Send + 'static> Asker<T> {
    fn start(ask: fn(&Path) -> T) -> io::Result<Self> {
        let (question, questions) = mpsc::sync_channel::<PathBuf>(1);
        let (answers, answer) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("mounts".to_owned())
            .stack_size(64 << 10)
            .spawn(move || {
                while let Ok(path) = questions.recv() {
                    if answers.send(ask(&path)).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self { question, answer })
    }
}

/// A mount that does not answer.
struct Stuck<T> {
    asker: Asker<T>,
    since: Duration,
}

/// Asks mounts one after the other, and remembers those that do not answer.
struct Asking<T> {
    ask: fn(&Path) -> T,
    patience: Duration,
    asker: Option<Asker<T>>,
    stuck: HashMap<PathBuf, Stuck<T>>,
}

impl<T: Send + 'static> Asking<T> {
    fn new(ask: fn(&Path) -> T, patience: Duration) -> Self {
        Self {
            ask,
            patience,
            asker: None,
            stuck: HashMap::new(),
        }
    }

    /// The answer of `path`; `None` when there is none in time, or an earlier question is still open.
    fn ask(&mut self, path: &Path, now: Duration) -> Option<T> {
        if let Some(stuck) = self.stuck.remove(path) {
            if let Err(mpsc::TryRecvError::Empty) = stuck.asker.answer.try_recv() {
                self.stuck.insert(path.to_owned(), stuck);
                return None;
            }
            self.asker = Some(stuck.asker);
        }
        let asker = match self.asker.take() {
            Some(asker) => asker,
            None => Asker::start(self.ask).ok()?,
        };
        asker.question.send(path.to_owned()).ok()?;
        match asker.answer.recv_timeout(self.patience) {
            Ok(answer) => {
                self.asker = Some(asker);
                Some(answer)
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let stuck = Stuck { asker, since: now };
                self.stuck.insert(path.to_owned(), stuck);
                None
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
        }
    }
}

/// The mounts that do not answer and since when (monotonic), shared with the source that tells of them.
type StuckMounts = Arc<Mutex<Vec<(PathBuf, Duration)>>>;

struct Series {
    total: SeriesId,
    used: SeriesId,
    available: SeriesId,
    usage: SeriesId,
    inodes_usage: SeriesId,
}

/// Reads space and inodes of all mounts worth showing.
pub struct Mounts {
    roots: Roots,
    catalog: Catalog,
    series: HashMap<PathBuf, Series>,
    asking: Asking<io::Result<Option<Space>>>,
    stuck: StuckMounts,
}

impl Mounts {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            roots: roots.clone(),
            catalog: catalog.clone(),
            series: HashMap::new(),
            asking: Asking::new(ask, PATIENCE),
            stuck: StuckMounts::default(),
        }
    }

    /// The source that tells which mounts do not answer.
    #[must_use]
    pub fn answers(&self) -> MountAnswers {
        MountAnswers {
            stuck: self.stuck.clone(),
        }
    }

    fn put(&mut self, point: &Path, space: &Space, reading: &mut Reading) {
        let series = match self.series.get(point) {
            Some(series) => series,
            None => {
                let series = Series::new(&self.catalog, point);
                self.series.entry(point.to_owned()).or_insert(series)
            }
        };
        reading.put(series.total, space.total as f64);
        reading.put(series.used, space.used as f64);
        reading.put(series.available, space.available as f64);
        // As df counts: what is set aside for root is neither used nor to be had.
        let fillable = space.used.saturating_add(space.available);
        reading.put_known(series.usage, share(space.used, fillable));
        let inodes_used = space.inodes.saturating_sub(space.inodes_free);
        reading.put_known(series.inodes_usage, share(inodes_used, space.inodes));
    }
}

impl Series {
    fn new(catalog: &Catalog, point: &Path) -> Self {
        let mount = printable_bytes(point.as_os_str().as_encoded_bytes());
        let label = Labels::one("mount", &mount);
        let of = |name: &str| catalog.id(&format!("system.disk.{name}"), label.clone());
        Self {
            total: of("total_bytes"),
            used: of("used_bytes"),
            available: of("available_bytes"),
            usage: of("usage_percent"),
            inodes_usage: of("inodes_usage_percent"),
        }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

impl Reader for Mounts {
    fn spec(&self) -> Spec {
        Spec {
            name: "mounts".into(),
            kind: SourceKind::Host,
            cadence: Cadence::Every(Duration::from_secs(10)),
            timeout: Duration::from_secs(10),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let table = self.roots.proc.join("self/mountinfo");
        let text = std::fs::read(&table).map_err(|error| io_error(&table, error))?;
        let mounts = worth_showing(&text);
        let is_mounted = |path: &PathBuf| mounts.iter().any(|mount| mount.point == *path);
        self.asking.stuck.retain(|path, _| is_mounted(path));
        self.series.retain(|path, _| is_mounted(path));
        let mut reading = Reading::at(now.wall);
        for mount in &mounts {
            let answer = self.asking.ask(&mount.point, now.mono);
            if let Some(Ok(Some(space))) = answer {
                self.put(&mount.point, &space, &mut reading);
            }
        }
        let stuck = self.asking.stuck.iter();
        let mut stuck: Vec<_> = stuck.map(|(path, s)| (path.clone(), s.since)).collect();
        stuck.sort();
        *self.stuck.lock().unwrap_or_else(PoisonError::into_inner) = stuck;
        Ok(reading)
    }
}

/// Tells which mounts do not answer; [`Mounts`] goes on without them.
pub struct MountAnswers {
    stuck: StuckMounts,
}

impl Reader for MountAnswers {
    fn spec(&self) -> Spec {
        Spec {
            name: "mount_answers".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, since)) = stuck.iter().min_by_key(|(_, since)| *since) else {
            return Ok(Reading::at(now.wall));
        };
        let silent = now.mono.saturating_sub(*since);
        let names: Vec<String> = stuck
            .iter()
            .map(|(path, _)| printable_bytes(path.as_os_str().as_encoded_bytes()))
            .collect();
        Err(CollectError::Stuck {
            what: names.join(", "),
            silent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opening a named pipe hangs until somebody writes to it: as good as a server that is gone.
    fn open(path: &Path) -> bool {
        std::fs::File::open(path).is_ok()
    }

    #[test]
    fn one_that_hangs_costs_itself_only_and_is_asked_again_when_it_answers() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, plain) = (folder.path().join("pipe"), folder.path().join("plain"));
        std::fs::write(&plain, "").unwrap();
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());

        let mut asking = Asking::new(open, Duration::from_millis(20));
        let at = Duration::from_secs;
        assert_eq!(asking.ask(&pipe, at(5)), None);
        assert_eq!(asking.stuck[&pipe].since, at(5));
        asking.patience = Duration::from_secs(20);
        assert_eq!(asking.ask(&plain, at(5)), Some(true));
        assert_eq!(asking.ask(&pipe, at(15)), None, "not asked a second time");
        assert_eq!(asking.stuck[&pipe].since, at(5));

        // Both ends open: the thread that hung comes back, and its old answer is not taken for a new one.
        let writer = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&pipe);
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while asking.ask(&pipe, at(25)).is_none() {
            assert!(std::time::Instant::now() < deadline);
            std::thread::yield_now();
        }
        assert!(asking.stuck.is_empty());
        drop(writer);
    }

    #[test]
    fn a_mount_that_does_not_answer_is_named() {
        let mounts = Mounts::new(&Roots::default(), &Catalog::new());
        let mut answers = mounts.answers();
        let now = Moment {
            wall: crate::model::Timestamp(0),
            mono: Duration::from_secs(17),
        };
        assert!(answers.read(now).is_ok());
        let stuck = (PathBuf::from("/mnt/n\x1bfs"), Duration::from_secs(5));
        mounts.stuck.lock().unwrap().push(stuck);
        let error = answers.read(now).unwrap_err().to_string();
        assert!(
            error.starts_with("/mnt/n␛fs has not answered for 12"),
            "{error}"
        );
    }
}
