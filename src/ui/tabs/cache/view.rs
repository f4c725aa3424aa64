//! What a frame says of the caches: which are in trouble, what each holds, how far requests fall through the levels.

use crate::model::{
    CacheInstance, CacheLevel, CommandLatency, Frame, Labels, SeriesId, Severity, SourceKind, Unit,
};
use crate::ui::tabs::source::Trouble;
use crate::ui::tabs::{Badge, source};
use crate::ui::theme::{Look, Role};

/// A hit rate below this is low, percent.
const HIT_LOW: f64 = 80.0;
/// From this 99th percentile on a command is slow, milliseconds.
const P99_HIGH_MS: f64 = 100.0;
/// What hubtop asks of a server.
const OWN_COMMANDS: [&str; 11] = [
    "INFO", "LATENCY", "PING", "SLOWLOG", "CONFIG", "CLIENT", "TYPE", "LLEN", "XLEN", "ZCARD",
    "MEMORY",
];
/// Memory above this share of the limit is nearly all of it.
const MEMORY_HIGH: f64 = 0.95;

/// Whether any source has brought anything that the tab shows.
pub(super) fn has_source(frame: &Frame) -> bool {
    frame.tables.caches.is_some()
        || frame.tables.cache_levels.is_some()
        || source::has_kind(frame, SourceKind::Cache)
}

/// The meaning of a hit rate.
pub(super) fn hit_role(percent: f64) -> Role {
    if percent < HIT_LOW {
        Role::Warning
    } else {
        Role::Text
    }
}

/// An instance, and what is the matter with its source if something is: its figures are then no longer known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InstanceRow {
    pub cache: CacheInstance,
    pub trouble: Option<Trouble>,
}

/// The instances of a frame.
pub(super) fn instances(frame: &Frame) -> Option<Vec<InstanceRow>> {
    let caches = frame.tables.caches.as_deref()?;
    Some(
        caches
            .iter()
            .map(|cache| instance_row(frame, cache))
            .collect(),
    )
}

/// The instance with this name.
pub(super) fn instance(frame: &Frame, name: &str) -> Option<InstanceRow> {
    let caches = frame.tables.caches.as_deref()?;
    let cache = caches.iter().find(|cache| &*cache.instance == name)?;
    Some(instance_row(frame, cache))
}

fn instance_row(frame: &Frame, cache: &CacheInstance) -> InstanceRow {
    let trouble = source::trouble(frame, &cache.instance);
    let cache = match &trouble {
        None => cache.clone(),
        Some(_) => without_figures(cache),
    };
    InstanceRow { cache, trouble }
}

/// What stays known of an instance that does not answer.
fn without_figures(cache: &CacheInstance) -> CacheInstance {
    CacheInstance {
        instance: cache.instance.clone(),
        kind: cache.kind.clone(),
        role: cache.role.clone(),
        ..CacheInstance::default()
    }
}

/// How many caches hit too seldom or do not answer, those that never did included.
pub(super) fn badge(frame: &Frame) -> Option<Badge> {
    let rows = instances(frame).unwrap_or_default();
    let low = rows
        .iter()
        .filter(|row| row.cache.hit_percent.is_some_and(|hit| hit < HIT_LOW))
        .count();
    let stale = rows.iter().filter(|row| {
        let trouble = row.trouble.as_ref();
        trouble.is_some_and(|trouble| trouble.word == "stale")
    });
    let failing = source::failing_of_kind(frame, SourceKind::Cache).count();
    let severity = match failing {
        0 => Severity::Warning,
        _ => Severity::Critical,
    };
    let count = low + stale.count() + failing;
    (count > 0).then_some(Badge { count, severity })
}

/// The series of a metric for an instance.
pub(super) fn series(frame: &Frame, metric: &str, instance: &str) -> Option<SeriesId> {
    frame
        .series
        .find(metric, &Labels::one("instance", instance))
}

/// The used share of the memory limit, 0 to 1.
pub(super) fn memory_share(cache: &CacheInstance) -> Option<f64> {
    let limit = cache.memory_max_bytes.filter(|limit| *limit > 0)?;
    Some(cache.memory_used_bytes? as f64 / limit as f64)
}

/// The meaning of a used share of the memory limit.
pub(super) fn memory_role(share: f64) -> Role {
    if share > MEMORY_HIGH {
        Role::Warning
    } else {
        Role::Bright
    }
}

/// Sizes, when there are any.
pub(super) fn bytes(look: &Look, value: Option<u64>) -> String {
    look.format
        .value(Unit::Bytes, value.map(|bytes| bytes as f64))
}

/// The busiest commands first, and last those that hubtop itself sends: on a quiet server they would be all there is.
pub(super) fn busiest(cache: &CacheInstance) -> Vec<&CommandLatency> {
    let mut commands: Vec<&CommandLatency> = cache.commands.iter().collect();
    commands.sort_by(|a, b| {
        let by_rate = || b.calls_per_sec.total_cmp(&a.calls_per_sec);
        is_own(a).cmp(&is_own(b)).then_with(by_rate)
    });
    commands
}

/// Whether hubtop sends a command too.
fn is_own(command: &CommandLatency) -> bool {
    let word = command.command.split([' ', '|']).next().unwrap_or_default();
    OWN_COMMANDS
        .iter()
        .any(|own| own.eq_ignore_ascii_case(word))
}

/// The meaning of a 99th percentile in milliseconds: where most answers take microseconds, a tenth of a second is long.
pub(super) fn p99_role(command: &CommandLatency) -> Role {
    let at_least = command.p99_bounds_ms.map(|(low, _)| low);
    match at_least.or(command.p99_ms) {
        Some(ms) if ms > P99_HIGH_MS => Role::Warning,
        _ => Role::Bright,
    }
}

/// The share of the requests that a level answers, percent, while its source is heard of.
pub(super) fn level_hit(frame: &Frame, level: &CacheLevel) -> Option<f64> {
    level
        .hit_percent
        .filter(|_| !source::is_silent(frame, &level.source))
}

/// The share of the requests that no level answers, percent; `None` while the rate of one of them is not known.
pub(super) fn reaches_origin(frame: &Frame) -> Option<f64> {
    let levels = frame.tables.cache_levels.as_deref()?;
    let mut left = 100.0;
    for level in levels {
        left *= 1.0 - level_hit(frame, level)? / 100.0;
    }
    Some(left)
}
