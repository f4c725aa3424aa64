//! Whether the server follows another, and how far behind it is.

use std::time::Duration;

use mysql_async::Row;

use super::failure::Failure;
use super::field::{number, text};
use super::server::Server;
use super::session::Session;
use crate::model::Replica;

/// What is known of replication.
#[derive(Debug, Clone, Default)]
pub(super) struct Replication {
    /// The servers that this one follows.
    pub sources: Vec<Replica>,
    /// What stopped it, one line each.
    pub findings: Vec<String>,
    /// Why it is not known.
    pub hidden: Option<String>,
}

impl Replication {
    /// Asks the server.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(session: &mut Session, server: &Server) -> Result<Self, Failure> {
        // MySQL renamed it in 8.0.22 and took the old name away in 8.4 (reference manual; not measured here).
        let questions: &[&str] = if server.is_mariadb {
            &["SHOW ALL SLAVES STATUS"]
        } else {
            &["SHOW REPLICA STATUS", "SHOW SLAVE STATUS"]
        };
        let mut last = None;
        for question in questions {
            match session.rows(question).await {
                Ok(rows) => return Ok(Self::of(&rows)),
                Err(refused @ Failure::Refused { .. }) if refused.is_denied() => {
                    let right = if server.is_mariadb {
                        "SLAVE MONITOR"
                    } else {
                        "REPLICATION CLIENT"
                    };
                    let hidden = format!("GRANT {right} ON *.* TO {}", server.grantee);
                    return Ok(Self {
                        hidden: Some(hidden),
                        ..Self::default()
                    });
                }
                Err(lost @ Failure::Lost(_)) => return Err(lost),
                Err(refused) => last = Some(refused),
            }
        }
        last.map_or_else(|| Ok(Self::default()), Err)
    }

    fn of(rows: &[Row]) -> Self {
        let mut known = Self::default();
        for row in rows {
            let either = |new: &str, old: &str| text(row, new).or_else(|| text(row, old));
            let host = either("Source_Host", "Master_Host").unwrap_or_default();
            let receives = either("Replica_IO_Running", "Slave_IO_Running").unwrap_or_default();
            let applies = either("Replica_SQL_Running", "Slave_SQL_Running").unwrap_or_default();
            let behind = number(row, "Seconds_Behind_Source")
                .or_else(|| number(row, "Seconds_Behind_Master"));
            let state = match (&*receives, &*applies) {
                ("Yes", "Yes") => "streaming",
                ("Connecting", _) => "connecting",
                (_, "Yes") => "receives nothing",
                _ => "stopped",
            };
            known.sources.push(Replica {
                name: host.clone(),
                state: state.into(),
                lag_bytes: None,
                lag_seconds: behind,
            });
            let errors = ["Last_IO_Error", "Last_SQL_Error"].into_iter();
            for error in errors.filter_map(|column| text(row, column)) {
                if !error.is_empty() {
                    let error: String = error.chars().take(140).collect();
                    known
                        .findings
                        .push(format!("replication from {host}: {error}"));
                }
            }
        }
        known
    }

    /// How far behind it is, where it follows one that can tell.
    pub fn lag(&self) -> Option<Duration> {
        let lags = self.sources.iter().filter_map(|source| source.lag_seconds);
        Duration::try_from_secs_f64(lags.reduce(f64::max)?).ok()
    }
}
