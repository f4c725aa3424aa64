//! What a server as a whole suffers from in the long run: followers that are behind, slots that hold back the log,
//! transaction numbers that run out, an archive that fails.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;

use super::failure::Failure;
use super::server::Server;
use super::session::{Session, count, field, shown, span};
use crate::model::format::{self, Formatter};
use crate::model::statement::Replica;

/// Transaction numbers that can be given out before the server refuses to go on: half of 2³².
const LAST_AGE: f64 = 2_147_483_648.0;

/// A slot that nobody reads is worth a word from this much log on: it will fill the disk.
const MUCH_LOG: u64 = 1 << 30;

/// How far each follower is behind. Without new log `replay_lag` is NULL although nothing is missing.
const REPLICAS: &str = "SELECT coalesce(nullif(application_name, ''), client_addr::text, 'replica') AS name, state, \
     pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, \
       replay_lsn)::int8 AS lag_bytes, extract(epoch FROM replay_lag)::float8 AS lag_seconds \
     FROM pg_stat_replication LIMIT 100";

/// On a standby: nothing received that was not replayed is no lag, however old the last transaction is.
const PRIMARY: &str = "SELECT coalesce((SELECT coalesce(sender_host, 'primary') || ':' || coalesce(sender_port, 0) \
       FROM pg_stat_wal_receiver), 'primary') AS name, \
     coalesce((SELECT status FROM pg_stat_wal_receiver), 'not connected') AS state, \
     pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::int8 AS lag_bytes, \
     CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 \
       ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END::float8 AS lag_seconds";

const SLOTS: &str = "SELECT slot_name::text AS name, active, wal_status, \
     pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, \
       restart_lsn)::int8 AS held_bytes FROM pg_replication_slots LIMIT 100";

const KEEPING: &str = "SELECT (SELECT max(age(datfrozenxid)) FROM pg_database)::int8 AS age, \
     (SELECT datname::text FROM pg_database ORDER BY age(datfrozenxid) DESC LIMIT 1) AS oldest, \
     (SELECT last_failed_wal FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')) \
       AS unarchived, \
     (SELECT extract(epoch FROM clock_timestamp() - coalesce(last_archived_time, stats_reset))::float8 \
       FROM pg_stat_archiver) AS archive_age";

/// The followers of a server (or the one it follows), and its slots that nobody reads.
#[derive(Debug, Default)]
pub(super) struct Replication {
    /// Them.
    pub replicas: Vec<Replica>,
    /// What is wrong with slots.
    pub findings: Vec<String>,
}

impl Replication {
    /// Asks the server.
    ///
    /// # Errors
    /// Why it does not tell.
    pub async fn ask(session: &mut Session, server: &Server) -> Result<Self, Failure> {
        let mut found = Self::default();
        if server.is_standby {
            let rows = session.rows(PRIMARY, &[]).await?;
            found.replicas.extend(rows.iter().map(replica));
        }
        let rows = session.rows(REPLICAS, &[]).await?;
        found.replicas.extend(rows.iter().map(replica));
        for row in &session.rows(SLOTS, &[]).await? {
            found.take_slot(row);
        }
        Ok(found)
    }

    fn take_slot(&mut self, row: &Row) {
        let name = shown(row, "name");
        let held = count(row, "held_bytes");
        let is_read: bool = field(row, "active").unwrap_or_default();
        let size = held.map_or_else(String::new, |bytes| {
            Formatter::default().bytes(bytes as f64)
        });
        let status: &str = field(row, "wal_status").unwrap_or_default();
        // More log than max_wal_size.
        let is_too_far = matches!(status, "extended" | "unreserved");
        if status == "lost" {
            self.findings.push(format!(
                "replication slot {name} lost log that its reader still needed: drop it, build the reader anew"
            ));
        } else if !is_read && (is_too_far || held.is_some_and(|bytes| bytes >= MUCH_LOG)) {
            self.findings.push(format!(
                "replication slot {name} holds back {size} of log and nobody reads it: start its reader, or drop it"
            ));
        } else if is_too_far {
            self.findings.push(format!(
                "replication slot {name} is {size} behind, more than the server means to keep ({status})"
            ));
        }
        if !is_read {
            self.replicas.push(Replica {
                name,
                state: "slot, nobody reads".into(),
                lag_bytes: held,
                lag_seconds: None,
            });
        }
    }

    /// How far the slowest is behind, seconds.
    pub fn lag_seconds(&self) -> Option<f64> {
        let lags = self
            .replicas
            .iter()
            .filter_map(|replica| replica.lag_seconds);
        lags.reduce(f64::max)
    }
}

fn replica(row: &Row) -> Replica {
    let lag_bytes = count(row, "lag_bytes");
    let state = shown(row, "state");
    Replica {
        name: shown(row, "name"),
        state: match &*state {
            "catchup" => "catching up".into(),
            _ => state,
        },
        lag_bytes,
        lag_seconds: field(row, "lag_seconds").or((lag_bytes == Some(0)).then_some(0.0)),
    }
}

/// How well the server is kept.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// Age of the oldest transaction number that is not frozen.
    pub age: Option<u64>,
    oldest: Arc<str>,
    unarchived: Option<Arc<str>>,
    archive_age: Option<Duration>,
}

impl Keeping {
    /// Asks the server.
    ///
    /// # Errors
    /// Why it does not tell.
    pub async fn ask(session: &mut Session) -> Result<Self, Failure> {
        let rows = session.rows(KEEPING, &[]).await?;
        let Some(row) = rows.first() else {
            return Ok(Self::default());
        };
        Ok(Self {
            age: count(row, "age"),
            oldest: shown(row, "oldest"),
            unarchived: field::<&str>(row, "unarchived").map(|_| shown(row, "unarchived")),
            archive_age: span(row, "archive_age"),
        })
    }

    /// What is wrong, one line each. The server begins to freeze on its own at `freeze_max_age`; twice that means that
    /// it does not get on with it.
    pub fn findings(&self, freeze_max_age: Option<u64>) -> Vec<String> {
        let mut findings = Vec::new();
        let limit = freeze_max_age.unwrap_or(200_000_000).saturating_mul(2);
        if let Some(age) = self.age.filter(|age| *age > limit) {
            let used = 100.0 * age as f64 / LAST_AGE;
            findings.push(format!(
                "transaction numbers of {} are {used:.0}% used up, autovacuum_freeze_max_age twice over: \
                 VACUUM (FREEZE) its oldest tables, end old transactions",
                self.oldest
            ));
        }
        if let Some(file) = &self.unarchived {
            let since = self
                .archive_age
                .map_or_else(String::new, |age| format!(" for {}", format::duration(age)));
            findings.push(format!(
                "archiving fails{since}, now at {file}: see archive_command in the server's log"
            ));
        }
        findings
    }
}
