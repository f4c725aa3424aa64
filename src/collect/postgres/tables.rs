//! How the tables of the connected database are read and kept: `pg_stat_user_tables`, each minute. Nothing here waits
//! for a lock; sizes, which would, are asked apart and not of tables that are locked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;

use super::failure::Failure;
use super::session::{Session, count, field, shown, span};
use super::sizes::Sizes;
use crate::collect::counter::{Counter, Interval};
use crate::model::SourceName;
use crate::model::format;
use crate::model::statement::TableUse;

/// The most tables that are asked for, the largest.
const MOST: usize = 1000;

/// From so many rows on a table is large enough to speak of: smaller ones are read as a whole faster than by an index.
pub(super) const LARGE: u64 = 10_000;

/// An index that serves fewer than so many percent of the scans of a large table is asked for.
const FEW_INDEX_SCANS: f64 = 95.0;

/// Fewer scans than this tell nothing.
const FEWEST_SCANS: u64 = 20;

/// More dead rows than this share of all are worth a word; the server itself sweeps at 20% by default.
const MANY_DEAD_PERCENT: f64 = 30.0;

fn question() -> String {
    format!(
        "SELECT s.relid::int8 AS id, s.schemaname::text AS schema, s.relname::text AS name, seq_scan, seq_tup_read, idx_scan, \
         n_live_tup, n_dead_tup, n_mod_since_analyze, c.reltuples::float8 AS reltuples, c.relpages::int8 * \
           current_setting('block_size')::int8 AS paged_bytes, \
         extract(epoch FROM clock_timestamp() - greatest(last_vacuum, last_autovacuum))::float8 AS vacuum_age, \
         extract(epoch FROM clock_timestamp() - greatest(last_analyze, last_autoanalyze))::float8 AS analyze_age \
         FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
         ORDER BY c.relpages DESC, n_live_tup DESC LIMIT {MOST}"
    )
}

/// A table as the server describes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// Its number.
    pub id: i64,
    /// Its schema.
    pub schema: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Live rows: counted since the statistics began, or else estimated by the last analyze.
    pub rows: Option<u64>,
    /// Rows changed since the last analyze.
    pub changed: Option<u64>,
    /// Age of the last analyze.
    pub analyze_age: Option<Duration>,
    /// Size without indexes.
    pub bytes: Option<u64>,
}

#[derive(Debug, Default)]
struct Counters {
    seq_scans: Counter,
    seq_rows: Counter,
    index_scans: Counter,
}

/// The tables as they were at the last look.
#[derive(Debug, Default)]
pub(super) struct Tables {
    counters: HashMap<i64, Counters>,
    interval: Interval,
    /// What is known of each, largest first.
    pub known: Vec<Table>,
}

impl Tables {
    /// Asks the server.
    ///
    /// # Errors
    /// Why it does not tell.
    pub async fn ask(
        &mut self,
        session: &mut Session,
        sizes: &Sizes,
        instance: &SourceName,
        now: Duration,
    ) -> Result<Vec<TableUse>, Failure> {
        let rows = session.rows(&question(), &[]).await?;
        let interval = self.interval.next(now);
        let mut before = std::mem::take(&mut self.counters);
        self.known.clear();
        let mut uses = Vec::with_capacity(rows.len());
        for row in &rows {
            let table = table(row, sizes);
            let mut counters = before.remove(&table.id).unwrap_or_default();
            uses.push(table_use(row, &table, &mut counters, interval, instance));
            self.counters.insert(table.id, counters);
            self.known.push(table);
        }
        Ok(uses)
    }
}

fn table(row: &Row, sizes: &Sizes) -> Table {
    let id = field(row, "id").unwrap_or_default();
    let live = count(row, "n_live_tup");
    // −1 stands for a table that was never counted.
    let estimated = field::<f64>(row, "reltuples").filter(|rows| *rows >= 0.0);
    let rows = match (live, estimated) {
        (Some(0) | None, Some(estimated)) if estimated >= 1.0 => Some(estimated as u64),
        (live, _) => live,
    };
    Table {
        id,
        schema: shown(row, "schema"),
        name: shown(row, "name"),
        rows,
        changed: count(row, "n_mod_since_analyze"),
        analyze_age: span(row, "analyze_age"),
        bytes: sizes
            .of(id)
            .or(count(row, "paged_bytes").filter(|bytes| *bytes > 0)),
    }
}

fn table_use(
    row: &Row,
    table: &Table,
    counters: &mut Counters,
    interval: Option<Duration>,
    instance: &SourceName,
) -> TableUse {
    let seq_scans = count(row, "seq_scan").unwrap_or_default();
    // NULL where there is no index.
    let index_scans = count(row, "idx_scan").unwrap_or_default();
    let scans = seq_scans + index_scans;
    let index_percent = (scans > 0).then(|| 100.0 * index_scans as f64 / scans as f64);
    let mut told = TableUse {
        instance: instance.clone(),
        table: format!("{}.{}", table.schema, table.name).into(),
        rows: table.rows,
        dead_rows: count(row, "n_dead_tup"),
        seq_scans_per_sec: counters.seq_scans.rate(seq_scans, interval),
        index_scans_per_sec: counters.index_scans.rate(index_scans, interval),
        index_percent,
        seq_rows_per_sec: counters
            .seq_rows
            .rate(count(row, "seq_tup_read").unwrap_or_default(), interval),
        bytes: table.bytes,
        vacuum_age: span(row, "vacuum_age"),
        analyze_age: table.analyze_age,
        finding: None,
    };
    told.finding = finding(&told, seq_scans, scans).map(Into::into);
    told
}

/// What to make of a table; the costliest trouble first.
fn finding(table: &TableUse, seq_scans: u64, scans: u64) -> Option<String> {
    let rows = table.rows?;
    if rows < LARGE {
        return None;
    }
    let dead = table.dead_rows.unwrap_or_default();
    let dead_percent = 100.0 * dead as f64 / (rows + dead) as f64;
    let name = &table.table;
    if dead >= LARGE && dead_percent >= MANY_DEAD_PERCENT {
        let vacuum = table.vacuum_age.map_or_else(
            || "never vacuumed".to_owned(),
            |age| format!("last vacuum {} ago", format::duration(age)),
        );
        return Some(format!(
            "{dead_percent:.0}% of the rows are dead, {vacuum}: VACUUM {name}"
        ));
    }
    if scans >= FEWEST_SCANS
        && let Some(percent) = table
            .index_percent
            .filter(|percent| *percent < FEW_INDEX_SCANS)
    {
        let scans = format::count(seq_scans as f64);
        return Some(format!(
            "read as a whole {scans} times, an index served {percent:.0}% of the scans: is an index missing?"
        ));
    }
    if table.analyze_age.is_none() {
        return Some(format!(
            "never analyzed, plans rest on guesses: ANALYZE {name}"
        ));
    }
    table
        .vacuum_age
        .is_none()
        .then(|| format!("never vacuumed: VACUUM {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: u64) -> TableUse {
        TableUse {
            table: "public.orders".into(),
            rows: Some(rows),
            index_percent: Some(99.0),
            analyze_age: Some(Duration::from_secs(60)),
            vacuum_age: Some(Duration::from_secs(60)),
            ..TableUse::default()
        }
    }

    #[test]
    fn a_finding_names_what_to_do_and_small_tables_have_none() {
        assert_eq!(finding(&table(1_000_000), 10, 1000), None);
        let scanned = TableUse {
            index_percent: Some(40.0),
            ..table(10_000)
        };
        assert!(
            finding(&scanned, 600, 1000)
                .unwrap()
                .contains("index served 40%")
        );
        assert_eq!(finding(&scanned, 3, 5), None, "too few scans");
        let small = TableUse {
            rows: Some(9_999),
            ..scanned
        };
        assert_eq!(finding(&small, 600, 1000), None);
        let dead = TableUse {
            dead_rows: Some(50_000),
            ..table(50_000)
        };
        assert_eq!(
            finding(&dead, 0, 1000).unwrap(),
            "50% of the rows are dead, last vacuum 1m00s ago: VACUUM public.orders"
        );
        let guessed = TableUse {
            analyze_age: None,
            ..table(20_000)
        };
        assert!(
            finding(&guessed, 0, 1000)
                .unwrap()
                .contains("ANALYZE public.orders")
        );
    }
}
