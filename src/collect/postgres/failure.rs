//! What went wrong with a question, in one line with the mend: either with this question alone, or with the connection.

use tokio_postgres::error::{DbError, SqlState};

use super::address::Address;
use crate::collect::CollectError;
use crate::collect::database::Unanswered;
use crate::model::text;

/// The longest words of a server in a line.
const MOST_CHARS: usize = 120;

/// Why a question has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection is of no use any more.
    Lost(CollectError),
    /// The server refused this question; others may be answered.
    Refused {
        /// The kind of the error.
        code: SqlState,
        /// What it said.
        line: String,
    },
}

impl Unanswered for Failure {
    fn lack(self) -> Result<String, CollectError> {
        match self {
            Self::Refused { line, .. } => Ok(line),
            Self::Lost(error) => Err(error),
        }
    }
}

impl Failure {
    /// What became of a question on a connection that stands.
    pub fn of(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(told) if ends_the_session(told.code()) => Self::Lost(CollectError::Server(
                format!("the server ended the connection: {}", words(told.message())),
            )),
            Some(told) => Self::Refused {
                code: told.code().clone(),
                line: refusal(told),
            },
            None if error.is_closed() => Self::Lost(closed()),
            None => Self::Lost(CollectError::Malformed {
                what: "the answer".to_owned(),
                why: words(&with_cause(error)),
            }),
        }
    }
}

/// The connection is gone without a word.
pub(super) fn closed() -> CollectError {
    CollectError::Server("the server closed the connection".to_owned())
}

/// Why there is no connection.
pub(super) fn no_connection(error: &tokio_postgres::Error, address: &Address) -> CollectError {
    let Some(told) = error.as_db_error() else {
        let cause = with_cause(error);
        if cause.contains("password missing") {
            let user = &address.user;
            return CollectError::Denied {
                grant: format!("{user} needs a password: add password_file or password_env"),
            };
        }
        let line = match &*error.to_string() {
            "error performing TLS handshake" => {
                format!("TLS: {}: see tls.ca_file, tls.verify", words(&cause))
            }
            "connection closed" => "the server closed the connection at once".to_owned(),
            "error communicating with the server" => words(&cause),
            _ => format!("{} does not speak PostgreSQL", address.place),
        };
        return CollectError::Server(line);
    };
    if let Some(grant) = kept_out(told, address) {
        return CollectError::Denied { grant };
    }
    let code = told.code();
    let line = if *code == SqlState::TOO_MANY_CONNECTIONS {
        "all connection slots are used up, none was left for hubtop: end sessions, or raise max_connections".to_owned()
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        format!("not ready yet: {}", words(told.message()))
    } else {
        words(told.message())
    };
    CollectError::Server(line)
}

/// What lets hubtop in, when the server answers and does not let it.
fn kept_out(told: &DbError, address: &Address) -> Option<String> {
    let user = &address.user;
    let says = told.message();
    let code = told.code();
    if *code == SqlState::INVALID_PASSWORD {
        return Some(format!(
            "wrong password for {user}: see password_file or password_env"
        ));
    }
    if *code == SqlState::INVALID_CATALOG_NAME {
        return Some(format!(
            "database {} does not exist: name another in the address of its [[source]]",
            address.database
        ));
    }
    if *code != SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        return None;
    }
    Some(if says.starts_with("no pg_hba.conf entry") {
        format!("pg_hba.conf lets {user} not in from here: add a line for it")
    } else if says.ends_with("does not exist") {
        format!(
            "role {user} does not exist: CREATE ROLE {user} LOGIN IN ROLE pg_monitor, or set user of its [[source]]"
        )
    } else if says.ends_with("is not permitted to log in") {
        format!("role {user} may not log in: ALTER ROLE {user} LOGIN")
    } else {
        format!("{}: see user of its [[source]]", words(says))
    })
}

/// Errors after which the server hangs up.
fn ends_the_session(code: &SqlState) -> bool {
    code.code().starts_with("57P")
}

fn refusal(told: &DbError) -> String {
    let code = told.code();
    if *code == SqlState::QUERY_CANCELED {
        return "it took too long and was given up".to_owned();
    }
    if *code == SqlState::LOCK_NOT_AVAILABLE {
        return "a table is locked: asked again later".to_owned();
    }
    words(told.message())
}

fn with_cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    }
}

/// Words from outside, safe and short.
pub(super) fn words(told: &str) -> String {
    let shown = text::printable(told);
    if shown.chars().count() <= MOST_CHARS {
        return shown.into_owned();
    }
    let beginning: String = shown.chars().take(MOST_CHARS - 1).collect();
    format!("{beginning}…")
}
