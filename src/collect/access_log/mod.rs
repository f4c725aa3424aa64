//! Access logs of web servers: a file is followed, each line is one request, and routes are made of their paths.

mod followed;
pub mod format;
pub mod glob;
pub mod json;
pub mod line;
pub mod pattern;
mod pump;
mod reader;
mod rights;
pub mod tail;
#[cfg(test)]
mod tests;
mod time;

use std::path::Path;
use std::time::Duration;

use self::format::Choice;
use self::glob::{Glob, Logs};
use self::reader::AccessLog;
use super::form::SourceForm;
use super::{Cadence, Source, Spec, Surroundings};
use crate::model::{SourceKind, SourceName};
use crate::net::FormError;

/// How often a log is looked at, if the settings don't say.
const INTERVAL: Duration = Duration::from_secs(1);
/// After how long a reading is given up: a file on a disk that hangs.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often a folder is looked at for logs that fit a pattern.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Makes a source of a form, without opening a file yet. Where a pattern stands for a name, it finds the logs.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let path = Path::new(&form.address);
    if !path.is_absolute() {
        let why = format!("{:?} is not the whole path of a log", form.address);
        return Err(FormError::of("address", why));
    }
    let Some(glob) = Glob::of(path)? else {
        return open_one(form, path, around);
    };
    Choice::of(form.format.as_deref())?;
    let spec = spec_of(form, path, LOOK_EVERY);
    Ok(Source::Blocking(Box::new(Logs::new(
        spec, glob, form, around,
    ))))
}

/// The source of one log.
fn open_one(form: &SourceForm, path: &Path, around: &Surroundings) -> Result<Source, FormError> {
    let choice = Choice::of(form.format.as_deref())?;
    let spec = spec_of(form, path, form.interval.unwrap_or(INTERVAL));
    let log = AccessLog::new(spec, path, choice, form.since, around);
    Ok(Source::Blocking(Box::new(log)))
}

fn spec_of(form: &SourceForm, path: &Path, interval: Duration) -> Spec {
    let name = form.name.clone().unwrap_or_else(|| name_of(path));
    Spec {
        name: SourceName::from(name),
        kind: SourceKind::AccessLog,
        cadence: Cadence::Every(interval),
        timeout: form.timeout.unwrap_or(TIMEOUT),
    }
}

/// `nginx access.log`: the folder tells whose log it is.
fn name_of(path: &Path) -> String {
    let text =
        |name: Option<&std::ffi::OsStr>| name.map(|name| name.to_string_lossy().into_owned());
    let folder = text(path.parent().and_then(Path::file_name));
    let file = text(path.file_name()).unwrap_or_default();
    let folder = folder.filter(|folder| folder != "log");
    let whole = folder.map_or_else(|| file.clone(), |folder| format!("{folder} {file}"));
    crate::model::text::printable(&whole).into_owned()
}
