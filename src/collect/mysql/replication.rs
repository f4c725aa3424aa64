//! Whether the server follows another, and how far behind it is.

use std::time::Duration;

use mysql_async::Row;

use super::failure::Failure;
use super::field::{number, text};
use super::server::Server;
use super::session::Session;
use crate::model::Replica;

/// The longest words of a server in a line.
const MOST_CHARS: usize = 140;

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
        // MySQL renamed it in 8.0.22 and took the old name away in 8.4 (reference manual; 9.7 measured).
        let questions: &[&str] = if server.is_mariadb {
            &["SHOW ALL SLAVES STATUS"]
        } else {
            &["SHOW REPLICA STATUS", "SHOW SLAVE STATUS"]
        };
        let mut last = None;
        for question in questions {
            match session.rows(question).await {
                Ok(rows) => {
                    let mut known = Self::of(&rows);
                    known.ask_workers(session, server).await?;
                    return Ok(known);
                }
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

    /// The log is applied by several workers in MySQL; the one who keeps them together knows only that one of them
    /// stopped, and where to read why.
    async fn ask_workers(&mut self, session: &mut Session, server: &Server) -> Result<(), Failure> {
        let is_of_worker = |line: &&mut String| line.contains(": Coordinator stopped");
        let Some(finding) = self.findings.iter_mut().find(is_of_worker) else {
            return Ok(());
        };
        if !server.has_performance_schema {
            return Ok(());
        }
        let question = "SELECT LAST_ERROR_MESSAGE AS said FROM performance_schema.replication_applier_status_by_worker \
             AS hubtop WHERE LAST_ERROR_NUMBER <> 0 LIMIT 1";
        let rows = match session.rows(question).await {
            Ok(rows) => rows,
            Err(Failure::Refused { .. }) => return Ok(()),
            Err(lost) => return Err(lost),
        };
        let said = rows.first().and_then(|row| text(row, "said"));
        // `Worker 1 failed executing transaction 'ANONYMOUS' at source log bin.000001, end_log_pos 420; Could not …`
        let why = said
            .as_deref()
            .map(|said| said.split_once("; ").map_or(said, |(_, why)| why));
        if let (Some(why), Some((whose, _))) = (why, finding.split_once(": ")) {
            *finding = format!("{whose}: {}", cut(why));
        }
        Ok(())
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
                    let line = format!("replication from {host}: {}", cut(&error));
                    known.findings.push(line);
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

fn cut(error: &str) -> String {
    error.chars().take(MOST_CHARS).collect()
}
