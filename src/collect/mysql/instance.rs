//! The row of the server as a whole: what it follows and who follows it, what is wrong with it, and what hubtop asks of
//! it.

use std::sync::Arc;
use std::time::Duration;

use super::replication::Replication;
use super::session::OwnLoad;
use crate::collect::counter::{Counter, Interval};
use crate::model::{DatabaseInstance, Replica};

/// From this share of the connections on it is told before the last one is gone.
const NEARLY_ALL_PERCENT: f64 = 90.0;

/// What hubtop itself asks.
#[derive(Default)]
pub(super) struct Own {
    interval: Interval,
    statements: Counter,
    micros: Counter,
    per_sec: Option<f64>,
    ms_per_sec: Option<f64>,
}

impl Own {
    /// Takes what was asked so far.
    pub fn take(&mut self, load: OwnLoad, now: Duration) {
        let interval = self.interval.next(now);
        self.per_sec = self.statements.rate(load.statements, interval);
        let micros = u64::try_from(load.busy.as_micros()).unwrap_or(u64::MAX);
        self.ms_per_sec = self
            .micros
            .rate(micros, interval)
            .map(|micros| micros / 1000.0);
    }
}

/// The row, as far as these tell it.
pub(super) fn row(
    replication: &Replication,
    followers: Vec<Arc<str>>,
    used_percent: Option<f64>,
    own: &Own,
) -> DatabaseInstance {
    let role = match (replication.sources.is_empty(), followers.is_empty()) {
        (false, _) => Some("replica"),
        (true, false) => Some("primary"),
        (true, true) => None,
    };
    let reader = |name: Arc<str>| Replica {
        name,
        state: "streaming".into(),
        ..Replica::default()
    };
    let mut replicas = replication.sources.clone();
    replicas.extend(followers.into_iter().map(reader));
    let stopped = replication
        .findings
        .iter()
        .map(|line| Arc::from(line.as_str()));
    DatabaseInstance {
        role: role.map(Into::into),
        replicas,
        findings: stopped.chain(nearly_all_used(used_percent)).collect(),
        own_statements_per_sec: own.per_sec,
        own_ms_per_sec: own.ms_per_sec,
        ..DatabaseInstance::default()
    }
}

fn nearly_all_used(percent: Option<f64>) -> Option<Arc<str>> {
    let used = percent.filter(|percent| *percent >= NEARLY_ALL_PERCENT)?;
    let line = format!(
        "{used:.0}% of the connections are used: see max_connections, or who leaves them open"
    );
    Some(line.into())
}
