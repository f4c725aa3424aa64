//! The one connection to a server, held from the start: in an incident there may be no other to be had.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{Client, Row, Statement};

use super::failure::{Failure, closed};
use crate::collect::CollectError;
use crate::collect::form::SourceForm;
use crate::model::Timestamp;
use crate::net::FormError;
use crate::net::postgres::{Address, Allowance, Bounded, NoConnection, greet};

/// Stands in every question, so that they are known again among the server's statements.
pub(super) const MARK: &str = "/* hubtop */";

/// A statement with the mark behind its first word: PostgreSQL 18 leaves out a comment that stands before it.
pub(super) fn marked(statement: &str) -> String {
    let statement = statement.trim_start();
    let end = statement
        .find(char::is_whitespace)
        .unwrap_or(statement.len());
    let (word, rest) = statement.split_at(end);
    format!("{word} {MARK}{rest}")
}

/// What is prepared for a plan.
pub(super) const PLAN_NAME: &str = "hubtop_plan";

/// The session can change nothing, waits for no lock and burdens nobody: a monitor must not hang on the incident. In one
/// statement, which no program sends: a `SET` would be counted together with those of others of the same role.
const MANNERS: &str = "SELECT set_config('default_transaction_read_only', 'on', false), \
     set_config('lock_timeout', '100ms', false), set_config('statement_timeout', '2s', false), \
     set_config('idle_in_transaction_session_timeout', '10s', false)";

/// So often a silent connection is asked whether it is still there before a new one is made.
const MOST_DOUBTS: u32 = 3;

/// What hubtop asked of the server so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OwnLoad {
    /// Statements.
    pub statements: u64,
    /// Time between question and answer: never less than what the server worked for it.
    pub time: Duration,
}

/// A connection.
pub(super) struct Session {
    client: Client,
    allowance: Allowance,
    prepared: HashMap<String, Statement>,
    load: OwnLoad,
    /// A question is under way; still true at the next one when nobody waited for the answer.
    is_waiting: bool,
    doubts: u32,
}

impl Session {
    /// So many statements make a new session harmless.
    pub const GREETING: u64 = 1;

    /// Connects and makes the session harmless. The password is read now.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn open(address: &Address, form: &SourceForm) -> Result<Self, CollectError> {
        let mut config = address.config.clone();
        let of_form = |error: FormError| CollectError::Server(error.to_string());
        if let Some(password) = form.password().map_err(of_form)? {
            config.password(password.reveal());
        }
        let stream = Bounded::connect(&address.place)
            .await
            .map_err(|source| CollectError::Io {
                what: address.place.to_string(),
                source,
            })?;
        let allowance = stream.allowance();
        let client = greet(&config, address, stream)
            .await
            .map_err(|why| match why {
                NoConnection::Denied(grant) => CollectError::Denied { grant },
                NoConnection::Failed(line) => CollectError::Server(line),
            })?;
        let mut session = Self {
            client,
            allowance,
            prepared: HashMap::new(),
            load: OwnLoad::default(),
            is_waiting: false,
            doubts: 0,
        };
        session
            .run(&marked(MANNERS))
            .await
            .map_err(|failure| match failure {
                Failure::Lost(error) => error,
                Failure::Refused { line, .. } => CollectError::Server(line),
            })?;
        Ok(session)
    }

    /// What was asked so far.
    pub fn load(&self) -> OwnLoad {
        self.load
    }

    /// Whether it can still be used. After an answer that nobody waited for, it is asked: a server that was paused
    /// comes back with the connection, and there may be no slot for another.
    pub async fn is_usable(&mut self) -> bool {
        if self.client.is_closed() || self.allowance.is_used_up() {
            return false;
        }
        if !self.is_waiting {
            return true;
        }
        self.doubts += 1;
        if self.doubts > MOST_DOUBTS {
            return false;
        }
        // Also ends what was begun and given up.
        self.run("ROLLBACK").await.is_ok()
    }

    /// The rows that answer a question. It is prepared once for each connection.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn rows(
        &mut self,
        question: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Failure> {
        let begin = self.begin();
        let asked = self.ask(question, values).await;
        self.end(begin, asked)
    }

    /// The columns that a question would bring, in their order.
    ///
    /// # Errors
    /// Why that can't be told.
    pub async fn columns(&mut self, question: &str) -> Result<Vec<String>, Failure> {
        let begin = self.begin();
        let asked = self.client.prepare(&marked(question)).await;
        let statement = self.end(begin, asked)?;
        let columns = statement.columns().iter();
        Ok(columns.map(|column| column.name().to_owned()).collect())
    }

    /// Runs statements of which no rows are wanted.
    ///
    /// # Errors
    /// What the server says.
    pub async fn run(&mut self, statements: &str) -> Result<(), Failure> {
        let begin = self.begin();
        let asked = self.client.batch_execute(statements).await;
        self.end(begin, asked)
    }

    /// The rows of one statement that is not prepared for later. More than one statement in the text is refused by the
    /// protocol itself.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn once(&mut self, statement: &str) -> Result<Vec<Row>, Failure> {
        let begin = self.begin();
        let statement = marked(statement);
        let asked = self.client.query_typed(&statement, &[]).await;
        self.end(begin, asked)
    }

    /// What was prepared is gone from the server: it is prepared again when it is asked.
    pub fn forget_prepared(&mut self) {
        self.prepared.clear();
    }

    async fn ask(
        &mut self,
        question: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = match self.prepared.get(question) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.client.prepare(&marked(question)).await?;
                self.prepared.insert(question.to_owned(), statement.clone());
                statement
            }
        };
        self.client.query(&statement, values).await
    }

    fn begin(&mut self) -> Instant {
        self.is_waiting = true;
        self.allowance.renew();
        Instant::now()
    }

    fn end<T>(
        &mut self,
        begin: Instant,
        asked: Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        self.is_waiting = false;
        self.doubts = 0;
        self.load.statements += 1;
        self.load.time += begin.elapsed();
        asked.map_err(|error| {
            if self.allowance.is_used_up() {
                return Failure::Lost(CollectError::Malformed {
                    what: "the answer".to_owned(),
                    why: "it is longer than any answer should be".to_owned(),
                });
            }
            if self.client.is_closed() && error.as_db_error().is_none() {
                return Failure::Lost(closed());
            }
            Failure::of(&error)
        })
    }
}

/// The value of a column; `None` for NULL, and for a column that this server does not have.
pub(super) fn field<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Option<T> {
    row.try_get::<_, Option<T>>(column).ok().flatten()
}

/// A column of text, safe to show; empty for NULL.
pub(super) fn shown(row: &Row, column: &str) -> Arc<str> {
    let text: &str = field(row, column).unwrap_or_default();
    crate::model::text::printable(text).into()
}

/// A column that counts; `None` for NULL and for what is below zero.
pub(super) fn count(row: &Row, column: &str) -> Option<u64> {
    field::<i64>(row, column).and_then(|value| u64::try_from(value).ok())
}

/// A column of seconds.
pub(super) fn span(row: &Row, column: &str) -> Option<Duration> {
    let seconds: f64 = field(row, column)?;
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

/// A column of milliseconds since 1970.
pub(super) fn moment(row: &Row, column: &str) -> Option<Timestamp> {
    field(row, column).map(Timestamp)
}
