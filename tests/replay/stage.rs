//! The scripted story in the real pipeline, tick by tick as a test wants them, kept in a file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use hubtop::alert::{default_objectives, default_rules};
use hubtop::collect::demo_sources;
use hubtop::feed::Feed;
use hubtop::feed::local::LocalFeed;
use hubtop::model::{
    Catalog, Command, CommandOutcome, Focus, Frame, Keeping, ManualClock, Timestamp,
};
use hubtop::pipeline::{self, Fill, Handle, Options, Parts};
use hubtop::store::file::{Archive, Keeper, Limits};
use hubtop::store::{Kept, Sink};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How far apart ticks are. The pipeline has a clock of the machine for when to wake up by itself: a test is faster.
pub const TICK: Duration = Duration::from_secs(10);
/// How much of the story lies before the first frame.
const PAST: Duration = Duration::from_secs(20 * 60);

/// When a story begins: a whole hour, long ago.
pub fn begin() -> Timestamp {
    Timestamp(1_795_000_000_000).floor_to(Duration::from_secs(3600))
}

/// Every frame that was handed on to be kept.
type Frames = Arc<Mutex<Vec<Arc<Frame>>>>;

/// A pipeline over the story, and its file.
pub struct Stage {
    handle: Handle,
    clock: Arc<ManualClock>,
    catalog: Catalog,
    path: PathBuf,
    frames: Frames,
    closed: mpsc::Receiver<()>,
    runtime: Runtime,
}

impl Stage {
    /// A story that begins at `start`, with what led to it.
    pub fn set(path: &Path, start: Timestamp) -> Self {
        Self::begin(path, start, Some(PAST))
    }

    /// A story that begins at `start` with nothing but what the file remembers.
    pub fn restart(path: &Path, start: Timestamp) -> Self {
        Self::begin(path, start, None)
    }

    fn begin(path: &Path, start: Timestamp, past: Option<Duration>) -> Self {
        // What is told of before the beginning needs room on the clock that never goes back.
        let clock = Arc::new(ManualClock::at(start.minus(PAST)));
        clock.advance(PAST);
        let catalog = Catalog::new();
        let (focus, focused) = watch::channel(Focus::None);
        let (closing, closed) = mpsc::channel();
        let frames = Frames::default();
        let keeper = Patient {
            keeper: Keeper::start(path, Limits::default()),
            frames: frames.clone(),
            _closing: closing,
        };
        let parts = Parts {
            sources: demo_sources(&catalog, 1, start, focused),
            catalog: catalog.clone(),
            rules: default_rules().unwrap(),
            objectives: default_objectives(),
            focus,
            newcomers: tokio::sync::mpsc::channel(1).1,
            actor: Box::new(|_| Box::pin(std::future::ready(CommandOutcome::done("")))),
            sinks: vec![Box::new(keeper)],
            fill: past.is_none().then(|| fill(path, &catalog)),
            clock: clock.clone(),
        };
        let options = Options {
            tick: TICK,
            hot_memory: 64 << 20,
            read_only: false,
            demo: true,
            past,
        };
        let handle = pipeline::start(parts, options).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut stage = Self {
            handle,
            clock,
            catalog,
            path: path.to_owned(),
            frames,
            closed,
            runtime,
        };
        stage.next_frame(start);
        stage
    }

    /// The feed of this pipeline as the screen has it, from hot memory alone.
    pub fn feed(&self) -> LocalFeed {
        LocalFeed::new(self.handle.clone())
    }

    /// The feed that reads the file as well.
    pub fn feed_with_past(&self) -> LocalFeed {
        LocalFeed::with_past(self.handle.clone(), &self.path, self.catalog.clone())
    }

    /// One tick later: its frame.
    pub fn step(&mut self) -> Arc<Frame> {
        self.clock.advance(TICK);
        let at = self.handle.frames.borrow().at.plus(TICK);
        // Whatever is done to a host is followed by a look at it.
        let look = Command::Renice {
            targets: Vec::new(),
            nice: 0,
        };
        drop(self.feed().order(look));
        self.next_frame(at)
    }

    fn next_frame(&mut self, at: Timestamp) -> Arc<Frame> {
        let mut frames = self.handle.frames.clone();
        let is_there = |frame: &Arc<Frame>| frame.number > 0 && frame.at >= at;
        let shown = self.runtime.block_on(frames.wait_for(is_there)).unwrap();
        shown.clone()
    }

    /// Waits for what a feed over hot memory tells at last.
    pub fn wait_for<T>(&mut self, mut look: impl FnMut(&dyn Feed) -> Option<T>) -> T {
        loop {
            if let Some(told) = look(&self.feed()) {
                return told;
            }
            std::thread::yield_now();
        }
    }

    /// Waits until the file tells of a moment.
    pub fn wait_until_written(&self, at: Timestamp) {
        loop {
            let kept = Archive::open(&self.path, Catalog::new()).and_then(|kept| kept.remembers());
            if kept.is_ok_and(|ends| ends.is_some_and(|(_, last)| last >= at)) {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Ends the pipeline and waits until the file is closed: every frame that is in it. Where one moment was told twice,
    /// the later telling counts.
    pub fn close(self) -> Vec<Arc<Frame>> {
        drop(self.handle);
        // The sender goes with the pipeline.
        let _ = self.closed.recv();
        let frames = self.frames.lock().unwrap();
        let mut told: Vec<Arc<Frame>> = Vec::new();
        for frame in frames.iter() {
            told.retain(|known| known.at != frame.at);
            told.push(frame.clone());
        }
        // hubtop waits two seconds for its keeper and no longer; on a busy machine the rest is written after them.
        let last = told.last().map(|frame| frame.at);
        while newest_in(&self.path) < last {
            std::thread::sleep(Duration::from_millis(20));
        }
        told
    }
}

/// The last moment that a file tells of.
fn newest_in(path: &Path) -> Option<Timestamp> {
    let file = Archive::open(path, Catalog::new()).unwrap();
    file.remembers().unwrap().map(|(_, last)| last)
}

fn fill(path: &Path, catalog: &Catalog) -> Fill {
    let (path, catalog) = (path.to_owned(), catalog.clone());
    Box::new(move |history, until| {
        let kept = Archive::open(&path, catalog).unwrap();
        kept.fill(history, until).unwrap();
    })
}

/// The keeper as it is, for a story that is told faster than any machine's: what it has no room for waits.
struct Patient {
    keeper: Keeper,
    frames: Frames,
    /// Behind the keeper: it goes when that has closed its file.
    _closing: mpsc::Sender<()>,
}

impl Sink for Patient {
    fn put(&mut self, kept: &Kept) {
        while self.keeper.waiting() > 8 {
            std::thread::yield_now();
        }
        self.frames.lock().unwrap().push(kept.frame.clone());
        self.keeper.put(kept);
    }

    fn keeping(&self) -> Keeping {
        self.keeper.keeping()
    }
}
