//! A damaged file is set aside under a name that says when, so that a new one can be begun; nothing is deleted.

use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::place;
use crate::model::Timestamp;
use crate::store::StoreError;

/// What belongs to a file of SQLite: it, its WAL, and the index of that.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// Renames `path` and what belongs to it to `HOST.db.damaged-2026-11-21T14-28-07`, in the time zone of the machine; a
/// number behind it where that is taken.
///
/// # Errors
/// The system does not rename it.
pub(super) fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let aside = free_name(path, now);
    for suffix in PARTS {
        let from = place::beside(path, suffix);
        match std::fs::rename(&from, place::beside(&aside, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Io { path: from, error });
            }
            _ => {}
        }
    }
    Ok(aside)
}

/// Writes into the head of a damaged file what is the same in all of ours, taken from a new one: without it SQLite reads
/// nothing, and the pages behind it may all be good.
///
/// # Errors
/// One of them can't be read, or the damaged one not be written.
pub(super) fn mend_head(aside: &Path, new: &Path) -> std::io::Result<()> {
    let mut right = [0; 100];
    std::fs::File::open(new)?.read_exact(&mut right)?;
    let mut file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(aside)?;
    let mut head = [0; 100];
    file.read_exact(&mut head)?;
    if head[68..72] != right[68..72] {
        // Nothing says that it was ever one of ours.
        return Ok(());
    }
    // The magic, the size of pages, the versions and fractions; the format of the schema; how texts are written.
    for part in [0..24, 44..48, 56..60] {
        head[part.clone()].copy_from_slice(&right[part]);
    }
    file.rewind()?;
    file.write_all(&head)
}

fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let when = now.local().format("%Y-%m-%dT%H-%M-%S");
    let plain = place::beside(path, &format!(".damaged-{when}"));
    let numbered = (2..1000).map(|number| place::beside(&plain, &format!("-{number}")));
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    names.find(|name| !name.exists()).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_goes_with_its_wal_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("host.db");
        let now = Timestamp(1_790_000_000_000);
        let mut names = Vec::new();
        for content in ["first", "second"] {
            fs::write(&path, content).unwrap();
            fs::write(place::beside(&path, "-wal"), "wal").unwrap();
            let aside = set_aside(&path, now).unwrap();
            assert!(!path.exists() && !place::beside(&path, "-wal").exists());
            assert_eq!(fs::read_to_string(&aside).unwrap(), content);
            assert!(place::beside(&aside, "-wal").exists());
            names.push(aside);
        }
        let when = now.local().format("%Y-%m-%dT%H-%M-%S").to_string();
        assert!(
            names[0]
                .to_str()
                .unwrap()
                .ends_with(&format!("host.db.damaged-{when}"))
        );
        assert_ne!(names[0], names[1]);
    }
}
