//! What is said of the history where the mode is shown: a line each, short, with the mend.

use std::path::Path;

use super::trouble::Trouble;
use crate::store::StoreError;

/// The file was taken away while it was written.
pub(super) const REMOVED: &str = "the file was removed while it was written; a new one is begun";
/// Somebody holds the file.
pub(super) const BUSY: &str = "another program holds the file; what comes waits in memory";

/// Another hubtop writes.
pub(super) fn reading(pid: Option<u32>) -> String {
    match pid {
        Some(pid) => format!("PID {pid} keeps it, this one reads it"),
        None => "another hubtop keeps it, this one reads it".to_owned(),
    }
}

/// There is no room on the disk.
pub(super) fn full(path: &Path) -> String {
    let folder = path.parent().unwrap_or(path);
    format!(
        "disk full, what comes waits in memory; make room in {}",
        folder.display()
    )
}

/// The file can't be written any more.
pub(super) fn refused(error: &rusqlite::Error) -> String {
    match Trouble::of(error) {
        Trouble::ReadOnly => {
            "off, the file can't be written (read-only); it is tried again every 10 s".to_owned()
        }
        _ => format!("off, the disk refuses ({error}); it is tried again every 10 s"),
    }
}

/// The file can't be opened.
pub(super) fn not_opened(error: &StoreError) -> String {
    match error {
        StoreError::Io { path, error } => format!(
            "off, {} can't be written ({}); name another `[history] folder`",
            path.display(),
            plain(error)
        ),
        StoreError::Sqlite { path, error } => match Trouble::of(error) {
            Trouble::Full => full(path),
            Trouble::ReadOnly | Trouble::Disk | Trouble::Unreadable => format!(
                "off, {} can't be written; name another `[history] folder`",
                path.display()
            ),
            _ => format!("off, {error}"),
        },
        error => format!("off, {error}"),
    }
}

/// One file after the other was damaged.
pub(super) fn damaged_again(what: &str) -> String {
    format!("off, file after file was damaged ({what}): look at the disk (`dmesg`)")
}

/// A damaged file was set aside.
pub(super) fn set_aside(aside: &Path, some_is_left: bool) -> String {
    let name = aside.file_name().unwrap_or(aside.as_os_str()).display();
    let rest = if some_is_left {
        "what can be read of it is copied"
    } else {
        "nothing of it can be read"
    };
    format!("damaged file set aside as {name}, a new one is begun; {rest}")
}

/// What the system said without the number of the error.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((text, _)) => text.to_owned(),
        None => text,
    }
}
