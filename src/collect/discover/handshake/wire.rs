//! A connection that is given up after half a second or 64 KB, whatever is at its other end.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(unix)]
use std::path::Path;
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
            Place::Unix(path) => Stream::Unix(connect_unix(path)?),
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

/// A socket with a full backlog, as that of a paused server, lets a caller wait without end. Linux bounds that wait as
/// it does a send (socket(7), SO_SNDTIMEO); elsewhere such a caller is refused at once.
#[cfg(unix)]
fn connect_unix(path: &Path) -> Result<UnixStream> {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};
    #[cfg(target_os = "linux")]
    let flags = SocketFlags::CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let flags = SocketFlags::empty();
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(PATIENCE))?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(UnixStream::from(socket))
}

fn is_timeout(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_socket_whose_backlog_is_full_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("full.sock");
        let address = rustix::net::SocketAddrUnix::new(&path).unwrap();
        let family = rustix::net::AddressFamily::UNIX;
        let kind = rustix::net::SocketType::STREAM;
        let listener = rustix::net::socket(family, kind, None).unwrap();
        rustix::net::bind(&listener, &address).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        // One waits in the backlog, and nobody fetches it.
        let _waiting = UnixStream::connect(&path).unwrap();
        let refused = Wire::to(&Place::Unix(path)).err().unwrap();
        #[cfg(target_os = "linux")]
        assert!(is_timeout(&refused), "{refused}");
        drop(refused);
    }
}
