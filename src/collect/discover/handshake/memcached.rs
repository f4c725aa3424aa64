//! memcached: `version`.

use std::io::Result;

use super::Reply;
use super::wire::Wire;

/// The longest answer to it.
const LONGEST: usize = 256;

/// Asks for the version.
pub fn ask(wire: &mut Wire) -> Result<Reply> {
    wire.send(b"version\r\n")?;
    let line = match wire.line(LONGEST) {
        Ok(line) => line,
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => return Ok(Reply::Foreign),
        Err(error) => return Err(error),
    };
    Ok(if line.starts_with(b"VERSION ") {
        Reply::open()
    } else if line.starts_with(b"CLIENT_ERROR unauthenticated") {
        Reply::Closed("it wants a user and a password".to_owned())
    } else {
        Reply::Foreign
    })
}
