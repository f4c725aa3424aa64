//! The few statements that have series of their own. A series is dear and stays for the whole run, so that their number
//! is bounded for good.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::texts::LATER;
use crate::collect::postgres::meters::Meter;
use crate::model::statement::Statement;
use crate::model::{Catalog, Reading, SourceName};

/// The costliest of each interval are followed.
const COSTLIEST: usize = 10;

/// So many may be followed in all.
const MOST: usize = 30;

/// Beyond that only such as take at least this share of the time, and so many of them.
const LARGE_PERCENT: f64 = 20.0;
const MOST_LARGE: usize = 20;

/// The series of a server's statements.
pub(super) struct Series {
    instance: SourceName,
    catalog: Catalog,
    slow_count: Meter,
    followed: HashMap<Arc<str>, Followed>,
    latest: Vec<(Meter, f64)>,
}

#[derive(Clone, Copy)]
struct Followed {
    mean_ms: Meter,
    time_percent: Meter,
}

impl Series {
    /// No statement is followed yet.
    pub fn new(instance: &SourceName, catalog: Catalog) -> Self {
        Self {
            instance: instance.clone(),
            slow_count: Meter::of(&catalog, "db.statements.slow_count", instance),
            catalog,
            followed: HashMap::new(),
            latest: Vec::new(),
        }
    }

    /// Takes the rows of an interval, costliest first.
    pub fn take(&mut self, rows: &[Statement]) {
        self.latest.clear();
        if rows.iter().all(|row| row.calls.is_none()) {
            return;
        }
        let slow = rows.iter().filter(|row| row.is_slow).count();
        self.latest.push((self.slow_count, slow as f64));
        self.follow(rows);
        // The same text may have been run by several users: the costliest of them stands for it.
        let mut labels = HashSet::new();
        for row in rows {
            let label: Arc<str> = row.label().into();
            let Some(followed) = self.followed.get(&label).copied() else {
                continue;
            };
            if !labels.insert(label) {
                continue;
            }
            if let Some(mean) = row.mean_ms {
                self.latest.push((followed.mean_ms, mean));
            }
            if let Some(percent) = row.time_percent {
                self.latest.push((followed.time_percent, percent));
            }
        }
    }

    fn follow(&mut self, rows: &[Statement]) {
        let called = rows
            .iter()
            .filter(|row| row.mean_ms.is_some() && &*row.text != LATER);
        for row in called.take(COSTLIEST) {
            let label: Arc<str> = row.label().into();
            let is_large = row
                .time_percent
                .is_some_and(|percent| percent >= LARGE_PERCENT);
            let room = if is_large { MOST + MOST_LARGE } else { MOST };
            if self.followed.contains_key(&label) || self.followed.len() >= room {
                continue;
            }
            let meter = |metric| Meter::of_statement(&self.catalog, metric, &self.instance, &label);
            let followed = Followed {
                mean_ms: meter("db.statement.mean_ms"),
                time_percent: meter("db.statement.time_percent"),
            };
            self.followed.insert(label, followed);
        }
    }

    /// Puts the newest figures into a reading.
    pub fn report(&self, reading: &mut Reading) {
        for (meter, value) in &self.latest {
            meter.put(reading, Some(*value));
        }
    }
}
