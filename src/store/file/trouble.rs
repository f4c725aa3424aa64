//! What SQLite's refusals mean for keeping: whether to wait, to begin anew or to give up for a while.

use rusqlite::{Error, ErrorCode, ffi};

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The file is not what was written: it is set aside.
    Damage,
    /// There is no room on the disk: what comes waits.
    Full,
    /// Nothing may be written there.
    ReadOnly,
    /// Somebody else holds it for a moment, such as `hubtop store compact`.
    Busy,
    /// The disk or the file system refuses; it may be back in a moment.
    Disk,
    /// The disk can't read a place of the file: for a moment, or for good.
    Unreadable,
    /// Anything else.
    Other,
}

impl Trouble {
    /// What an error means.
    pub fn of(error: &Error) -> Self {
        let Error::SqliteFailure(failure, _) = error else {
            // A value of a type that was never written.
            return match error {
                Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::InvalidColumnType(..)
                | Error::Utf8Error(..) => Self::Damage,
                _ => Self::Other,
            };
        };
        match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damage,
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::SystemIoFailure => Self::of_the_system(failure.extended_code),
            ErrorCode::CannotOpen | ErrorCode::OutOfMemory => Self::Disk,
            _ => Self::Other,
        }
    }

    /// By the extended codes of <https://sqlite.org/rescode.html>.
    fn of_the_system(extended: i32) -> Self {
        match extended {
            // The file ends before what it should have.
            ffi::SQLITE_IOERR_SHORT_READ => Self::Damage,
            ffi::SQLITE_IOERR_READ => Self::Unreadable,
            // The index of the WAL is grown by writing to it.
            ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
            _ => Self::Disk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_disk_is_no_damage() {
        for (code, trouble) in [
            (ffi::SQLITE_CORRUPT, Trouble::Damage),
            (ffi::SQLITE_CORRUPT_INDEX, Trouble::Damage),
            (ffi::SQLITE_NOTADB, Trouble::Damage),
            (ffi::SQLITE_IOERR_SHORT_READ, Trouble::Damage),
            (ffi::SQLITE_IOERR_READ, Trouble::Unreadable),
            (ffi::SQLITE_IOERR_FSYNC, Trouble::Disk),
            (ffi::SQLITE_IOERR_CORRUPTFS, Trouble::Disk),
            (ffi::SQLITE_FULL, Trouble::Full),
            (ffi::SQLITE_ERROR, Trouble::Other),
        ] {
            let error = Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(Trouble::of(&error), trouble, "{code}");
        }
    }
}
