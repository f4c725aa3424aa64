//! The Cache tab's rows.

use std::sync::Arc;

use serde::Serialize;

use super::source::SourceName;

/// Latency of one command over the last interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommandLatency {
    /// The command: `GET`.
    pub command: Arc<str>,
    /// Calls a second.
    pub calls_per_sec: f64,
    /// Median, milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, milliseconds.
    pub p99_ms: Option<f64>,
}

/// One cache server over the last interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
}

/// One level of an application's caches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CacheLevel {
    /// `L1 memory`.
    pub level: Arc<str>,
    /// Share of the requests that reach this level and are answered by it, 0 to 100.
    pub hit_percent: Option<f64>,
    /// The source that brought it.
    pub source: SourceName,
}
