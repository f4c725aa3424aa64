//! Writes ticks into the file, in a thread of its own; this is its outside.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Limits;
use super::writer::Writer;
use crate::model::{Keeping, KeepingState, Timestamp};
use crate::store::{Kept, Sink};

/// Ticks that may wait for the thread; it takes them at once unless the disk holds it up.
const WAITING: usize = 64;
/// The longest that quitting waits for the disk.
const CLOSING: Duration = Duration::from_secs(2);

/// The writer's side of a file. Dropping it writes what is left and closes the file.
#[derive(Debug)]
pub struct Keeper {
    ticks: Option<SyncSender<Kept>>,
    ended: Receiver<()>,
    told: Arc<Told>,
}

impl Keeper {
    /// Begins to keep in the file at `path`, made if it is not there. What goes wrong, now or later, stands in
    /// [`Sink::keeping`] and stops nothing.
    #[must_use]
    pub fn start(path: &Path, limits: Limits) -> Self {
        let (ticks, taken) = sync_channel(WAITING);
        let (ending, ended) = channel();
        let told = Arc::new(Told::default());
        let writer = Writer::new(path, limits, taken, told.clone());
        let spawned = std::thread::Builder::new()
            .name("history".to_owned())
            .stack_size(1 << 20)
            .spawn(move || {
                writer.run();
                // Nobody may be waiting any more.
                let _ = ending.send(());
            });
        if let Err(error) = spawned {
            told.tell(
                KeepingState::Failing,
                &format!("off, the system gives no thread: {error}"),
                Timestamp(0),
            );
        }
        Self {
            ticks: Some(ticks),
            ended,
            told,
        }
    }

    /// Keeps nothing, and says why.
    #[must_use]
    pub fn off(why: &str) -> Self {
        let told = Arc::new(Told::default());
        told.tell(KeepingState::Failing, why, Timestamp(0));
        Self {
            ticks: None,
            ended: channel().1,
            told,
        }
    }

    /// How many ticks the thread has not taken yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.told.waiting.load(Ordering::Acquire)
    }
}

impl Sink for Keeper {
    fn put(&mut self, kept: &Kept) {
        let Some(ticks) = &self.ticks else {
            self.told.begin(kept.frame.at);
            return;
        };
        self.told.waiting.fetch_add(1, Ordering::AcqRel);
        let Err(refused) = ticks.try_send(kept.clone()) else {
            return;
        };
        self.told.took();
        self.told.lose(1);
        if let TrySendError::Disconnected(kept) = refused {
            let line = "off, its thread has ended; start hubtop anew, and report it";
            self.told.tell(KeepingState::Failing, line, kept.frame.at);
        }
    }

    fn keeping(&self) -> Keeping {
        self.told.keeping()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if self.ticks.take().is_some() {
            // A disk that hangs must not hold up the end.
            let _ = self.ended.recv_timeout(CLOSING);
        }
    }
}

/// What the thread tells of how it is doing.
#[derive(Debug)]
pub(super) struct Told {
    keeping: Mutex<Keeping>,
    lost: AtomicU64,
    waiting: AtomicUsize,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            keeping: Mutex::new(Keeping {
                name: "history".into(),
                state: KeepingState::Starting,
                line: "".into(),
                since: Timestamp(0),
                bytes: None,
                lost: 0,
            }),
            lost: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
        }
    }
}

impl Told {
    /// Says how it stands; since when only if that is new.
    pub fn tell(&self, state: KeepingState, line: &str, now: Timestamp) {
        let mut keeping = self.lock();
        if keeping.state != state {
            keeping.state = state;
            keeping.since = now;
            tracing::info!(?state, line, "history");
        } else if &*keeping.line != line {
            tracing::info!(?state, line, "history");
        }
        if &*keeping.line != line {
            keeping.line = line.into();
        }
    }

    /// Says how large the file is.
    pub fn tell_bytes(&self, bytes: Option<u64>) {
        self.lock().bytes = bytes;
    }

    /// So many ticks will not be remembered.
    pub fn lose(&self, ticks: u64) {
        self.lost.fetch_add(ticks, Ordering::Relaxed);
    }

    /// The thread has taken a tick.
    pub fn took(&self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    /// What stood before the time was known has stood since the first tick.
    pub fn begin(&self, now: Timestamp) {
        let mut keeping = self.lock();
        if keeping.since == Timestamp(0) {
            keeping.since = now;
        }
    }

    /// How it stands.
    pub fn keeping(&self) -> Keeping {
        Keeping {
            lost: self.lost.load(Ordering::Relaxed),
            ..self.lock().clone()
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Keeping> {
        self.keeping.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
