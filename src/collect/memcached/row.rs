//! The row of a memcached in the Cache tab, and what is wrong with it.

use std::sync::Arc;
use std::time::Duration;

use super::protocol::Stats;
use super::tally::{Rise, Tally, number};
use crate::model::format::{self, Formatter};
use crate::model::text::printable;
use crate::model::{CacheInstance, CommandLatency, SourceName, Timestamp};

/// Keys that are thrown out so soon after their last use would have been asked for again.
const THROWN_OUT_EARLY: Duration = Duration::from_secs(300);
/// From this share of the allowed connections on they are about to run out.
const NEARLY_ALL: f64 = 0.9;

/// Each command with the counters that it raises.
const COMMANDS: [(&str, &[&str]); 6] = [
    ("GET", &["cmd_get"]),
    ("SET", &["cmd_set"]),
    ("DELETE", &["delete_hits", "delete_misses"]),
    ("TOUCH", &["cmd_touch"]),
    ("INCR", &["incr_hits", "incr_misses"]),
    ("DECR", &["decr_hits", "decr_misses"]),
];

/// What the server told besides its counters.
pub(super) struct Told<'a> {
    pub settings: &'a Stats,
    pub slabs: &'a Stats,
}

/// The row.
pub(super) fn row(
    name: &SourceName,
    tally: &Tally,
    rise: Option<&Rise<'_>>,
    told: &Told<'_>,
) -> CacheInstance {
    let rate = |names: &[&str]| rise.and_then(|rise| rise.rate_of(names));
    let rises = |name| rise.and_then(|rise| rise.of(name));
    let requested = told
        .slabs
        .iter()
        .filter(|(name, _)| name.ends_with(":mem_requested"));
    let requested: u64 = requested
        .filter_map(|(_, bytes)| bytes.parse::<u64>().ok())
        .sum();
    let held = number(told.slabs, "total_malloced").filter(|_| requested > 0);
    let mut row = CacheInstance {
        instance: name.clone(),
        kind: kind(tally).into(),
        hit_percent: hit_percent(rises("get_hits"), rises("get_misses")),
        hit_percent_total: hit_percent(tally.number("get_hits"), tally.number("get_misses")),
        operations_per_sec: rate(&COMMANDS.map(|(_, counters)| counters).concat()),
        memory_used_bytes: tally.number("bytes"),
        memory_max_bytes: tally.number("limit_maxbytes").filter(|limit| *limit > 0),
        fragmentation: held.map(|held| held as f64 / requested as f64),
        fragmentation_bytes: held.map(|held| held.saturating_sub(requested)),
        keys: tally.number("curr_items"),
        evictions_per_sec: rate(&["evictions"]),
        evicted_total: tally.number("evictions"),
        // A key that has expired is noticed by whoever asks for it, needs its place, or crawls.
        expirations_per_sec: rate(&["get_expired", "reclaimed", "crawler_reclaimed"]),
        clients: tally.number("curr_connections"),
        clients_max: tally
            .number("max_connections")
            .or_else(|| number(told.settings, "maxconns")),
        rejected_per_sec: rate(&["rejected_connections"]),
        started: started(tally),
        commands: rise.map(commands).unwrap_or_default(),
        ..CacheInstance::default()
    };
    row.findings = findings(&row, tally, rise, told);
    row
}

fn kind(tally: &Tally) -> String {
    let version = tally
        .general
        .get("version")
        .map_or(format::UNKNOWN, |version| &**version);
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or(version), parts.next().unwrap_or("0"));
    printable(&format!("memcached {major}.{minor}")).into_owned()
}

fn hit_percent(hits: Option<u64>, misses: Option<u64>) -> Option<f64> {
    let (hits, misses) = (hits? as f64, misses? as f64);
    let asked = hits + misses;
    (asked > 0.0).then(|| 100.0 * hits / asked)
}

fn started(tally: &Tally) -> Option<Timestamp> {
    let now = i64::try_from(tally.number("time")?).ok()?;
    let uptime = i64::try_from(tally.number("uptime")?).ok()?;
    now.checked_sub(uptime)?.checked_mul(1000).map(Timestamp)
}

/// memcached counts its commands, but not their time.
fn commands(rise: &Rise<'_>) -> Vec<CommandLatency> {
    let rates = COMMANDS.iter().filter_map(|(command, counters)| {
        let calls_per_sec = rise.rate_of(counters).filter(|rate| *rate > 0.0)?;
        Some(CommandLatency {
            command: (*command).into(),
            calls_per_sec,
            ..CommandLatency::default()
        })
    });
    let mut rows: Vec<CommandLatency> = rates.collect();
    rows.sort_by(|a, b| b.calls_per_sec.total_cmp(&a.calls_per_sec));
    rows
}

fn findings(
    row: &CacheInstance,
    tally: &Tally,
    rise: Option<&Rise<'_>>,
    told: &Told<'_>,
) -> Vec<Arc<str>> {
    let found = [
        connections(row, rise),
        rise.and_then(|rise| early_evictions(row, tally, rise)),
        rise.and_then(out_of_memory),
        full(row, told),
    ];
    found.into_iter().flatten().map(Into::into).collect()
}

fn connections(row: &CacheInstance, rise: Option<&Rise<'_>>) -> Option<String> {
    let of = row
        .clients_max
        .map(|limit| format!(" of {limit}"))
        .unwrap_or_default();
    let rose = |name| {
        rise.and_then(|rise| rise.of(name))
            .is_some_and(|count| count > 0)
    };
    if rose("rejected_connections") || rose("listen_disabled_num") {
        return Some(format!(
            "it turns connections away: the limit{of} is reached, raise -c"
        ));
    }
    let (clients, limit) = (row.clients?, row.clients_max?);
    (clients as f64 >= NEARLY_ALL * limit as f64)
        .then(|| format!("{clients}{of} connections are in use: raise -c"))
}

fn early_evictions(row: &CacheInstance, tally: &Tally, rise: &Rise<'_>) -> Option<String> {
    let ages = rise.classes("evicted").into_iter().filter_map(|class| {
        let age = number(&tally.items, &format!("items:{class}:evicted_time"))?;
        Some(Duration::from_secs(age))
    });
    let youngest = ages.min().filter(|age| *age < THROWN_OUT_EARLY)?;
    let limit = row
        .memory_max_bytes
        .map(|limit| Formatter::default().bytes(limit as f64));
    Some(format!(
        "throws out keys that were used {} ago: raise -m ({} now)",
        format::duration(youngest),
        limit.as_deref().unwrap_or(format::UNKNOWN)
    ))
}

fn out_of_memory(rise: &Rise<'_>) -> Option<String> {
    let class = rise.classes("outofmemory").into_iter().min()?;
    Some(format!(
        "can't store what falls into slab class {class}: raise -m, or let it move pages (-o slab_automove)"
    ))
}

/// With -M nothing is thrown out.
fn full(row: &CacheInstance, told: &Told<'_>) -> Option<String> {
    let keeps_all = told
        .settings
        .get("evictions")
        .is_some_and(|word| &**word == "off");
    let (used, limit) = (row.memory_used_bytes?, row.memory_max_bytes?);
    (keeps_all && used as f64 >= 0.95 * limit as f64)
        .then(|| "memory is full and nothing may be thrown out (-M): writes fail".to_owned())
}
