//! Folds everything together at once, which otherwise happens in pieces, and gives free space back to the disk.

use std::path::Path;

use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::file::book::Book;
use crate::store::file::lock::{Attempt, try_lock};
use crate::store::file::open::{self, Refusal};
use crate::store::file::{Limits, place};

/// Bytes of the file before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// Folds the file at `path` together as of `now`. Nobody may be writing it.
///
/// # Errors
/// There is none, somebody writes it, it is damaged, or the disk has no room for a second one beside it.
pub fn compact(path: &Path, limits: &Limits, now: Timestamp) -> Result<Compacted, StoreError> {
    if !path.exists() {
        return Err(StoreError::Absent {
            path: path.to_owned(),
        });
    }
    let path = place::prepare(path)?;
    let lock = match try_lock(&path)? {
        Attempt::Ours(lock) => lock,
        Attempt::Theirs(pid) => return Err(StoreError::InUse { path, pid }),
    };
    let db = open::to_write(&path).map_err(|refusal| match refusal {
        Refusal::Error(error) => error,
        Refusal::Damaged(_) => StoreError::Damaged {
            what: path.display().to_string(),
        },
    })?;
    let refused = |error| StoreError::of_sqlite(&path, error);
    let mut book = Book::new(&path, db, lock, None).map_err(|(error, _)| refused(error))?;
    let before = book.bytes().unwrap_or(0);
    while book.tidy(now, limits).map_err(refused)? {}
    book.vacuum().map_err(refused)?;
    Ok(Compacted {
        before,
        after: book.bytes().unwrap_or(0),
    })
}
