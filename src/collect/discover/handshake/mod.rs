//! Asks somebody who listens what it is: the smallest polite greeting of each kind, bounded in bytes and in time, and
//! whether it lets hubtop in without a password.

mod memcached;
mod mysql;
mod page;
mod postgres;
mod redis;
mod wire;

use super::candidate::Candidate;
use super::environment::Login;
use super::place::Place;
use super::recognise::Kind;
use wire::Wire;

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It lets hubtop in here.
    Open(Entry),
    /// It is what it was held for, but does not let hubtop in; why, in one line.
    Closed(String),
    /// It should be what its name says, but says nothing: it is asked again at the next look.
    Silent(String),
    /// It is something else.
    Other,
}

/// The way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub place: Place,
    /// As whom, where that matters.
    pub user: Option<String>,
    /// To which database, where that matters.
    pub database: Option<String>,
}

/// What one place answered.
enum Reply {
    /// Come in.
    Open {
        user: Option<String>,
        database: Option<String>,
    },
    /// Not without a password or a right.
    Closed(String),
    /// Something that is not understood, or nothing: it is not of this kind.
    Foreign,
}

impl Reply {
    /// Whoever it is.
    fn open() -> Self {
        Self::Open {
            user: None,
            database: None,
        }
    }
}

/// Asks at each of its places until one lets hubtop in.
pub fn ask(candidate: &Candidate, login: &Login) -> Answer {
    let mut closed = None;
    let mut silent = None;
    for place in &candidate.places {
        match ask_at(candidate.kind, place, login) {
            Ok(Reply::Open { user, database }) => {
                return Answer::Open(Entry {
                    place: place.clone(),
                    user,
                    database,
                });
            }
            Ok(Reply::Closed(why)) => closed = closed.or(Some(why)),
            Ok(Reply::Foreign) => {}
            Err(error) => silent = silent.or(Some(error)),
        }
    }
    match (closed, silent) {
        (Some(why), _) => Answer::Closed(why),
        (None, Some(error)) if candidate.is_named => Answer::Silent(quiet(&error)),
        (None, None) if candidate.is_named => {
            Answer::Closed("it does not answer as such a server does".to_owned())
        }
        _ => Answer::Other,
    }
}

fn quiet(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => {
            format!(
                "it does not answer within {} ms",
                wire::PATIENCE.as_millis()
            )
        }
        std::io::ErrorKind::PermissionDenied => {
            "its socket is not for this user: add the user to its group".to_owned()
        }
        _ => format!("it does not answer: {error}"),
    }
}

fn ask_at(kind: Kind, place: &Place, login: &Login) -> std::io::Result<Reply> {
    match kind {
        Kind::Postgres => postgres::ask(place, login),
        Kind::Mysql => mysql::ask(place, login),
        Kind::Redis => redis::ask(&mut Wire::to(place)?),
        Kind::Memcached => memcached::ask(&mut Wire::to(place)?),
        Kind::Metrics => page::ask(place),
        Kind::AccessLog => Ok(Reply::Foreign),
    }
}
