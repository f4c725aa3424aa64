//! Bytes of a file cut into lines, within the bounds of one reading.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::Instant;

use super::followed::Followed;
use super::tail::Progress;

/// What is longer is no line of an access log, bytes.
const LONGEST_LINE: usize = 64 * 1024;

/// Carries bytes from a file to lines.
pub(super) struct Pump<'a> {
    chunk: &'a mut [u8],
    left: u64,
    until: Instant,
    pub progress: Progress,
    take: &'a mut dyn FnMut(&[u8]),
}

impl<'a> Pump<'a> {
    /// May carry so many bytes, until a moment, and hands on each line.
    pub fn new(
        chunk: &'a mut [u8],
        bytes: u64,
        until: Instant,
        take: &'a mut dyn FnMut(&[u8]),
    ) -> Self {
        Self {
            chunk,
            left: bytes,
            until,
            progress: Progress::default(),
            take,
        }
    }

    /// Reads a file to its end, or as far as it may.
    pub fn read(&mut self, from: &mut Followed) -> io::Result<()> {
        from.file.seek(SeekFrom::Start(from.offset))?;
        loop {
            if self.left == 0 || Instant::now() > self.until {
                let length = from.file.metadata()?.len();
                self.progress.behind += length.saturating_sub(from.offset);
                return Ok(());
            }
            let most = self
                .chunk
                .len()
                .min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let length = match from.file.read(&mut self.chunk[..most]) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            from.offset += length as u64;
            self.left -= length as u64;
            self.split(from, length);
        }
    }

    fn split(&mut self, from: &mut Followed, length: usize) {
        let mut rest = &self.chunk[..length];
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if std::mem::take(&mut from.is_skipping) {
                from.line.clear();
            } else if from.line.is_empty() {
                (self.take)(without_return(line));
            } else {
                from.line.extend_from_slice(line);
                (self.take)(without_return(&from.line));
                from.line.clear();
            }
        }
        if from.is_skipping {
            return;
        }
        from.line.extend_from_slice(rest);
        if from.line.len() > LONGEST_LINE {
            from.is_skipping = true;
            from.line = Vec::new();
            self.progress.too_long += 1;
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
