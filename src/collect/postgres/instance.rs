//! The server as a whole, put together from what was asked: its figures, its row, and what is wrong with it.

use std::sync::Arc;
use std::time::Duration;

use super::activity::{Activity, Counts};
use super::meters::Meter;
use super::server::Server;
use super::session::OwnLoad;
use super::totals::Done;
use super::upkeep::{Keeping, Replication};
use crate::collect::counter::{Interval, per_second};
use crate::model::statement::{Backend, DatabaseInstance};
use crate::model::{Catalog, Reading, Rows, SourceName, format};

/// From this share of the connection slots on it is told before the last one is gone.
const NEARLY_ALL_PERCENT: f64 = 90.0;

/// A transaction that is open longer holds back vacuum, and whoever does nothing in it holds its locks for nothing.
const LONG_TRANSACTION: Duration = Duration::from_secs(600);
const LONG_IDLE: Duration = Duration::from_secs(300);

/// The figures of a server.
#[derive(Debug)]
pub(super) struct Figures {
    used: Meter,
    max: Meter,
    used_percent: Meter,
    active: Meter,
    idle: Meter,
    idle_in_transaction: Meter,
    waiting: Meter,
    longest: Meter,
    transactions: Meter,
    hit_percent: Meter,
    temp_bytes: Meter,
    deadlocks: Meter,
    lag: Meter,
    age: Meter,
}

impl Figures {
    /// The series of `instance`.
    pub fn new(catalog: &Catalog, instance: &str) -> Self {
        let of = |metric| Meter::of(catalog, metric, instance);
        Self {
            used: of("db.connections.used_count"),
            max: of("db.connections.max_count"),
            used_percent: of("db.connections.used_percent"),
            active: of("db.connections.active_count"),
            idle: of("db.connections.idle_count"),
            idle_in_transaction: of("db.connections.idle_in_transaction_count"),
            waiting: of("db.connections.waiting_count"),
            longest: of("db.transaction.longest_seconds"),
            transactions: of("db.transactions_per_sec"),
            hit_percent: of("db.cache_hit_percent"),
            temp_bytes: of("db.temp_bytes_per_sec"),
            deadlocks: of("db.deadlocks_per_sec"),
            lag: of("db.replication.lag_seconds"),
            age: of("db.transaction_ids.age_count"),
        }
    }

    /// Connections. Whoever may not see what others do knows their number, not their states: zeros would be a lie.
    pub fn put_counts(&self, reading: &mut Reading, counts: &Counts, server: &Server) {
        let known = |value: u64| server.sees_all.then_some(value as f64);
        self.used.put(reading, Some(counts.used as f64));
        self.max
            .put(reading, server.slots.map(|slots| slots as f64));
        self.used_percent.put(reading, used_percent(counts, server));
        self.active.put(reading, known(counts.active));
        self.idle.put(reading, known(counts.idle));
        self.idle_in_transaction
            .put(reading, known(counts.idle_in_transaction));
        self.waiting.put(reading, known(counts.waiting));
        let longest = counts.longest_transaction.unwrap_or_default();
        self.longest
            .put(reading, server.sees_all.then_some(longest));
    }

    /// What was done in the interval.
    pub fn put_done(&self, reading: &mut Reading, done: &Done) {
        self.transactions.put(reading, done.transactions_per_sec);
        self.hit_percent.put(reading, done.hit_percent);
        self.temp_bytes.put(reading, done.temp_bytes_per_sec);
        self.deadlocks.put(reading, done.deadlocks_per_sec);
    }

    /// What is asked less often.
    pub fn put_upkeep(&self, reading: &mut Reading, replication: &Replication, keeping: &Keeping) {
        self.lag.put(reading, replication.lag_seconds());
        self.age.put(reading, keeping.age.map(|age| age as f64));
    }
}

fn used_percent(counts: &Counts, server: &Server) -> Option<f64> {
    let slots = server.slots.filter(|slots| *slots > 0)?;
    Some(100.0 * counts.used as f64 / slots as f64)
}

/// hubtop's own load, from one look to the next.
#[derive(Debug, Default)]
pub(super) struct Own {
    before: Option<OwnLoad>,
    interval: Interval,
    statements_per_sec: Option<f64>,
    ms_per_sec: Option<f64>,
}

impl Own {
    /// A new connection begins at nothing.
    pub fn begin(&mut self) {
        self.before = None;
    }

    /// Takes the load as of now.
    pub fn take(&mut self, load: OwnLoad, now: Duration) {
        let interval = self.interval.next(now);
        let before = self.before.replace(load);
        let (Some(before), Some(span)) = (before, interval) else {
            return;
        };
        self.statements_per_sec = per_second(load.statements - before.statements, interval);
        let worked = load.time.saturating_sub(before.time);
        self.ms_per_sec = Some(1000.0 * worked.as_secs_f64() / span.as_secs_f64());
    }
}

/// All that the row of a server is made of.
pub(super) struct Parts<'a> {
    /// The source's name.
    pub instance: &'a SourceName,
    /// What it is.
    pub server: &'a Server,
    /// Who is connected.
    pub activity: Option<&'a Activity>,
    /// Who follows it.
    pub replication: &'a Replication,
    /// How it is kept.
    pub keeping: &'a Keeping,
    /// hubtop's own load.
    pub own: &'a Own,
}

impl Parts<'_> {
    /// The row of the server.
    pub fn rows(&self) -> Rows {
        Rows::Databases(vec![DatabaseInstance {
            instance: self.instance.clone(),
            kind: self.server.kind.clone(),
            role: Some(
                if self.server.is_standby {
                    "standby"
                } else {
                    "primary"
                }
                .into(),
            ),
            started: self.server.started,
            replicas: self.replication.replicas.clone(),
            findings: self.findings(),
            own_statements_per_sec: self.own.statements_per_sec,
            own_ms_per_sec: self.own.ms_per_sec,
        }])
    }

    /// What is wrong, the most urgent first.
    fn findings(&self) -> Vec<Arc<str>> {
        let mut findings = Vec::new();
        if let Some(activity) = self.activity {
            findings.extend(slots(&activity.counts, self.server));
            findings.extend(longest(&activity.backends));
        }
        findings.extend(self.replication.findings.iter().cloned());
        findings.extend(self.keeping.findings(self.server.freeze_max_age));
        findings.into_iter().map(Into::into).collect()
    }
}

fn slots(counts: &Counts, server: &Server) -> Option<String> {
    let slots = server.slots?;
    let percent = used_percent(counts, server)?;
    let used = counts.used;
    if used >= slots {
        return Some(format!(
            "all {slots} connection slots are used up, new clients are refused: end idle sessions, or raise max_connections"
        ));
    }
    (percent >= NEARLY_ALL_PERCENT)
        .then(|| format!("{used} of {slots} connection slots are used: a pool in front, or a larger max_connections"))
}

/// The session whose transaction holds up the others longest.
fn longest(backends: &[Backend]) -> Option<String> {
    let is_long = |backend: &&Backend| {
        let limit = if backend.state.starts_with("idle in") {
            LONG_IDLE
        } else {
            LONG_TRANSACTION
        };
        let is_client = &*backend.user != "autovacuum";
        is_client && backend.transaction_age.is_some_and(|age| age >= limit)
    };
    let oldest = backends
        .iter()
        .filter(is_long)
        .max_by_key(|it| it.transaction_age)?;
    let age = format::duration(oldest.transaction_age.unwrap_or_default());
    let pid = oldest.pid;
    Some(if oldest.state.starts_with("idle in") {
        format!(
            "{pid} ({}) is idle in a transaction of {age}: it keeps locks and old rows; end it",
            oldest.user
        )
    } else {
        format!(
            "the transaction of {pid} ({}) is {age} old: vacuum can't remove rows that it may see",
            oldest.user
        )
    })
}
