//! A connection that is given up after half a second or 64 KB, whatever is at its other end.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::collect::discover::place::Place;

/// After so long somebody on this machine will not answer any more.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// So much is read at most.
const MOST: usize = 64 << 10;

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A bounded connection.
pub struct Wire {
    stream: Stream,
    deadline: Instant,
    /// What was read and not taken yet.
    buffer: Vec<u8>,
    /// How much was read in all.
    read: usize,
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// What the system said.
    pub fn to(place: &Place) -> Result<Self> {
        let stream = match place {
            Place::Tcp(address) => Stream::Tcp(TcpStream::connect_timeout(address, PATIENCE)?),
            #[cfg(unix)]
            Place::Unix(path) => Stream::Unix(UnixStream::connect(path)?),
            #[cfg(not(unix))]
            Place::Unix(_) => return Err(ErrorKind::Unsupported.into()),
        };
        Ok(Self {
            stream,
            deadline: Instant::now() + PATIENCE,
            buffer: Vec::new(),
            read: 0,
        })
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// What the system said, or that the time is over.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let left = self.left()?;
        match &mut self.stream {
            Stream::Tcp(stream) => {
                stream.set_write_timeout(Some(left))?;
                stream.write_all(bytes)
            }
            #[cfg(unix)]
            Stream::Unix(stream) => {
                stream.set_write_timeout(Some(left))?;
                stream.write_all(bytes)
            }
        }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// What the system said, that the time is over, or that the other end closed or sent too much.
    pub fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < count {
            if self.more()? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.buffer.drain(..count).collect())
    }

    /// The next line, without its end; at most `longest` bytes.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn line(&mut self, longest: usize) -> Result<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.truncate(end);
                return Ok(line);
            }
            if self.buffer.len() > longest || self.more()? == 0 {
                return Err(ErrorKind::InvalidData.into());
            }
        }
    }

    /// Everything until the other end closes, the time is over or it is too much.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more().is_ok_and(|count| count > 0) {}
        std::mem::take(&mut self.buffer)
    }

    /// Whether the other end says something by itself within `wait`.
    ///
    /// # Errors
    /// What the system said.
    pub fn speaks_first(&mut self, wait: Duration) -> Result<bool> {
        match self.read_within(wait) {
            Ok(count) => Ok(count > 0),
            Err(error) if is_timeout(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn more(&mut self) -> Result<usize> {
        let left = self.left()?;
        self.read_within(left)
    }

    fn read_within(&mut self, wait: Duration) -> Result<usize> {
        if self.read >= MOST {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut chunk = [0; 4096];
        let count = match &mut self.stream {
            Stream::Tcp(stream) => {
                stream.set_read_timeout(Some(wait))?;
                stream.read(&mut chunk)
            }
            #[cfg(unix)]
            Stream::Unix(stream) => {
                stream.set_read_timeout(Some(wait))?;
                stream.read(&mut chunk)
            }
        }?;
        self.read += count;
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(count)
    }

    fn left(&self) -> Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::from(ErrorKind::TimedOut));
        }
        Ok(left)
    }
}

fn is_timeout(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}
