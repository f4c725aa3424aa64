//! The Cache tab's rows.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::source::SourceName;

/// Latency of one command over the last interval.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CommandLatency {
    /// The command: `GET`.
    pub command: Arc<str>,
    /// Calls a second.
    pub calls_per_sec: f64,
    /// Median, milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, milliseconds.
    pub p99_ms: Option<f64>,
    /// The bounds of the bucket that the 99th percentile lies in, milliseconds, where buckets are all there is.
    pub p99_bounds_ms: Option<(f64, f64)>,
    /// Mean, milliseconds.
    pub mean_ms: Option<f64>,
    /// Calls that ended in an error, a second.
    pub failed_per_sec: Option<f64>,
    /// Calls that were refused before they began, a second.
    pub rejected_per_sec: Option<f64>,
}

/// One cache server over the last interval.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheInstance {
    /// `redis@6379`; the value of its `instance` label.
    pub instance: SourceName,
    /// `redis 7.0`.
    pub kind: Arc<str>,
    /// Share of look-ups that hit, 0 to 100; `None` when nothing was asked.
    pub hit_percent: Option<f64>,
    /// Commands a second.
    pub operations_per_sec: Option<f64>,
    /// Memory used, bytes.
    pub memory_used_bytes: Option<u64>,
    /// Memory limit, bytes; `None` for no limit.
    pub memory_max_bytes: Option<u64>,
    /// The most memory it ever used, bytes.
    pub memory_peak_bytes: Option<u64>,
    /// Allocator fragmentation ratio.
    pub fragmentation: Option<f64>,
    /// Keys held.
    pub keys: Option<u64>,
    /// Keys thrown out a second.
    pub evictions_per_sec: Option<f64>,
    /// Keys expired a second.
    pub expirations_per_sec: Option<f64>,
    /// Keys thrown out since the server started.
    pub evicted_total: Option<u64>,
    /// Clients connected.
    pub clients: Option<u64>,
    /// Entries that the slow log gained in the last minute.
    pub slow: Option<u64>,
    /// `primary`, `replica`.
    pub role: Option<Arc<str>>,
    /// Round trip of a PING, milliseconds.
    pub ping_ms: Option<f64>,
    /// The busiest commands.
    pub commands: Vec<CommandLatency>,
    /// Share of look-ups that hit since the server started, 0 to 100.
    pub hit_percent_total: Option<f64>,
    /// Memory lost to fragmentation, bytes.
    pub fragmentation_bytes: Option<u64>,
    /// Clients allowed.
    pub clients_max: Option<u64>,
    /// Clients that wait in a blocking command.
    pub clients_blocked: Option<u64>,
    /// Connections refused a second, because there were too many.
    pub rejected_per_sec: Option<f64>,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// Its replication in one line: `2 replicas, 0 B behind`, `link to 10.0.0.2:6379 down for 12s`.
    pub replication: Option<Arc<str>>,
    /// Its persistence in one line: `saved 4m ago`, `last save failed`.
    pub persistence: Option<Arc<str>>,
    /// What is wrong with the server as a whole, one line each with the mend.
    pub findings: Vec<Arc<str>>,
    /// What hubtop itself asks of it: commands a second.
    pub own_commands_per_sec: Option<f64>,
    /// And how much of the server's time that takes, milliseconds a second.
    pub own_ms_per_sec: Option<f64>,
}

/// What is fetched only for the cache that is open, and its queues.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CacheDetail {
    /// The server.
    pub instance: SourceName,
    /// Its slow log, the newest first.
    pub slow_log: Vec<SlowCommand>,
    /// Its clients.
    pub clients: Vec<CacheClient>,
    /// Lengths of the lists and streams that were asked for.
    pub queues: Vec<QueueLength>,
    /// Its keys by prefix, once somebody had them walked.
    pub key_space: Option<KeySpace>,
}

/// An entry of a slow log.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct SlowCommand {
    /// The server's number of it.
    pub id: u64,
    /// When it ran.
    pub at: Timestamp,
    /// How long it took, milliseconds.
    pub took_ms: f64,
    /// The command with its arguments, cut and safe to show.
    pub command: Arc<str>,
    /// Who sent it.
    pub client: Arc<str>,
}

/// A connection to a cache server.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CacheClient {
    /// The server's number of it.
    pub id: u64,
    /// Where it comes from.
    pub address: Arc<str>,
    /// What it calls itself.
    pub name: Arc<str>,
    /// As whom it is logged in.
    pub user: Arc<str>,
    /// How long it has been connected.
    #[serde(serialize_with = "super::span::in_seconds", rename = "age_seconds")]
    pub age: Duration,
    /// How long it has sent nothing.
    #[serde(serialize_with = "super::span::in_seconds", rename = "idle_seconds")]
    pub idle: Duration,
    /// Its last command.
    pub command: Arc<str>,
    /// Memory that the server holds for it, bytes.
    pub memory_bytes: Option<u64>,
}

/// The length of a list or stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct QueueLength {
    /// Its key.
    pub key: Arc<str>,
    /// `list`, `stream`, `sorted set`.
    pub kind: Arc<str>,
    /// How many wait in it.
    pub length: u64,
}

/// How far a walk over the keys is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// Under way.
    #[default]
    Running,
    /// Every key was seen.
    Complete,
    /// It was stopped, by a person or at its bound.
    Stopped,
}

/// The keys of a cache by prefix, as far as they have been walked.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct KeySpace {
    /// How far the walk is.
    pub state: ScanState,
    /// When it began.
    pub begun: Timestamp,
    /// Keys seen.
    pub seen: u64,
    /// Keys there are.
    pub keys: u64,
    /// Time that the walk took the server, milliseconds.
    pub cost_ms: f64,
    /// By prefix, the largest share first.
    pub prefixes: Vec<PrefixUse>,
    /// The largest keys seen.
    pub largest: Vec<LargeKey>,
}

/// Keys with the same beginning.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PrefixUse {
    /// The beginning: `session:`.
    pub prefix: Arc<str>,
    /// How many were seen.
    pub keys: u64,
    /// Their share of all that were seen, 0 to 100.
    pub percent: f64,
    /// Memory of all of them, bytes, reckoned from those that were measured.
    pub bytes: Option<u64>,
    /// Share of those measured that never expire, 0 to 100.
    pub lasting_percent: Option<f64>,
}

/// A key that takes much memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LargeKey {
    /// The key, safe to show.
    pub key: Arc<str>,
    /// `hash`, `list`…
    pub kind: Arc<str>,
    /// Memory, bytes.
    pub bytes: u64,
}

/// One level of an application's caches.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheLevel {
    /// `L1 memory`.
    pub level: Arc<str>,
    /// Share of the requests that reach this level and are answered by it, 0 to 100.
    pub hit_percent: Option<f64>,
    /// The source that brought it.
    pub source: SourceName,
}
