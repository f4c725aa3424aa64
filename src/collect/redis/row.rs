//! The row of a server in the Cache tab, and its lines of replication and persistence, from INFO and the rise of the
//! counters.

use std::time::Duration;

use super::info::{Info, parse_info, part, part_number};
use super::tally::{Count, Rise, Tally, hit_percent};
use crate::model::format::{self, Formatter};
use crate::model::text::printable;
use crate::model::{CacheInstance, SourceName, Timestamp};

/// The row, without what other commands bring.
pub(super) fn row(
    name: &SourceName,
    info: &Info,
    tally: &Tally,
    rise: Option<&Rise<'_>>,
    now: Timestamp,
) -> CacheInstance {
    let rate = |count| rise.and_then(|rise| rise.rate(count));
    let (hits, misses) = (
        rise.and_then(|rise| rise.of(Count::Hits)),
        rise.and_then(|rise| rise.of(Count::Misses)),
    );
    CacheInstance {
        instance: name.clone(),
        kind: kind(info).into(),
        hit_percent: hit_percent(hits, misses),
        hit_percent_total: hit_percent(tally.total(Count::Hits), tally.total(Count::Misses)),
        operations_per_sec: rate(Count::Commands),
        memory_used_bytes: info.number("used_memory"),
        memory_max_bytes: info.number("maxmemory").filter(|limit| *limit > 0),
        memory_peak_bytes: info.number("used_memory_peak"),
        fragmentation: info
            .float("allocator_frag_ratio")
            .or_else(|| info.float("mem_fragmentation_ratio")),
        fragmentation_bytes: info.number("allocator_frag_bytes"),
        keys: Some(keys(info)),
        evictions_per_sec: rate(Count::Evicted),
        expirations_per_sec: rate(Count::Expired),
        evicted_total: tally.total(Count::Evicted),
        rejected_per_sec: rate(Count::Rejected),
        clients: info.number("connected_clients"),
        clients_max: info.number("maxclients"),
        clients_blocked: info.number("blocked_clients"),
        role: role(info).map(Into::into),
        commands: rise.map(Rise::commands).unwrap_or_default(),
        started: started(info, now),
        replication: replication(info).map(Into::into),
        persistence: persistence(info, now).map(Into::into),
        ..CacheInstance::default()
    }
}

/// `redis 7.0`, `valkey 9.1`.
pub(super) fn kind(info: &Info) -> String {
    let server = info.text("server_name").unwrap_or("redis");
    let version = info
        .text(&format!("{server}_version"))
        .or_else(|| info.text("redis_version"))
        .unwrap_or(format::UNKNOWN);
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or(version), parts.next().unwrap_or("0"));
    printable(&format!("{server} {major}.{minor}")).into_owned()
}

/// Version of Valkey, if it is one: major and minor.
pub(super) fn valkey_version(info: &Info) -> Option<(u64, u64)> {
    let mut parts = info.text("valkey_version")?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// Keys in all databases.
pub(super) fn keys(info: &Info) -> u64 {
    let databases = info.beginning("db");
    let counts = databases.filter_map(|(_, about)| part_number(about, "keys"));
    counts.sum()
}

/// Keys in one database.
pub(super) fn keys_of(info: &Info, database: u32) -> u64 {
    let about = info.text(&format!("db{database}"));
    about
        .and_then(|about| part_number(about, "keys"))
        .unwrap_or(0)
}

fn role(info: &Info) -> Option<&'static str> {
    match info.text("role")? {
        "master" => Some("primary"),
        "slave" => Some("replica"),
        _ => None,
    }
}

/// Whether it is a replica.
pub(super) fn is_replica(info: &Info) -> bool {
    info.text("role") == Some("slave")
}

/// The start as a whole second, so that it does not tremble from reading to reading.
fn started(info: &Info, now: Timestamp) -> Option<Timestamp> {
    let uptime = Duration::from_secs(info.number("uptime_in_seconds")?);
    let server_now = info.number("server_time_usec").map(|micros| {
        let millis = i64::try_from(micros / 1000).unwrap_or(now.0);
        Timestamp(millis)
    });
    let begun = server_now.unwrap_or(now).minus(uptime);
    Some(begun.floor_to(Duration::from_secs(1)))
}

/// How far the slowest replica is behind (on a replica: how far it has not yet applied what it received), bytes.
pub(super) fn lag_bytes(info: &Info) -> Option<u64> {
    if is_replica(info) {
        let received = info.number("slave_read_repl_offset")?;
        return Some(received.saturating_sub(info.number("slave_repl_offset")?));
    }
    let written = info.number("master_repl_offset")?;
    replicas(info)
        .filter_map(|about| part_number(about, "offset"))
        .map(|offset| written.saturating_sub(offset))
        .max()
}

/// `slave0:ip=…,port=…,state=online,offset=…,lag=1`: fields that are named so with a number.
fn replicas(info: &Info) -> impl Iterator<Item = &str> {
    info.beginning("slave")
        .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(_, about)| about)
}

/// Where a replica's primary is: `10.0.0.2:6379`.
pub(super) fn primary(info: &Info) -> String {
    let host = printable(info.text("master_host").unwrap_or(format::UNKNOWN));
    let port = info.number("master_port").unwrap_or(0);
    format!("{host}:{port}")
}

/// For how long the link to the primary has been down, if it is.
pub(super) fn link_down(info: &Info) -> Option<Duration> {
    let is_down = is_replica(info) && info.text("master_link_status") == Some("down");
    // −1 stands for never having been up.
    let seconds = info.number("master_link_down_since_seconds").unwrap_or(0);
    is_down.then_some(Duration::from_secs(seconds))
}

fn replication(info: &Info) -> Option<String> {
    if is_replica(info) {
        let primary = primary(info);
        let line = match link_down(info) {
            _ if info.is_set("master_sync_in_progress") => {
                format!("loads everything from {primary}")
            }
            Some(span) => format!("link to {primary} down for {}", format::duration(span)),
            None => format!("follows {primary}"),
        };
        return Some(line);
    }
    let count = info.number("connected_slaves")?;
    let away = replicas(info)
        .filter(|about| part(about, "state") != Some("online"))
        .count();
    let noun = if count == 1 { "replica" } else { "replicas" };
    Some(match (count, lag_bytes(info)) {
        (0, _) => "no replicas".to_owned(),
        (_, _) if away > 0 => format!("{count} {noun}, {away} not in step yet"),
        (_, Some(lag @ 0..1000)) => format!("{count} {noun}, {lag} B behind"),
        (_, Some(lag)) => {
            let lag = Formatter::default().bytes(lag as f64);
            format!("{count} {noun}, {lag} behind")
        }
        (_, None) => format!("{count} {noun}"),
    })
}

/// The line of replication of a node; `answer` is that to CLUSTER INFO.
pub(super) fn in_cluster(answer: &[u8], replication: Option<&str>) -> String {
    let state = parse_info(answer);
    let state = printable(state.text("cluster_state").unwrap_or(format::UNKNOWN)).into_owned();
    match replication {
        Some(line) => format!("cluster {state}, {line}"),
        None => format!("cluster {state}"),
    }
}

fn persistence(info: &Info, now: Timestamp) -> Option<String> {
    let saved = Timestamp(
        i64::try_from(info.number("rdb_last_save_time")?)
            .ok()?
            .checked_mul(1000)?,
    );
    let ago = format::duration(now.since(saved));
    let mut line = if info.text("rdb_last_bgsave_status") == Some("err") {
        "last save failed".to_owned()
    } else if info.is_set("rdb_bgsave_in_progress") {
        "saves now".to_owned()
    } else if is_unsaved(info, saved, now) {
        "not saved since its start".to_owned()
    } else {
        format!("saved {ago} ago")
    };
    if let Some(changes) = info
        .number("rdb_changes_since_last_save")
        .filter(|n| *n > 0)
    {
        line.push_str(&format!(
            ", {} changes since",
            format::count(changes as f64)
        ));
    }
    if info.is_set("aof_enabled") {
        line.push_str(match info.text("aof_last_write_status") {
            Some("err") => ", AOF write failed",
            _ => ", AOF on",
        });
    }
    Some(line)
}

/// Redis 7 counts its saves; before, the moment of the start stands in for that of a save until the first.
fn is_unsaved(info: &Info, saved: Timestamp, now: Timestamp) -> bool {
    match info.number("rdb_saves") {
        Some(saves) => saves == 0,
        None => started(info, now).is_some_and(|begun| saved.since(begun) < Duration::from_secs(2)),
    }
}
