//! PostgreSQL: the startup message of a session (PostgreSQL's documentation, "Message Formats"), which tells without a
//! password whether one is wanted. A session that is let in is ended at once.

use std::io::{ErrorKind, Result};

use super::Reply;
use super::wire::Wire;
use crate::collect::discover::environment::Login;
use crate::collect::discover::place::Place;
use crate::model::text::printable;

/// Protocol 3.0.
const PROTOCOL: u32 = 3 << 16;
/// No message of a login is longer.
const LONGEST: usize = 16 << 10;
/// What a server answers that has no connection to spare, or is not ready yet (its appendix "Error Codes").
const TOO_MANY: &str = "53300";
const STARTING: &str = "57P03";

/// What became of one login.
enum Outcome {
    In,
    Password,
    Refused { code: String, line: String },
    Foreign,
}

/// Asks as each user who may be let in without a password.
pub fn ask(place: &Place, login: &Login) -> Result<Reply> {
    let mut closed = None;
    for user in login.postgres_users() {
        match log_in(place, user, &login.database)? {
            Outcome::In => return Ok(open(user, login)),
            Outcome::Foreign => return Ok(Reply::Foreign),
            // Whether it would let hubtop in is seen when there is room.
            Outcome::Refused { code, .. } if code == TOO_MANY => return Ok(open(user, login)),
            Outcome::Refused { code, .. } if code == STARTING => {
                return Err(std::io::Error::other("the server is starting"));
            }
            Outcome::Password => closed = Some("it wants a password".to_owned()),
            Outcome::Refused { line, .. } => closed = closed.or(Some(line)),
        }
    }
    Ok(closed.map_or(Reply::Foreign, Reply::Closed))
}

fn open(user: &str, login: &Login) -> Reply {
    Reply::Open {
        user: Some(user.to_owned()),
        database: Some(login.database.clone()),
    }
}

fn log_in(place: &Place, user: &str, database: &str) -> Result<Outcome> {
    let mut wire = Wire::to(place)?;
    let outcome = converse(&mut wire, user, database);
    // Terminate: the server need not log that somebody vanished.
    let _ = wire.send(b"X\0\0\0\x04");
    match outcome {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Outcome::Foreign),
        outcome => outcome,
    }
}

fn converse(wire: &mut Wire, user: &str, database: &str) -> Result<Outcome> {
    wire.send(&startup(user, database))?;
    loop {
        let head = wire.take(5)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if !(4..=LONGEST).contains(&length) {
            return Ok(Outcome::Foreign);
        }
        let body = wire.take(length - 4)?;
        match head[0] {
            b'R' if body.starts_with(&[0, 0, 0, 0]) => {}
            b'R' => return Ok(Outcome::Password),
            b'E' => return Ok(refusal(&body)),
            b'Z' => return Ok(Outcome::In),
            // Parameters, the key for cancelling, notices.
            b'S' | b'K' | b'N' | b'v' => {}
            _ => return Ok(Outcome::Foreign),
        }
    }
}

fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    for word in [
        "user",
        user,
        "database",
        database,
        "application_name",
        "hubtop",
    ] {
        body.extend_from_slice(word.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let mut message = length.to_be_bytes().to_vec();
    message.extend(body);
    message
}

/// The fields of an error: a letter and a text each.
fn refusal(body: &[u8]) -> Outcome {
    let field = |letter: u8| {
        let mut fields = body.split(|byte| *byte == 0);
        let text = fields.find(|field| field.first() == Some(&letter))?;
        Some(String::from_utf8_lossy(&text[1..]).into_owned())
    };
    let code = field(b'C').unwrap_or_default();
    let line = field(b'M').unwrap_or_else(|| "it refuses".to_owned());
    Outcome::Refused {
        code,
        line: printable(&line).into_owned(),
    }
}
