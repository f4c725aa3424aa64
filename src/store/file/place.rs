//! Where the history of this host lies, and that its folder and its files are nobody else's.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The person's own folder for what programs remember: `$XDG_STATE_HOME/hubtop` or `~/.local/state/hubtop`; the XDG
/// specification has relative paths of the former ignored.
#[must_use]
pub fn own_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base =
        absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(base.join("hubtop"))
}

/// The file of this host within a folder.
#[must_use]
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(format!("{}.db", file_name(&host_name())))
}

/// The name of this host.
#[must_use]
pub fn host_name() -> String {
    sysinfo::System::host_name().unwrap_or_else(|_| "host".to_owned())
}

/// A host's name as the name of a file: whatever could lead elsewhere becomes `_`.
fn file_name(host: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let name: String = host
        .chars()
        .take(100)
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    match name.trim_start_matches('.') {
        "" => "host".to_owned(),
        name => name.to_owned(),
    }
}

/// The name of `path` with something behind it: `host.db-wal`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the folder of `path`, for nobody else to look into, and gives the path with every link in its folder's name
/// resolved.
///
/// # Errors
/// It can't be made, or it belongs to somebody else, who could put there what they like.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let refused = |error| StoreError::Io {
        path: folder.to_owned(),
        error,
    };
    make_folder(folder).map_err(refused)?;
    let folder = folder.canonicalize().map_err(refused)?;
    ensure_own(&folder, &fs::metadata(&folder).map_err(refused)?)?;
    let path = folder.join(path.file_name().unwrap_or_default());
    if let Ok(known) = fs::symlink_metadata(&path) {
        if !known.is_file() {
            return Err(StoreError::Foreign { path });
        }
        ensure_own(&path, &known)?;
    }
    Ok(path)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What another user owns is not written to: under `sudo` it would become root's, and its owner could not keep any more.
#[cfg(unix)]
fn ensure_own(path: &Path, known: &fs::Metadata) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;

    let own = rustix::process::geteuid().as_raw();
    if known.uid() == own {
        return Ok(());
    }
    Err(StoreError::Owner {
        path: path.to_owned(),
        owner: known.uid(),
        own,
    })
}

#[cfg(not(unix))]
fn ensure_own(_path: &Path, _known: &fs::Metadata) -> Result<(), StoreError> {
    Ok(())
}

/// Opens a file to read and write it, made for nobody else to read if it is not there; a link is not followed.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        // FILE_SHARE_READ alone: others may look, none may write.
        options.share_mode(1);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_follows_the_specification() {
        let folder = |xdg: Option<&str>, home: Option<&str>| {
            own_folder(|name| match name {
                "XDG_STATE_HOME" => xdg.map(Into::into),
                "HOME" => home.map(Into::into),
                _ => None,
            })
        };
        let expect = |path: &str| Some(PathBuf::from(path));
        assert_eq!(folder(Some("/s"), Some("/home/u")), expect("/s/hubtop"));
        let usual = expect("/home/u/.local/state/hubtop");
        assert_eq!(folder(None, Some("/home/u")), usual);
        assert_eq!(folder(Some("relative"), Some("/home/u")), usual);
        assert_eq!(folder(None, None), None);
        assert_eq!(folder(None, Some("")), None);
    }

    #[test]
    fn a_host_can_have_any_name() {
        for (host, name) in [
            ("web-1.example", "web-1.example"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("", "host"),
            ("a b\n", "a_b_"),
        ] {
            assert_eq!(file_name(host), name);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_for_nobody_else_and_links_are_not_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/host.db");
        let real = prepare(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(real.parent().unwrap()), 0o700);
        open_own(&real).unwrap();
        assert_eq!(mode(&real), 0o600);

        let other = folder.path().join("somebody's");
        fs::write(&other, "theirs").unwrap();
        let link = folder.path().join("link.db");
        symlink(&other, &link).unwrap();
        assert!(matches!(prepare(&link), Err(StoreError::Foreign { .. })));
        assert!(open_own(&link).is_err());
        assert_eq!(fs::read_to_string(&other).unwrap(), "theirs");
    }
}
