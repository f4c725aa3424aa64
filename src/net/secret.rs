//! Passwords: read when they are needed, never shown.

use std::fmt;
use std::path::Path;

use super::FormError;
use crate::model::redact::HIDDEN;

/// A password. It can't be printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// A password that stands in an address.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password itself, for the one who logs in.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// The password that a form names by file or variable, read now: whoever changed it need not restart hubtop.
///
/// # Errors
/// When the file can't be read or the variable is not set.
pub(crate) fn password_of(
    file: Option<&Path>,
    variable: Option<&str>,
) -> Result<Option<Secret>, FormError> {
    match (file, variable) {
        (Some(path), None) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                FormError::of("password_file", format!("{}: {error}", path.display()))
            })?;
            let line = text.lines().next().unwrap_or_default();
            Ok(Some(Secret::new(line)))
        }
        (None, Some(name)) => std::env::var(name)
            .map(|value| Some(Secret::new(value)))
            .map_err(|_| FormError::of("password_env", format!("{name} is not set"))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(FormError::of(
            "password_env",
            "either password_file or password_env, not both",
        )),
    }
}
