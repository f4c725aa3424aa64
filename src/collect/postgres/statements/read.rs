//! `pg_stat_statements` as it is: the columns are chosen by what the view really has, because servers are upgraded
//! without `ALTER EXTENSION … UPDATE`.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;

use crate::collect::postgres::failure::Failure;
use crate::collect::postgres::session::{Session, count, field};

/// What tells the entries apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::collect::postgres) struct Key {
    /// Number of the user.
    pub user: i64,
    /// Number of the database.
    pub database: i64,
    /// Hash of the statement.
    pub query: i64,
    /// Whether it was sent as such; false when a function ran it.
    pub is_top: bool,
}

impl Key {
    /// The key as one word; the hash stands last.
    pub fn id(self) -> String {
        let nested = if self.is_top { "" } else { "n." };
        format!("{}.{}.{nested}{}", self.user, self.database, self.query)
    }

    /// The key that a word stands for.
    pub fn of_id(id: &str) -> Option<Self> {
        let (user, rest) = id.split_once('.')?;
        let (database, rest) = rest.split_once('.')?;
        let nested = rest.strip_prefix("n.");
        Some(Self {
            user: user.parse().ok()?,
            database: database.parse().ok()?,
            query: nested.unwrap_or(rest).parse().ok()?,
            is_top: nested.is_none(),
        })
    }
}

/// What an entry has counted up to now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::collect::postgres) struct Counted {
    /// Calls.
    pub calls: u64,
    /// Time, milliseconds.
    pub time_ms: f64,
    /// Sum of the squares of the times, milliseconds²; what the spread of an interval is told from.
    pub squares: f64,
    /// The slowest call, milliseconds.
    pub max_ms: f64,
    /// Rows.
    pub rows: u64,
    /// Blocks that were in memory.
    pub hits: u64,
    /// Blocks that were not.
    pub reads: u64,
    /// Blocks written to temporary files.
    pub temp_blocks: u64,
    /// Time in reads and writes of blocks, milliseconds.
    pub io_ms: f64,
    /// Since when, milliseconds since 1970 (from 17 on).
    pub since: Option<i64>,
}

/// All entries at one moment.
#[derive(Debug, Default)]
pub(in crate::collect::postgres) struct Entries {
    /// What each has counted.
    pub counted: HashMap<Key, Counted>,
    /// Entries of others that hubtop may not see.
    pub hidden: usize,
    /// When all of them were reset; `None` where the server does not tell.
    pub reset: Option<i64>,
    /// How often entries were thrown out for lack of room; `None` where the server does not tell.
    pub thrown_out: Option<i64>,
}

/// The questions that suit the extension in a database.
#[derive(Debug, Clone)]
pub(in crate::collect::postgres) struct Questions {
    entries: String,
    info: Option<String>,
    /// Whether it tells statements of functions apart.
    has_toplevel: bool,
    schema: String,
}

impl Questions {
    /// Looks at the columns that are there.
    ///
    /// # Errors
    /// Why that can't be told.
    pub async fn suiting(session: &mut Session, schema: &str) -> Result<Self, Failure> {
        let view = format!("SELECT * FROM {schema}.pg_stat_statements(false)");
        let columns: HashSet<String> = session.columns(&view).await?.into_iter().collect();
        let info = format!(
            "SELECT dealloc, (extract(epoch FROM stats_reset) * 1000)::int8 AS reset FROM {schema}.pg_stat_statements_info"
        );
        // Came with 1.9, together with the column.
        let has_toplevel = columns.contains("toplevel");
        Ok(Self {
            entries: entries_question(schema, &columns),
            info: has_toplevel.then_some(info),
            has_toplevel,
            schema: schema.to_owned(),
        })
    }

    /// All entries as of now.
    ///
    /// # Errors
    /// Why they can't be had.
    pub async fn entries(&self, session: &mut Session) -> Result<Entries, Failure> {
        let mut entries = Entries::default();
        if let Some(info) = &self.info
            && let Some(row) = session.rows(info, &[]).await?.first()
        {
            entries.reset = field(row, "reset");
            entries.thrown_out = field(row, "dealloc");
        }
        for row in &session.rows(&self.entries, &[]).await? {
            match key(row) {
                Some(key) => {
                    entries.counted.insert(key, counted(row));
                }
                None => entries.hidden += 1,
            }
        }
        Ok(entries)
    }

    /// The question for the text of the statement `$3` of user `$1` in database `$2`.
    pub fn whole_text(&self, longest: usize) -> String {
        format!(
            "SELECT left(query, {longest}) AS text, d.datname::text AS database \
             FROM {}.pg_stat_statements(true) s LEFT JOIN pg_database d ON d.oid = s.dbid \
             WHERE userid::int8 = $1 AND dbid::int8 = $2 AND queryid = $3 LIMIT 1",
            self.schema
        )
    }

    /// The question for texts and names of the statements `$1`; the whole file of texts is read for it.
    pub fn texts(&self, longest: usize) -> String {
        let toplevel = if self.has_toplevel {
            "toplevel"
        } else {
            "true"
        };
        format!(
            "SELECT userid::int8, dbid::int8, queryid, {toplevel} AS toplevel, left(query, {longest}) AS text, \
             length(query) > {longest} AS is_cut, r.rolname::text AS username, d.datname::text AS database \
             FROM {}.pg_stat_statements(true) s LEFT JOIN pg_roles r ON r.oid = s.userid \
             LEFT JOIN pg_database d ON d.oid = s.dbid WHERE queryid = ANY ($1)",
            self.schema
        )
    }
}

fn entries_question(schema: &str, columns: &HashSet<String>) -> String {
    let first_of = |names: &[&str]| {
        let found = names.iter().find(|name| columns.contains(**name));
        found.map_or("NULL::float8", |name| *name).to_owned()
    };
    let sum_of = |names: &[&str]| {
        let found: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| columns.contains(*name))
            .collect();
        if found.is_empty() {
            "NULL::float8".to_owned()
        } else {
            found.join(" + ")
        }
    };
    let toplevel = if columns.contains("toplevel") {
        "toplevel"
    } else {
        "true"
    };
    let since = if columns.contains("stats_since") {
        "(extract(epoch FROM stats_since) * 1000)::int8"
    } else {
        "NULL::int8"
    };
    format!(
        "SELECT userid::int8, dbid::int8, queryid, {toplevel} AS toplevel, calls, rows, \
         {time} AS time_ms, {max} AS max_ms, {spread} AS spread_ms, \
         shared_blks_hit + local_blks_hit AS hits, shared_blks_read + local_blks_read AS reads, \
         temp_blks_written AS temp_blocks, {io} AS io_ms, {since} AS since \
         FROM {schema}.pg_stat_statements(false)",
        time = first_of(&["total_exec_time", "total_time"]),
        max = first_of(&["max_exec_time", "max_time"]),
        spread = first_of(&["stddev_exec_time", "stddev_time"]),
        io = sum_of(&[
            "blk_read_time",
            "blk_write_time",
            "shared_blk_read_time",
            "shared_blk_write_time",
            "local_blk_read_time",
            "local_blk_write_time",
            "temp_blk_read_time",
            "temp_blk_write_time",
        ]),
    )
}

/// `None` where the right is missing to see whose and which it is.
pub(super) fn key(row: &Row) -> Option<Key> {
    Some(Key {
        user: field(row, "userid")?,
        database: field(row, "dbid")?,
        query: field(row, "queryid")?,
        is_top: field(row, "toplevel").unwrap_or(true),
    })
}

fn counted(row: &Row) -> Counted {
    let figure = |column| count(row, column).unwrap_or_default();
    let millis = |column| field::<f64>(row, column).unwrap_or_default();
    let calls = figure("calls");
    let time_ms = millis("time_ms");
    let mean = if calls > 0 {
        time_ms / calls as f64
    } else {
        0.0
    };
    Counted {
        calls,
        time_ms,
        squares: calls as f64 * (millis("spread_ms").powi(2) + mean.powi(2)),
        max_ms: millis("max_ms"),
        rows: figure("rows"),
        hits: figure("hits"),
        reads: figure("reads"),
        temp_blocks: figure("temp_blocks"),
        io_ms: millis("io_ms"),
        since: field(row, "since"),
    }
}

impl Counted {
    /// What was counted since `before`; `None` when the entry was reset in between.
    pub fn since(&self, before: &Self) -> Option<Self> {
        if self.since != before.since || self.time_ms < before.time_ms {
            return None;
        }
        Some(Self {
            calls: self.calls.checked_sub(before.calls)?,
            time_ms: self.time_ms - before.time_ms,
            squares: (self.squares - before.squares).max(0.0),
            max_ms: self.max_ms,
            rows: self.rows.checked_sub(before.rows)?,
            hits: self.hits.checked_sub(before.hits)?,
            reads: self.reads.checked_sub(before.reads)?,
            temp_blocks: self.temp_blocks.checked_sub(before.temp_blocks)?,
            io_ms: (self.io_ms - before.io_ms).max(0.0),
            since: self.since,
        })
    }

    /// `value` a call.
    pub fn per_call(&self, value: f64) -> Option<f64> {
        (self.calls > 0).then(|| value / self.calls as f64)
    }

    /// Mean time of a call, milliseconds.
    pub fn mean_ms(&self) -> Option<f64> {
        self.per_call(self.time_ms)
    }

    /// Share of the blocks that were in memory, 0 to 100.
    pub fn hit_percent(&self) -> Option<f64> {
        let asked = self.hits + self.reads;
        (asked > 0).then(|| 100.0 * self.hits as f64 / asked as f64)
    }

    /// The 95th percentile of the times, milliseconds, as a log-normal spread of this mean and deviation has it: the
    /// server keeps no more. `None` for so few calls that the slowest of them would be the answer.
    pub fn p95_ms(&self) -> Option<f64> {
        const FEWEST: u64 = 20;
        /// How many deviations below the 95th percentile the middle of a normal spread lies.
        const DEVIATIONS: f64 = 1.645;
        let mean = self
            .mean_ms()
            .filter(|mean| self.calls >= FEWEST && *mean > 0.0)?;
        let variance = (self.squares / self.calls as f64 - mean * mean).max(0.0);
        let spread = (1.0 + variance / (mean * mean)).ln();
        let p95 = mean * (DEVIATIONS * spread.sqrt() - spread / 2.0).exp();
        Some(p95.min(self.max_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_key() {
        for is_top in [true, false] {
            let key = Key {
                user: 10,
                database: 16384,
                query: -77,
                is_top,
            };
            assert_eq!(Key::of_id(&key.id()), Some(key));
        }
        assert_eq!(Key::of_id("nonsense"), None);
    }

    #[test]
    fn the_newest_and_the_oldest_columns_are_found() {
        let columns = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let old = entries_question("public", &columns(&["total_exec_time", "blk_read_time"]));
        assert!(old.contains("total_exec_time AS time_ms") && old.contains("true AS toplevel"));
        assert!(old.contains("blk_read_time AS io_ms"), "{old}");
        let new = entries_question(
            "s",
            &columns(&["toplevel", "shared_blk_read_time", "stats_since"]),
        );
        assert!(
            new.contains("shared_blk_read_time AS io_ms") && new.contains("stats_since"),
            "{new}"
        );
    }

    #[test]
    fn the_estimate_lies_between_mean_and_slowest() {
        let even = Counted {
            calls: 100,
            time_ms: 500.0,
            squares: 2500.0,
            max_ms: 9.0,
            ..Counted::default()
        };
        assert!((even.p95_ms().unwrap() - 5.0).abs() < 0.01, "no spread");
        let wide = Counted {
            squares: 10_000.0,
            max_ms: 60.0,
            ..even
        };
        let p95 = wide.p95_ms().unwrap();
        assert!((10.0..=60.0).contains(&p95), "{p95}");
        assert_eq!(Counted { calls: 3, ..wide }.p95_ms(), None);
    }
}
