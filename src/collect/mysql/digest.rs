//! The figures that the server keeps of a digest, and what was done between two looks at them.

use mysql_async::Row;

use super::field::{count, number};
use super::server::Server;
use crate::model::{StatementTotals, Timestamp};

/// More digests are not read; the table has 10,000 rows at most unless someone made it larger.
const MOST_DIGESTS: usize = 10_000;

/// Timers count picoseconds.
pub(super) const PICOS_PER_MS: f64 = 1e9;

/// The figures of a digest since it was first seen.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Figures {
    /// How often it ran.
    pub calls: u64,
    /// How long it ran in all, picoseconds.
    pub picos: u64,
    /// Rows it sent.
    pub sent: u64,
    /// Rows it changed.
    pub changed: u64,
    /// Rows it read to do so.
    pub examined: u64,
    /// Temporary tables of it that went to disk.
    pub disk_tables: u64,
    /// Its slowest run, picoseconds.
    pub max_picos: u64,
    /// When it first ran, seconds of Unix time.
    pub first_seen: Option<i64>,
    /// The 95th percentile since then, where the server keeps it.
    pub p95_picos: Option<f64>,
}

/// What brings the figures of all digests.
pub(super) fn question(server: &Server) -> String {
    // Only MySQL 8 keeps quantiles.
    let has_quantiles = server
        .digest_columns
        .iter()
        .any(|column| &**column == "quantile_95");
    let p95 = if has_quantiles { "QUANTILE_95" } else { "NULL" };
    format!(
        "SELECT SCHEMA_NAME AS db, DIGEST AS digest, COUNT_STAR AS calls, SUM_TIMER_WAIT AS picos, \
         MAX_TIMER_WAIT AS max_picos, SUM_ROWS_SENT AS sent, SUM_ROWS_AFFECTED AS changed, \
         SUM_ROWS_EXAMINED AS examined, SUM_CREATED_TMP_DISK_TABLES AS disk_tables, {p95} AS p95, \
         UNIX_TIMESTAMP(FIRST_SEEN) AS first_seen \
         FROM performance_schema.events_statements_summary_by_digest AS hubtop \
         ORDER BY SUM_TIMER_WAIT DESC LIMIT {MOST_DIGESTS}"
    )
}

/// The figures of one row.
pub(super) fn figures(row: &Row) -> Figures {
    let of = |column| count(row, column).unwrap_or_default();
    Figures {
        calls: of("calls"),
        picos: of("picos"),
        sent: of("sent"),
        changed: of("changed"),
        examined: of("examined"),
        disk_tables: of("disk_tables"),
        max_picos: of("max_picos"),
        first_seen: number(row, "first_seen").map(|seconds| seconds as i64),
        p95_picos: number(row, "p95"),
    }
}

impl Figures {
    /// What was done since; a digest that was seen first later, or whose counters fell, was reset in between.
    pub fn since(&self, before: &Self) -> Option<Self> {
        if self.first_seen != before.first_seen {
            return None;
        }
        Some(Self {
            calls: self.calls.checked_sub(before.calls)?,
            picos: self.picos.checked_sub(before.picos)?,
            sent: self.sent.checked_sub(before.sent)?,
            changed: self.changed.checked_sub(before.changed)?,
            examined: self.examined.checked_sub(before.examined)?,
            disk_tables: self.disk_tables.checked_sub(before.disk_tables)?,
            ..*self
        })
    }

    /// Mean time of a run, milliseconds.
    pub fn mean_ms(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.picos as f64 / PICOS_PER_MS / self.calls as f64)
    }

    /// So much of a sum for each run.
    pub fn per_call(&self, sum: u64) -> Option<f64> {
        (self.calls > 0).then(|| sum as f64 / self.calls as f64)
    }

    /// What it has done since it was first seen; `all_picos` is the time of all statements.
    pub fn totals(&self, all_picos: f64) -> StatementTotals {
        StatementTotals {
            since: self.first_seen.map(|seconds| Timestamp(seconds * 1000)),
            time_percent: share(self.picos as f64, all_picos),
            calls: self.calls,
            total_ms: self.picos as f64 / PICOS_PER_MS,
            mean_ms: self.mean_ms(),
            max_ms: Some(self.max_picos as f64 / PICOS_PER_MS),
            rows_per_call: self.per_call(self.sent + self.changed),
            hit_percent: None,
        }
    }
}

/// A part as a share of the whole, percent; unknown of nothing.
pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| 100.0 * part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_that_was_reset_has_a_gap() {
        let before = Figures {
            calls: 100,
            picos: 1_000,
            first_seen: Some(5),
            ..Figures::default()
        };
        let later = Figures {
            calls: 110,
            picos: 31_000_000_000,
            ..before
        };
        let done = later.since(&before).unwrap();
        assert_eq!((done.calls, done.picos), (10, 30_999_999_000));
        let fell = Figures { calls: 3, ..before };
        assert_eq!(fell.since(&before), None);
        let again = Figures {
            calls: 500,
            first_seen: Some(9),
            ..later
        };
        assert_eq!(
            again.since(&before),
            None,
            "first seen later: the table was emptied in between"
        );
    }
}
