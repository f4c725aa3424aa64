//! Step 5 of the path: the only door from data to the screen. Whoever looks through it can't tell (and need not know)
//! whether the frames come from this machine, another one or a recording, except by asking for its [`Link`].

mod board;
mod cache;
mod far;
pub mod local;
mod past;
mod process;
pub mod replay;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::model::{
    Command, CommandOutcome, Distribution, Frame, Incident, ProcessKey, SeriesId, Timestamp,
};

pub use crate::store::{Points, Window};

/// Where frames come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// This machine.
    Local,
    /// Another hubtop, and how long a question to it takes.
    Attached(Duration),
    /// A recording, and how many of its seconds are played in one; `None` where it stands.
    Replay(Option<f64>),
}

impl Link {
    /// Whether nothing comes any more but what is in a recording.
    #[must_use]
    pub fn is_recording(self) -> bool {
        matches!(self, Self::Replay(_))
    }
}

/// What a process used over time, for the charts of its detail. Points as in [`Points`].
#[derive(Debug, Clone)]
pub struct ProcessHistory {
    /// CPU, percent of a core.
    pub cpu: Points,
    /// Resident memory, bytes.
    pub resident: Points,
    /// Read and written, bytes a second.
    pub io: Points,
}

/// The only door from data to the screen. No method waits for a source.
pub trait Feed: Send {
    /// The newest frame.
    fn newest(&self) -> Arc<Frame>;

    /// Waits until there is a newer frame than at the last call; `false` when there will be none.
    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;

    /// The picture of the moment `at`: the newest one that is not later. `None` before all that is remembered.
    /// Figures come from the history; tables that are no longer remembered are `None`.
    fn at(&self, at: Timestamp) -> Option<Arc<Frame>>;

    /// The first and the last moment that [`Feed::at`] can show. The last is that of the newest frame, in a recording
    /// its end, wherever it is being played.
    fn remembers(&self) -> Option<(Timestamp, Timestamp)>;

    /// The last tick at or before a moment and the first one after it, so that steps go by the ticks that there were;
    /// `None` where no tick is remembered on that side.
    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>);

    /// Every incident that was open at any time from one moment to another, by when it began, as it is known today.
    fn incidents(&self, from: Timestamp, to: Timestamp) -> Vec<Incident>;

    /// What there is to say beside the frames, in one line, told once: why the past can't be read, what was skipped.
    fn take_notice(&self) -> Option<String>;

    /// Why the figures of a past moment are not there yet, in one line, as long as that is so: who is being asked for them.
    fn asking(&self, _at: Timestamp) -> Option<String> {
        None
    }

    /// Counts what has come of a past that is asked for elsewhere: what was read of it before may be more by now.
    fn arrivals(&self) -> u64 {
        0
    }

    /// The history of one series.
    fn points(&self, series: SeriesId, window: Window) -> Points;

    /// Everything of a series that happened from one moment to another, for the percentiles of just that time: merged,
    /// never averaged. `None` when nothing is known to have happened.
    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution>;

    /// The same for each point of a window; see [`Window::of_distributions`].
    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>>;

    /// Since when the distributions of a series are complete, where something later than `from` had to go for want of
    /// memory.
    fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp>;

    /// The history of one process.
    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory;

    /// Asks for something to be done; the answer arrives when it is, and the screen does not wait for it.
    fn order(&self, command: Command) -> oneshot::Receiver<CommandOutcome>;

    /// Plays a recording on from a moment, as fast as it was played before; its end is shown and stands. The present goes
    /// on by itself.
    fn play_from(&mut self, _from: Timestamp) {}

    /// Holds a recording where it is being played.
    fn hold(&mut self) {}

    /// Where frames come from.
    fn link(&self) -> Link;
}
