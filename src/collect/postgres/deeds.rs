//! What a person confirmed, done over the connection that the source holds.

use std::sync::Arc;
use std::time::Duration;

use super::activity::STARTED_IS;
use super::explain;
use super::failure::Failure;
use super::held::{Held, Measured};
use super::session::{Session, field};
use super::statements::read::Key;
use crate::collect::door::{Deeding, Door};
use crate::model::{BackendKey, CommandOutcome, ServerDeed};

/// What is left of the timeout for everything around a statement that is measured.
const REST: Duration = Duration::from_secs(1);

impl Door for Held {
    fn carry_out(self: Arc<Self>, deed: ServerDeed) -> Deeding<'static> {
        Box::pin(async move {
            let limit = self.timeout;
            let doing = self.do_it(deed);
            tokio::time::timeout(limit, doing)
                .await
                .unwrap_or_else(|_| {
                    let seconds = limit.as_secs_f64();
                    CommandOutcome::refused(format!(
                        "no answer within {seconds:.0}s: look whether it was done"
                    ))
                })
        })
    }
}

impl Held {
    async fn do_it(&self, deed: ServerDeed) -> CommandOutcome {
        let mut slot = match self.session().await {
            Ok(slot) => slot,
            Err(error) => return CommandOutcome::refused(format!("{}: {error}", self.name)),
        };
        let Some(session) = &mut *slot else {
            return CommandOutcome::refused("there is no connection");
        };
        let done = match deed {
            ServerDeed::CancelStatements(keys) => self.signal(session, &keys, Signal::Cancel).await,
            ServerDeed::EndSessions(keys) => self.signal(session, &keys, Signal::End).await,
            ServerDeed::MeasurePlan(id) => self.measure(session, &id).await,
            ServerDeed::ScanKeys | ServerDeed::StopScan => {
                return CommandOutcome::refused("a database has no keys to walk");
            }
        };
        match done {
            Ok(outcome) => outcome,
            Err(Failure::Refused { line, .. }) => CommandOutcome::refused(line),
            Err(Failure::Lost(error)) => {
                *slot = None;
                CommandOutcome::refused(error.to_string())
            }
        }
    }

    async fn signal(
        &self,
        session: &mut Session,
        keys: &[BackendKey],
        signal: Signal,
    ) -> Result<CommandOutcome, Failure> {
        let mut done = Vec::new();
        let mut failed = Vec::new();
        for key in keys {
            match send(session, *key, signal).await {
                Ok(true) => done.push(key.pid.to_string()),
                Ok(false) => failed.push(format!("{} is gone or another by now", key.pid)),
                Err(Failure::Refused { code, line }) if code.code() == "42501" => {
                    failed.push(self.lacks_right(key.pid, &line));
                }
                Err(Failure::Refused { line, .. }) => failed.push(format!("{}: {line}", key.pid)),
                Err(lost) => return Err(lost),
            }
        }
        let mut parts = Vec::new();
        if !done.is_empty() {
            parts.push(format!("{} {}", signal.told(), done.join(", ")));
        }
        // The same reason once.
        failed.dedup();
        let is_done = failed.is_empty();
        parts.extend(failed);
        let line = parts.join("; ");
        Ok(if is_done {
            CommandOutcome::done(line)
        } else {
            CommandOutcome::refused(line)
        })
    }

    fn lacks_right(&self, pid: u64, line: &str) -> String {
        let server = self.told.server();
        if line.to_lowercase().contains("superuser") && server.may_signal {
            return format!("{pid} is a superuser's: only a superuser may");
        }
        format!("{pid}: GRANT pg_signal_backend TO {}", server.user)
    }

    async fn measure(
        &self,
        session: &mut Session,
        id: &Arc<str>,
    ) -> Result<CommandOutcome, Failure> {
        let (Some(key), Some((server, questions))) = (Key::of_id(id), self.told.known()) else {
            return Ok(CommandOutcome::refused(
                "the server does not know this statement",
            ));
        };
        let sample = self.told.sample(key.query);
        let found = explain::find(session, &server, &questions, key, sample).await?;
        let planned = match found {
            Ok(planned) => planned,
            Err(why) => return Ok(CommandOutcome::refused(why)),
        };
        let Some(text) = planned.to_run().cloned() else {
            return Ok(CommandOutcome::refused(
                "not run: its values ($1…) are not known; nobody sent it with values while hubtop looked",
            ));
        };
        let limit = self.timeout.saturating_sub(REST).max(self.timeout / 2);
        let measured = explain::measure(session, &server, &text, limit).await?;
        Ok(match measured {
            Ok(plan) => {
                let id = id.clone();
                self.told.put_measured(Measured { id, text, plan });
                CommandOutcome::done("it ran once and was rolled back; its plan is here")
            }
            Err(why) => CommandOutcome::refused(format!("rolled back without a plan: {why}")),
        })
    }
}

/// What is done to a session.
#[derive(Debug, Clone, Copy)]
enum Signal {
    Cancel,
    End,
}

impl Signal {
    fn function(self) -> &'static str {
        match self {
            Self::Cancel => "pg_cancel_backend",
            Self::End => "pg_terminate_backend",
        }
    }

    fn told(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled the statement of",
            Self::End => "ended",
        }
    }
}

/// Whether there was such a session, and it was signalled. The number alone would do for another that has it by now, so
/// that number and start are looked at and the signal is sent in one statement.
async fn send(session: &mut Session, key: BackendKey, signal: Signal) -> Result<bool, Failure> {
    let (Ok(pid), Some(started)) = (i32::try_from(key.pid), key.started) else {
        return Ok(false);
    };
    let question = format!(
        "SELECT {}(pid) AS done FROM pg_stat_activity WHERE pid = $1 AND {STARTED_IS} AND pid <> pg_backend_pid()",
        signal.function()
    );
    let rows = session.rows(&question, &[&pid, &started.0]).await?;
    Ok(rows
        .first()
        .and_then(|row| field(row, "done"))
        .unwrap_or_default())
}
