//! Writing to the standard output.

use std::io::{self, Write};

use super::Error;

/// Writes `text` and flushes it. A reader that has seen enough (`| head -1`) is no error.
///
/// # Errors
/// When it can't be written for another reason, such as a full disk.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(()),
    }
}
