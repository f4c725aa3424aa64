//! Who is connected and what they do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::failure::{Failure, code};
use super::field::{count, number, seconds, shown, text};
use super::server::Server;
use super::session::Session;
use crate::model::{Backend, SourceName};

/// More sessions are not listed.
const MOST: usize = 2_000;

/// A statement of a session is shown to this length.
const TEXT_CHARS: usize = 500;

/// What a session that is in nothing but its own sleep says it does.
const SLEEP: &str = "Sleep";

/// What a replica does: `Binlog Dump`, `Binlog Dump GTID`.
const READS_THE_LOG: &str = "Binlog Dump";

/// The sessions of a server at one moment.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// All but hubtop's own and the server's.
    pub backends: Vec<Backend>,
    /// Their transactions, by the number of their connection.
    pub transactions: HashMap<u64, Transaction>,
    /// Programs that read the binary log: replicas, by host.
    pub followers: Vec<Arc<str>>,
    /// Why others' sessions can't be seen, with the mend.
    pub hidden: Option<String>,
}

/// An open transaction of InnoDB.
#[derive(Debug, Clone, Default)]
pub(super) struct Transaction {
    /// How long it is open.
    pub age: Option<Duration>,
    /// Whether it waits for a row.
    pub waits: bool,
}

/// How many sessions there are of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub active: usize,
    pub idle: usize,
    pub idle_in_transaction: usize,
    pub waiting: usize,
}

impl Activity {
    /// Asks the server.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(
        session: &mut Session,
        server: &Server,
        instance: &SourceName,
    ) -> Result<Self, Failure> {
        let mut activity = Self::default();
        match transactions(session).await {
            Ok(transactions) => activity.transactions = transactions,
            // Without the right, the list of sessions below silently shows nobody but hubtop.
            Err(Failure::Refused { code, .. }) if code::RIGHTS.contains(&code) => {
                let grantee = &server.grantee;
                let line = format!(
                    "others' sessions and locks are hidden: GRANT PROCESS ON *.* TO {grantee}"
                );
                activity.hidden = Some(line);
            }
            Err(other) => return Err(other),
        }
        let question = format!(
            "SELECT ID AS id, USER AS user, HOST AS host, DB AS db, COMMAND AS command, TIME AS time, STATE AS state, \
             LEFT(INFO, {TEXT_CHARS}) AS info FROM information_schema.PROCESSLIST AS hubtop \
             WHERE ID <> CONNECTION_ID() AND COMMAND <> 'Daemon' LIMIT {MOST}"
        );
        for row in session.rows(&question).await? {
            let Some(pid) = count(&row, "id") else {
                continue;
            };
            let user = shown(&row, "user");
            let command = shown(&row, "command");
            if &*user == "system user" || &*user == "event_scheduler" {
                continue;
            }
            if command.starts_with(READS_THE_LOG) {
                activity.followers.push(shown(&row, "host"));
                continue;
            }
            let transaction = activity.transactions.get(&pid).cloned().unwrap_or_default();
            let state = state(&command, &transaction);
            let age = seconds(&row, "time");
            let doing = text(&row, "state").filter(|state| !state.is_empty());
            activity.backends.push(Backend {
                instance: instance.clone(),
                pid,
                user,
                database: shown(&row, "db"),
                state: state.into(),
                wait: wait(&transaction, doing.as_deref()),
                // The server does not tell when a connection was made; its number is given out once only.
                started: None,
                application: "".into(),
                client: shown(&row, "host"),
                blocked_by: Vec::new(),
                transaction_age: transaction.age,
                statement_age: age.filter(|_| state == "active"),
                state_age: age,
                text: shown(&row, "info"),
            });
        }
        Ok(activity)
    }

    /// How many sessions there are of each kind; `None` when others' can't be seen.
    pub fn counts(&self) -> Option<Counts> {
        if self.hidden.is_some() {
            return None;
        }
        let in_state = |state: &str| {
            let mut found = 0;
            for backend in &self.backends {
                found += usize::from(&*backend.state == state);
            }
            found
        };
        let waiting = self
            .backends
            .iter()
            .filter(|backend| is_waiting(backend))
            .count();
        Some(Counts {
            active: in_state("active"),
            idle: in_state("idle"),
            idle_in_transaction: in_state("idle in transaction"),
            waiting,
        })
    }

    /// Age of the oldest open transaction, seconds; 0 when none is open.
    pub fn longest_transaction(&self) -> Option<f64> {
        if self.hidden.is_some() {
            return None;
        }
        let ages = self
            .transactions
            .values()
            .filter_map(|transaction| transaction.age);
        Some(ages.max().map_or(0.0, |age| age.as_secs_f64()))
    }
}

fn is_waiting(backend: &Backend) -> bool {
    backend
        .wait
        .as_ref()
        .is_some_and(|wait| wait.contains("lock"))
}

fn state(command: &str, transaction: &Transaction) -> &'static str {
    match (command, transaction.age) {
        (SLEEP, Some(_)) => "idle in transaction",
        (SLEEP, None) => "idle",
        _ => "active",
    }
}

/// What a session waits for: a row, or what the server calls waiting.
fn wait(transaction: &Transaction, doing: Option<&str>) -> Option<Arc<str>> {
    if transaction.waits {
        return Some("row lock".into());
    }
    let doing = doing?;
    let waits = doing.starts_with("Waiting for ") || doing == "User sleep";
    waits.then(|| doing.trim_start_matches("Waiting for ").into())
}

async fn transactions(session: &mut Session) -> Result<HashMap<u64, Transaction>, Failure> {
    let question = format!(
        "SELECT trx_mysql_thread_id AS id, trx_state = 'LOCK WAIT' AS waits, \
         TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age FROM information_schema.INNODB_TRX AS hubtop \
         WHERE trx_mysql_thread_id <> 0 LIMIT {MOST}"
    );
    let rows = session.rows(&question).await?;
    let transaction = |row: &mysql_async::Row| {
        let transaction = Transaction {
            age: seconds(row, "age"),
            waits: number(row, "waits") == Some(1.0),
        };
        Some((count(row, "id")?, transaction))
    };
    Ok(rows.iter().filter_map(transaction).collect())
}
