//! What went wrong with a question, in one line with the mend: either with this question alone, or with the connection.

use mysql_async::{Error, IoError, ServerError};

use super::address::Address;
use crate::collect::CollectError;
use crate::collect::database::Unanswered;
use crate::model::text::printable;

/// The longest words of a server in a line.
const MOST_CHARS: usize = 110;

/// Numbers of the server's errors (the manual's "Server Error Message Reference").
pub(super) mod code {
    /// Too many connections.
    pub const NO_CONNECTION_LEFT: u16 = 1040;
    /// The login was refused.
    pub const LOGIN: [u16; 3] = [1045, 1698, 1044];
    /// A right on a table, a column or a command is missing.
    pub const RIGHTS: [u16; 4] = [1142, 1143, 1227, 1370];
    /// Shut down, killed, or idle for too long.
    pub const ENDED: [u16; 4] = [1053, 1080, 1927, 4031];
    /// It took longer than `max_execution_time` (MySQL), `max_statement_time` (MariaDB), or a lock was waited for.
    pub const TOO_LONG: [u16; 4] = [3024, 1969, 1205, 1317];
    /// There is no such connection.
    pub const NO_SUCH_CONNECTION: u16 = 1094;
    /// Of other users' connections.
    pub const NOT_YOURS: u16 = 1095;
}

/// Why a question has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection is of no use any more.
    Lost(CollectError),
    /// The server refused this question; others may be answered.
    Refused {
        /// The number of the error.
        code: u16,
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
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Server(told) if code::ENDED.contains(&told.code) => {
                Self::Lost(CollectError::Server(format!(
                    "the server ended the connection: {}",
                    words(&told.message)
                )))
            }
            Error::Server(told) => Self::Refused {
                code: told.code,
                line: refusal(told),
            },
            other => Self::Lost(broken(other)),
        }
    }

    /// Whether a right is missing.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code::RIGHTS.contains(code) || code::LOGIN.contains(code))
    }
}

fn refusal(told: &ServerError) -> String {
    if code::TOO_LONG.contains(&told.code) {
        return format!(
            "the server took too long to answer: {}",
            words(&told.message)
        );
    }
    words(&told.message)
}

/// Why there is no connection.
pub(super) fn no_connection(error: &Error, address: &Address) -> CollectError {
    let Error::Server(told) = error else {
        return broken(error);
    };
    let user = address.user();
    CollectError::Server(match told.code {
        number if code::LOGIN.contains(&number) => format!(
            "the login of {user} was refused: {}: see user, password_file or password_env",
            words(&told.message)
        ),
        code::NO_CONNECTION_LEFT => {
            "all connections are used up (max_connections), so that not even hubtop gets one"
                .to_owned()
        }
        _ => words(&told.message),
    })
}

fn broken(error: &Error) -> CollectError {
    match error {
        Error::Io(IoError::Io(io)) if is_of_tls(io) => untrusted(io),
        Error::Io(IoError::Io(io)) if io.kind() == std::io::ErrorKind::InvalidData => {
            malformed(error)
        }
        Error::Io(IoError::Io(io)) => CollectError::Server(words(&io.to_string())),
        Error::Io(IoError::Tls(tls)) => untrusted(tls),
        Error::Driver(mysql_async::DriverError::ConnectionClosed) => {
            CollectError::Server("the server closed the connection".to_owned())
        }
        Error::Driver(mysql_async::DriverError::NoClientSslFlagFromServer) => CollectError::Server(
            "the server offers no TLS: write ?ssl-mode=disabled to do without".to_owned(),
        ),
        other => malformed(other),
    }
}

fn is_of_tls(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>())
}

fn untrusted(error: &dyn std::error::Error) -> CollectError {
    let why = words(&deepest(error));
    CollectError::Server(format!("TLS: {why}: see tls.ca_file, tls.verify"))
}

fn malformed(error: &Error) -> CollectError {
    CollectError::Malformed {
        what: "the answer".to_owned(),
        why: words(&deepest(error)),
    }
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

fn words(text: &str) -> String {
    printable(text).chars().take(MOST_CHARS).collect()
}

/// Whether the server offers no secured connections.
pub(super) fn offers_no_tls(error: &Error) -> bool {
    matches!(
        error,
        Error::Driver(mysql_async::DriverError::NoClientSslFlagFromServer)
    )
}
