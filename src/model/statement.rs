//! The Queries tab's rows: servers, statements, backends, locks, tables, indexes.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::advice::Advice;
use super::clock::Timestamp;
use super::source::SourceName;

/// One normalised statement over the last interval.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// The database it ran in, where the server tells them apart.
    pub database: Arc<str>,
    /// Who ran it, where the server tells.
    pub user: Arc<str>,
    /// Calls in the interval.
    pub calls: Option<u64>,
    /// Bytes written to temporary files a call.
    pub temp_bytes_per_call: Option<f64>,
    /// Time spent in reads and writes of blocks a call, milliseconds; `None` where the server does not time them.
    pub io_ms_per_call: Option<f64>,
    /// What the mean usually is, milliseconds, once there is enough to tell: the median of the earlier intervals.
    pub usual_mean_ms: Option<f64>,
    /// The same figures since the server's statistics were reset.
    pub since_reset: StatementTotals,
    /// Pieces of advice, most certain first.
    pub advice: Vec<Advice>,
    /// Not seen before this session.
    pub is_new: bool,
    /// Whether its mean is over the threshold of the settings.
    pub is_slow: bool,
}

/// What a statement did since the server's statistics were reset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatementTotals {
    /// Since when, where the server tells.
    pub since: Option<Timestamp>,
    /// Share of the time spent in the database, 0 to 100.
    pub time_percent: Option<f64>,
    /// Calls.
    pub calls: u64,
    /// Time in all, milliseconds.
    pub total_ms: f64,
    /// Mean time, milliseconds.
    pub mean_ms: Option<f64>,
    /// The slowest, milliseconds.
    pub max_ms: Option<f64>,
    /// Rows a call.
    pub rows_per_call: Option<f64>,
    /// Share of block reads from memory, 0 to 100.
    pub hit_percent: Option<f64>,
}

/// What is fetched only for the statement that is open.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct StatementDetail {
    /// The server it ran on.
    pub instance: SourceName,
    /// The [`Statement::id`].
    pub id: Arc<str>,
    /// Its plan.
    pub plan: Option<super::plan::Plan>,
    /// Why there is no plan, in one line with the mend.
    pub no_plan: Option<Arc<str>>,
    /// What measuring the plan would run: the statement with values; none where no call with values was seen.
    pub sample: Option<Arc<str>>,
    /// Why its plan can't be measured, where that is known before it is tried.
    pub not_measured: Option<Arc<str>>,
    /// Advice that rests on the plan and the text, most certain first.
    pub advice: Vec<Advice>,
}

/// A database server as a whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DatabaseInstance {
    /// `pg@5432/app`; the value of its `instance` label.
    pub instance: SourceName,
    /// `PostgreSQL 15.18`.
    pub kind: Arc<str>,
    /// `primary`, `standby`.
    pub role: Option<Arc<str>>,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// Its replicas, or on a standby the primary that it follows.
    pub replicas: Vec<Replica>,
    /// What is wrong with the server as a whole, one line each with the mend: connection slots used up, transaction
    /// numbers running out, a replication slot that holds back the log.
    pub findings: Vec<Arc<str>>,
    /// What hubtop itself asks of it: statements a second.
    pub own_statements_per_sec: Option<f64>,
    /// And how much of the server's time that takes, milliseconds a second.
    pub own_ms_per_sec: Option<f64>,
}

/// Another server that follows this one, or that this one follows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Replica {
    /// Its name or address.
    pub name: Arc<str>,
    /// `streaming`, `catching up`, `slot, nobody reads`.
    pub state: Arc<str>,
    /// How far behind it is, bytes of log.
    pub lag_bytes: Option<u64>,
    /// How far behind it is, seconds.
    pub lag_seconds: Option<f64>,
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// When it began; tells it apart from a later one with the same number.
    pub started: Option<Timestamp>,
    /// What it calls itself.
    pub application: Arc<str>,
    /// Where it comes from.
    pub client: Arc<str>,
    /// Who keeps it waiting, by number.
    pub blocked_by: Vec<u64>,
    /// Age of its transaction.
    #[serde(
        with = "super::span::known_in_seconds",
        rename = "transaction_age_seconds"
    )]
    pub transaction_age: Option<Duration>,
    /// Age of its statement.
    #[serde(
        with = "super::span::known_in_seconds",
        rename = "statement_age_seconds"
    )]
    pub statement_age: Option<Duration>,
    /// How long it has been in its state.
    #[serde(with = "super::span::known_in_seconds", rename = "state_age_seconds")]
    pub state_age: Option<Duration>,
    /// Its (last) statement, safe to show.
    pub text: Arc<str>,
}

/// A backend that holds up others or is held up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendLock {
    /// The server.
    pub instance: SourceName,
    /// The one that waits or holds.
    pub pid: u64,
    /// Whom it waits for; `None` for the root of the tree.
    pub blocked_by: Option<u64>,
    /// When it began; tells it apart from a later one with the same number.
    pub started: Option<Timestamp>,
    /// Who.
    pub user: Arc<str>,
    /// `active`, `idle in transaction`…; an idle holder's text is its last statement, not the one that took the lock.
    pub state: Arc<str>,
    /// Age of its transaction.
    #[serde(
        with = "super::span::known_in_seconds",
        rename = "transaction_age_seconds"
    )]
    pub transaction_age: Option<Duration>,
    /// What is locked.
    pub object: Arc<str>,
    /// The lock's mode.
    pub mode: Arc<str>,
    /// How long it has waited.
    #[serde(with = "super::span::known_in_seconds", rename = "waiting_seconds")]
    pub waiting: Option<Duration>,
    /// Its (last) statement, safe to show.
    pub text: Arc<str>,
}

/// A table and how it is read and kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// Share of the scans that an index served, since the statistics were reset, 0 to 100.
    pub index_percent: Option<f64>,
    /// Rows read by sequential scans a second.
    pub seq_rows_per_sec: Option<f64>,
    /// Size, bytes.
    pub bytes: Option<u64>,
    /// Age of the last vacuum.
    #[serde(with = "super::span::known_in_seconds", rename = "vacuum_age_seconds")]
    pub vacuum_age: Option<Duration>,
    /// Age of the last renewal of the planner's statistics.
    #[serde(with = "super::span::known_in_seconds", rename = "analyze_age_seconds")]
    pub analyze_age: Option<Duration>,
    /// What to make of it, if anything: an index that is missing, rows that are dead.
    pub finding: Option<Arc<str>>,
}

/// An index and whether it earns its keep.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IndexUse {
    /// The server.
    pub instance: SourceName,
    /// Its name.
    pub index: Arc<str>,
    /// The table it is on.
    pub table: Arc<str>,
    /// Scans since the statistics were reset.
    pub scans: Option<u64>,
    /// When they were reset, where the server tells.
    pub since: Option<Timestamp>,
    /// Whether it keeps a rule (primary key, unique, constraint), so that it is no candidate to drop.
    pub keeps_a_rule: bool,
    /// Size, bytes.
    pub bytes: Option<u64>,
    /// What to make of it, if anything.
    pub finding: Option<Arc<str>>,
}
