//! The series of one instance of a server, each numbered when it first has a value.

use std::collections::HashMap;

use crate::model::{CacheInstance, Catalog, Labels, Reading, SeriesId, SourceName};

/// The series with the label `instance`.
pub(crate) struct InstanceSeries {
    catalog: Catalog,
    instance: SourceName,
    known: HashMap<(&'static str, Box<str>), SeriesId>,
}

impl InstanceSeries {
    /// None yet.
    pub fn new(catalog: &Catalog, instance: &SourceName) -> Self {
        Self {
            catalog: catalog.clone(),
            instance: instance.clone(),
            known: HashMap::new(),
        }
    }

    /// Adds the value of a metric, if it is known.
    pub fn put(&mut self, reading: &mut Reading, metric: &'static str, value: Option<f64>) {
        let Some(value) = value else { return };
        let id = *self.known.entry((metric, "".into())).or_insert_with(|| {
            let labels = Labels::one("instance", &self.instance);
            self.catalog.id(metric, labels)
        });
        reading.put(id, value);
    }

    /// Adds the value of a metric that has one more label, of which the caller bounds the values.
    pub fn put_of(
        &mut self,
        reading: &mut Reading,
        metric: &'static str,
        (label, of): (&str, &str),
        value: f64,
    ) {
        let id = *self.known.entry((metric, of.into())).or_insert_with(|| {
            let labels = Labels::of([("instance", &*self.instance), (label, of)]);
            self.catalog.id(metric, labels)
        });
        reading.put(id, value);
    }

    /// Adds what every cache server tells.
    pub fn put_cache(&mut self, reading: &mut Reading, row: &CacheInstance) {
        let count = |value: Option<u64>| value.map(|value| value as f64);
        let used_percent = row
            .memory_used_bytes
            .zip(row.memory_max_bytes)
            .map(|(used, limit)| 100.0 * used as f64 / limit as f64);
        let miss_percent = row.hit_percent.map(|hit| 100.0 - hit);
        let values = [
            ("cache.hit_rate_percent", row.hit_percent),
            ("cache.miss_rate_percent", miss_percent),
            ("cache.operations_per_sec", row.operations_per_sec),
            ("cache.memory.used_bytes", count(row.memory_used_bytes)),
            ("cache.memory.max_bytes", count(row.memory_max_bytes)),
            ("cache.memory.used_percent", used_percent),
            ("cache.fragmentation_ratio", row.fragmentation),
            ("cache.evictions_per_sec", row.evictions_per_sec),
            ("cache.expirations_per_sec", row.expirations_per_sec),
            ("cache.keys_count", count(row.keys)),
            ("cache.clients.connected_count", count(row.clients)),
            ("cache.clients.blocked_count", count(row.clients_blocked)),
            ("cache.rejected_connections_per_sec", row.rejected_per_sec),
            ("cache.ping_ms", row.ping_ms),
        ];
        for (metric, value) in values {
            self.put(reading, metric, value);
        }
    }
}
