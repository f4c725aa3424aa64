//! What the screen (or another program) may ask of the side that collects.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::process::ProcessKey;

/// How fast figures may be asked for, and how slow.
pub const TICKS: RangeInclusive<Duration> = Duration::from_millis(250)..=Duration::from_secs(60);

/// What a person has open, so that its detail is collected and nobody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// Nothing.
    #[default]
    None,
    /// A process.
    Process(ProcessKey),
}

/// A signal that hubtop can send, by its number and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// The number on this system.
    pub number: i32,
    /// `SIGTERM`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub effect: &'static str,
}

/// A wish; each is answered by one [`CommandOutcome`].
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Collect every so often, 250 ms to 60 s.
    SetTick(Duration),
    /// Collect the detail of this.
    Focus(Focus),
    /// Send a signal to each of these; each is checked again before.
    Signal {
        /// To whom.
        targets: Vec<ProcessKey>,
        /// What.
        signal: Signal,
    },
    /// Change the nice value of each of these; each is checked again before.
    Renice {
        /// Of whom.
        targets: Vec<ProcessKey>,
        /// −20 (first) to 19 (last).
        nice: i32,
    },
}

impl Command {
    /// Whether it changes something outside hubtop: refused in read-only mode and when not live.
    #[must_use]
    pub fn changes_the_host(&self) -> bool {
        matches!(self, Self::Signal { .. } | Self::Renice { .. })
    }
}

/// What became of a [`Command`], as one line for the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutcome {
    /// Whether everything asked for was done.
    pub done: bool,
    /// What was done or why not.
    pub message: String,
}

impl CommandOutcome {
    /// It was done.
    pub fn done(message: impl Into<String>) -> Self {
        Self {
            done: true,
            message: message.into(),
        }
    }

    /// It was not done.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            done: false,
            message: message.into(),
        }
    }
}
