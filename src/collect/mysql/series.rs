//! The series of a server.

use super::activity::{Activity, Counts};
use super::replication::Replication;
use super::totals::Done;
use crate::collect::database::Costliest;
use crate::model::{Catalog, Labels, Reading, SourceName, Statement};

/// The series of one server.
pub(super) struct Series {
    instance: SourceName,
    catalog: Catalog,
    statements: Costliest,
}

impl Series {
    /// The series of `instance`.
    pub fn new(instance: &SourceName, catalog: &Catalog) -> Self {
        Self {
            instance: instance.clone(),
            catalog: catalog.clone(),
            statements: Costliest::new(instance, catalog),
        }
    }

    fn put(&self, reading: &mut Reading, metric: &str, value: Option<f64>) {
        if let Some(value) = value {
            let labels = Labels::one("instance", &self.instance);
            reading.put(self.catalog.id(metric, labels), value);
        }
    }

    /// What the server has done.
    pub fn put_done(&self, reading: &mut Reading, done: &Done, max: Option<u64>) {
        let max = max.map(|max| max as f64);
        let used = done.connections;
        let percent = used
            .zip(max)
            .filter(|(_, max)| *max > 0.0)
            .map(|(used, max)| 100.0 * used / max);
        self.put(reading, "db.connections.used_count", used);
        self.put(reading, "db.connections.max_count", max);
        self.put(reading, "db.connections.used_percent", percent);
        self.put(
            reading,
            "db.transactions_per_sec",
            done.transactions_per_sec,
        );
        self.put(reading, "db.statements_per_sec", done.statements_per_sec);
        self.put(reading, "db.cache_hit_percent", done.hit_percent);
        self.put(reading, "db.deadlocks_per_sec", done.deadlocks_per_sec);
        self.put(
            reading,
            "db.temp_tables_on_disk_per_sec",
            done.disk_tables_per_sec,
        );
    }

    /// What a reading says of the share of the connections that is used.
    pub fn used_percent(&self, reading: &Reading) -> Option<f64> {
        let labels = Labels::one("instance", &self.instance);
        let series = self.catalog.id("db.connections.used_percent", labels);
        let found = reading.samples.iter().find(|(id, _)| *id == series);
        found.map(|(_, value)| *value)
    }

    /// Who is connected.
    pub fn put_activity(&self, reading: &mut Reading, activity: &Activity) {
        if let Some(counts) = activity.counts() {
            let Counts {
                active,
                idle,
                idle_in_transaction,
                waiting,
            } = counts;
            let put = |reading: &mut Reading, metric, count: usize| {
                self.put(reading, metric, Some(count as f64));
            };
            put(reading, "db.connections.active_count", active);
            put(reading, "db.connections.idle_count", idle);
            put(
                reading,
                "db.connections.idle_in_transaction_count",
                idle_in_transaction,
            );
            put(reading, "db.connections.waiting_count", waiting);
        }
        self.put(
            reading,
            "db.transaction.longest_seconds",
            activity.longest_transaction(),
        );
    }

    /// How far behind it is.
    pub fn put_replication(&self, reading: &mut Reading, replication: &Replication) {
        let lag = replication.lag().map(|lag| lag.as_secs_f64());
        self.put(reading, "db.replication.lag_seconds", lag);
    }

    /// The statements of an interval, costliest first.
    pub fn put_statements(&mut self, reading: &mut Reading, rows: &[Statement]) {
        self.statements.take(rows, |_| true);
        self.statements.report(reading);
    }
}
