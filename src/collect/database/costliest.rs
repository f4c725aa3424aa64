//! The few statements that have series of their own. A series is dear and stays for the whole run, so that their number
//! is bounded for good.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{Catalog, Labels, Reading, SeriesId, SourceName, Statement};

/// So many of each interval are followed.
const OF_EACH: usize = 10;

/// So many may be followed in all.
const MOST: usize = 20;

/// Beyond that only such as take at least this share of the time, and so many of them.
const LARGE_PERCENT: f64 = 20.0;
const MOST_LARGE: usize = 15;

/// The series of a server's costliest statements.
pub(in crate::collect) struct Costliest {
    instance: SourceName,
    catalog: Catalog,
    slow_count: SeriesId,
    followed: HashMap<Arc<str>, Followed>,
    latest: Vec<(SeriesId, f64)>,
}

#[derive(Clone, Copy)]
struct Followed {
    mean_ms: SeriesId,
    time_percent: SeriesId,
    calls_per_sec: SeriesId,
}

impl Costliest {
    /// No statement is followed yet.
    pub fn new(instance: &SourceName, catalog: &Catalog) -> Self {
        Self {
            instance: instance.clone(),
            slow_count: catalog.id(
                "db.statements.slow_count",
                Labels::one("instance", instance),
            ),
            catalog: catalog.clone(),
            followed: HashMap::new(),
            latest: Vec::new(),
        }
    }

    /// Takes the rows of an interval, costliest first. `has_text` tells which can be named.
    pub fn take(&mut self, rows: &[Statement], has_text: impl Fn(&Statement) -> bool) {
        self.latest.clear();
        if rows.iter().all(|row| row.calls.is_none()) {
            return;
        }
        let slow = rows.iter().filter(|row| row.is_slow).count();
        self.latest.push((self.slow_count, slow as f64));
        self.follow(
            rows.iter()
                .filter(|row| row.mean_ms.is_some() && has_text(row)),
        );
        // The same text may have been run by several users or in several databases: the costliest of them stands for it.
        let mut labels = HashSet::new();
        for row in rows {
            let label: Arc<str> = row.label().into();
            let Some(followed) = self.followed.get(&label).copied() else {
                continue;
            };
            if !labels.insert(label) {
                continue;
            }
            let figures = [
                (followed.mean_ms, row.mean_ms),
                (followed.time_percent, row.time_percent),
                (followed.calls_per_sec, row.calls_per_sec),
            ];
            let known = figures.into_iter();
            let known = known.filter_map(|(series, value)| Some((series, value?)));
            self.latest.extend(known);
        }
    }

    fn follow<'a>(&mut self, called: impl Iterator<Item = &'a Statement>) {
        for row in called.take(OF_EACH) {
            let label: Arc<str> = row.label().into();
            let is_large = row
                .time_percent
                .is_some_and(|percent| percent >= LARGE_PERCENT);
            let room = if is_large { MOST + MOST_LARGE } else { MOST };
            if self.followed.contains_key(&label) || self.followed.len() >= room {
                continue;
            }
            let labels = Labels::of([("instance", &*self.instance), ("statement", &*label)]);
            let series = |metric| self.catalog.id(metric, labels.clone());
            let followed = Followed {
                mean_ms: series("db.statement.mean_ms"),
                time_percent: series("db.statement.time_percent"),
                calls_per_sec: series("db.statement.calls_per_sec"),
            };
            self.followed.insert(label, followed);
        }
    }

    /// Puts the newest figures into a reading.
    pub fn report(&self, reading: &mut Reading) {
        for (series, value) in &self.latest {
            reading.put(*series, *value);
        }
    }
}
