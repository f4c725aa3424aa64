//! The caches of the demo: a primary that fills with results nobody asks for twice, its replica that is lost for a while,
//! and a memcached that goes on as if nothing were.

use std::io;
use std::sync::Arc;

use tokio::sync::watch;

use crate::model::{
    CacheInstance, CacheLevel, Catalog, CommandLatency, Focus, Labels, Reading, Rows, SeriesId,
    SourceKind, Timestamp,
};

use super::cache_detail::{QUEUES, detail_of, queues};
use super::story::{Scene, blend, grow};
use super::{CollectError, Teller};

/// The name of the source of the levels.
const LEVELS: &str = "cache levels";

const MIB: f64 = 1024.0 * 1024.0;

/// What one instance is like.
struct Nature {
    name: &'static str,
    kind: &'static str,
    role: Option<&'static str>,
    /// Share of the incident that it sees.
    part: f64,
    /// Hits in calm and at the worst, percent.
    hit: (f64, f64),
    operations: f64,
    /// Used in calm and at most, MiB.
    memory: (f64, f64),
    keys: f64,
    clients: f64,
    /// Command, its share of the operations, median and 99th percentile in microseconds.
    commands: &'static [(&'static str, f64, f64, f64)],
}

const NATURES: [Nature; 3] = [
    Nature {
        name: "redis@6379",
        kind: "redis 7.0",
        role: Some("primary"),
        part: 1.0,
        hit: (94.1, 71.0),
        operations: 12_400.0,
        memory: (1229.0, 2048.0),
        keys: 1_104_000.0,
        clients: 88.0,
        commands: &[
            ("GET", 0.71, 8.0, 41.0),
            ("SET", 0.14, 9.0, 62.0),
            ("HGETALL", 0.07, 14.0, 210.0),
            ("HSET", 0.033, 9.0, 120.0),
            ("EXPIRE", 0.03, 6.0, 33.0),
            ("ZADD", 0.01, 11.0, 84.0),
        ],
    },
    Nature {
        name: "redis@6380",
        kind: "redis 7.0",
        role: Some("replica"),
        part: 0.4,
        hit: (97.6, 92.0),
        operations: 1_900.0,
        memory: (1214.0, 2048.0),
        keys: 1_104_000.0,
        clients: 9.0,
        commands: &[
            ("GET", 0.83, 7.0, 36.0),
            ("HGETALL", 0.12, 12.0, 170.0),
            ("PING", 0.01, 2.0, 6.0),
        ],
    },
    Nature {
        name: "memcached@11211",
        kind: "memcached 1.6",
        role: None,
        part: 0.0,
        hit: (91.2, 91.2),
        operations: 2_100.0,
        memory: (52.0, 64.0),
        keys: 40_200.0,
        clients: 12.0,
        commands: &[],
    },
];

const METRICS: [&str; 15] = [
    "cache.hit_rate_percent",
    "cache.miss_rate_percent",
    "cache.operations_per_sec",
    "cache.memory.used_bytes",
    "cache.memory.max_bytes",
    "cache.evictions_per_sec",
    "cache.expirations_per_sec",
    "cache.memory.used_percent",
    "cache.fragmentation_ratio",
    "cache.keys_count",
    "cache.clients.connected_count",
    "cache.clients.blocked_count",
    "cache.rejected_connections_per_sec",
    "cache.ping_ms",
    "cache.replication.lag_bytes",
];

/// Each instance as a source of its own.
pub(super) fn instances(catalog: &Catalog, focus: &watch::Receiver<Focus>) -> Vec<Instance> {
    NATURES
        .into_iter()
        .map(|nature| Instance::new(nature, catalog, focus.clone()))
        .collect()
}

/// One cache server.
pub(super) struct Instance {
    nature: Nature,
    kind: Arc<str>,
    name: Arc<str>,
    role: Option<Arc<str>>,
    commands: Vec<Arc<str>>,
    series: [SeriesId; METRICS.len()],
    /// The 99th percentile of each command, and the lengths of the queues where there are any.
    times: Vec<SeriesId>,
    queues: Vec<SeriesId>,
    focus: watch::Receiver<Focus>,
}

impl Instance {
    fn new(nature: Nature, catalog: &Catalog, focus: watch::Receiver<Focus>) -> Self {
        Self {
            focus,
            kind: nature.kind.into(),
            name: nature.name.into(),
            role: nature.role.map(Into::into),
            commands: nature
                .commands
                .iter()
                .map(|(name, ..)| (*name).into())
                .collect(),
            series: METRICS.map(|metric| catalog.id(metric, Labels::one("instance", nature.name))),
            times: nature
                .commands
                .iter()
                .map(|(command, ..)| {
                    let labels = Labels::of([("instance", nature.name), ("command", *command)]);
                    catalog.id("cache.command.p99_ms", labels)
                })
                .collect(),
            queues: QUEUES
                .iter()
                .filter(|_| nature.role == Some("primary"))
                .map(|(queue, ..)| {
                    let labels = Labels::of([("instance", nature.name), ("queue", *queue)]);
                    catalog.id("cache.queue.length", labels)
                })
                .collect(),
            nature,
        }
    }

    fn row(&self, scene: &Scene, at: Timestamp) -> CacheInstance {
        let nature = &self.nature;
        let worse = scene.cache * nature.part;
        let is_redis = nature.role.is_some();
        let around = |base: f64, spread: f64, what: &str| {
            scene.around(base, spread, what, nature.name.len() + nature.keys as usize)
        };
        let operations = around(
            nature.operations * scene.traffic * (1.0 + 0.25 * worse),
            0.12,
            "cache.ops",
        );
        let used = blend(nature.memory.0, nature.memory.1 * 0.985, worse);
        let hit = blend(nature.hit.0, nature.hit.1, worse)
            + 0.7 * scene.sway("cache.hit", nature.name.len());
        CacheInstance {
            instance: self.name.clone(),
            kind: self.kind.clone(),
            hit_percent: Some(hit.clamp(0.0, 100.0)),
            operations_per_sec: Some(operations),
            memory_used_bytes: Some((around(used, 0.004, "cache.memory") * MIB) as u64),
            memory_max_bytes: Some((nature.memory.1 * MIB) as u64),
            memory_peak_bytes: is_redis.then_some((nature.memory.1 * 0.993 * MIB) as u64),
            fragmentation: is_redis.then(|| around(1.08 + 0.14 * worse, 0.01, "cache.frag")),
            keys: Some(around(nature.keys * (1.0 + 0.6 * worse), 0.004, "cache.keys") as u64),
            evictions_per_sec: Some(
                around(840.0 * worse, 0.3, "cache.evictions")
                    .max(0.0)
                    .round(),
            ),
            expirations_per_sec: Some(around(
                33.0 * nature.operations / 12_400.0,
                0.3,
                "cache.expired",
            )),
            evicted_total: is_redis
                .then(|| (1_204.0 + scene.total(4.0, 20_000.0) * nature.part) as u64),
            clients: Some(
                around(
                    nature.clients * (1.0 + 0.5 * scene.connections),
                    0.03,
                    "cache.clients",
                )
                .round() as u64,
            ),
            slow: is_redis.then(|| around(1.0 + 17.0 * worse, 0.5, "cache.slow").max(0.0) as u64),
            role: self.role.clone(),
            ping_ms: Some(around(0.21 + 0.9 * worse, 0.3, "cache.ping")),
            commands: self.command_rows(operations, worse, scene),
            hit_percent_total: Some(nature.hit.0 - 0.6),
            fragmentation_bytes: is_redis.then_some((used * 0.08 * MIB) as u64),
            clients_max: Some(if is_redis { 10_000 } else { 1_024 }),
            clients_blocked: is_redis.then_some(if worse > 0.5 { 1 } else { 4 }),
            rejected_per_sec: Some(0.0),
            started: Some(Timestamp(
                at.0 - ((scene.seconds + 19.4 * 86_400.0) * 1000.0) as i64,
            )),
            replication: replication(nature.role, scene),
            persistence: is_redis.then(|| "saved 4m ago, append only file on".into()),
            findings: findings(worse),
            own_commands_per_sec: Some(if is_redis { 1.3 } else { 0.4 }),
            own_ms_per_sec: Some(if is_redis { 0.21 } else { 0.03 }),
        }
    }

    fn command_rows(&self, operations: f64, worse: f64, scene: &Scene) -> Vec<CommandLatency> {
        let natures = self.nature.commands.iter().zip(&self.commands);
        natures
            .enumerate()
            .map(|(n, ((_, share, p50, p99), command))| CommandLatency {
                command: command.clone(),
                calls_per_sec: scene.around(operations * share, 0.1, "command.calls", n),
                p50_ms: Some(scene.around(p50 / 1000.0, 0.08, "command.p50", n)),
                p99_ms: Some(scene.around(
                    grow(p99 / 1000.0, p99 / 90.0, worse),
                    0.25,
                    "command.p99",
                    n,
                )),
                p99_bounds_ms: None,
                mean_ms: Some(p50 / 1000.0 * 1.3),
                failed_per_sec: Some(0.0),
                rejected_per_sec: Some(if worse > 0.9 && *share < 0.15 {
                    0.4
                } else {
                    0.0
                }),
            })
            .collect()
    }
}

/// How far the two that follow each other are apart, in one line.
fn replication(role: Option<&str>, scene: &Scene) -> Option<Arc<str>> {
    match role? {
        "primary" if scene.replica_is_down => Some("no replica is connected".into()),
        "primary" => Some("1 replica, 0 B behind".into()),
        _ => Some("follows 10.0.3.6:6379, 0 B behind".into()),
    }
}

/// What is wrong with a server that throws out what is asked for.
fn findings(worse: f64) -> Vec<Arc<str>> {
    if worse > 0.6 {
        return vec![
            "memory is full and keys are thrown out: raise maxmemory, or give keys an end".into(),
        ];
    }
    Vec::new()
}

impl Teller for Instance {
    fn name(&self) -> &'static str {
        self.nature.name
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Cache
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        if self.nature.role == Some("replica") && scene.replica_is_down {
            return Err(CollectError::Io {
                what: "127.0.0.1:6380".to_owned(),
                source: io::ErrorKind::ConnectionRefused.into(),
            });
        }
        let row = self.row(scene, reading.at);
        let figures = [
            row.hit_percent,
            row.hit_percent.map(|hit| 100.0 - hit),
            row.operations_per_sec,
            row.memory_used_bytes.map(|bytes| bytes as f64),
            row.memory_max_bytes.map(|bytes| bytes as f64),
            row.evictions_per_sec,
            row.expirations_per_sec,
            row.memory_used_bytes
                .zip(row.memory_max_bytes)
                .map(|(used, most)| used as f64 / most as f64 * 100.0),
            row.fragmentation,
            row.keys.map(|keys| keys as f64),
            row.clients.map(|clients| clients as f64),
            row.clients_blocked.map(|clients| clients as f64),
            row.rejected_per_sec,
            row.ping_ms,
            row.replication.is_some().then_some(0.0),
        ];
        for (id, command) in self.times.iter().zip(&row.commands) {
            reading.put_known(*id, command.p99_ms);
        }
        for (id, queue) in self.queues.iter().zip(queues(scene)) {
            reading.put(*id, queue.length as f64);
        }
        for (id, figure) in self.series.into_iter().zip(figures) {
            reading.put_known(id, figure);
        }
        reading.rows.push(Rows::Caches(vec![row]));
        if *self.focus.borrow() == Focus::Cache(self.name.clone()) {
            let is_redis = self.nature.role.is_some();
            let detail = detail_of(&self.name, is_redis, scene, reading.at);
            reading.rows.push(Rows::CacheDetail(Some(Box::new(detail))));
        }
        Ok(())
    }
}

/// The levels of the application's caches.
pub(super) struct Levels {
    names: [Arc<str>; 2],
    levels: [SeriesId; 2],
}

impl Levels {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let names = ["L1 memory", "L2 redis"];
        Self {
            names: names.map(Into::into),
            levels: names
                .map(|name| catalog.id("cache.hit_rate_percent", Labels::one("level", name))),
        }
    }
}

impl Teller for Levels {
    fn name(&self) -> &'static str {
        LEVELS
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Cache
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let hits = [
            blend(62.0, 47.0, scene.cache) + 1.2 * scene.sway("level", 1),
            blend(84.4, 58.0, scene.cache) + 1.4 * scene.sway("level", 2),
        ];
        for (id, hit) in self.levels.into_iter().zip(hits) {
            reading.put(id, hit);
        }
        let rows = self.names.iter().zip(hits).map(|(level, hit)| CacheLevel {
            level: level.clone(),
            hit_percent: Some(hit),
            source: LEVELS.into(),
        });
        reading.rows.push(Rows::CacheLevels(rows.collect()));
        Ok(())
    }
}
