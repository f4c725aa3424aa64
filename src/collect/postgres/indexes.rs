//! The indexes of the connected database, and which of them earn their keep: `pg_stat_user_indexes`, each minute.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;

use super::failure::Failure;
use super::session::{Session, count, field, moment, shown};
use super::sizes::Sizes;
use crate::model::statement::IndexUse;
use crate::model::{SourceName, Timestamp, format};

/// An index that was used less often than this is a candidate to drop.
const FEW_SCANS: u64 = 10;

/// A smaller one costs too little to speak of.
const SMALLEST: u64 = 1 << 20;

/// Expressions are written out without looking at the table, so that no lock is waited for.
const QUESTION: &str = "SELECT x.indexrelid::int8 AS id, x.indrelid::int8 AS table_id, n.nspname::text AS schema, \
     c.relname::text AS name, t.relname::text AS table_name, coalesce(s.idx_scan, 0) AS scans, \
     c.relpages::int8 * current_setting('block_size')::int8 AS paged_bytes, a.amname::text AS method, \
     x.indisunique AS is_unique, x.indisvalid AS is_valid, x.indpred IS NOT NULL AS is_partial, \
     x.indisunique OR x.indisexclusion OR x.indisreplident OR x.indisclustered \
       OR EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid) AS keeps_a_rule, \
     ARRAY(SELECT coalesce(att.attname::text, '') FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
       LEFT JOIN pg_attribute att ON att.attrelid = x.indrelid AND att.attnum = k.number AND k.number > 0 \
       WHERE k.place <= x.indnkeyatts ORDER BY k.place) AS columns, \
     (SELECT (extract(epoch FROM stats_reset) * 1000)::int8 FROM pg_stat_database \
       WHERE datname = current_database()) AS since \
     FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
     JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am a ON a.oid = c.relam \
     LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = x.indexrelid \
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind = 'i' \
     ORDER BY c.relpages DESC LIMIT 2000";

/// An index as the server describes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Its number.
    pub id: i64,
    /// The number of its table.
    pub table: i64,
    /// Its name.
    pub name: Arc<str>,
    /// `btree`…
    pub method: Arc<str>,
    /// Its columns in their order; an expression has no name.
    pub columns: Vec<Arc<str>>,
    /// Whether each value is in it once.
    pub is_unique: bool,
    /// Whether it holds only some of the rows.
    pub is_partial: bool,
    /// Whether it can be used.
    pub is_valid: bool,
}

/// Asks the server: what the indexes are, and what they are used for.
///
/// # Errors
/// Why it does not tell.
pub(super) async fn ask(
    session: &mut Session,
    sizes: &Sizes,
    instance: &SourceName,
    now: Timestamp,
) -> Result<(Vec<Index>, Vec<IndexUse>), Failure> {
    let rows = session.rows(QUESTION, &[]).await?;
    let both = rows.iter().map(|row| {
        let index = index(row);
        let told = index_use(row, &index, sizes, instance, now);
        (index, told)
    });
    Ok(both.unzip())
}

fn index(row: &Row) -> Index {
    let columns: Vec<&str> = field(row, "columns").unwrap_or_default();
    let is = |column| field::<bool>(row, column).unwrap_or_default();
    Index {
        id: field(row, "id").unwrap_or_default(),
        table: field(row, "table_id").unwrap_or_default(),
        name: shown(row, "name"),
        method: shown(row, "method"),
        columns: columns.into_iter().map(Into::into).collect(),
        is_unique: is("is_unique"),
        is_partial: is("is_partial"),
        is_valid: is("is_valid"),
    }
}

fn index_use(
    row: &Row,
    index: &Index,
    sizes: &Sizes,
    instance: &SourceName,
    now: Timestamp,
) -> IndexUse {
    let schema = shown(row, "schema");
    let bytes = sizes
        .of(index.id)
        .or(count(row, "paged_bytes").filter(|bytes| *bytes > 0));
    let mut told = IndexUse {
        instance: instance.clone(),
        index: index.name.clone(),
        table: format!("{schema}.{}", shown(row, "table_name")).into(),
        scans: count(row, "scans"),
        since: moment(row, "since"),
        keeps_a_rule: field(row, "keeps_a_rule").unwrap_or_default(),
        bytes,
        finding: None,
    };
    told.finding = if index.is_valid {
        unused(&told, now).map(Into::into)
    } else {
        let line = format!(
            "invalid, of no use: DROP INDEX CONCURRENTLY {schema}.{}, build it again",
            index.name
        );
        Some(line.into())
    };
    told
}

/// Whether it is a candidate to drop, and how sure that is.
fn unused(index: &IndexUse, now: Timestamp) -> Option<String> {
    /// Statistics that are younger say little: there are jobs that run once a week.
    const YOUNG: Duration = Duration::from_secs(7 * 86_400);
    let scans = index.scans.filter(|scans| *scans < FEW_SCANS)?;
    if index.keeps_a_rule || index.bytes.is_none_or(|bytes| bytes < SMALLEST) {
        return None;
    }
    let how_often = match scans {
        0 => "never used".to_owned(),
        1 => "used once".to_owned(),
        _ => format!("used {scans} times"),
    };
    let since = match index.since {
        None => "since its statistics began".to_owned(),
        Some(since) => {
            let age = now.since(since);
            let young = if age < YOUNG { ", which is short" } else { "" };
            format!("in {}{young}", format::duration(age))
        }
    };
    Some(format!(
        "{how_often} {since}; replicas count apart: a candidate to drop"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_indexes_that_keep_no_rule_are_candidates() {
        let now = Timestamp(40 * 86_400_000);
        let index = IndexUse {
            scans: Some(0),
            bytes: Some(8 << 20),
            since: Some(Timestamp(0)),
            ..IndexUse::default()
        };
        let line = unused(&index, now).unwrap();
        assert_eq!(
            line,
            "never used in 40d00h; replicas count apart: a candidate to drop"
        );
        let young = IndexUse {
            since: Some(now),
            scans: Some(9),
            ..index.clone()
        };
        assert!(
            unused(&young, now)
                .unwrap()
                .starts_with("used 9 times in 0s, which is short")
        );
        for spared in [
            IndexUse {
                keeps_a_rule: true,
                ..index.clone()
            },
            IndexUse {
                bytes: Some(8192),
                ..index.clone()
            },
            IndexUse {
                scans: Some(10),
                ..index
            },
        ] {
            assert_eq!(unused(&spared, now), None);
        }
    }
}
