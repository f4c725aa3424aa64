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
}
