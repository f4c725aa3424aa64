//! The way to the terminal: a frame is written at once and never waited for. What the terminal does not take yet stays
//! here, and until it is gone no frame is drawn.

use std::io;
use std::time::Duration;

use ratatui::layout::Size;

use super::held;

#[cfg(unix)]
pub(super) use unix::Sink;

#[cfg(not(unix))]
pub(super) use elsewhere::Sink;

/// Room for the largest frame of a usual screen, so that a frame is one write.
const CAPACITY: usize = 64 * 1024;
/// How long a terminal that is reading may take before it counts as backed up.
const FRAME_PATIENCE: Duration = Duration::from_millis(5);
/// How often it may do so in one frame; the largest frames of large screens take some 64 KiB.
const FRAME_TRIES: usize = 64;
/// What is assumed of a terminal that does not tell its size.
const USUAL: Size = Size::new(80, 24);

/// The terminal as a place to write to.
pub struct Output {
    sink: Sink,
    pending: Vec<u8>,
    sent: usize,
}

impl Output {
    /// The terminal of this program.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Self> {
        Ok(Self::to(Sink::open()?))
    }

    fn to(sink: Sink) -> Self {
        Self {
            sink,
            pending: Vec::with_capacity(CAPACITY),
            sent: 0,
        }
    }

    /// Another handle of the same terminal.
    pub(super) fn sink(&self) -> io::Result<Sink> {
        self.sink.duplicate()
    }

    /// How large the terminal is now.
    pub fn size(&self) -> Size {
        self.sink
            .size()
            .filter(|size| size.width > 0 && size.height > 0)
            .unwrap_or(USUAL)
    }

    /// What is to be sent is appended here.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Drops what was not sent.
    pub fn discard(&mut self) {
        self.pending.clear();
        self.sent = 0;
    }

    /// [`Output::send`] for a frame just drawn: a pseudo-terminal takes some 8 KiB at a time and more as soon as the other
    /// side has read them, so a terminal that is reading is given the moment that it needs.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn send_frame(&mut self) -> io::Result<bool> {
        for _ in 0..FRAME_TRIES {
            if self.send()? {
                return Ok(true);
            }
            if !self.sink.wait_until_writable(FRAME_PATIENCE) {
                break;
            }
        }
        Ok(false)
    }

    /// Sends as much as the terminal takes without waiting; whether that was all.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn send(&mut self) -> io::Result<bool> {
        while self.sent < self.pending.len() {
            match self.sink.write(&self.pending[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    held::note_cut_short(self.sent > 0);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        held::note_cut_short(false);
        self.discard();
        Ok(true)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::time::Duration;

    use ratatui::layout::Size;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{Mode, OFlags, open};

    /// How long a terminal that is given back may take for the last bytes.
    const PATIENCE: Duration = Duration::from_millis(300);

    /// A handle of the terminal that does not block.
    pub struct Sink(OwnedFd);

    impl Sink {
        /// Opens the terminal behind standard output anew: `O_NONBLOCK` belongs to the open file, which the shell and
        /// other programs share with us when it is theirs.
        pub fn open() -> io::Result<Self> {
            let stdout = std::io::stdout();
            let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            let by_name = rustix::termios::ttyname(&stdout, Vec::new())
                .and_then(|name| open(name, flags, Mode::empty()));
            // In some containers the name leads nowhere, and after `su` it may be someone else's.
            let fd = by_name.or_else(|_| open("/dev/tty", flags, Mode::empty()))?;
            Ok(Self(fd))
        }

        /// A handle of any file; it should not block.
        #[cfg(test)]
        pub fn of(fd: OwnedFd) -> Self {
            Self(fd)
        }

        pub fn duplicate(&self) -> io::Result<Self> {
            self.0.try_clone().map(Self)
        }

        pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
            Ok(rustix::io::write(&self.0, bytes)?)
        }

        /// Waits until the terminal takes more, at most so long (under a second); whether it does.
        pub fn wait_until_writable(&self, most: Duration) -> bool {
            let most = Timespec {
                tv_sec: 0,
                tv_nsec: i64::from(most.subsec_nanos()),
            };
            let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
            matches!(poll(&mut fds, Some(&most)), Ok(1..))
        }

        /// Writes everything, waiting a little where it must; gives up on a terminal that takes nothing.
        pub fn write_patiently(&self, mut bytes: &[u8]) {
            while !bytes.is_empty() {
                match self.write(bytes) {
                    Ok(count) => bytes = &bytes[count..],
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        if !self.wait_until_writable(PATIENCE) {
                            return;
                        }
                    }
                    Err(_) => return,
                }
            }
        }

        pub fn size(&self) -> Option<Size> {
            let size = rustix::termios::tcgetwinsize(&self.0).ok()?;
            Some(Size::new(size.ws_col, size.ws_row))
        }
    }

    impl AsFd for Sink {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io::{self, IsTerminal, Write};
    use std::time::Duration;

    use ratatui::layout::Size;

    /// Standard output; writing to it waits.
    pub struct Sink;

    impl Sink {
        pub fn open() -> io::Result<Self> {
            if io::stdout().is_terminal() {
                Ok(Self)
            } else {
                Err(io::Error::other("standard output is no terminal"))
            }
        }

        pub fn duplicate(&self) -> io::Result<Self> {
            Ok(Self)
        }

        pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()?;
            Ok(bytes.len())
        }

        pub fn wait_until_writable(&self, _most: Duration) -> bool {
            true
        }

        pub fn write_patiently(&self, bytes: &[u8]) {
            let _ = self.write(bytes);
        }

        pub fn size(&self) -> Option<Size> {
            let (width, height) = crossterm::terminal::size().ok()?;
            Some(Size::new(width, height))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_is_not_taken_waits_and_nothing_is_lost() {
        let (mut reader, writer) = UnixStream::pair().unwrap();
        writer.set_nonblocking(true).unwrap();
        let mut output = Output::to(Sink::of(writer.into()));
        let frame: Vec<u8> = (0..4_000_000u32).map(|i| (i % 251) as u8).collect();
        output.buffer().extend_from_slice(&frame);
        assert!(!output.send().unwrap(), "the other side takes nothing yet");
        let mut got = vec![0; frame.len()];
        let mut read = 0;
        while read < frame.len() {
            read += reader.read(&mut got[read..]).unwrap();
            output.send().unwrap();
        }
        assert!(got == frame);
        assert!(output.send().unwrap() && output.buffer().is_empty());
    }

    #[test]
    fn a_terminal_that_is_gone_is_an_error() {
        let (reader, writer) = UnixStream::pair().unwrap();
        drop(reader);
        let mut output = Output::to(Sink::of(writer.into()));
        output.buffer().extend_from_slice(b"x");
        assert!(output.send().is_err());
    }
}
