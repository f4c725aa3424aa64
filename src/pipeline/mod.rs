//! Wires the steps into frames: starts what is due, takes the answers, writes the history, evaluates the rules, and
//! publishes one immutable [`Frame`] a tick. It runs in a thread of its own, so that nothing that
//! happens here can delay the screen.

mod assemble;
mod orders;
mod requests;
mod run;
mod totals;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::alert::{Objective, Rule};
use crate::collect::Source;
use crate::model::{Catalog, Clock, Command, CommandOutcome, Focus, Frame, Timestamp};
use crate::store::Sink;
use crate::store::hot::HotHistory;

pub use requests::{Requests, Snapshot, Told};

/// What becomes of a command once it is done.
pub type Acting = Pin<Box<dyn Future<Output = CommandOutcome> + Send>>;

/// What does a [`Command`] that is for the host or for a watched server; nothing waits for it but its answer.
pub type Actor = Box<dyn Fn(Command) -> Acting + Send>;

/// Fills a new hot history with what was before a moment.
pub type Fill = Box<dyn FnOnce(&mut HotHistory, Timestamp) + Send>;

/// Everything that a pipeline is made of.
pub struct Parts {
    /// Gives series their numbers; the sources hold it too.
    pub catalog: Catalog,
    /// What is read.
    pub sources: Vec<Source>,
    /// What is found later and is read from then on.
    pub newcomers: mpsc::Receiver<Source>,
    /// What is held against the figures.
    pub rules: Vec<Rule>,
    /// What the services are held to.
    pub objectives: Vec<Objective>,
    /// Tells sources what is open on the screen.
    pub focus: watch::Sender<Focus>,
    /// Does what a person confirmed.
    pub actor: Actor,
    /// Where frames are kept.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Tells what was before this process began, where that was kept. It is asked once the first frame is out, in a
    /// thread of its own.
    pub fill: Option<Fill>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// How a pipeline behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How often frames are made.
    pub tick: Duration,
    /// Bytes that the hot history may take.
    pub hot_memory: usize,
    /// Nothing may be killed or changed.
    pub read_only: bool,
    /// The figures are a story, not a machine's.
    pub demo: bool,
    /// Play the sources over this much of the past before the first frame: only for sources that can tell any moment.
    pub past: Option<Duration>,
}

/// A command with the way back for its answer.
#[derive(Debug)]
pub struct Order {
    /// What is asked for.
    pub command: Command,
    /// Where the answer goes.
    pub answer: oneshot::Sender<CommandOutcome>,
}

/// The hot history as the writer and the readers share it.
#[derive(Debug, Clone)]
pub struct SharedHistory(Arc<RwLock<HotHistory>>);

impl SharedHistory {
    fn new(history: HotHistory) -> Self {
        Self(Arc::new(RwLock::new(history)))
    }

    /// Reads; the writer waits meanwhile, so be quick.
    pub fn read<T>(&self, look: impl FnOnce(&HotHistory) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a history in the place of this one and lets it go on with what this one knows.
    fn begin_with(&self, mut before: HotHistory) {
        self.write(|history| {
            before.continue_with(history);
            std::mem::swap(history, &mut before);
        });
    }

    fn write<T>(&self, change: impl FnOnce(&mut HotHistory) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The outside of a running pipeline. It stops when the last handle is dropped.
#[derive(Debug, Clone)]
pub struct Handle {
    /// The newest frame.
    pub frames: watch::Receiver<Arc<Frame>>,
    /// The history.
    pub history: SharedHistory,
    /// Where commands go. Bounded: a flood is refused, not queued.
    pub orders: mpsc::Sender<Order>,
    /// Behind the others: by then the pipeline has been told to end.
    _ending: Option<Arc<Ending>>,
}

/// Waits, when the last handle goes, for what is still to be kept.
#[derive(Debug)]
struct Ending(Mutex<std::sync::mpsc::Receiver<()>>);

/// The longest that quitting waits for it: what keeps frames has bounds of its own.
const CLOSING: Duration = Duration::from_secs(3);

impl Drop for Ending {
    fn drop(&mut self) {
        let ended = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A pipeline that has not ended by then is left behind.
        let _ = ended.recv_timeout(CLOSING);
    }
}

/// Starts a pipeline in a thread of its own.
///
/// # Errors
/// When the system gives no thread.
pub fn start(parts: Parts, options: Options) -> std::io::Result<Handle> {
    let history = SharedHistory::new(HotHistory::new(options.hot_memory, options.tick));
    let (frames_in, frames) = watch::channel(Arc::new(Frame::empty(parts.clock.now().wall)));
    let (orders, orders_out) = mpsc::channel(16);
    let (ending, ended) = std::sync::mpsc::channel();
    let handle = Handle {
        frames,
        history: history.clone(),
        orders,
        // Without a place to keep frames in there is nothing to wait for.
        _ending: (!parts.sinks.is_empty()).then(|| Arc::new(Ending(Mutex::new(ended)))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // A source that hangs keeps its thread; so many may hang before the others have to wait.
        .max_blocking_threads(16)
        .thread_stack_size(512 * 1024)
        .build()?;
    std::thread::Builder::new()
        .name("pipeline".to_owned())
        .spawn(move || {
            runtime.block_on(run::run(parts, options, history, frames_in, orders_out));
            // A source that hangs must not hold up the end.
            runtime.shutdown_background();
            // Nobody may be waiting any more.
            let _ = ending.send(());
        })?;
    Ok(handle)
}
