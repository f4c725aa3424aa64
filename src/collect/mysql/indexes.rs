//! The indexes of a server: what they are over, and which of them nobody reads.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::failure::Failure;
use super::field::{count, shown, text};
use super::server::Server;
use super::session::Session;
use super::tables::{OWN_SCHEMAS, Table, TableName};
use crate::collect::advice::{IndexFact, IndexKey, TableFact};
use crate::model::{IndexUse, SourceName, Timestamp};

/// More columns of indexes are not read.
const MOST: usize = 20_000;

/// What every table of InnoDB is kept in.
const PRIMARY: &str = "PRIMARY";

/// The indexes of all tables, and how many rows were read through each since the server's statistics began.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    by_table: BTreeMap<TableName, Vec<IndexFact>>,
    reads: HashMap<(TableName, Arc<str>), u64>,
}

impl Indexes {
    /// Asks the server.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(session: &mut Session, server: &Server) -> Result<Self, Failure> {
        let question = format!(
            "SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, INDEX_NAME AS index_name, COLUMN_NAME AS column_name, \
             NON_UNIQUE AS non_unique, LOWER(INDEX_TYPE) AS method FROM information_schema.STATISTICS AS hubtop \
             WHERE TABLE_SCHEMA NOT IN {OWN_SCHEMAS} \
             ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX LIMIT {MOST}"
        );
        let mut indexes = Self::default();
        for row in session.rows(&question).await? {
            let table = (shown(&row, "db"), shown(&row, "name"));
            let name = shown(&row, "index_name");
            let of_table = indexes.by_table.entry(table).or_default();
            if of_table.last().is_none_or(|last| last.name != name) {
                of_table.push(IndexFact {
                    name,
                    method: shown(&row, "method"),
                    unique: count(&row, "non_unique") == Some(0),
                    ..IndexFact::default()
                });
            }
            // MySQL 8 has no column for a key that is an expression; what it is over is not looked for.
            let key = match text(&row, "column_name") {
                Some(column) => IndexKey::Column(column),
                None => IndexKey::Expression("".into()),
            };
            if let Some(index) = of_table.last_mut() {
                index.keys.push(key);
            }
        }
        if server.has_performance_schema {
            indexes.reads = reads(session).await?;
        }
        Ok(indexes)
    }

    /// The tables with their indexes, as whoever advises needs them.
    pub fn facts(&self, tables: &[Table]) -> Vec<TableFact> {
        let fact = |table: &Table| TableFact {
            schema: table.name.0.clone(),
            name: table.name.1.clone(),
            rows: table.rows,
            bytes: table.data_bytes,
            indexes: Some(self.by_table.get(&table.name).cloned().unwrap_or_default()),
            ..TableFact::default()
        };
        tables.iter().map(fact).collect()
    }

    /// The rows of the list. `since` is when the server began to count: at its start.
    pub fn uses(&self, instance: &SourceName, since: Option<Timestamp>) -> Vec<IndexUse> {
        let mut uses = Vec::new();
        for (table, indexes) in &self.by_table {
            for index in indexes {
                let scans = self
                    .reads
                    .get(&(table.clone(), index.name.clone()))
                    .copied();
                let is_unused = scans == Some(0) && !index.unique;
                uses.push(IndexUse {
                    instance: instance.clone(),
                    index: index.name.clone(),
                    table: format!("{}.{}", table.0, table.1).into(),
                    scans,
                    since: since.filter(|_| scans.is_some()),
                    keeps_a_rule: index.unique || &*index.name == PRIMARY,
                    bytes: None,
                    finding: is_unused.then(|| {
                        "no row was read through it; replicas count for themselves".into()
                    }),
                });
            }
        }
        uses
    }
}

/// Rows read through each index. A table that nobody has opened since the start is not in it: unknown, not 0.
async fn reads(session: &mut Session) -> Result<HashMap<(TableName, Arc<str>), u64>, Failure> {
    let question = format!(
        "SELECT OBJECT_SCHEMA AS db, OBJECT_NAME AS name, INDEX_NAME AS index_name, COUNT_READ AS was_read \
         FROM performance_schema.table_io_waits_summary_by_index_usage AS hubtop \
         WHERE INDEX_NAME IS NOT NULL AND OBJECT_SCHEMA NOT IN {OWN_SCHEMAS} LIMIT {MOST}"
    );
    let rows = session.rows(&question).await?;
    let read = |row: &mysql_async::Row| {
        let table = (shown(row, "db"), shown(row, "name"));
        Some(((table, shown(row, "index_name")), count(row, "was_read")?))
    };
    Ok(rows.iter().filter_map(read).collect())
}
