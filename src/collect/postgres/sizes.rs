//! Sizes of tables and indexes, every few minutes: the server looks at each file for them.

use std::collections::HashMap;

use super::failure::Failure;
use super::session::{Session, count, field};

/// Asking for the size of a relation waits for whoever has it for himself alone: those are left out, with the indexes
/// of such a table. One that is locked in between ends the question, and the older sizes stay.
const QUESTION: &str = "WITH locked AS MATERIALIZED (SELECT relation FROM pg_locks \
       WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND relation IS NOT NULL), \
     largest AS MATERIALIZED (SELECT c.oid, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
       WHERE c.relkind IN ('r', 'm', 'i') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') \
       AND c.oid NOT IN (SELECT relation FROM locked) \
       AND NOT EXISTS (SELECT FROM pg_index x JOIN locked l ON l.relation = x.indrelid WHERE x.indexrelid = c.oid) \
       ORDER BY c.relpages DESC LIMIT 2000) \
     SELECT oid::int8 AS id, CASE WHEN relkind = 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END AS bytes \
     FROM largest";

/// The sizes as they were last measured.
#[derive(Debug, Default)]
pub(super) struct Sizes(HashMap<i64, u64>);

impl Sizes {
    /// Measures them.
    ///
    /// # Errors
    /// Why they can't be had.
    pub async fn ask(&mut self, session: &mut Session) -> Result<(), Failure> {
        let rows = session.rows(QUESTION, &[]).await?;
        let sizes = rows.iter().filter_map(|row| {
            let id: i64 = field(row, "id")?;
            Some((id, count(row, "bytes")?))
        });
        self.0 = sizes.collect();
        Ok(())
    }

    /// The size of a relation, bytes.
    pub fn of(&self, id: i64) -> Option<u64> {
        self.0.get(&id).copied()
    }
}
