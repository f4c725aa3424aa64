//! What went wrong with a batch, in one line with the mend, and whether it may be taken later.

use tokio_postgres::error::{DbError, SqlState};

use crate::net::postgres::{NoConnection, with_cause, words};
use crate::store::remote::engine::SendError;

/// The rights on each table that writing takes: what people are told to grant.
pub(super) const RIGHTS: &[(&str, &str)] = &[
    ("hubtop_schema", "SELECT"),
    ("hubtop_batches", "SELECT, INSERT, UPDATE, DELETE"),
    ("performance_metrics", "INSERT"),
    ("business_metrics", "INSERT"),
    ("system_metrics", "INSERT"),
    ("alert_rules", "SELECT, INSERT, UPDATE"),
    ("alert_incidents", "SELECT, INSERT, UPDATE"),
];

/// What went wrong.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server or the connection says so.
    Postgres(tokio_postgres::Error),
    /// It did not come to that.
    Line(String),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<NoConnection> for Failure {
    fn from(why: NoConnection) -> Self {
        Self::Line(match why {
            NoConnection::Denied(grant) => format!("denied: {grant}"),
            NoConnection::Failed(line) => line,
        })
    }
}

impl Failure {
    /// It in a line; `user` is who logged in.
    pub fn line(&self, user: &str) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Postgres(error) => match error.as_db_error() {
                Some(told) => refusal(told, user),
                None if error.is_closed() => "the server closed the connection".to_owned(),
                None => words(&with_cause(error)),
            },
        }
    }

    /// What becomes of the batch: values that the tables can't hold will not fit later either.
    pub fn of_batch(&self, user: &str) -> SendError {
        let line = self.line(user);
        let is_of_its_values = match self {
            Self::Postgres(error) => error.code().is_some_and(is_of_values),
            Self::Line(_) => false,
        };
        if is_of_its_values {
            return SendError::Never { line };
        }
        SendError::later(line)
    }
}

/// Data exceptions and violated constraints.
fn is_of_values(code: &SqlState) -> bool {
    ["22", "23"]
        .iter()
        .any(|class| code.code().starts_with(class))
}

fn refusal(told: &DbError, user: &str) -> String {
    let code = told.code();
    let says = words(told.message());
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        return denied(told.message(), &says, user);
    }
    if *code == SqlState::QUERY_CANCELED {
        return "it took too long and was given up".to_owned();
    }
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return format!("{says}: name the primary in url");
    }
    if *code == SqlState::DISK_FULL {
        return format!("the server's disk is full: {says}");
    }
    says
}

/// What to grant, for whom the rights were taken or never given.
fn denied(told: &str, says: &str, user: &str) -> String {
    let table = told.strip_prefix("permission denied for table ");
    let known = table.and_then(|table| RIGHTS.iter().find(|(name, _)| *name == table));
    if let Some((table, rights)) = known {
        return format!("denied: GRANT {rights} ON {table} TO {user}");
    }
    if let Some(schema) = told.strip_prefix("permission denied for schema ") {
        return format!(
            "denied: the tables are not there: GRANT USAGE, CREATE ON SCHEMA {schema} TO {user}, or start hubtop once as who may"
        );
    }
    format!("denied: {says}")
}
