//! The open files of a process.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use crate::model::ProcessDetail;
use crate::model::process::OpenFile;

use super::super::bytes::number;

/// No more descriptors than this are followed, so that one process with a million of them does not stop the rest.
const MOST: usize = 20_000;

/// What a process has open.
pub struct OpenFiles {
    /// The first of them, by descriptor.
    pub rows: Vec<OpenFile>,
    /// How many in all.
    pub count: usize,
    /// The inodes of those that are sockets.
    pub socket_inodes: HashSet<u64>,
}

/// Reads the open files of the process with this folder of `/proc`.
///
/// # Errors
/// What the system said; without the right, all of it is refused.
pub fn open_files(folder: &Path) -> io::Result<OpenFiles> {
    let descriptors = super::numbers_in(&folder.join("fd"))?;
    let mut opened = OpenFiles {
        rows: Vec::new(),
        count: descriptors.len(),
        socket_inodes: HashSet::new(),
    };
    for (fd, path) in descriptors.into_iter().take(MOST) {
        // A file may be closed at any moment.
        let Ok(target) = std::fs::read_link(path) else {
            continue;
        };
        let bytes = target.as_os_str().as_encoded_bytes();
        opened.socket_inodes.extend(socket_inode(bytes));
        if opened.rows.len() < ProcessDetail::ROWS {
            opened.rows.push(OpenFile {
                fd,
                kind: kind_of(bytes),
                target: super::shown(&target),
            });
        }
    }
    Ok(opened)
}

fn kind_of(target: &[u8]) -> &'static str {
    match target {
        t if t.starts_with(b"socket:[") => "socket",
        t if t.starts_with(b"pipe:[") => "pipe",
        t if t.starts_with(b"anon_inode:") || t.starts_with(b"/memfd:") => "anon",
        t if t.starts_with(b"/dev/shm/") => "file",
        t if t.starts_with(b"/dev/") => "device",
        _ => "file",
    }
}

fn socket_inode(target: &[u8]) -> Option<u64> {
    let digits = target.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    number(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_descriptor_is_shows_in_its_link() {
        for (target, kind) in [
            ("socket:[123]", "socket"),
            ("pipe:[9]", "pipe"),
            ("anon_inode:[eventpoll]", "anon"),
            ("/memfd:buffer (deleted)", "anon"),
            ("/dev/null", "device"),
            ("/dev/shm/x", "file"),
            ("/var/log/app.log", "file"),
        ] {
            assert_eq!(kind_of(target.as_bytes()), kind, "{target}");
        }
        assert_eq!(socket_inode(b"socket:[123]"), Some(123));
        assert_eq!(socket_inode(b"socket:[x]"), None);
    }
}
