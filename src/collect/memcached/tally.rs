//! The counters of memcached at one moment, and what they rose by until the next. A restart and `stats reset` are gaps.

use std::time::Duration;

use super::protocol::Stats;
use crate::collect::counter::per_second;

/// Counters that `stats reset` sets back, or that only a restart does; they never fall otherwise.
const COUNTERS: [&str; 12] = [
    "get_hits",
    "get_misses",
    "cmd_get",
    "cmd_set",
    "cmd_touch",
    "delete_hits",
    "delete_misses",
    "incr_hits",
    "decr_hits",
    "evictions",
    "rejected_connections",
    "total_items",
];

/// What `stats` and `stats items` told at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub general: Stats,
    pub items: Stats,
}

/// The value of a statistic as a number.
pub(super) fn number(stats: &Stats, name: &str) -> Option<u64> {
    stats.get(name)?.parse().ok()
}

impl Tally {
    /// A number of `stats`.
    pub fn number(&self, name: &str) -> Option<u64> {
        number(&self.general, name)
    }

    /// What the counters rose by since an earlier moment; `None` when they were reset in between.
    pub fn since<'a>(&'a self, before: &'a Self, interval: Duration) -> Option<Rise<'a>> {
        let fell = |name: &str| self.number(name) < before.number(name);
        let another_run = self.number("pid") != before.number("pid") || fell("uptime");
        let is_reset = another_run || COUNTERS.iter().any(|name| fell(name));
        (!is_reset).then_some(Rise {
            now: self,
            before,
            interval,
        })
    }
}

/// What was counted between two moments.
pub(super) struct Rise<'a> {
    now: &'a Tally,
    before: &'a Tally,
    interval: Duration,
}

impl Rise<'_> {
    /// How many more.
    pub fn of(&self, name: &str) -> Option<u64> {
        self.now
            .number(name)?
            .checked_sub(self.before.number(name)?)
    }

    /// How many more of all of these together; those that this version does not count are left out.
    pub fn rate_of(&self, names: &[&str]) -> Option<f64> {
        let counted: Vec<u64> = names.iter().filter_map(|name| self.of(name)).collect();
        let sum = (!counted.is_empty()).then(|| counted.iter().sum())?;
        per_second(sum, Some(self.interval))
    }

    /// The slab classes in which a counter of `stats items` rose: their numbers.
    pub fn classes(&self, counter: &str) -> Vec<u32> {
        let rose = self.now.items.keys().filter(|name| {
            let is_it =
                name.ends_with(counter) && name[..name.len() - counter.len()].ends_with(':');
            let before = number(&self.before.items, name).unwrap_or(0);
            is_it && number(&self.now.items, name) > Some(before)
        });
        rose.filter_map(|name| name.split(':').nth(1)?.parse().ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(pairs: &[(&str, &str)]) -> Stats {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        pairs.collect()
    }

    #[test]
    fn a_reset_and_another_process_are_gaps() {
        let tally = |pid, hits, evicted| Tally {
            general: stats(&[("pid", pid), ("uptime", "9"), ("get_hits", hits)]),
            items: stats(&[("items:5:evicted", evicted), ("items:5:evicted_time", "7")]),
        };
        let second = Duration::from_secs(1);
        let (first, next) = (tally("1", "10", "0"), tally("1", "12", "3"));
        let rise = next.since(&first, second).unwrap();
        assert_eq!(
            (rise.of("get_hits"), rise.of("unheard_of")),
            (Some(2), None)
        );
        assert_eq!(rise.rate_of(&["get_hits", "unheard_of"]), Some(2.0));
        assert_eq!(rise.rate_of(&["unheard_of"]), None);
        assert_eq!(
            (rise.classes("evicted"), rise.classes("outofmemory")),
            (vec![5], vec![])
        );
        assert!(tally("1", "3", "3").since(&next, second).is_none());
        assert!(tally("2", "99", "3").since(&next, second).is_none());
    }
}
