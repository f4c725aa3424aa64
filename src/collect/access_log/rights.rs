//! What to grant when a log may not be read.

use std::fs;
use std::path::Path;

/// The line to type, as root, so that this user may read the log.
#[must_use]
pub fn grant(path: &Path) -> String {
    let user = std::env::var("USER").unwrap_or_else(|_| "$USER".to_owned());
    if let Some(folder) = closed_folder(path) {
        return format!("setfacl -m u:{user}:x {}", folder.display());
    }
    match reading_group(path) {
        Some(group) => format!("usermod -aG {group} {user}, then log in again"),
        None => format!("setfacl -m u:{user}:r {}", path.display()),
    }
}

/// The nearest folder on the way that may not be passed.
fn closed_folder(path: &Path) -> Option<&Path> {
    let is_closed = |folder: &&Path| {
        let tried = fs::metadata(folder.join("."));
        tried.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    path.ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty())
        .filter(is_closed)
        .last()
}

/// The group that may read the file, when it is one for such things and not root's own.
#[cfg(unix)]
fn reading_group(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    let may_read = metadata.mode() & 0o040 != 0 && metadata.gid() != 0;
    let groups = fs::read_to_string("/etc/group").ok().filter(|_| may_read)?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let id: u32 = fields.nth(1)?.parse().ok()?;
        (id == metadata.gid()).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn reading_group(_path: &Path) -> Option<String> {
    None
}
