//! Redis and Valkey: `PING`.

use std::io::Result;

use super::Reply;
use super::wire::Wire;

/// The longest answer to a `PING`, which is an error in words.
const LONGEST: usize = 512;

/// Asks for a sign of life. Whoever wants a password says so.
pub fn ask(wire: &mut Wire) -> Result<Reply> {
    wire.send(b"*1\r\n$4\r\nPING\r\n")?;
    let line = match wire.line(LONGEST) {
        Ok(line) => line,
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => return Ok(Reply::Foreign),
        Err(error) => return Err(error),
    };
    let words = ["-NOAUTH", "-WRONGPASS", "-NOPERM"];
    Ok(
        if line.starts_with(b"+PONG") || line.starts_with(b"-LOADING") {
            Reply::open()
        } else if words.iter().any(|word| line.starts_with(word.as_bytes())) {
            Reply::Closed("it wants a password".to_owned())
        } else if line.starts_with(b"-DENIED") {
            Reply::Closed("it is in protected mode: use its socket or set a password".to_owned())
        } else {
            Reply::Foreign
        },
    )
}
