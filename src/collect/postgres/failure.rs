//! What went wrong with a question, in one line with the mend: either with this question alone, or with the connection.

use tokio_postgres::error::{DbError, SqlState};

use crate::collect::CollectError;
use crate::collect::database::Unanswered;
use crate::net::postgres::{with_cause, words};

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
