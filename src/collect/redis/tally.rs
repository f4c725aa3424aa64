//! The counters of a server at one moment, and what they rose by until the next. A reset (another run of the server,
//! CONFIG RESETSTAT) is a gap.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::histogram::Histograms;
use super::info::{Info, part_number};
use super::load::Load;
use crate::collect::counter::per_second;
use crate::model::CommandLatency;
use crate::model::latency::FEW;
use crate::model::text::printable;

/// So many commands are listed, the busiest.
const MOST_COMMANDS: usize = 24;

/// What is counted; its place in a [`Tally`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// Look-ups that found their key.
    Hits,
    /// Look-ups that did not.
    Misses,
    /// Keys thrown out.
    Evicted,
    /// Keys expired.
    Expired,
    /// Commands answered.
    Commands,
    /// Connections refused.
    Rejected,
}

const FIELDS: [&str; 6] = [
    "keyspace_hits",
    "keyspace_misses",
    "evicted_keys",
    "expired_keys",
    "total_commands_processed",
    "rejected_connections",
];

/// Look-ups of hubtop itself: the server counts TYPE, TTL and the lengths of queues among its hits and misses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OwnLookups {
    hits: u64,
    misses: u64,
}

impl OwnLookups {
    /// Counts one that found its key or did not.
    pub fn count(&mut self, found: bool) {
        self.hits += u64::from(found);
        self.misses += u64::from(!found);
    }

    /// Those that came after `before`.
    pub fn less(self, before: Self) -> Self {
        Self {
            hits: self.hits.saturating_sub(before.hits),
            misses: self.misses.saturating_sub(before.misses),
        }
    }
}

/// The counters at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// What was looked up until then.
    pub own: OwnLookups,
    run: Box<str>,
    uptime: u64,
    counts: [Option<u64>; FIELDS.len()],
    commands: HashMap<Box<str>, CommandTally>,
    histograms: Histograms,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CommandTally {
    calls: u64,
    micros: u64,
    /// Not told before Redis 6.2.
    rejected: Option<u64>,
    failed: Option<u64>,
}

impl Tally {
    pub fn of(info: &Info, histograms: Histograms, own: OwnLookups) -> Self {
        let command = |(name, about): (&str, &str)| {
            let tally = CommandTally {
                calls: part_number(about, "calls")?,
                micros: part_number(about, "usec")?,
                rejected: part_number(about, "rejected_calls"),
                failed: part_number(about, "failed_calls"),
            };
            Some((name.into(), tally))
        };
        Self {
            own,
            run: info.text("run_id").unwrap_or_default().into(),
            uptime: info.number("uptime_in_seconds").unwrap_or(0),
            counts: FIELDS.map(|field| info.number(field)),
            commands: info.beginning("cmdstat_").filter_map(command).collect(),
            histograms,
        }
    }

    /// The value of a counter since the server was started or its counters were reset, without hubtop's own look-ups.
    pub fn total(&self, count: Count) -> Option<u64> {
        let own = match count {
            Count::Hits => self.own.hits,
            Count::Misses => self.own.misses,
            _ => 0,
        };
        Some(self.counts[count as usize]?.saturating_sub(own))
    }

    /// Whether the server was started again in between, or another one stands in its place.
    pub fn is_another_run(&self, before: &Self) -> bool {
        self.run != before.run || self.uptime < before.uptime
    }

    /// Whether another run of the server counts, or somebody reset the counters.
    pub fn is_reset_since(&self, before: &Self) -> bool {
        let fell = |(now, before): (&Option<u64>, &Option<u64>)| match (now, before) {
            (Some(now), Some(before)) => now < before,
            (now, before) => now.is_some() != before.is_some(),
        };
        self.is_another_run(before) || self.counts.iter().zip(&before.counts).any(fell)
    }

    /// How much of the server's time the commands of `load` took, milliseconds, which were sent since an earlier moment:
    /// each as long as the server says that this command took on the average since then, whoever sent it. `None` when
    /// the counters were reset in between.
    pub fn own_ms(&self, before: &Self, load: &Load) -> Option<f64> {
        let micros = load.each().filter_map(|(name, count)| {
            // Before Redis 7 a command is counted by its first word only.
            let first = name.split('|').next().unwrap_or(name);
            let mean = self
                .mean_micros(before, name)
                .or_else(|| self.mean_micros(before, first))?;
            Some(count as f64 * mean)
        });
        (!self.is_reset_since(before)).then(|| micros.sum::<f64>() / 1000.0)
    }

    fn mean_micros(&self, before: &Self, name: &str) -> Option<f64> {
        let now = self.commands.get(name)?;
        let before = before.commands.get(name).copied().unwrap_or_default();
        let calls = now
            .calls
            .checked_sub(before.calls)
            .filter(|calls| *calls > 0)?;
        Some(now.micros.checked_sub(before.micros)? as f64 / calls as f64)
    }

    /// What the counters rose by since an earlier moment; `None` when they were reset in between.
    pub fn since<'a>(&'a self, before: &'a Self, interval: Duration) -> Option<Rise<'a>> {
        (!self.is_reset_since(before)).then_some(Rise {
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
    pub fn of(&self, count: Count) -> Option<u64> {
        self.now
            .total(count)?
            .checked_sub(self.before.total(count)?)
    }

    /// How many more a second.
    pub fn rate(&self, count: Count) -> Option<f64> {
        per_second(self.of(count)?, Some(self.interval))
    }

    /// The commands that were called, the most often called first.
    pub fn commands(&self) -> Vec<CommandLatency> {
        let commands = self.now.commands.iter();
        let mut rows: Vec<CommandLatency> = commands
            .filter_map(|(name, now)| self.command(name, now))
            .collect();
        rows.sort_by(|a, b| {
            let by_calls = b.calls_per_sec.total_cmp(&a.calls_per_sec);
            by_calls.then_with(|| a.command.cmp(&b.command))
        });
        rows.truncate(MOST_COMMANDS);
        rows
    }

    /// How much of the server's time hubtop's own commands take, milliseconds a second.
    pub fn own_ms_per_sec(&self, load: &Load) -> Option<f64> {
        Some(self.now.own_ms(self.before, load)? / self.interval.as_secs_f64())
    }

    fn command(&self, name: &str, now: &CommandTally) -> Option<CommandLatency> {
        // One that was never called before stands in no list.
        let before = self.before.commands.get(name).copied().unwrap_or_default();
        let rise = |now: Option<u64>, before: Option<u64>| {
            let rise = now?.checked_sub(before.unwrap_or(0))?;
            per_second(rise, Some(self.interval))
        };
        let calls = now.calls.checked_sub(before.calls)?;
        let rejected_per_sec = rise(now.rejected, before.rejected);
        if calls == 0 && rejected_per_sec.is_none_or(|rate| rate == 0.0) {
            return None;
        }
        let micros = now.micros.checked_sub(before.micros)?;
        let spread = self.now.histograms.get(name).and_then(|now| {
            let before = self.before.histograms.get(name).copied();
            now.since(&before.unwrap_or_default())
        });
        let spread = spread.filter(|spread| spread.count() >= FEW);
        let p99 = spread.as_ref().and_then(|spread| spread.quantile(0.99));
        Some(CommandLatency {
            command: shown(name),
            calls_per_sec: per_second(calls, Some(self.interval))?,
            p50_ms: spread
                .and_then(|spread| spread.quantile(0.5))
                .map(|p50| p50.ms),
            p99_ms: p99.map(|p99| p99.ms),
            p99_bounds_ms: p99.and_then(|p99| p99.bounds_ms),
            mean_ms: (calls > 0).then(|| micros as f64 / calls as f64 / 1000.0),
            failed_per_sec: rise(now.failed, before.failed),
            rejected_per_sec,
        })
    }
}

/// `client|list` as people type it.
fn shown(name: &str) -> Arc<str> {
    printable(name).to_uppercase().replace('|', " ").into()
}

/// The share of look-ups that hit, 0 to 100; `None` when nothing was asked.
pub(super) fn hit_percent(hits: Option<u64>, misses: Option<u64>) -> Option<f64> {
    let (hits, misses) = (hits? as f64, misses? as f64);
    let asked = hits + misses;
    (asked > 0.0).then(|| 100.0 * hits / asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::redis::parse_info;

    fn tally(run: &str, hits: u64, misses: u64, gets: &str) -> Tally {
        let text = format!(
            "run_id:{run}\r\nuptime_in_seconds:9\r\nkeyspace_hits:{hits}\r\nkeyspace_misses:{misses}\r\n{gets}"
        );
        Tally::of(
            &parse_info(text.as_bytes()),
            Histograms::new(),
            OwnLookups::default(),
        )
    }

    #[test]
    fn an_interval_has_its_own_hit_rate_and_a_reset_is_a_gap() {
        let second = Duration::from_secs(1);
        let first = tally("a", 100, 100, "");
        let next = tally(
            "a",
            130,
            110,
            "cmdstat_get:calls=40,usec=80,usec_per_call=2.00",
        );
        let rise = next.since(&first, second).unwrap();
        let hit = hit_percent(rise.of(Count::Hits), rise.of(Count::Misses));
        assert_eq!(hit, Some(75.0));
        assert_eq!(rise.rate(Count::Evicted), None, "it is not told");
        let commands = rise.commands();
        assert_eq!(&*commands[0].command, "GET");
        assert_eq!(commands[0].calls_per_sec, 40.0);
        assert_eq!(commands[0].mean_ms, Some(0.002));
        assert!(
            tally("b", 200, 200, "").since(&next, second).is_none(),
            "another run"
        );
        assert!(
            tally("a", 131, 3, "").since(&next, second).is_none(),
            "RESETSTAT"
        );
        let still = next.since(&next, second).unwrap();
        assert_eq!(
            hit_percent(still.of(Count::Hits), still.of(Count::Misses)),
            None
        );
        assert!(still.commands().is_empty());
    }
}
