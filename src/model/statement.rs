//! The Queries tab's rows: statements, backends, locks, tables, indexes.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::source::SourceName;

/// One normalised statement over the last interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// The server it ran on.
    pub instance: SourceName,
    /// The server's own id of it, or a hash of the text.
    pub id: Arc<str>,
    /// The normalised text, safe to show.
    pub text: Arc<str>,
    /// Share of the time spent in the database, 0 to 100.
    pub time_percent: Option<f64>,
    /// Calls a second.
    pub calls_per_sec: Option<f64>,
    /// Mean time, milliseconds.
    pub mean_ms: Option<f64>,
    /// 95th percentile, milliseconds, where it can be told or estimated.
    pub p95_ms: Option<f64>,
    /// Rows a call.
    pub rows_per_call: Option<f64>,
    /// Share of block reads from memory, 0 to 100.
    pub hit_percent: Option<f64>,
    /// Pieces of advice, most certain first.
    pub advice: Vec<Arc<str>>,
    /// Not seen before this session.
    pub is_new: bool,
}

impl Statement {
    /// The longest text that stands for a statement in a label.
    const LABEL_CHARS: usize = 72;

    /// How it is called among series, and the value of its `statement` label: its text, or the beginning of a long one
    /// with the end of its id.
    #[must_use]
    pub fn label(&self) -> String {
        if self.text.chars().count() <= Self::LABEL_CHARS {
            return self.text.to_string();
        }
        let beginning: String = self.text.chars().take(Self::LABEL_CHARS).collect();
        let id: Vec<char> = self.id.chars().collect();
        let end: String = id[id.len().saturating_sub(4)..].iter().collect();
        format!("{beginning}… #{end}")
    }
}

/// A session of a database server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backend {
    /// The server.
    pub instance: SourceName,
    /// Its process or connection number.
    pub pid: u64,
    /// Who.
    pub user: Arc<str>,
    /// Which database.
    pub database: Arc<str>,
    /// `active`, `idle in transaction`…
    pub state: Arc<str>,
    /// What it waits for, if it waits.
    pub wait: Option<Arc<str>>,
    /// Age of its transaction.
    #[serde(skip)]
    pub transaction_age: Option<Duration>,
    /// Age of its statement.
    #[serde(skip)]
    pub statement_age: Option<Duration>,
    /// Its (last) statement, safe to show.
    pub text: Arc<str>,
}

/// A backend that holds up others or is held up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackendLock {
    /// The server.
    pub instance: SourceName,
    /// The one that waits or holds.
    pub pid: u64,
    /// Whom it waits for; `None` for the root of the tree.
    pub blocked_by: Option<u64>,
    /// What is locked.
    pub object: Arc<str>,
    /// The lock's mode.
    pub mode: Arc<str>,
    /// How long it has waited.
    #[serde(skip)]
    pub waiting: Option<Duration>,
    /// Its (last) statement, safe to show.
    pub text: Arc<str>,
}

/// A table and how it is read and kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableUse {
    /// The server.
    pub instance: SourceName,
    /// Schema and name.
    pub table: Arc<str>,
    /// Live rows, estimated by the server.
    pub rows: Option<u64>,
    /// Dead rows.
    pub dead_rows: Option<u64>,
    /// Sequential scans a second.
    pub seq_scans_per_sec: Option<f64>,
    /// Index scans a second.
    pub index_scans_per_sec: Option<f64>,
    /// Size, bytes.
    pub bytes: Option<u64>,
    /// Age of the last vacuum.
    #[serde(skip)]
    pub vacuum_age: Option<Duration>,
}

/// An index and whether it earns its keep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndexUse {
    /// The server.
    pub instance: SourceName,
    /// Its name.
    pub index: Arc<str>,
    /// The table it is on.
    pub table: Arc<str>,
    /// Scans since the statistics were reset.
    pub scans: Option<u64>,
    /// Size, bytes.
    pub bytes: Option<u64>,
    /// What to make of it, if anything.
    pub finding: Option<Arc<str>>,
}
