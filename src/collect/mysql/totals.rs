//! What the server as a whole has done since the look before, from its own counters.

use std::collections::HashMap;
use std::time::Duration;

use super::failure::Failure;
use super::field::{number, text};
use super::server::Server;
use super::session::Session;
use crate::collect::counter::{Counter, Interval};

/// The counters that are asked for.
const NAMES: &str = "'Threads_connected', 'Threads_running', 'Com_commit', 'Com_rollback', 'Questions', 'Uptime', \
     'Innodb_buffer_pool_read_requests', 'Innodb_buffer_pool_reads', 'Created_tmp_disk_tables', 'Created_tmp_tables', \
     'Innodb_deadlocks'";

/// The figures of an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Done {
    pub connections: Option<f64>,
    /// Since when the server runs.
    pub uptime: Option<Duration>,
    /// COMMIT and ROLLBACK that were sent. Statements outside of transactions are not among them.
    pub transactions_per_sec: Option<f64>,
    pub statements_per_sec: Option<f64>,
    /// Reads of pages that InnoDB had in memory, percent; unknown when nothing was read.
    pub hit_percent: Option<f64>,
    pub deadlocks_per_sec: Option<f64>,
    /// Temporary tables that went to disk.
    pub disk_tables_per_sec: Option<f64>,
}

/// The counters as they were at the look before.
#[derive(Debug, Default)]
pub(super) struct Totals {
    interval: Interval,
    commits: Counter,
    rollbacks: Counter,
    statements: Counter,
    page_requests: Counter,
    page_reads: Counter,
    deadlocks: Counter,
    disk_tables: Counter,
}

impl Totals {
    /// Asks the server.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(
        &mut self,
        session: &mut Session,
        server: &Server,
        now: Duration,
    ) -> Result<Done, Failure> {
        // Both are what SHOW GLOBAL STATUS reads; they can be given a name of our own.
        let table = if server.is_mariadb {
            "information_schema.GLOBAL_STATUS"
        } else {
            "performance_schema.global_status"
        };
        let question = format!(
            "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM {table} AS hubtop WHERE VARIABLE_NAME IN ({NAMES})"
        );
        let mut values = HashMap::new();
        for row in session.rows(&question).await? {
            if let (Some(name), Some(value)) = (text(&row, "name"), number(&row, "value")) {
                values.insert(name.to_ascii_lowercase(), value);
            }
        }
        if !server.is_mariadb
            && let Some(deadlocks) = deadlocks(session).await?
        {
            values.insert("innodb_deadlocks".to_owned(), deadlocks);
        }
        Ok(self.take(&values, now))
    }

    fn take(&mut self, values: &HashMap<String, f64>, now: Duration) -> Done {
        let interval = self.interval.next(now);
        let value = |name: &str| values.get(name).copied();
        let rate = |counter: &mut Counter, name: &str| counter.rate(value(name)? as u64, interval);
        let rise = |counter: &mut Counter, name: &str| counter.rise(value(name)? as u64);
        let commits = rate(&mut self.commits, "com_commit");
        let rollbacks = rate(&mut self.rollbacks, "com_rollback");
        let requests = rise(&mut self.page_requests, "innodb_buffer_pool_read_requests");
        let reads = rise(&mut self.page_reads, "innodb_buffer_pool_reads");
        Done {
            connections: value("threads_connected"),
            uptime: value("uptime").and_then(|age| Duration::try_from_secs_f64(age).ok()),
            transactions_per_sec: commits.zip(rollbacks).map(|(one, other)| one + other),
            statements_per_sec: rate(&mut self.statements, "questions"),
            hit_percent: requests
                .zip(reads)
                .and_then(|(all, missed)| hit_percent(all, missed)),
            deadlocks_per_sec: rate(&mut self.deadlocks, "innodb_deadlocks"),
            disk_tables_per_sec: rate(&mut self.disk_tables, "created_tmp_disk_tables"),
        }
    }
}

/// Pages asked for that were not read from disk.
fn hit_percent(requests: u64, reads: u64) -> Option<f64> {
    if requests == 0 {
        return None;
    }
    Some(100.0 * requests.saturating_sub(reads) as f64 / requests as f64)
}

/// MySQL 8 counts deadlocks in another table, which needs the right PROCESS (measured on 9.7).
async fn deadlocks(session: &mut Session) -> Result<Option<f64>, Failure> {
    let question = "SELECT COUNT AS value FROM information_schema.INNODB_METRICS AS hubtop \
         WHERE NAME = 'lock_deadlocks' AND STATUS = 'enabled'";
    match session.rows(question).await {
        Ok(rows) => Ok(rows.first().and_then(|row| number(row, "value"))),
        Err(refused @ Failure::Refused { .. }) if refused.is_denied() => Ok(None),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, f64)]) -> HashMap<String, f64> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect()
    }

    #[test]
    fn figures_are_of_the_interval_and_a_restart_is_a_gap() {
        let mut totals = Totals::default();
        let at = |requests, reads, commits| {
            values(&[
                ("innodb_buffer_pool_read_requests", requests),
                ("innodb_buffer_pool_reads", reads),
                ("com_commit", commits),
                ("com_rollback", 0.0),
            ])
        };
        let first = totals.take(&at(1000.0, 900.0, 10.0), Duration::from_secs(1));
        assert_eq!(
            (first.hit_percent, first.transactions_per_sec),
            (None, None)
        );
        let second = totals.take(&at(1100.0, 901.0, 20.0), Duration::from_secs(3));
        assert_eq!(
            (second.hit_percent, second.transactions_per_sec),
            (Some(99.0), Some(5.0))
        );
        let idle = totals.take(&at(1100.0, 901.0, 20.0), Duration::from_secs(5));
        assert_eq!(
            (idle.hit_percent, idle.transactions_per_sec),
            (None, Some(0.0))
        );
        let restarted = totals.take(&at(5.0, 5.0, 1.0), Duration::from_secs(7));
        assert_eq!(
            (restarted.hit_percent, restarted.transactions_per_sec),
            (None, None)
        );
    }
}
