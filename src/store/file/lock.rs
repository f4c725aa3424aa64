//! One writer a file: a lock beside it that the system lets go of however its holder ends, with the holder's PID in it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::place;
use crate::store::StoreError;

/// Somebody who only looks holds the lock for a moment; so long is a writer patient.
const PATIENCE: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
];

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct WriterLock(#[expect(dead_code, reason = "held, never read")] File);

/// What came of asking for it.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It is ours.
    Ours(WriterLock),
    /// Another process has it; its PID where that can be read.
    Theirs(Option<u32>),
}

/// The lock of a file.
pub(super) fn path_of(db: &Path) -> PathBuf {
    place::beside(db, ".lock")
}

/// Asks for the right to write `db`.
///
/// # Errors
/// The file of the lock can't be made, or the file system knows no locks.
pub(super) fn try_lock(db: &Path) -> Result<Attempt, StoreError> {
    let path = path_of(db);
    let refused = |error| refused(&path, error);
    let mut file = place::open_own(&path).map_err(refused)?;
    for pause in PATIENCE.iter().map(Some).chain([None]) {
        if system::take(&file, true).map_err(refused)? {
            write_pid(&mut file).map_err(refused)?;
            return Ok(Attempt::Ours(WriterLock(file)));
        }
        if let Some(pause) = pause {
            std::thread::sleep(*pause);
        }
    }
    Ok(Attempt::Theirs(read_pid(&mut file)))
}

/// Who writes `db` now: `None` is nobody, `Some(None)` is somebody unknown.
#[must_use]
pub fn writer_of(db: &Path) -> Option<Option<u32>> {
    let mut file = File::open(path_of(db)).ok()?;
    match system::take(&file, false) {
        Ok(true) | Err(_) => None,
        Ok(false) => Some(read_pid(&mut file)),
    }
}

/// Network file systems often lack locks; a history there would be written by two.
fn refused(path: &Path, error: std::io::Error) -> StoreError {
    match error.raw_os_error() {
        #[cfg(unix)]
        Some(libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS) => StoreError::Unlockable {
            path: path.to_owned(),
        },
        _ => StoreError::Io {
            path: path.to_owned(),
            error,
        },
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;

    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    /// Takes the lock, alone or together with others who look; `false` when another has it.
    pub fn take(file: &File, alone: bool) -> io::Result<bool> {
        let operation = if alone {
            FlockOperation::NonBlockingLockExclusive
        } else {
            FlockOperation::NonBlockingLockShared
        };
        match flock(file, operation) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::File;
    use std::io;

    /// Where there is no flock(2), the way in which the file is opened keeps others out.
    pub fn take(_file: &File, _alone: bool) -> io::Result<bool> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_writer_and_its_number_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("host.db");
        assert_eq!(writer_of(&db), None, "nobody has ever written");
        let Attempt::Ours(lock) = try_lock(&db).unwrap() else {
            panic!("nobody else has it");
        };
        let own = Some(std::process::id());
        assert_eq!(writer_of(&db), Some(own));
        // A lock belongs to an open file, so that a second one of the same process is another's too.
        assert!(matches!(try_lock(&db).unwrap(), Attempt::Theirs(pid) if pid == own));
        drop(lock);
        assert_eq!(writer_of(&db), None);
        assert!(matches!(try_lock(&db).unwrap(), Attempt::Ours(_)));
    }
}
