//! What the screen (or another program) may ask of the side that collects.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Timestamp;
use super::process::ProcessKey;
use super::source::SourceName;

/// How fast figures may be asked for, and how slow.
pub const TICKS: RangeInclusive<Duration> = Duration::from_millis(250)..=Duration::from_secs(60);

/// What a person has open, so that its detail is collected and nobody else's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Focus {
    /// Nothing.
    #[default]
    None,
    /// A process.
    Process(ProcessKey),
    /// A statement: its server, and its [`super::Statement::id`].
    Statement(SourceName, Arc<str>),
    /// A cache server.
    Cache(SourceName),
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

/// A session of a database server, told apart from a later one with the same number by its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BackendKey {
    /// Its process or connection number.
    pub pid: u64,
    /// When it began, where the server tells.
    pub started: Option<Timestamp>,
}

/// What can be done on a watched server, each only after a confirmation that says what will be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerDeed {
    /// End the statement of each of these sessions; each is checked again before.
    CancelStatements(Vec<BackendKey>),
    /// End each of these sessions; each is checked again before.
    EndSessions(Vec<BackendKey>),
    /// Run the statement with this [`super::Statement::id`] to measure its plan, and roll back what it changed.
    /// The plan arrives as the statement's detail.
    MeasurePlan(Arc<str>),
    /// Walk the keys of a cache, a bounded number a second and in all. What is found arrives as the cache's detail.
    ScanKeys,
    /// Stop walking them.
    StopScan,
}

impl ServerDeed {
    /// Whether the server has to do something for it, be it only to work: refused in read-only mode.
    #[must_use]
    pub fn burdens_the_server(&self) -> bool {
        match self {
            Self::CancelStatements(_)
            | Self::EndSessions(_)
            | Self::MeasurePlan(_)
            | Self::ScanKeys => true,
            Self::StopScan => false,
        }
    }
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
    /// Do something on a watched server.
    Server {
        /// The source that holds the connection.
        source: SourceName,
        /// What.
        deed: ServerDeed,
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
    /// Whether something outside hubtop is changed by it or works for it: refused in read-only mode and when not live.
    #[must_use]
    pub fn reaches_outside(&self) -> bool {
        match self {
            Self::Signal { .. } | Self::Renice { .. } => true,
            Self::Server { deed, .. } => deed.burdens_the_server(),
            Self::SetTick(_) | Self::Focus(_) => false,
        }
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
