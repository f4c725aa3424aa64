//! What of a server becomes series, with a bound on their number.

use std::collections::HashSet;
use std::sync::Arc;

use super::info::Info;
use super::row;
use crate::collect::series::InstanceSeries;
use crate::model::{CacheInstance, Catalog, QueueLength, Reading, SourceName};

/// So many commands of a server become series: those that were first among its busiest.
const MOST_COMMANDS: usize = 8;
const BUSIEST: usize = 5;

/// The series of one server.
pub(super) struct Published {
    series: InstanceSeries,
    commands: HashSet<Arc<str>>,
}

impl Published {
    pub fn new(catalog: &Catalog, name: &SourceName) -> Self {
        Self {
            series: InstanceSeries::new(catalog, name),
            commands: HashSet::new(),
        }
    }

    /// Adds the values of a reading.
    pub fn put(
        &mut self,
        reading: &mut Reading,
        info: &Info,
        row: &CacheInstance,
        queues: &[QueueLength],
    ) {
        self.series.put_cache(reading, row);
        let lag = row::lag_bytes(info).map(|bytes| bytes as f64);
        self.series.put(reading, "cache.replication.lag_bytes", lag);
        for queue in queues {
            let label = ("queue", &*queue.key);
            let length = queue.length as f64;
            self.series
                .put_of(reading, "cache.queue.length", label, length);
        }
        self.put_commands(reading, row);
    }

    fn put_commands(&mut self, reading: &mut Reading, row: &CacheInstance) {
        for (place, command) in row.commands.iter().enumerate() {
            let Some(p99) = command.p99_ms else { continue };
            let is_known = self.commands.contains(&command.command);
            if !is_known && (place >= BUSIEST || self.commands.len() >= MOST_COMMANDS) {
                continue;
            }
            self.commands.insert(command.command.clone());
            let label = ("command", &*command.command);
            self.series
                .put_of(reading, "cache.command.p99_ms", label, p99);
        }
    }
}
