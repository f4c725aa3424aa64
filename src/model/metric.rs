//! The one description of every metric: name, unit, help, which direction is worse.
//!
//! The screen, the snapshot, `/metrics` and the documents are written from this table; a metric that is not in it (one
//! scraped from an application) is shown with [`MetricDef::UNDESCRIBED`].

use std::collections::HashMap;
use std::sync::LazyLock;

use super::unit::Unit;

/// Which direction of a metric is bad news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// More is worse: use, latency, errors.
    High,
    /// Less is worse: hit rates, free space.
    Low,
    /// Neither: traffic, sizes.
    Neither,
}

/// What is known of a metric before any sample of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDef {
    /// Lower-case dotted nouns that end in the unit.
    pub name: &'static str,
    /// What its values are measured in.
    pub unit: Unit,
    /// Which direction is bad news.
    pub worse: Worse,
    /// One line for a person.
    pub help: &'static str,
}

impl MetricDef {
    /// Stands for a metric that this table does not know.
    pub const UNDESCRIBED: Self = def("", Unit::Ratio, Worse::Neither, "");
}

const fn def(name: &'static str, unit: Unit, worse: Worse, help: &'static str) -> MetricDef {
    MetricDef {
        name,
        unit,
        worse,
        help,
    }
}

/// Every metric that hubtop itself writes.
#[rustfmt::skip]
pub const METRICS: &[MetricDef] = &[
    def("system.cpu.usage_percent", Unit::Percent, Worse::High, "Share of all cores that was busy"),
    def("system.cpu.user_percent", Unit::Percent, Worse::Neither, "Share of all cores in user code (nice included)"),
    def("system.cpu.system_percent", Unit::Percent, Worse::Neither, "Share of all cores in the kernel"),
    def("system.cpu.io_wait_percent", Unit::Percent, Worse::High, "Share of all cores idle while I/O was outstanding"),
    def("system.cpu.steal_percent", Unit::Percent, Worse::High, "Share of all cores taken by the hypervisor for others"),
    def("system.cpu.core.usage_percent", Unit::Percent, Worse::High, "Share of one core that was busy, by core"),
    def("system.cpu.frequency_mhz", Unit::Megahertz, Worse::Neither, "Mean frequency of the cores"),
    def("system.cpu.context_switches_per_sec", Unit::PerSec, Worse::Neither, "Context switches"),
    def("system.load.1m", Unit::Ratio, Worse::High, "Load average over 1 minute"),
    def("system.load.5m", Unit::Ratio, Worse::High, "Load average over 5 minutes"),
    def("system.load.15m", Unit::Ratio, Worse::High, "Load average over 15 minutes"),
    def("system.pressure.cpu_some_percent", Unit::Percent, Worse::High, "Share of the last 10 s in which a task waited for a CPU (PSI)"),
    def("system.pressure.memory_some_percent", Unit::Percent, Worse::High, "Share of the last 10 s in which a task waited for memory (PSI)"),
    def("system.pressure.memory_full_percent", Unit::Percent, Worse::High, "Share of the last 10 s in which every task waited for memory (PSI)"),
    def("system.pressure.io_some_percent", Unit::Percent, Worse::High, "Share of the last 10 s in which a task waited for I/O (PSI)"),
    def("system.pressure.io_full_percent", Unit::Percent, Worse::High, "Share of the last 10 s in which every task waited for I/O (PSI)"),
    def("system.memory.total_bytes", Unit::Bytes, Worse::Neither, "Memory of the machine"),
    def("system.memory.used_bytes", Unit::Bytes, Worse::High, "Memory that can't be had without taking it from someone: total less available"),
    def("system.memory.available_bytes", Unit::Bytes, Worse::Low, "Memory that a new program could have without swapping"),
    def("system.memory.cached_bytes", Unit::Bytes, Worse::Neither, "Page cache and reclaimable slabs"),
    def("system.memory.buffers_bytes", Unit::Bytes, Worse::Neither, "Buffers of block devices"),
    def("system.memory.free_bytes", Unit::Bytes, Worse::Neither, "Memory used for nothing at all"),
    def("system.memory.usage_percent", Unit::Percent, Worse::High, "Used share of the memory; in a container, of its limit"),
    def("system.swap.total_bytes", Unit::Bytes, Worse::Neither, "Swap space"),
    def("system.swap.used_bytes", Unit::Bytes, Worse::High, "Swap space in use"),
    def("system.swap.usage_percent", Unit::Percent, Worse::High, "Used share of the swap space"),
    def("system.swap.in_bytes_per_sec", Unit::BytesPerSec, Worse::High, "Read back from swap"),
    def("system.swap.out_bytes_per_sec", Unit::BytesPerSec, Worse::High, "Written out to swap"),
    def("system.hugepages.total_bytes", Unit::Bytes, Worse::Neither, "Memory set aside for huge pages"),
    def("system.hugepages.used_bytes", Unit::Bytes, Worse::Neither, "Huge pages in use"),
    def("container.memory.limit_bytes", Unit::Bytes, Worse::Neither, "Memory limit of the control group that hubtop runs in"),
    def("container.memory.used_bytes", Unit::Bytes, Worse::High, "Memory used in that control group, without the page cache that can be dropped"),
    def("container.memory.usage_percent", Unit::Percent, Worse::High, "Used share of the limit"),
    def("container.cpu.limit_cores", Unit::Ratio, Worse::Neither, "CPU limit of the control group, in cores"),
    def("container.cpu.usage_percent", Unit::Percent, Worse::High, "Share of the CPU limit that was used"),
    def("container.cpu.throttled_percent", Unit::Percent, Worse::High, "Share of the scheduling periods in which the control group was throttled"),
    def("system.disk.total_bytes", Unit::Bytes, Worse::Neither, "Size of a mounted file system, by mount"),
    def("system.disk.used_bytes", Unit::Bytes, Worse::High, "Used space, by mount"),
    def("system.disk.available_bytes", Unit::Bytes, Worse::Low, "Space that an ordinary user may still fill, by mount"),
    def("system.disk.usage_percent", Unit::Percent, Worse::High, "Used share of the space an ordinary user may fill (as df counts), by mount"),
    def("system.disk.inodes_usage_percent", Unit::Percent, Worse::High, "Used share of the inodes, by mount"),
    def("system.disk.read_bytes_per_sec", Unit::BytesPerSec, Worse::Neither, "Read from the device"),
    def("system.disk.write_bytes_per_sec", Unit::BytesPerSec, Worse::Neither, "Written to the device"),
    def("system.disk.reads_per_sec", Unit::PerSec, Worse::Neither, "Read operations completed by the device"),
    def("system.disk.writes_per_sec", Unit::PerSec, Worse::Neither, "Write operations completed by the device"),
    def("system.disk.queue_length", Unit::Ratio, Worse::High, "Mean number of operations that were in the device or waiting for it"),
    def("system.disk.busy_percent", Unit::Percent, Worse::High, "Share of the time in which the device had something to do"),
    def("system.disk.await_ms", Unit::Millis, Worse::High, "Mean time of an operation, waiting included"),
    def("system.network.bytes_recv_per_sec", Unit::BytesPerSec, Worse::Neither, "Received, by interface"),
    def("system.network.bytes_sent_per_sec", Unit::BytesPerSec, Worse::Neither, "Sent, by interface"),
    def("system.network.packets_recv_per_sec", Unit::PerSec, Worse::Neither, "Packets received, by interface"),
    def("system.network.packets_sent_per_sec", Unit::PerSec, Worse::Neither, "Packets sent, by interface"),
    def("system.network.errors_per_sec", Unit::PerSec, Worse::High, "Errors in both directions, by interface"),
    def("system.network.drops_per_sec", Unit::PerSec, Worse::High, "Packets dropped in both directions, by interface"),
    def("system.tcp.established_count", Unit::Count, Worse::Neither, "TCP connections established"),
    def("system.tcp.retransmits_per_sec", Unit::PerSec, Worse::High, "TCP segments sent again"),
    def("system.tcp.listen_overflows_per_sec", Unit::PerSec, Worse::High, "Connections dropped because a listener's queue was full"),
    def("system.udp.errors_per_sec", Unit::PerSec, Worse::High, "UDP datagrams that could not be delivered or received"),
    def("system.sensor.temperature_celsius", Unit::Celsius, Worse::High, "Temperature, by sensor"),
    def("system.gpu.usage_percent", Unit::Percent, Worse::High, "Share of the time in which the GPU was busy, by GPU"),
    def("system.gpu.memory_used_bytes", Unit::Bytes, Worse::High, "Memory of the GPU in use, by GPU"),
    def("system.gpu.memory_total_bytes", Unit::Bytes, Worse::Neither, "Memory of the GPU, by GPU"),
    def("system.gpu.temperature_celsius", Unit::Celsius, Worse::High, "Temperature of the GPU, by GPU"),
    def("system.gpu.power_watts", Unit::Watts, Worse::Neither, "Power drawn by the GPU, by GPU"),
    def("system.process.count", Unit::Count, Worse::Neither, "Processes"),
    def("system.process.running_count", Unit::Count, Worse::Neither, "Processes running or ready to run"),
    def("system.process.blocked_count", Unit::Count, Worse::High, "Processes in uninterruptible sleep"),
    def("system.process.thread_count", Unit::Count, Worse::Neither, "Threads of all processes"),
    def("system.uptime_seconds", Unit::Seconds, Worse::Neither, "Time since the machine was started"),
    def("source.collect.duration_ms", Unit::Millis, Worse::High, "Time that the last collection took, by source"),
    def("source.collect.success_percent", Unit::Percent, Worse::Low, "Share of the last 100 collections that succeeded, by source"),
    def("app.requests.per_sec", Unit::PerSec, Worse::Neither, "Requests answered, in all or by endpoint"),
    def("app.requests.total", Unit::Count, Worse::Neither, "Requests answered since the source started"),
    def("app.errors.rate_percent", Unit::Percent, Worse::High, "Share of the requests answered with 5xx, in all or by endpoint"),
    def("app.response_time.p50_ms", Unit::Millis, Worse::High, "Median response time, in all or by endpoint"),
    def("app.response_time.p95_ms", Unit::Millis, Worse::High, "95th percentile of the response time, in all or by endpoint"),
    def("app.response_time.p99_ms", Unit::Millis, Worse::High, "99th percentile of the response time, in all or by endpoint"),
    def("app.response_time.distribution_ms", Unit::Millis, Worse::High, "Distribution of the response times, by source or by endpoint and source"),
    def("app.responses.percent", Unit::Percent, Worse::Neither, "Share of the responses, by class of status (2xx, 3xx, 4xx, 5xx)"),
    def("probe.total_ms", Unit::Millis, Worse::High, "Time of a probe from its intended start to the end of the answer, by probe"),
    def("probe.success_percent", Unit::Percent, Worse::Low, "100 when the last probe succeeded, else 0: the mean over a range is the availability, by probe"),
    def("probe.certificate_days", Unit::Ratio, Worse::Low, "Days until the certificate ends, by probe"),
    def("cache.hit_rate_percent", Unit::Percent, Worse::Low, "Share of look-ups that found their key, over all caches, by instance, or by level"),
    def("cache.miss_rate_percent", Unit::Percent, Worse::High, "Share of look-ups that did not find their key, by instance"),
    def("cache.operations_per_sec", Unit::PerSec, Worse::Neither, "Commands answered, by instance"),
    def("cache.memory.used_bytes", Unit::Bytes, Worse::High, "Memory of the cache in use, by instance"),
    def("cache.memory.max_bytes", Unit::Bytes, Worse::Neither, "Memory limit of the cache, by instance"),
    def("cache.evictions_per_sec", Unit::PerSec, Worse::High, "Keys thrown out for lack of memory, by instance"),
    def("cache.expirations_per_sec", Unit::PerSec, Worse::Neither, "Keys that reached their end, by instance"),
    def("cache.memory.used_percent", Unit::Percent, Worse::High, "Used share of the memory limit of the cache, by instance"),
    def("cache.fragmentation_ratio", Unit::Ratio, Worse::High, "Memory that the allocator holds for each byte in use, by instance"),
    def("cache.keys_count", Unit::Count, Worse::Neither, "Keys held, by instance"),
    def("cache.clients.connected_count", Unit::Count, Worse::High, "Clients connected, by instance"),
    def("cache.clients.blocked_count", Unit::Count, Worse::Neither, "Clients that wait in a blocking command, by instance"),
    def("cache.rejected_connections_per_sec", Unit::PerSec, Worse::High, "Connections refused because there were too many, by instance"),
    def("cache.ping_ms", Unit::Millis, Worse::High, "Round trip of a PING, by instance"),
    def("cache.command.p99_ms", Unit::Millis, Worse::High, "99th percentile of a command's time on the server, by instance and command"),
    def("cache.queue.length", Unit::Count, Worse::High, "Entries of a list, stream or sorted set that is watched, by instance and queue"),
    def("cache.replication.lag_bytes", Unit::Bytes, Worse::High, "How far the slowest replica is behind, or this one if it is a replica, by instance"),
    def("db.connections.used_count", Unit::Count, Worse::High, "Client connections, by instance"),
    def("db.connections.max_count", Unit::Count, Worse::Neither, "Client connections allowed, by instance"),
    def("db.connections.used_percent", Unit::Percent, Worse::High, "Used share of the connections allowed, by instance"),
    def("db.connections.active_count", Unit::Count, Worse::Neither, "Connections that execute a statement, by instance"),
    def("db.connections.idle_count", Unit::Count, Worse::Neither, "Idle connections, by instance"),
    def("db.connections.idle_in_transaction_count", Unit::Count, Worse::High, "Connections that hold a transaction open and do nothing, by instance"),
    def("db.connections.waiting_count", Unit::Count, Worse::High, "Connections that wait for a lock, by instance"),
    def("db.transactions_per_sec", Unit::PerSec, Worse::Neither, "Transactions ended, by instance"),
    def("db.statements_per_sec", Unit::PerSec, Worse::Neither, "Statements received from clients, by instance"),
    def("db.cache_hit_percent", Unit::Percent, Worse::Low, "Share of block reads answered from the server's own memory, by instance"),
    def("db.temp_bytes_per_sec", Unit::BytesPerSec, Worse::High, "Written to temporary files by statements, by instance"),
    def("db.temp_tables_on_disk_per_sec", Unit::PerSec, Worse::High, "Temporary tables of statements that went to disk, by instance"),
    def("db.deadlocks_per_sec", Unit::PerSec, Worse::High, "Deadlocks, by instance"),
    def("db.transaction_ids.age_count", Unit::Count, Worse::High, "Age of the oldest transaction number that is not frozen, by instance"),
    def("db.replication.lag_seconds", Unit::Seconds, Worse::High, "How far the slowest replica is behind, by instance"),
    def("db.transaction.longest_seconds", Unit::Seconds, Worse::High, "Age of the oldest open transaction, by instance"),
    def("db.statements.slow_count", Unit::Count, Worse::High, "Statements whose mean time in this interval is over the threshold"),
    def("db.statement.mean_ms", Unit::Millis, Worse::High, "Mean time of a statement in the interval"),
    def("db.statement.time_percent", Unit::Percent, Worse::Neither, "A statement's share of the time spent in the database in the interval"),
    def("db.statement.calls_per_sec", Unit::PerSec, Worse::Neither, "Calls of a statement in the interval"),
    def("slo.burn_rate", Unit::Ratio, Worse::High, "How many times too fast an error budget is spent: the less of a long and a short window, by objective and long window"),
    def("ai.tokens.total", Unit::Count, Worse::Neither, "Tokens used, by model and type"),
    def("ai.cost.usd_total", Unit::Usd, Worse::High, "Cost, by model"),
];

/// What distributions of response times are brought under: by endpoint and source, and one with the label of the source
/// alone for all its routes together. Distributions have no values of their own: rules and charts take the percentiles.
pub const RESPONSE_TIME: &str = "app.response_time.distribution_ms";
/// The same for whole calls of AI models, by model and source.
pub const MODEL_TIME: &str = "ai.call.distribution_ms";
/// The same for runs of agents and their skills.
pub const AGENT_TIME: &str = "agent.run.distribution_ms";
/// The same for searches of vector stores.
pub const VECTOR_TIME: &str = "vector.search.distribution_ms";
/// The same for statements of databases, each call with the mean time of its statement, by instance.
pub const STATEMENT_TIME: &str = "db.statement.distribution_ms";

/// Short names that rules accept, and what they stand for.
pub const SHORT_NAMES: &[(&str, &str)] = &[
    ("cpu_usage", "system.cpu.usage_percent"),
    ("memory_usage", "system.memory.usage_percent"),
    ("disk_usage", "system.disk.usage_percent"),
    ("api_response_time", "app.response_time.p95_ms"),
    ("error_rate", "app.errors.rate_percent"),
];

/// The descriptions by name: each value of each tick is rounded as its own says.
static BY_NAME: LazyLock<HashMap<&'static str, &'static MetricDef>> =
    LazyLock::new(|| METRICS.iter().map(|def| (def.name, def)).collect());

/// The description of the metric called `name`, if it is one of hubtop's own.
#[must_use]
pub fn find(name: &str) -> Option<&'static MetricDef> {
    BY_NAME.get(name).copied()
}

/// The description of `name`, or [`MetricDef::UNDESCRIBED`].
#[must_use]
pub fn describe(name: &str) -> &'static MetricDef {
    find(name).unwrap_or(&MetricDef::UNDESCRIBED)
}

/// The full name of a metric that may have been given by its short name.
#[must_use]
pub fn full_name(name: &str) -> &str {
    SHORT_NAMES
        .iter()
        .find(|(short, _)| *short == name)
        .map_or(name, |(_, full)| full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_the_form_the_documents_promise() {
        for (i, metric) in METRICS.iter().enumerate() {
            assert!(
                !METRICS[..i].iter().any(|m| m.name == metric.name),
                "{} stands twice",
                metric.name
            );
            assert!(
                metric
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c))
            );
            assert!(!metric.help.is_empty());
        }
        for (_, full) in SHORT_NAMES {
            assert!(find(full).is_some(), "{full} is not described");
        }
    }
}
