//! Where files of settings lie.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::mistake::Mistake;
use super::place::{Place, SourceText};

/// The file of the whole machine.
const SYSTEM: &str = "/etc/hubtop/config.toml";

/// Which files are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// Those of these that exist, in rising order.
    Usual(Vec<PathBuf>),
    /// This one alone; it must exist.
    Only(PathBuf),
}

impl Files {
    /// The machine's file and the person's, or the one that `asked` (`--config`) or `HUBTOP_CONFIG` names.
    #[must_use]
    pub fn find(asked: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        if let Some(only) = asked {
            return Self::Only(only.to_owned());
        }
        if let Some(only) = variable("HUBTOP_CONFIG") {
            return Self::Only(only.into());
        }
        let mut paths = vec![PathBuf::from(SYSTEM)];
        paths.extend(own_folder(variable).map(|folder| folder.join("config.toml")));
        Self::Usual(paths)
    }

    /// The file that a person would write to: the one asked for, or their own.
    #[must_use]
    pub fn own(&self) -> Option<&Path> {
        match self {
            Self::Only(path) => Some(path),
            Self::Usual(paths) => paths.get(1).map(PathBuf::as_path),
        }
    }

    /// Every file in question, in rising order.
    #[must_use]
    pub fn all(&self) -> Vec<&Path> {
        match self {
            Self::Only(path) => vec![path],
            Self::Usual(paths) => paths.iter().map(PathBuf::as_path).collect(),
        }
    }

    /// Reads them; one that is not there is a mistake only when it was asked for by name.
    pub(super) fn read(&self) -> Vec<Result<Arc<SourceText>, Mistake>> {
        self.all()
            .into_iter()
            .filter_map(|path| self.read_one(path))
            .collect()
    }

    fn read_one(&self, path: &Path) -> Option<Result<Arc<SourceText>, Mistake>> {
        let whole = Place::WholeFile(path.to_owned());
        match std::fs::read_to_string(path) {
            Ok(text) => Some(Ok(Arc::new(SourceText {
                path: path.to_owned(),
                text,
            }))),
            Err(error) if is_missing(&error) && matches!(self, Self::Usual(_)) => None,
            Err(error) => Some(Err(Mistake::at(&whole, format!("can't be read: {error}")))),
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The person's own folder: `$XDG_CONFIG_HOME/hubtop` or `~/.config/hubtop`; the XDG specification has relative paths
/// of the former ignored.
fn own_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let base = variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".config")))?;
    Some(base.join("hubtop"))
}
