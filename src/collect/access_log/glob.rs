//! Logs whose names fit a pattern, `/var/log/nginx/*.access.log`: each becomes a source of its own when it is found.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::open_one;
use crate::collect::form::SourceForm;
use crate::collect::{CollectError, Reader, Spec, Surroundings};
use crate::model::text::printable;
use crate::model::{Moment, Reading};
use crate::net::FormError;

/// So many logs of a pattern are followed.
const MOST_LOGS: usize = 16;
/// So many files of a folder are looked at.
const MOST_FILES: usize = 10_000;
/// A log that comes later was written to since the look before; what is older was read under another name.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);

/// A folder, and what stands before, between and behind the stars of a name in it.
#[derive(Debug, Clone)]
pub struct Glob {
    folder: PathBuf,
    parts: Vec<String>,
}

impl Glob {
    /// The pattern that a path is; `None` when it is one file's.
    ///
    /// # Errors
    /// When a star stands in the name of a folder.
    pub fn of(path: &Path) -> Result<Option<Self>, FormError> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(None);
        };
        if folder.to_string_lossy().contains('*') {
            let why = "a star may stand in the name of the file only";
            return Err(FormError::of("address", why));
        }
        let name = name.to_string_lossy();
        let parts: Vec<String> = name.split('*').map(str::to_owned).collect();
        Ok((parts.len() > 1).then(|| Self {
            folder: folder.to_owned(),
            parts,
        }))
    }

    /// Whether a file lies in the folder and is called so.
    #[must_use]
    pub fn fits(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        let folder = fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        path.parent() == Some(&*folder) && name.is_some_and(|name| self.is_name(name))
    }

    fn is_name(&self, name: &str) -> bool {
        let [first, between @ .., last] = &self.parts[..] else {
            return false;
        };
        let Some(mut rest) = name.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in between {
            match rest.split_once(part.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }

    /// The files that fit now, by name.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)?.take(MOST_FILES) {
            let entry = entry?;
            let fits = entry
                .file_name()
                .to_str()
                .is_some_and(|name| self.is_name(name));
            if fits && entry.path().is_file() {
                files.push(entry.path());
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}

/// Looks which logs fit a pattern.
pub(super) struct Logs {
    spec: Spec,
    glob: Glob,
    form: SourceForm,
    around: Surroundings,
    followed: Vec<PathBuf>,
    has_looked: bool,
}

impl Logs {
    /// Those of a form whose address is a pattern.
    pub fn new(spec: Spec, glob: Glob, form: &SourceForm, around: &Surroundings) -> Self {
        Self {
            spec,
            glob,
            form: form.clone(),
            around: around.clone(),
            followed: Vec::new(),
            has_looked: false,
        }
    }

    /// Follows a log from now on, if there is room for what is found.
    fn follow(&mut self, file: &Path) -> Result<(), CollectError> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let given = self.form.name.as_ref();
        let later = self.has_looked.then_some(BETWEEN_LOOKS);
        let form = SourceForm {
            address: file.display().to_string(),
            name: given.map(|given| printable(&format!("{given} {name}")).into_owned()),
            since: self.form.since.or(later),
            ..self.form.clone()
        };
        let source = open_one(&form, file, &self.around)
            .map_err(|wrong| CollectError::Server(wrong.to_string()))?;
        // When too much is found at once, the next look finds it again.
        if self.around.found.try_send(source).is_ok() {
            self.followed.push(file.to_owned());
        }
        Ok(())
    }
}

impl Reader for Logs {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let files = self.glob.files().map_err(|source| CollectError::Io {
            what: self.glob.folder.display().to_string(),
            source,
        })?;
        let mut left_out = 0;
        for file in &files {
            if self.followed.contains(file) {
                continue;
            }
            if self.followed.len() < MOST_LOGS {
                self.follow(file)?;
            } else {
                left_out += 1;
            }
        }
        self.has_looked = true;
        let mut reading = Reading::at(now.wall);
        if files.is_empty() {
            reading.lacks(
                "logs",
                "no file is called so: see address of its [[source]]",
            );
        }
        if left_out > 0 {
            let line = format!(
                "{MOST_LOGS} logs that fit are followed, and {left_out} more are not: let the pattern fit fewer"
            );
            reading.lacks("logs", line);
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_in_a_shell() {
        let fits = |pattern: &str, name: &str| {
            let glob = Glob::of(&Path::new("/nowhere").join(pattern))
                .unwrap()
                .unwrap();
            glob.fits(&Path::new("/nowhere").join(name))
        };
        for (pattern, name) in [
            ("*.access.log", "shop.access.log"),
            ("access*.log", "access.log"),
            ("a*b*c", "a-b-b-c"),
            ("*", "x"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.access.log", "shop.access.log.1"),
            ("*.access.log", "access.log"),
            ("ab*ba", "aba"),
            ("a*b*c", "a-c"),
            ("*.log", "folder/x.log"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        assert!(
            Glob::of(Path::new("/var/log/access.log"))
                .unwrap()
                .is_none()
        );
        assert!(Glob::of(Path::new("/var/*/access.log")).is_err());
    }
}
