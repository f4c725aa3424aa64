//! Who listens on this machine, and which process that is. Linux tells it; elsewhere the usual ports are tried.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::place::Place;

#[cfg(all(target_os = "linux", not(feature = "portable")))]
mod kernel;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
mod usual;

#[cfg(all(target_os = "linux", not(feature = "portable")))]
pub use kernel::Listeners;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
pub use usual::Listeners;

/// A socket that somebody listens at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// Tells it from every other, also from the one that takes its place.
    pub number: u64,
    /// Where it is.
    pub place: Place,
    /// Who listens, where that can be seen.
    pub process: Option<Process>,
}

/// A process that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name, at most 15 letters of it.
    pub name: Arc<str>,
}

/// Folders in which servers put their sockets.
const FOLDERS: &[&str] = &[
    "/run/postgresql",
    "/var/run/postgresql",
    "/run/mysqld",
    "/var/run/mysqld",
    "/var/lib/mysql",
    "/run/redis",
    "/var/run/redis",
    "/run/valkey",
    "/run/memcached",
    "/tmp",
];
/// No more files of a folder are looked at.
const MOST_FILES: usize = 500;

/// Sockets in their usual places, by the number of the file. One of a server in another name space of the network is
/// found only here.
fn usual_sockets() -> Vec<Socket> {
    let mut sockets: Vec<Socket> = Vec::new();
    for folder in FOLDERS {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.take(MOST_FILES) {
            let Some(number) = socket_file(&entry) else {
                continue;
            };
            if sockets.iter().all(|known| known.number != number) {
                sockets.push(Socket {
                    number,
                    place: Place::Unix(entry.path()),
                    process: None,
                });
            }
        }
    }
    sockets
}

/// The number of a file that is a socket.
#[cfg(unix)]
fn socket_file(entry: &std::fs::DirEntry) -> Option<u64> {
    use std::os::unix::fs::{DirEntryExt, FileTypeExt};
    entry.file_type().ok()?.is_socket().then(|| entry.ino())
}

#[cfg(not(unix))]
fn socket_file(_entry: &std::fs::DirEntry) -> Option<u64> {
    None
}

/// The same path whichever links lead to it.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
