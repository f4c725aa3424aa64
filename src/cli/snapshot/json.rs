//! The snapshot for programs. `assets/snapshot.schema.json` says what stands where; a test compares.
//!
//! What is not known is `null`, never zero. The version grows when a key changes its meaning or goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use crate::model::endpoint::{Endpoint, ModelUse, Objective, Page, Probe, SessionGroup};
use crate::model::statement::{
    Backend, BackendLock, DatabaseInstance, IndexUse, Statement, TableUse,
};
use crate::model::{
    AlertBoard, CacheInstance, CacheLevel, Found, Frame, HostFacts, Process, SeriesKey,
    SourceStatus, Timestamp, Unit,
};

/// The version of the shape.
const VERSION: u32 = 1;

/// A table that may not be known.
type Table<'a, T> = Option<&'a [T]>;

#[derive(Serialize)]
struct Snapshot<'a> {
    version: u32,
    at: String,
    at_ms: Timestamp,
    tick_ms: u64,
    demo: bool,
    host: &'a HostFacts,
    metrics: Vec<Metric<'a>>,
    processes: Option<Vec<ProcessRow<'a>>>,
    endpoints: Table<'a, Endpoint>,
    models: Table<'a, ModelUse>,
    sessions: Table<'a, SessionGroup>,
    pages: Table<'a, Page>,
    probes: Option<Vec<ProbeRow<'a>>>,
    objectives: Table<'a, Objective>,
    caches: Table<'a, CacheInstance>,
    cache_levels: Table<'a, CacheLevel>,
    statements: Table<'a, Statement>,
    backends: Table<'a, Backend>,
    locks: Table<'a, BackendLock>,
    table_uses: Table<'a, TableUse>,
    index_uses: Table<'a, IndexUse>,
    databases: Table<'a, DatabaseInstance>,
    found: Table<'a, Found>,
    alerts: &'a AlertBoard,
    sources: &'a [SourceStatus],
}

#[derive(Serialize)]
struct Metric<'a> {
    metric: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    value: Option<f64>,
    unit: Unit,
}

/// A process with its number beside its other columns.
#[derive(Serialize)]
struct ProcessRow<'a> {
    pid: u32,
    parent: u32,
    user: &'a str,
    name: &'a str,
    command: &'a str,
    state: &'static str,
    cpu_percent: Option<f64>,
    memory_percent: f64,
    resident_bytes: u64,
    threads: Option<u32>,
    nice: Option<i32>,
    read_bytes_per_sec: Option<f64>,
    write_bytes_per_sec: Option<f64>,
    cpu_time_seconds: f64,
    started_at_ms: Timestamp,
    cgroup: Option<&'a str>,
    container: Option<&'a str>,
    kernel_thread: bool,
}

/// A probe with its result as two keys, of which one is known.
#[derive(Serialize)]
struct ProbeRow<'a> {
    name: &'a str,
    target: &'a str,
    dns_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    total_ms: Option<f64>,
    status: Option<u16>,
    error: Option<&'a str>,
    certificate_days: Option<f64>,
    source: &'a str,
}

/// The frame as JSON, with a line end.
pub fn write(frame: &Frame) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&snapshot(frame))?;
    text.push('\n');
    Ok(text)
}

fn snapshot(frame: &Frame) -> Snapshot<'_> {
    let tables = &frame.tables;
    Snapshot {
        version: VERSION,
        at: rfc3339(frame.at),
        at_ms: frame.at,
        tick_ms: u64::try_from(frame.tick.as_millis()).unwrap_or(u64::MAX),
        demo: frame.demo,
        host: &frame.host,
        metrics: metrics(frame),
        processes: rows(&tables.processes, |process| process_row(process)),
        endpoints: table(&tables.endpoints),
        models: table(&tables.models),
        sessions: table(&tables.sessions),
        pages: table(&tables.pages),
        probes: rows(&tables.probes, probe_row),
        objectives: table(&tables.objectives),
        caches: table(&tables.caches),
        cache_levels: table(&tables.cache_levels),
        statements: table(&tables.statements),
        backends: table(&tables.backends),
        locks: table(&tables.locks),
        table_uses: table(&tables.table_uses),
        index_uses: table(&tables.index_uses),
        databases: table(&tables.databases),
        found: table(&tables.found),
        alerts: &frame.alerts,
        sources: &frame.sources,
    }
}

fn rfc3339(at: Timestamp) -> String {
    DateTime::from_timestamp_millis(at.0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn metrics(frame: &Frame) -> Vec<Metric<'_>> {
    let metric = |(id, key): (_, &Arc<SeriesKey>)| (frame.value_of(id), key.describe().unit);
    frame
        .series
        .iter()
        .map(|(id, key)| {
            let (value, unit) = metric((id, key));
            Metric {
                metric: &key.metric,
                labels: key.labels.iter().collect(),
                value,
                unit,
            }
        })
        .collect()
}

fn table<T>(table: &Option<Arc<Vec<T>>>) -> Table<'_, T> {
    table.as_deref().map(Vec::as_slice)
}

fn rows<'a, T, R>(table: &'a Option<Arc<Vec<T>>>, row: fn(&'a T) -> R) -> Option<Vec<R>> {
    Some(table.as_ref()?.iter().map(row).collect())
}

fn process_row(process: &Process) -> ProcessRow<'_> {
    let identity = &*process.identity;
    ProcessRow {
        pid: identity.key.pid,
        parent: process.parent,
        user: &identity.user,
        name: &identity.name,
        command: &identity.command,
        state: process.state.word(),
        cpu_percent: process.cpu_percent,
        memory_percent: process.memory_percent,
        resident_bytes: process.resident_bytes,
        threads: process.threads,
        nice: process.nice,
        read_bytes_per_sec: process.read_bytes_per_sec,
        write_bytes_per_sec: process.write_bytes_per_sec,
        cpu_time_seconds: process.cpu_time.as_secs_f64(),
        started_at_ms: identity.started_at,
        cgroup: identity.cgroup.as_deref(),
        container: identity.container.as_deref(),
        kernel_thread: identity.is_kernel,
    }
}

fn probe_row(probe: &Probe) -> ProbeRow<'_> {
    ProbeRow {
        name: &probe.name,
        target: &probe.target,
        dns_ms: probe.dns_ms,
        connect_ms: probe.connect_ms,
        tls_ms: probe.tls_ms,
        first_byte_ms: probe.first_byte_ms,
        total_ms: probe.total_ms,
        status: probe.result.as_ref().ok().copied(),
        error: probe.result.as_ref().err().map(String::as_str),
        certificate_days: probe.certificate_days,
        source: &probe.source,
    }
}
