//! Requests that hubtop itself makes on a schedule.

mod form;

pub use form::ProbeForm;

use super::form::FormError;
use super::{Source, Surroundings};

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(_form: &ProbeForm, _around: &Surroundings) -> Result<Source, FormError> {
    Err(FormError::of("url", "can't be asked yet"))
}
