//! What can go wrong with what is kept on disk or elsewhere.

use std::path::PathBuf;

/// Why something could not be kept or read, in one line with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        error: std::io::Error,
    },
    /// SQLite refused.
    #[error("{}: {error}", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// What it said.
        error: rusqlite::Error,
    },
    /// Bytes that can't be what was written.
    #[error("{what} is damaged; `hubtop store check` tells what can still be read")]
    Damaged {
        /// What they were of.
        what: String,
    },
    /// A newer hubtop wrote it.
    #[error("{} was written by a newer hubtop (version {found} of the file, {known} known here): use that one", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// Another program has it.
    #[error("{} is held by another hubtop", path.display())]
    Held {
        /// Which file.
        path: PathBuf,
    },
    /// There is none.
    #[error("no history at {}: nothing has been kept yet", path.display())]
    Absent {
        /// Where it would be.
        path: PathBuf,
    },
    /// A file system without locks.
    #[error("{} is on a file system that can't lock files: name a folder on a local disk, `[history] folder`", path.display())]
    Unlockable {
        /// Which file should have been locked.
        path: PathBuf,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {owner}, this is user {own}: run hubtop as that user, or name another `[history] folder`", path.display())]
    Owner {
        /// Which file or folder.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
        /// The number of the user that hubtop runs as.
        own: u32,
    },
    /// Something else lies where the history would.
    #[error("{} is no history of hubtop and is left as it is: name another `[history] folder`", path.display())]
    Foreign {
        /// Where.
        path: PathBuf,
    },
    /// Another process writes, and what was asked for needs that nobody does.
    #[error("{} is being written by {}: quit it first", path.display(), pid.map_or("another hubtop".to_owned(), |pid| format!("PID {pid}")))]
    InUse {
        /// Which file.
        path: PathBuf,
        /// Who writes, where that is known.
        pid: Option<u32>,
    },
    /// There is something already.
    #[error("{} is there already and is left as it is: name another file", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
}

impl StoreError {
    /// What SQLite refused of `path`; what can't be what was written is told as damage.
    pub(in crate::store) fn of_sqlite(path: &std::path::Path, error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged {
                    what: path.display().to_string(),
                }
            }
            _ => Self::Sqlite {
                path: path.to_owned(),
                error,
            },
        }
    }
}
