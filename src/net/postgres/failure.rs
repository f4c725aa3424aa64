//! Why there is no connection to a PostgreSQL server, in one line with the mend.

use tokio_postgres::error::{DbError, SqlState};

use super::address::Address;
use crate::model::text;

/// The longest words of a server in a line.
const MOST_CHARS: usize = 120;

/// The section of servers that are watched: whoever watches is in a role for that.
const SOURCE: &str = "[[source]]";

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoConnection {
    /// The server answers and lets hubtop not in: what does.
    Denied(String),
    /// It can't be had: why, with the mend.
    Failed(String),
}

/// Why there is no connection.
pub(crate) fn no_connection(error: &tokio_postgres::Error, address: &Address) -> NoConnection {
    let Some(told) = error.as_db_error() else {
        let cause = with_cause(error);
        if cause.contains("password missing") {
            let user = &address.user;
            return NoConnection::Denied(format!(
                "{user} needs a password: add password_file or password_env"
            ));
        }
        let line = match &*error.to_string() {
            "error performing TLS handshake" => {
                format!("TLS: {}: see tls.ca_file, tls.verify", words(&cause))
            }
            "connection closed" => "the server closed the connection at once".to_owned(),
            "error communicating with the server" => words(&cause),
            _ => format!("{} does not speak PostgreSQL", address.place),
        };
        return NoConnection::Failed(line);
    };
    if let Some(grant) = kept_out(told, address) {
        return NoConnection::Denied(grant);
    }
    let code = told.code();
    let line = if *code == SqlState::TOO_MANY_CONNECTIONS {
        "all connection slots are used up, none was left for hubtop: end sessions, or raise max_connections".to_owned()
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        format!("not ready yet: {}", words(told.message()))
    } else {
        words(told.message())
    };
    NoConnection::Failed(line)
}

/// What lets hubtop in, when the server answers and does not let it.
fn kept_out(told: &DbError, address: &Address) -> Option<String> {
    let user = &address.user;
    let section = address.section;
    let says = told.message();
    let code = told.code();
    if *code == SqlState::INVALID_PASSWORD {
        return Some(format!(
            "wrong password for {user}: see password_file or password_env"
        ));
    }
    if *code == SqlState::INVALID_CATALOG_NAME {
        return Some(format!(
            "database {} does not exist: name another in the address of its {}",
            address.database, address.section
        ));
    }
    if *code != SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        return None;
    }
    Some(if says.starts_with("no pg_hba.conf entry") {
        format!("pg_hba.conf lets {user} not in from here: add a line for it")
    } else if says.ends_with("does not exist") {
        format!(
            "role {user} does not exist: CREATE ROLE {user} LOGIN{}, or set user of its {section}",
            if section == SOURCE {
                " IN ROLE pg_monitor"
            } else {
                ""
            }
        )
    } else if says.ends_with("is not permitted to log in") {
        format!("role {user} may not log in: ALTER ROLE {user} LOGIN")
    } else {
        format!("{}: see user of its {section}", words(says))
    })
}

/// What an error says, and what was under it.
pub(crate) fn with_cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    }
}

/// Words from outside, safe and short.
pub(crate) fn words(told: &str) -> String {
    let shown = text::printable(told);
    if shown.chars().count() <= MOST_CHARS {
        return shown.into_owned();
    }
    let beginning: String = shown.chars().take(MOST_CHARS - 1).collect();
    format!("{beginning}…")
}
