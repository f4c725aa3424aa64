//! What a server says when it doesn't answer a command, and the one line that a person reads of it.

use redis::RedisError;

use crate::collect::CollectError;
use crate::model::text::printable;

/// The rights that hubtop needs, each for one panel.
pub(super) const RIGHTS: &str = "+info +ping +slowlog|get +latency|histogram +client|list +cluster|info \
    +type +llen +xlen +zcard +scan +memory|usage +ttl +select";

/// A longer message is cut.
const LONGEST_MESSAGE: usize = 160;

/// Why there is no answer to a command.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server said no; the connection goes on.
    Said(Refusal),
    /// There is no connection any more.
    Lost(CollectError),
}

/// A server's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The first word: `NOPERM`, `ERR`.
    code: String,
    /// The rest.
    message: String,
}

impl Refusal {
    /// If the error is an answer of the server.
    pub fn of(error: &RedisError) -> Option<Self> {
        let code = error.code()?;
        let message = error.detail().unwrap_or_default();
        let message: String = printable(message).chars().take(LONGEST_MESSAGE).collect();
        Some(Self {
            code: code.to_owned(),
            message,
        })
    }

    /// If these bytes are the line of an error: `-DENIED Redis is running in protected mode…`.
    pub fn of_words(bytes: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(bytes.strip_prefix(b"-")?);
        let line = line.lines().next()?;
        let (code, message) = line.split_once(' ').unwrap_or((line, ""));
        let message = printable(message).chars().take(LONGEST_MESSAGE).collect();
        Some(Self {
            code: printable(code).into_owned(),
            message,
        })
    }

    /// Whether the right to this command is missing.
    pub fn is_missing_right(&self) -> bool {
        self.code == "NOPERM"
    }

    /// Whether the server is too old (or too different) to know the command.
    pub fn is_unknown_command(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        message.contains("unknown command") || message.contains("unknown subcommand")
    }

    /// What lacks, and the mend: `ACL SETUSER mon +slowlog|get`. `rights` are those that the command needs.
    pub fn line(&self, user: &str, rights: &str) -> String {
        match self.code.as_str() {
            "NOPERM" if self.message.contains("key") && !self.message.contains("command") => {
                format!("ACL SETUSER {user} %R~*")
            }
            "NOPERM" => format!("ACL SETUSER {user} {rights}"),
            _ => self.sentence(),
        }
    }

    /// The whole source has no answer because of this.
    pub fn into_error(self, user: &str) -> CollectError {
        let grant = match self.code.as_str() {
            "NOPERM" => format!("ACL SETUSER {user} {RIGHTS}"),
            "NOAUTH" => {
                "it wants a password: set password_file (and user) of its [[source]]".to_owned()
            }
            "WRONGPASS" => format!(
                "wrong password for user {user}, or no such user: see user and password_file of its [[source]]"
            ),
            "DENIED" => {
                "it runs in protected mode: it answers only this machine until it has a password (requirepass or ACL)"
                    .to_owned()
            }
            _ if self.is_wrong_password() => {
                "wrong password: see password_file of its [[source]]".to_owned()
            }
            _ => return CollectError::Server(self.sentence()),
        };
        CollectError::Denied { grant }
    }

    /// Redis 5 has no code of its own for it.
    fn is_wrong_password(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        message.contains("invalid password") || message.contains("no password is set")
    }

    fn sentence(&self) -> String {
        let known = match self.code.as_str() {
            "LOADING" => "it is loading its data from disk",
            "MASTERDOWN" => {
                "its link to the primary is down and it gives no old data (replica-serve-stale-data no)"
            }
            "BUSY" => "a script blocks it: SCRIPT KILL or FUNCTION KILL ends it",
            "MOVED" | "ASK" => "the key lies on another node of the cluster: watch that one too",
            "CLUSTERDOWN" => "its cluster is down: CLUSTER NODES tells which nodes are lost",
            "WRONGTYPE" => "the key is no list, stream or sorted set",
            _ if self.message.contains("max number of clients") => {
                "it has no connection left: raise maxclients, or close idle ones (timeout)"
            }
            code => return format!("it said {} {}", printable(code), self.message),
        };
        known.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str, message: &str) -> Refusal {
        Refusal {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn a_no_ends_in_the_line_to_type() {
        let command = said(
            "NOPERM",
            "this user has no permissions to run the 'slowlog' command",
        );
        assert_eq!(
            command.line("mon", "+slowlog|get"),
            "ACL SETUSER mon +slowlog|get"
        );
        let key = said("NOPERM", "No permissions to access a key");
        assert_eq!(key.line("mon", "+llen"), "ACL SETUSER mon %R~*");
        let denied = command.into_error("mon").to_string();
        assert!(denied.contains("ACL SETUSER mon +info +ping"), "{denied}");
        let old = said("ERR", "invalid password").into_error("default");
        assert!(matches!(old, CollectError::Denied { .. }));
        let full = said("ERR", "max number of clients reached").into_error("default");
        assert!(full.to_string().contains("raise maxclients"), "{full}");
    }

    #[test]
    fn words_before_any_question_are_a_no_or_nothing() {
        let full = Refusal::of_words(b"-ERR max number of clients reached\r\n").unwrap();
        assert!(full.line("mon", "").contains("raise maxclients"));
        for other in [&b""[..], b"+OK\r\n", b"\x16\x03\x01"] {
            assert_eq!(Refusal::of_words(other), None);
        }
    }
}
