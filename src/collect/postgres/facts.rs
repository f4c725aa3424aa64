//! What is known of the tables of the connected database, as advice rests on it; gathered anew with each look at the
//! tables.

use std::collections::HashMap;
use std::sync::Arc;

use super::failure::Failure;
use super::indexes::Index;
use super::session::{Session, count, field};
use super::tables::Table;
use crate::collect::advice::{Analyzed, Dialect, IndexFact, IndexKey, Known, TableFact, advise};
use crate::model::{Advice, Plan};

/// Writing an expression out waits for whoever has the table for himself alone: such tables are left out.
const EXPRESSIONS: &str = "SELECT x.indexrelid::int8 AS id, k.place::int8 AS place, \
     pg_get_indexdef(x.indexrelid, k.place, false) AS expression \
     FROM pg_index x CROSS JOIN LATERAL generate_series(1, x.indnkeyatts::int) AS k(place) \
     WHERE x.indexprs IS NOT NULL AND x.indkey[k.place - 1] = 0 AND x.indrelid >= 16384 \
     AND x.indrelid NOT IN (SELECT relation FROM pg_locks WHERE locktype = 'relation' \
       AND mode = 'AccessExclusiveLock' AND relation IS NOT NULL) LIMIT 2000";

/// What advice rests on.
#[derive(Debug, Default)]
pub(super) struct Facts {
    database: Arc<str>,
    tables: Vec<TableFact>,
    expressions: HashMap<(i64, u64), Arc<str>>,
    /// Rises with each gathering: what was said before may have changed.
    pub edition: u64,
}

impl Facts {
    /// Reads the expressions that indexes are over; the older ones stay when that fails.
    ///
    /// # Errors
    /// Why they can't be had.
    pub async fn ask_expressions(&mut self, session: &mut Session) -> Result<(), Failure> {
        let rows = session.rows(EXPRESSIONS, &[]).await?;
        for row in &rows {
            let expression: Option<&str> = field(row, "expression");
            if let (Some(id), Some(place), Some(text)) =
                (field(row, "id"), count(row, "place"), expression)
            {
                self.expressions.insert((id, place), text.into());
            }
        }
        Ok(())
    }

    /// Puts together what was read of `database`.
    pub fn gather(&mut self, database: &Arc<str>, tables: &[Table], indexes: &[Index]) {
        let mut by_table: HashMap<i64, Vec<&Index>> = HashMap::new();
        for index in indexes {
            by_table.entry(index.table).or_default().push(index);
        }
        self.expressions
            .retain(|(id, _), _| indexes.iter().any(|index| index.id == *id));
        self.tables = tables
            .iter()
            .map(|table| {
                let indexes = by_table.get(&table.id).map_or(&[][..], Vec::as_slice);
                self.table_fact(table, indexes)
            })
            .collect();
        self.database = database.clone();
        self.edition += 1;
    }

    fn table_fact(&self, table: &Table, indexes: &[&Index]) -> TableFact {
        let valid = indexes.iter().filter(|index| index.is_valid);
        TableFact {
            schema: table.schema.clone(),
            name: table.name.clone(),
            rows: table.rows,
            bytes: table.bytes,
            indexes: valid.map(|index| self.index_fact(index)).collect(),
            analyzed: table.analyze_age.map_or(Analyzed::Never, Analyzed::Ago),
            changed_since_analyze: table.changed,
        }
    }

    /// `None` when an expression of it could not be read: then nothing is known of the table's indexes.
    fn index_fact(&self, index: &Index) -> Option<IndexFact> {
        let keys = (1..).zip(&index.columns).map(|(place, column)| {
            if column.is_empty() {
                let expression = self.expressions.get(&(index.id, place))?;
                return Some(IndexKey::Expression(expression.clone()));
            }
            Some(IndexKey::Column(column.clone()))
        });
        Some(IndexFact {
            name: index.name.clone(),
            method: index.method.clone(),
            keys: keys.collect::<Option<Vec<_>>>()?,
            unique: index.is_unique,
            partial: index.is_partial,
        })
    }

    /// What can be said of a statement that ran in `database`; of other databases no table is known.
    pub fn advice(
        &self,
        text: &str,
        database: &str,
        rows_per_call: Option<f64>,
        plan: Option<&Plan>,
    ) -> Vec<Advice> {
        let is_here = *database == *self.database;
        let known = Known {
            dialect: Dialect::Postgres,
            tables: if is_here { &self.tables } else { &[] },
            rows_per_call,
            ..Known::default()
        };
        advise(text, &known, plan)
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    #[test]
    fn an_expression_that_could_not_be_read_makes_the_indexes_unknown() {
        let table = Table {
            id: 1,
            name: "users".into(),
            rows: Some(5),
            ..Table::default()
        };
        let index = Index {
            id: 7,
            table: 1,
            columns: vec!["tenant".into(), "".into()],
            is_valid: true,
            ..Index::default()
        };
        let mut facts = Facts::default();
        facts.gather(&"app".into(), from_ref(&table), from_ref(&index));
        assert_eq!(facts.tables[0].indexes, None);
        facts.expressions.insert((7, 2), "lower(email)".into());
        facts.gather(&"app".into(), &[table], &[index]);
        let indexes = facts.tables[0].indexes.as_ref().unwrap();
        let keys = [
            IndexKey::Column("tenant".into()),
            IndexKey::Expression("lower(email)".into()),
        ];
        assert_eq!(indexes[0].keys, keys);
        assert_eq!(facts.edition, 2);
    }
}
