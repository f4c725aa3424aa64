//! One connection: how it is begun so that it can do no harm, and what hubtop's own questions cost.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use super::address::Address;
use super::failure::{Failure, no_connection, offers_no_tls};
use super::field::text;
use crate::collect::CollectError;
use crate::collect::form::SourceForm;

/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a connection has asked so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OwnLoad {
    /// Statements.
    pub statements: u64,
    /// Time until they were answered: the server's and the way there.
    pub busy: Duration,
}

/// A connection that only reads.
pub(super) struct Session {
    conn: Option<Conn>,
    load: OwnLoad,
    /// Whether it has just been made.
    pub is_new: bool,
    /// Whether the server is MariaDB.
    pub is_mariadb: bool,
    /// What the server calls its version: `10.11.19-MariaDB-…`.
    pub version: String,
}

impl Session {
    /// Connects, and binds itself to reading, to short statements and to short waits for locks.
    ///
    /// # Errors
    /// Why there is no connection, with the mend.
    pub async fn open(address: &Address, form: &SourceForm) -> Result<Self, CollectError> {
        let conn = connect(address, form).await?;
        let mut session = Self {
            conn: Some(conn),
            load: OwnLoad::default(),
            is_new: true,
            is_mariadb: false,
            version: String::new(),
        };
        session.begin().await.map_err(|failure| match failure {
            Failure::Lost(error) => error,
            Failure::Refused { line, .. } => CollectError::Server(line),
        })?;
        Ok(session)
    }

    async fn begin(&mut self) -> Result<(), Failure> {
        let rows = self.rows("SELECT VERSION() AS hubtop_version").await?;
        let version = rows.first().and_then(|row| text(row, "hubtop_version"));
        self.version = version.map_or_else(String::new, |version| version.to_string());
        self.is_mariadb = self.version.to_ascii_lowercase().contains("mariadb");
        // Seconds in MariaDB; milliseconds, and for SELECT only, in MySQL.
        let limit = if self.is_mariadb {
            "max_statement_time=2"
        } else {
            "max_execution_time=2000"
        };
        self.run("SET SESSION TRANSACTION READ ONLY").await?;
        self.run(&format!(
            "SET SESSION lock_wait_timeout=1, SESSION innodb_lock_wait_timeout=1, SESSION {limit}"
        ))
        .await
    }

    /// Asks, and brings the rows.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn rows(&mut self, question: &str) -> Result<Vec<Row>, Failure> {
        let begin = Instant::now();
        let Some(conn) = &mut self.conn else {
            return Err(Failure::Lost(CollectError::Defect));
        };
        let answer = conn.query::<Row, _>(question).await;
        self.load.statements += 1;
        self.load.busy += begin.elapsed();
        answer.map_err(|error| Failure::of(&error))
    }

    /// Has something done that brings no rows.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn run(&mut self, statement: &str) -> Result<(), Failure> {
        self.rows(statement).await.map(drop)
    }

    /// What it has asked so far.
    pub fn load(&self) -> OwnLoad {
        self.load
    }
}

impl Drop for Session {
    /// The client library would first read to the end of an answer, for which a server that hangs makes it wait for
    /// ever.
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(GOODBYE, conn.disconnect()));
        }
    }
}

async fn connect(address: &Address, form: &SourceForm) -> Result<Conn, CollectError> {
    let wants_tls = address.tls.is_some();
    let opts = |with_tls| {
        let made = address.opts(form, with_tls);
        made.map_err(|wrong| CollectError::Server(wrong.to_string()))
    };
    match Conn::new(opts(wants_tls)?).await {
        Ok(conn) => Ok(conn),
        Err(error) if wants_tls && address.tls_is_optional && offers_no_tls(&error) => {
            let plain = Conn::new(opts(false)?).await;
            plain.map_err(|error| no_connection(&error, address))
        }
        Err(error) => Err(no_connection(&error, address)),
    }
}
