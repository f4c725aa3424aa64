//! MySQL and MariaDB: they greet first; a login without a password tells whether one is wanted (MySQL Internals,
//! "Connection Phase"). A session that is let in is ended at once.

use std::io::{ErrorKind, Result};

use super::Reply;
use super::wire::Wire;
use crate::collect::discover::environment::Login;
use crate::collect::discover::place::Place;
use crate::model::text::printable_bytes;

/// No packet of a login is longer.
const LONGEST: usize = 16 << 10;
/// `CLIENT_LONG_PASSWORD`, `CLIENT_PROTOCOL_41`, `CLIENT_SECURE_CONNECTION` and `CLIENT_PLUGIN_AUTH`.
const ABILITIES: u32 = 0x1 | 0x200 | 0x8000 | 0x8_0000;
/// utf8mb4_general_ci
const CHARSET: u8 = 45;
const GREETING: u8 = 10;
const OK: u8 = 0;
const ERROR: u8 = 0xff;
const OTHER_WAY: u8 = 0xfe;
const QUIT: [u8; 5] = [1, 0, 0, 0, 1];

/// Asks as the user of this process.
pub fn ask(place: &Place, login: &Login) -> Result<Reply> {
    let mut wire = Wire::to(place)?;
    match converse(&mut wire, &login.mysql_user) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Reply::Foreign),
        outcome => outcome,
    }
}

fn converse(wire: &mut Wire, user: &str) -> Result<Reply> {
    let Some((number, greeting)) = packet(wire)? else {
        return Ok(Reply::Foreign);
    };
    match greeting.first() {
        Some(&GREETING) if number == 0 && looks_right(&greeting) => {}
        // Too many connections, or this host is blocked.
        Some(&ERROR) if number == 0 => return Ok(Reply::Closed(refusal(&greeting))),
        _ => return Ok(Reply::Foreign),
    }
    wire.send(&framed(1, &response(user)))?;
    loop {
        let Some((number, answer)) = packet(wire)? else {
            return Ok(Reply::Foreign);
        };
        match answer.first() {
            Some(&OK) => {
                let _ = wire.send(&QUIT);
                return Ok(Reply::Open {
                    user: Some(user.to_owned()),
                    database: None,
                });
            }
            Some(&ERROR) => return Ok(Reply::Closed(refusal(&answer))),
            // Another way to log in, in which an empty packet is an empty password.
            Some(&OTHER_WAY) if number < 8 => wire.send(&framed(number + 1, &[]))?,
            _ => return Ok(Reply::Closed("it wants a password".to_owned())),
        }
    }
}

/// A packet with its number; none when it is no such packet.
fn packet(wire: &mut Wire) -> Result<Option<(u8, Vec<u8>)>> {
    let head = wire.take(4)?;
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
    if length == 0 || length > LONGEST {
        return Ok(None);
    }
    Ok(Some((head[3], wire.take(length)?)))
}

/// The version is a text that ends.
fn looks_right(greeting: &[u8]) -> bool {
    let version = greeting[1..].split(|byte| *byte == 0).next();
    version.is_some_and(|text| {
        !text.is_empty() && text.len() < 100 && text.iter().all(|byte| byte.is_ascii_graphic())
    })
}

fn response(user: &str) -> Vec<u8> {
    let mut body = ABILITIES.to_le_bytes().to_vec();
    body.extend((16_u32 << 20).to_le_bytes());
    body.push(CHARSET);
    body.extend([0; 23]);
    body.extend(user.as_bytes());
    // The end of the name, and a password of no bytes.
    body.extend([0, 0]);
    body.extend(b"mysql_native_password\0");
    body
}

fn framed(number: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or_default().to_le_bytes();
    let mut packet = vec![length[0], length[1], length[2], number];
    packet.extend(body);
    packet
}

/// The text of an error: after its number, and its state where there is one.
fn refusal(packet: &[u8]) -> String {
    let text = packet.get(3..).unwrap_or_default();
    let text = match text {
        [b'#', rest @ ..] => rest.get(5..).unwrap_or_default(),
        text => text,
    };
    printable_bytes(text)
}
