//! Access logs of web servers: a file is followed, each line is one request, and routes are made of their paths.

mod followed;
pub mod format;
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
use self::reader::AccessLog;
use super::form::SourceForm;
use super::{Cadence, Source, Spec, Surroundings};
use crate::model::{SourceKind, SourceName};
use crate::net::FormError;

/// How often a log is looked at, if the settings don't say.
const INTERVAL: Duration = Duration::from_secs(1);
/// After how long a reading is given up: a file on a disk that hangs.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Makes a source of a form, without opening the file yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let path = Path::new(&form.address);
    if !path.is_absolute() {
        let why = format!("{:?} is not the whole path of a log", form.address);
        return Err(FormError::of("address", why));
    }
    let choice = Choice::of(form.format.as_deref())?;
    let name = form.name.clone().unwrap_or_else(|| name_of(path));
    let spec = Spec {
        name: SourceName::from(name),
        kind: SourceKind::AccessLog,
        cadence: Cadence::Every(form.interval.unwrap_or(INTERVAL)),
        timeout: form.timeout.unwrap_or(TIMEOUT),
    };
    let log = AccessLog::new(spec, path, choice, form.since, around);
    Ok(Source::Blocking(Box::new(log)))
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
