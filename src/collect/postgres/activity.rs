//! Who is connected and what each is doing: `pg_stat_activity`.

use std::sync::Arc;

use tokio_postgres::Row;

use super::failure::Failure;
use super::server::Server;
use super::session::{Session, count, field, moment, shown, span};
use crate::model::statement::Backend;
use crate::model::{Reading, Rows, SourceName};

/// So many sessions are listed at most; all are counted.
const MOST_LISTED: usize = 1000;

/// So much of a statement's text is fetched each time, characters.
const TEXT: usize = 1024;

/// Whoever lacks the right sees others' `backend_type` as NULL. The sessions that do something come first.
/// `pg_blocking_pids` costs: only those are asked for who wait for a lock.
fn question(server: &Server) -> String {
    let query_id = if server.is_at_least(14) {
        "query_id"
    } else {
        "NULL::int8"
    };
    format!(
        "SELECT pid::int8, usename::text AS usename, datname::text AS datname, state, backend_type, \
         wait_event_type, wait_event, application_name, client_addr::text AS client_addr, client_port, \
         CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{{}}' END AS blocked_by, \
         (extract(epoch FROM backend_start) * 1000)::int8 AS started, \
         extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_age, \
         extract(epoch FROM clock_timestamp() - query_start)::float8 AS statement_age, \
         extract(epoch FROM clock_timestamp() - state_change)::float8 AS state_age, \
         left(query, {TEXT}) AS text, {query_id} AS query_id, pid = pg_backend_pid() AS is_own \
         FROM pg_stat_activity \
         WHERE backend_type IN ('client backend', 'autovacuum worker') \
           OR backend_type IS NULL AND datid IS NOT NULL \
         ORDER BY state = 'idle', xact_start LIMIT 10000"
    )
}

/// The sessions of a server at one moment.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// The sessions without hubtop's own, those that do something first.
    pub backends: Vec<Backend>,
    /// How many there are of each sort.
    pub counts: Counts,
    /// Statements as they were sent, with their values, by the number under which their figures are kept.
    pub samples: Vec<(i64, Arc<str>)>,
}

/// How many sessions there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    /// Connections of clients, hubtop's own among them: it takes a slot too.
    pub used: u64,
    /// Those that execute a statement.
    pub active: u64,
    /// Those that do nothing.
    pub idle: u64,
    /// Those that hold a transaction open and do nothing.
    pub idle_in_transaction: u64,
    /// Those that wait for a lock.
    pub waiting: u64,
    /// Age of the oldest transaction of a client, seconds.
    pub longest_transaction: Option<f64>,
}

impl Activity {
    /// Asks the server.
    ///
    /// # Errors
    /// Why it does not tell.
    pub async fn ask(
        session: &mut Session,
        server: &Server,
        instance: &SourceName,
    ) -> Result<Self, Failure> {
        let rows = session.rows(&question(server), &[]).await?;
        let mut activity = Self::default();
        for row in &rows {
            activity.take(row, instance);
        }
        Ok(activity)
    }

    fn take(&mut self, row: &Row, instance: &SourceName) {
        let is_client = field::<&str>(row, "backend_type") != Some("autovacuum worker");
        if is_client {
            self.counts.used += 1;
        }
        if field(row, "is_own").unwrap_or_default() {
            return;
        }
        if let Some(sample) = sample(row) {
            self.samples.push(sample);
        }
        let backend = backend(row, is_client, instance);
        if is_client {
            self.counts.take(&backend);
        }
        self.backends.push(backend);
    }

    /// Puts the list into a reading.
    pub fn report(mut self, reading: &mut Reading) {
        self.backends.truncate(MOST_LISTED);
        reading.rows.push(Rows::Backends(self.backends));
    }
}

impl Counts {
    fn take(&mut self, backend: &Backend) {
        match &*backend.state {
            "active" => self.active += 1,
            "idle" => self.idle += 1,
            state if state.starts_with("idle in transaction") => self.idle_in_transaction += 1,
            _ => {}
        }
        if !backend.blocked_by.is_empty() {
            self.waiting += 1;
        }
        if let Some(age) = backend.transaction_age {
            let oldest = self.longest_transaction.unwrap_or_default();
            self.longest_transaction = Some(oldest.max(age.as_secs_f64()));
        }
    }
}

fn backend(row: &Row, is_client: bool, instance: &SourceName) -> Backend {
    let blockers: Vec<i32> = field(row, "blocked_by").unwrap_or_default();
    Backend {
        instance: instance.clone(),
        pid: count(row, "pid").unwrap_or_default(),
        user: if is_client {
            shown(row, "usename")
        } else {
            "autovacuum".into()
        },
        database: shown(row, "datname"),
        state: shown(row, "state"),
        wait: wait(row),
        started: moment(row, "started"),
        application: shown(row, "application_name"),
        client: client(row, is_client),
        blocked_by: blockers
            .iter()
            .filter_map(|pid| u64::try_from(*pid).ok())
            .collect(),
        transaction_age: span(row, "transaction_age"),
        statement_age: span(row, "statement_age"),
        state_age: span(row, "state_age"),
        text: super::flat::flat(field(row, "text").unwrap_or_default()).into(),
    }
}

/// `Lock: transactionid`. A session waiting for its client waits for nothing of the server's.
fn wait(row: &Row) -> Option<Arc<str>> {
    let kind: &str = field(row, "wait_event_type")?;
    let event = shown(row, "wait_event");
    (kind != "Client").then(|| format!("{kind}: {event}").into())
}

fn client(row: &Row, is_client: bool) -> Arc<str> {
    let address: Option<&str> = field(row, "client_addr");
    let port: Option<i32> = field(row, "client_port");
    match (address, port) {
        // `inet` as text carries the width of its mask.
        (Some(address), _) => address.split('/').next().unwrap_or_default().into(),
        (None, Some(-1)) => "socket".into(),
        (None, None) if !is_client => "server".into(),
        _ => "".into(),
    }
}

/// A statement as it was sent, if all of it is there and it holds its values itself.
fn sample(row: &Row) -> Option<(i64, Arc<str>)> {
    let id: i64 = field(row, "query_id").filter(|id| *id != 0)?;
    let text: &str = field(row, "text")?;
    // The server cuts texts at track_activity_query_size, 1 kB by default.
    let is_whole = text.len() < TEXT - 1 && !super::flat::has_parameters(text);
    is_whole.then(|| (id, text.into()))
}

/// The moment a session began, as [`question`] tells it, checked before something is done to it.
pub(super) const STARTED_IS: &str = "(extract(epoch FROM backend_start) * 1000)::int8 = $2";
