//! Where figures come from, and how each of those places is doing.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

/// The name of a source as people know it: `cpu`, `processes`, `redis@6379`.
pub type SourceName = Arc<str>;

/// What a source is of; a tab knows by it which sources are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The machine itself.
    #[default]
    Host,
    /// A database server.
    Database,
    /// A cache server.
    Cache,
    /// Latencies of an API as it tells them itself, or as hubtop measures them: a page of metrics, a probe.
    Api,
    /// Latencies of an API as what stands before it tells them. What an access log tells of, the API's own page may tell
    /// again.
    AccessLog,
    /// hubtop's own looking around.
    Own,
}

impl SourceKind {
    /// Whether it is the API tab that shows what it brings.
    #[must_use]
    pub fn is_of_api(self) -> bool {
        matches!(self, Self::Api | Self::AccessLog)
    }
}

/// A part that a source which answers can't bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// The part as the screen calls it: `statements`, `activity`, `slow log`.
    pub part: Arc<str>,
    /// Why, and the mend, in one line: `GRANT pg_monitor TO mon`.
    pub line: Arc<str>,
}

/// How a source is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Health {
    /// It has not answered yet; that is no failure.
    Starting,
    /// It answers in time.
    Up,
    /// It answers, but takes more than half of its timeout.
    Slow {
        /// How long the last answer took, in milliseconds.
        took_ms: u64,
    },
    /// It does not answer.
    Failing {
        /// Since when.
        since: Timestamp,
        /// Why, in one line.
        because: String,
        /// When it is asked again.
        next_try: Timestamp,
    },
    /// It answers, but refuses.
    Denied {
        /// What to grant, as a line to type.
        grant: String,
    },
    /// This machine has no such thing; said once, not an error.
    Absent,
}

impl Health {
    /// The state as one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Slow { .. } => "slow",
            Self::Failing { .. } => "failing",
            Self::Denied { .. } => "denied",
            Self::Absent => "absent",
        }
    }

    /// Whether its figures are to be had now.
    #[must_use]
    pub fn is_giving(&self) -> bool {
        matches!(self, Self::Up | Self::Slow { .. })
    }
}

/// One source at one moment, as it stands in a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Its name.
    pub name: SourceName,
    /// What it is of.
    pub kind: SourceKind,
    /// How it is doing.
    pub health: Health,
    /// What it can't bring although it answers.
    pub partial: Arc<Vec<Partial>>,
    /// How often it is asked.
    #[serde(with = "super::span::in_millis", rename = "interval_ms")]
    pub interval: Duration,
    /// When it last answered.
    pub last_answer: Option<Timestamp>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<f64>,
    /// Share of the last 100 collections that succeeded, 0 to 100.
    pub success_percent: Option<f64>,
}

impl SourceStatus {
    /// Its health as the one line that stands on the screen and in the snapshot.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.health {
            Health::Starting => "starting".to_owned(),
            Health::Up => "up".to_owned(),
            Health::Slow { took_ms } => {
                format!("slow: took {}", super::format::millis(*took_ms as f64))
            }
            Health::Failing {
                since,
                because,
                next_try,
            } => {
                format!(
                    "failing since {} because {because}, next try {}",
                    since.clock_text(),
                    next_try.clock_text()
                )
            }
            Health::Denied { grant } => format!("denied: {grant}"),
            Health::Absent => "absent".to_owned(),
        }
    }
}
