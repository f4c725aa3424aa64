//! What all databases of a server do together: `pg_stat_database`, from one look to the next.

use std::collections::HashMap;
use std::time::Duration;

use super::failure::Failure;
use super::session::{Session, count, field};
use crate::collect::counter::{Interval, per_second};

const QUESTION: &str = "SELECT datid::int8, xact_commit + xact_rollback AS transactions, blks_hit AS hits, \
     blks_read AS reads, temp_bytes, deadlocks, (extract(epoch FROM stats_reset) * 1000)::int8 AS reset \
     FROM pg_stat_database WHERE datid <> 0";

/// The counters of a database; all of them only rise.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Counters {
    transactions: u64,
    hits: u64,
    reads: u64,
    temp_bytes: u64,
    deadlocks: u64,
    reset: Option<i64>,
}

/// What was done in an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Done {
    /// Transactions a second.
    pub transactions_per_sec: Option<f64>,
    /// Share of the blocks that were in memory; `None` when none was asked for.
    pub hit_percent: Option<f64>,
    /// Bytes a second that went into temporary files.
    pub temp_bytes_per_sec: Option<f64>,
    /// Deadlocks a second.
    pub deadlocks_per_sec: Option<f64>,
}

/// What the databases had done at the last look.
#[derive(Debug, Default)]
pub(super) struct Totals {
    before: HashMap<i64, Counters>,
    interval: Interval,
}

impl Totals {
    /// Asks the server what was done since the last time; nothing is known at first and after a reset.
    ///
    /// # Errors
    /// Why the server does not tell.
    pub async fn ask(&mut self, session: &mut Session, now: Duration) -> Result<Done, Failure> {
        let rows = session.rows(QUESTION, &[]).await?;
        let figure = |row, column| count(row, column).unwrap_or_default();
        let read = rows.iter().map(|row| {
            let counters = Counters {
                transactions: figure(row, "transactions"),
                hits: figure(row, "hits"),
                reads: figure(row, "reads"),
                temp_bytes: figure(row, "temp_bytes"),
                deadlocks: figure(row, "deadlocks"),
                reset: field(row, "reset"),
            };
            (field(row, "datid").unwrap_or_default(), counters)
        });
        Ok(self.advance(read.collect(), now))
    }

    fn advance(&mut self, read: HashMap<i64, Counters>, now: Duration) -> Done {
        let interval = self.interval.next(now);
        let before = std::mem::replace(&mut self.before, read);
        // A database that came in between has done all that it did in this interval.
        let rises = self.before.iter().map(|(id, now)| {
            let before = before.get(id).copied().unwrap_or(Counters {
                reset: now.reset,
                ..Counters::default()
            });
            now.since(before)
        });
        let Some(rise) = rises.reduce(|sum, rise| Some(sum?.plus(rise?))).flatten() else {
            return Done::default();
        };
        if interval.is_none() {
            return Done::default();
        }
        let asked = rise.hits + rise.reads;
        Done {
            transactions_per_sec: per_second(rise.transactions, interval),
            hit_percent: (asked > 0).then(|| 100.0 * rise.hits as f64 / asked as f64),
            temp_bytes_per_sec: per_second(rise.temp_bytes, interval),
            deadlocks_per_sec: per_second(rise.deadlocks, interval),
        }
    }
}

impl Counters {
    fn since(self, before: Self) -> Option<Self> {
        if self.reset != before.reset {
            return None;
        }
        Some(Self {
            transactions: self.transactions.checked_sub(before.transactions)?,
            hits: self.hits.checked_sub(before.hits)?,
            reads: self.reads.checked_sub(before.reads)?,
            temp_bytes: self.temp_bytes.checked_sub(before.temp_bytes)?,
            deadlocks: self.deadlocks.checked_sub(before.deadlocks)?,
            reset: self.reset,
        })
    }

    fn plus(self, other: Self) -> Self {
        Self {
            transactions: self.transactions + other.transactions,
            hits: self.hits + other.hits,
            reads: self.reads + other.reads,
            temp_bytes: self.temp_bytes + other.temp_bytes,
            deadlocks: self.deadlocks + other.deadlocks,
            reset: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(transactions: u64, hits: u64, reset: i64) -> Counters {
        Counters {
            transactions,
            hits,
            reads: 0,
            reset: Some(reset),
            ..Counters::default()
        }
    }

    #[test]
    fn databases_add_up_and_a_reset_of_one_is_a_gap() {
        let mut totals = Totals::default();
        let mut look = |a: Counters, b: Counters, second| {
            let read = HashMap::from([(1, a), (2, b)]);
            totals
                .advance(read, Duration::from_secs(second))
                .transactions_per_sec
        };
        assert_eq!(look(database(1000, 0, 1), database(50, 0, 1), 10), None);
        assert_eq!(
            look(database(1010, 0, 1), database(60, 0, 1), 12),
            Some(10.0)
        );
        // One was reset and has done more since than it had before: only the time of the reset tells.
        assert_eq!(look(database(5000, 0, 2), database(62, 0, 1), 14), None);
        assert_eq!(
            look(database(5002, 0, 2), database(62, 0, 1), 16),
            Some(1.0)
        );
    }

    #[test]
    fn nothing_asked_is_no_hit_rate() {
        let mut totals = Totals::default();
        totals.advance(
            HashMap::from([(1, database(1, 100, 1))]),
            Duration::from_secs(1),
        );
        let idle = totals.advance(
            HashMap::from([(1, database(2, 100, 1))]),
            Duration::from_secs(2),
        );
        assert_eq!(idle.hit_percent, None);
        let busy = totals.advance(
            HashMap::from([(1, database(2, 150, 1))]),
            Duration::from_secs(3),
        );
        assert_eq!(busy.hit_percent, Some(100.0));
    }
}
