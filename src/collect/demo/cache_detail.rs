//! What the demo tells of the cache that is open: its slow log, clients, queues and keys.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    CacheClient, CacheDetail, KeySpace, LargeKey, PrefixUse, QueueLength, ScanState, SlowCommand,
    Timestamp,
};

use super::backends::CLIENT_HOST;
use super::story::{Scene, blend};

/// Keys that there are.
const KEYS: u64 = 1_104_000;
/// For how long the walk over them takes, seconds.
const WALK: f64 = 60.0;

/// Prefix, share of the keys in percent, mean size in bytes, share that never expires in percent.
const PREFIXES: [(&str, f64, f64, f64); 6] = [
    ("search:results:", 41.0, 1_620.0, 96.0),
    ("session:", 27.5, 410.0, 0.0),
    ("product:", 17.0, 980.0, 4.0),
    ("cart:", 8.1, 730.0, 0.0),
    ("rate:", 4.2, 88.0, 0.0),
    ("(other)", 2.2, 240.0, 38.0),
];

const SLOW: [(&str, f64); 6] = [
    ("HGETALL product:catalog:full", 41.8),
    ("ZRANGE leaderboard:month 0 -1 WITHSCORES", 33.1),
    ("SMEMBERS search:results:index", 28.4),
    ("DEL search:results:2026-03-14", 19.7),
    ("EVAL \"local n = redis.call(...)\" 1 rate:10.0.3.7", 14.2),
    ("HGETALL cart:88121", 11.0),
];

/// Key, kind, length in calm and at the worst.
pub(super) const QUEUES: [(&str, &str, (f64, f64)); 4] = [
    ("celery", "list", (14.0, 4_310.0)),
    ("emails", "list", (2.0, 61.0)),
    ("events:orders", "stream", (1_000.0, 1_000.0)),
    ("retry", "sorted set", (3.0, 212.0)),
];

const LARGEST: [(&str, &str, u64); 5] = [
    ("product:catalog:full", "hash", 91_400_000),
    ("search:results:index", "set", 48_210_000),
    ("leaderboard:month", "sorted set", 12_900_000),
    ("celery", "list", 3_110_000),
    ("cart:88121", "hash", 214_000),
];

/// The detail of an instance; what is not redis has no slow log and no keys to walk.
pub(super) fn detail_of(
    instance: &Arc<str>,
    is_redis: bool,
    scene: &Scene,
    at: Timestamp,
) -> CacheDetail {
    CacheDetail {
        instance: instance.clone(),
        slow_log: if is_redis { slow_log(at) } else { Vec::new() },
        clients: clients(scene),
        queues: if is_redis { queues(scene) } else { Vec::new() },
        key_space: is_redis.then(|| key_space(scene, at)),
    }
}

fn slow_log(at: Timestamp) -> Vec<SlowCommand> {
    let entries = SLOW.iter().enumerate();
    entries
        .map(|(n, (command, took))| SlowCommand {
            id: 4_120 - n as u64,
            at: at.minus(Duration::from_secs(3 + 19 * n as u64)),
            took_ms: *took,
            command: (*command).into(),
            client: format!("{CLIENT_HOST}:{}", 40_210 + n * 17).into(),
        })
        .collect()
}

fn clients(scene: &Scene) -> Vec<CacheClient> {
    let commands = ["get", "hgetall", "brpop", "set", "zadd", "get"];
    (0..18)
        .map(|n| CacheClient {
            id: 90 + n as u64,
            address: format!("{CLIENT_HOST}:{}", 40_210 + n * 17).into(),
            name: if n % 6 == 2 {
                "celery-worker"
            } else {
                "shop-api"
            }
            .into(),
            user: "default".into(),
            age: Duration::from_secs(4_000 + 37 * n as u64),
            idle: Duration::from_secs(if n % 6 == 2 { 31 } else { n as u64 % 3 }),
            command: commands[n % commands.len()].into(),
            memory_bytes: Some((22_000.0 * (1.0 + scene.fixed("client", n))) as u64),
        })
        .collect()
}

/// The lengths of the queues.
pub(super) fn queues(scene: &Scene) -> Vec<QueueLength> {
    let queues = QUEUES.iter();
    queues
        .map(|(key, kind, (calm, worst))| QueueLength {
            key: (*key).into(),
            kind: (*kind).into(),
            length: blend(*calm, *worst, scene.latency) as u64,
        })
        .collect()
}

/// A walk that begins with the live part and sees every key a minute later.
fn key_space(scene: &Scene, at: Timestamp) -> KeySpace {
    let share = (scene.seconds / WALK).clamp(0.05, 1.0);
    let seen = (KEYS as f64 * share) as u64;
    let prefixes = PREFIXES.iter().map(|(prefix, percent, size, lasting)| {
        let keys = (seen as f64 * percent / 100.0) as u64;
        PrefixUse {
            prefix: (*prefix).into(),
            keys,
            percent: *percent,
            bytes: Some((keys as f64 * size) as u64),
            lasting_percent: Some(*lasting),
        }
    });
    let largest = LARGEST.iter().map(|(key, kind, bytes)| LargeKey {
        key: (*key).into(),
        kind: (*kind).into(),
        bytes: *bytes,
    });
    KeySpace {
        state: if share < 1.0 {
            ScanState::Running
        } else {
            ScanState::Complete
        },
        begun: at.minus(Duration::from_secs_f64(scene.seconds.clamp(3.0, 3_600.0))),
        seen,
        keys: KEYS,
        cost_ms: seen as f64 / 1_000.0,
        prefixes: prefixes.collect(),
        largest: largest.collect(),
    }
}
