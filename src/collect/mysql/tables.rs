//! The tables of a server: their sizes, and how many of their rows are read without an index.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::failure::Failure;
use super::field::{count, quoted, shown, text};
use super::server::Server;
use super::session::Session;
use crate::collect::counter::{Counter, Interval, per_second};
use crate::model::{SourceName, TableUse, format};

/// More tables are not listed, the largest.
const MOST: usize = 2_000;

/// Schemas of the server itself.
pub(super) const OWN_SCHEMAS: &str = "('mysql', 'sys', 'information_schema', 'performance_schema')";

/// From so many rows a second on, reading without an index is worth a word.
const MANY_ROWS_PER_SEC: f64 = 10_000.0;

/// Schema and name of a table.
pub(super) type TableName = (Arc<str>, Arc<str>);

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub name: TableName,
    /// As InnoDB estimates them, which may be off by half.
    pub rows: Option<u64>,
    pub data_bytes: Option<u64>,
    pub index_bytes: Option<u64>,
}

/// The counters of tables as they were at the look before.
#[derive(Debug, Default)]
pub(super) struct Tables {
    interval: Interval,
    unindexed: HashMap<TableName, Counter>,
}

/// Asks for the tables.
///
/// # Errors
/// Why there is no answer.
pub(super) async fn ask(session: &mut Session) -> Result<Vec<Table>, Failure> {
    let question = format!(
        "SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_ROWS AS row_count, DATA_LENGTH AS data, INDEX_LENGTH AS indexes \
         FROM information_schema.TABLES AS hubtop WHERE TABLE_TYPE = 'BASE TABLE' \
         AND TABLE_SCHEMA NOT IN {OWN_SCHEMAS} ORDER BY DATA_LENGTH DESC LIMIT {MOST}"
    );
    let rows = session.rows(&question).await?;
    let table = |row: &mysql_async::Row| {
        Some(Table {
            name: (text(row, "db")?, text(row, "name")?),
            rows: count(row, "row_count"),
            data_bytes: count(row, "data"),
            index_bytes: count(row, "indexes"),
        })
    };
    Ok(rows.iter().filter_map(table).collect())
}

/// What to grant when nobody's schema can be seen: the server then answers with empty lists instead of a refusal. A
/// server on which nobody has made one yet looks the same, unless the user may read everything.
///
/// # Errors
/// Why there is no answer.
pub(super) async fn hidden(
    session: &mut Session,
    server: &Server,
) -> Result<Option<String>, Failure> {
    let question = format!(
        "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA AS hubtop WHERE SCHEMA_NAME NOT IN {OWN_SCHEMAS}) AS seen, \
         (SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES AS hubtop WHERE PRIVILEGE_TYPE = 'SELECT' AND GRANTEE = {}) \
         AS whole",
        quoted(&server.grantee)
    );
    let rows = session.rows(&question).await?;
    let is_none = |column| rows.first().and_then(|row| count(row, column)) == Some(0);
    let is_hidden = is_none("seen") && is_none("whole");
    Ok(is_hidden.then(|| {
        format!(
            "no schema but the server's own can be seen: GRANT SELECT ON SCHEMA.* TO {} for each to watch",
            server.grantee
        )
    }))
}

impl Tables {
    /// How the tables were read since the last look.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn uses(
        &mut self,
        session: &mut Session,
        server: &Server,
        tables: &[Table],
        instance: &SourceName,
        now: Duration,
    ) -> Result<Vec<TableUse>, Failure> {
        let rises = if server.has_performance_schema {
            self.unindexed(session).await?
        } else {
            HashMap::new()
        };
        let interval = self.interval.next(now);
        let uses = tables.iter().map(|table| {
            let rise = rises.get(&table.name).copied();
            let seq_rows_per_sec = rise.and_then(|rise| per_second(rise, interval));
            TableUse {
                instance: instance.clone(),
                table: format!("{}.{}", table.name.0, table.name.1).into(),
                rows: table.rows,
                seq_rows_per_sec,
                bytes: total(table),
                finding: finding(table, seq_rows_per_sec),
                ..TableUse::default()
            }
        });
        Ok(uses.collect())
    }

    /// Rows fetched without an index since the last look.
    async fn unindexed(
        &mut self,
        session: &mut Session,
    ) -> Result<HashMap<TableName, u64>, Failure> {
        let question = format!(
            "SELECT OBJECT_SCHEMA AS db, OBJECT_NAME AS name, COUNT_FETCH AS fetched \
             FROM performance_schema.table_io_waits_summary_by_index_usage AS hubtop \
             WHERE INDEX_NAME IS NULL AND OBJECT_TYPE = 'TABLE' AND OBJECT_SCHEMA NOT IN {OWN_SCHEMAS} LIMIT {MOST}"
        );
        let mut rises = HashMap::new();
        let mut counters = HashMap::new();
        for row in session.rows(&question).await? {
            let name = (shown(&row, "db"), shown(&row, "name"));
            let Some(fetched) = count(&row, "fetched") else {
                continue;
            };
            let mut counter = self.unindexed.remove(&name).unwrap_or_default();
            if let Some(rise) = counter.rise(fetched) {
                rises.insert(name.clone(), rise);
            }
            counters.insert(name, counter);
        }
        self.unindexed = counters;
        Ok(rises)
    }
}

fn total(table: &Table) -> Option<u64> {
    Some(table.data_bytes? + table.index_bytes.unwrap_or_default())
}

fn finding(table: &Table, seq_rows_per_sec: Option<f64>) -> Option<Arc<str>> {
    let rate = seq_rows_per_sec.filter(|rate| *rate >= MANY_ROWS_PER_SEC)?;
    let is_large = table
        .rows
        .is_some_and(|rows| rows >= crate::collect::advice::TableFact::LARGE);
    is_large.then(|| format!("reads {} rows/s without an index", format::count(rate)).into())
}
