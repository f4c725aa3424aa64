//! Pages of metrics as Prometheus reads them.

mod form;

pub use form::{ApiForm, LevelForm, Mappings, PriceForm, SeriesForm, TimeUnit, WorkKind};

use super::form::{FormError, SourceForm};
use super::{Source, Surroundings};

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(_form: &SourceForm, _around: &Surroundings) -> Result<Source, FormError> {
    Err(FormError::of("kind", "can't be read yet"))
}
