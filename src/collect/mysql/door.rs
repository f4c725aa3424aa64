//! The way to the server for what a person confirmed: to cancel a statement or to end a connection, after it was
//! checked that it is still the one that was meant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::activity::Activity;
use super::detail::NOT_MEASURED;
use super::failure::{Failure, code};
use super::field::{shown, text};
use super::held::Held;
use super::session::Session;
use crate::collect::door::{Deeding, Door};
use crate::model::{BackendKey, CommandOutcome, ServerDeed};

/// Who was seen under which number. A number is given out once while the server runs, so that together with its user
/// and host it tells who is meant; the server does not tell when a connection was made.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashMap<u64, Who>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Who {
    user: Arc<str>,
    host: Arc<str>,
}

impl Seen {
    /// These are the connections now.
    pub fn take(&self, activity: &Activity) {
        let who = |backend: &crate::model::Backend| {
            let (user, host) = (backend.user.clone(), backend.client.clone());
            (backend.pid, Who { user, host })
        };
        let seen = activity.backends.iter().map(who).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// The server may be another one: its numbers begin anew.
    pub fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn who(&self, pid: u64) -> Option<Who> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&pid).cloned()
    }
}

/// The door of one server.
pub(super) struct Way {
    held: Arc<Held>,
    seen: Arc<Seen>,
}

impl Way {
    /// To the server behind this connection.
    pub fn to(held: &Arc<Held>, seen: &Arc<Seen>) -> Self {
        Self {
            held: held.clone(),
            seen: seen.clone(),
        }
    }

    async fn do_it(&self, deed: ServerDeed) -> CommandOutcome {
        let (keys, how) = match deed {
            ServerDeed::CancelStatements(keys) => (keys, How::Cancel),
            ServerDeed::EndSessions(keys) => (keys, How::End),
            ServerDeed::MeasurePlan(_) => {
                return CommandOutcome::refused(NOT_MEASURED);
            }
            ServerDeed::ScanKeys | ServerDeed::StopScan => {
                return CommandOutcome::refused("a database has no keys to walk");
            }
        };
        let mut slot = self.held.slot().await;
        let Some(mut session) = slot.take() else {
            return CommandOutcome::refused("there is no connection to the server at the moment");
        };
        let mut lines = Vec::new();
        let mut all_done = true;
        for key in keys {
            match self.kill(&mut session, key, how).await {
                Ok(line) => lines.push(line),
                Err(Failure::Refused { code, line }) => {
                    all_done = false;
                    lines.push(refusal(key.pid, code, &line, session.is_mariadb));
                }
                Err(Failure::Lost(error)) => {
                    lines.push(error.to_string());
                    return CommandOutcome::refused(lines.join("; "));
                }
            }
        }
        *slot = Some(session);
        CommandOutcome {
            done: all_done,
            message: lines.join("; "),
        }
    }

    async fn kill(
        &self,
        session: &mut Session,
        key: BackendKey,
        how: How,
    ) -> Result<String, Failure> {
        let pid = key.pid;
        let gone = |why: &str| {
            let line = format!("connection {pid} {why}: nothing was done");
            Err(Failure::Refused { code: 0, line })
        };
        let Some(meant) = self.seen.who(pid) else {
            return gone("is not among those that were seen");
        };
        let question = format!(
            "SELECT USER AS user, HOST AS host, COMMAND AS command FROM information_schema.PROCESSLIST AS hubtop WHERE ID = {pid}"
        );
        let rows = session.rows(&question).await?;
        let Some(row) = rows.first() else {
            return gone("has ended");
        };
        let now = Who {
            user: shown(row, "user"),
            host: shown(row, "host"),
        };
        if now != meant {
            return gone("is another one by now");
        }
        let sleeps = text(row, "command").is_some_and(|command| &*command == "Sleep");
        if how == How::Cancel && sleeps {
            return gone("runs no statement at the moment");
        }
        let Who { user, host } = meant;
        match how {
            How::Cancel => {
                session.run(&format!("KILL QUERY {pid}")).await?;
                Ok(format!(
                    "the statement of connection {pid} ({user} from {host}) was cancelled"
                ))
            }
            How::End => {
                session.run(&format!("KILL CONNECTION {pid}")).await?;
                Ok(format!("connection {pid} ({user} from {host}) was ended"))
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Cancel,
    End,
}

fn refusal(pid: u64, number: u16, line: &str, is_mariadb: bool) -> String {
    match number {
        code::NO_SUCH_CONNECTION => format!("connection {pid} has ended: nothing was done"),
        code::NOT_YOURS => {
            let right = if is_mariadb {
                "CONNECTION ADMIN"
            } else {
                "CONNECTION_ADMIN"
            };
            format!(
                "connection {pid} is of another user: GRANT {right} ON *.* TO the user of hubtop"
            )
        }
        _ => line.to_owned(),
    }
}

impl Door for Way {
    fn carry_out(self: Arc<Self>, deed: ServerDeed) -> Deeding<'static> {
        Box::pin(async move {
            let limit = self.held.timeout;
            let outcome = tokio::time::timeout(limit, self.do_it(deed)).await;
            outcome.unwrap_or_else(|_| {
                let limit = crate::model::format::duration(limit);
                CommandOutcome::refused(format!(
                    "no answer within {limit}; whether it was done is not known"
                ))
            })
        })
    }
}
