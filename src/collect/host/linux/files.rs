//! Files of the kernel: kept open and read again from their beginning, or read once.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::collect::CollectError;

/// No file of the kernel that is read here is longer; what would be is cut off.
const LONGEST: usize = 8 << 20;

/// Where the kernel and the system tell of themselves; another place in tests.
#[derive(Debug, Clone)]
pub struct Roots {
    /// `/proc`.
    pub proc: PathBuf,
    /// `/sys`.
    pub sys: PathBuf,
    /// `/etc`.
    pub etc: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self {
            proc: "/proc".into(),
            sys: "/sys".into(),
            etc: "/etc".into(),
        }
    }
}

/// A file that stays open between readings.
#[derive(Debug)]
pub struct KeptFile {
    path: PathBuf,
    file: Option<File>,
}

impl KeptFile {
    /// The file at `path`, opened at the first reading.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Reads all of it into `buffer`, replacing what was there.
    ///
    /// # Errors
    /// What the system said, with the file's name; the next reading opens it anew.
    pub fn read<'a>(&mut self, buffer: &'a mut Vec<u8>) -> Result<&'a [u8], CollectError> {
        match self.try_read(buffer) {
            Ok(()) => Ok(buffer),
            Err(error) => {
                self.file = None;
                Err(io_error(&self.path, error))
            }
        }
    }

    fn try_read(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        read_from_start(file, buffer)
    }
}

/// Reads all of an open file of the kernel into `buffer`; its length is not known before.
fn read_from_start(file: &File, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.resize(buffer.capacity().max(4096), 0);
    let mut length = 0;
    loop {
        if length == buffer.len() {
            buffer.resize(length * 2, 0);
        }
        match file.read_at(&mut buffer[length..], length as u64) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length >= LONGEST {
            break;
        }
    }
    buffer.truncate(length);
    Ok(())
}

/// The error of reading `path`, as it is shown.
#[must_use]
pub fn io_error(path: &Path, source: io::Error) -> CollectError {
    let what = path.display().to_string();
    match source.kind() {
        ErrorKind::PermissionDenied => CollectError::Denied {
            grant: format!("run hubtop as a user who may read {what}"),
        },
        _ => CollectError::Io { what, source },
    }
}

/// The answer in `path` was not understood.
#[must_use]
pub fn malformed(path: &str, why: &str) -> CollectError {
    CollectError::Malformed {
        what: path.to_owned(),
        why: why.to_owned(),
    }
}

/// The number that is all a small file holds (`/sys` writes one a file); `None` when there is none to be had.
#[must_use]
pub fn number_in(path: &Path) -> Option<u64> {
    super::bytes::number(std::fs::read(path).ok()?.trim_ascii())
}

/// The text of a small file without the white space around it, safe to show; `None` when there is none to be had.
#[must_use]
pub fn text_in(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    let text = crate::model::text::printable_bytes(bytes.trim_ascii());
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_file_gives_what_is_in_it_now_however_long() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut kept = KeptFile::new(path.clone());
        let mut buffer = Vec::new();
        assert!(matches!(
            kept.read(&mut buffer),
            Err(CollectError::Io { .. })
        ));
        for length in [3, 100_000, 0, 10] {
            let text = vec![b'x'; length];
            std::fs::write(&path, &text).unwrap();
            assert_eq!(kept.read(&mut buffer).unwrap(), text);
        }
    }
}
