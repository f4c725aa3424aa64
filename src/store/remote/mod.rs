//! Engines on other machines: what is watched here, kept where it is wanted. A kind of engine is one folder here and one
//! line in [`KINDS`].
//!
//! Every interval a batch is made of the newest figures (`engine::Encode`) and put into a [`queue`] on the disk; from
//! there it goes to the engine (`engine::Engine`), in order, and is forgotten when the engine has said that it has it.
//! An engine that is away, slow or refusing delays nothing, and loses nothing up to the bound of its queue.

mod backoff;
mod desk;
mod engine;
mod form;
mod pace;
mod postgres;
pub mod prometheus;
pub mod queue;
mod status;
mod worker;

use std::path::PathBuf;

pub use form::ExportForm;

use super::Sink;
use crate::model::Timestamp;
use crate::net::FormError;

/// What an export is started with besides its form.
#[derive(Debug, Clone)]
pub struct Around {
    /// The folder in which queues lie.
    pub state: PathBuf,
    /// The moment of the start.
    pub now: Timestamp,
}

/// Starts an export of a form that is right.
type Start = fn(&ExportForm, &Around) -> Result<Box<dyn Sink>, FormError>;

/// A kind of engine.
pub struct Kind {
    /// The word for it in the settings.
    pub word: &'static str,
    /// The keys that it has a use for, of those that not every kind has.
    keys: &'static [&'static str],
    /// Says what is wrong with a form; nothing connects.
    check: fn(&ExportForm) -> Result<(), FormError>,
    /// Starts an export of a form that is right.
    start: Start,
    /// Looks whether the engine answers and takes what it would be sent: what it is, or what is wrong in one line.
    look: fn(&ExportForm) -> Result<String, String>,
}

/// Every kind of engine.
pub const KINDS: &[Kind] = &[postgres::KIND, prometheus::KIND];

impl Kind {
    /// The words for all kinds.
    #[must_use]
    pub fn words() -> Vec<&'static str> {
        KINDS.iter().map(|kind| kind.word).collect()
    }

    fn of(form: &ExportForm) -> Result<&'static Self, FormError> {
        let known = KINDS.iter().find(|kind| kind.word == form.kind);
        known.ok_or_else(|| {
            let words = Self::words().join(", ");
            FormError::of("kind", format!("{:?} is none of {words}", form.kind))
        })
    }
}

/// Looks through a form: all that can be said before anything connects.
///
/// # Errors
/// What is wrong with it.
pub fn check_export(form: &ExportForm) -> Result<(), FormError> {
    let kind = Kind::of(form)?;
    let mut given = form.special_keys().into_iter();
    if let Some(key) = given.find(|key| !kind.keys.contains(key)) {
        let why = format!("{} has no use for `{key}`", kind.word);
        return Err(FormError::of(key, why));
    }
    form.check()?;
    (kind.check)(form)
}

/// Starts an export.
///
/// # Errors
/// What is wrong with the form.
pub fn start_export(form: &ExportForm, around: &Around) -> Result<Box<dyn Sink>, FormError> {
    check_export(form)?;
    (Kind::of(form)?.start)(form, around)
}

/// Asks the engine of an export whether it would take what it is sent, waiting for its answer; sends nothing. What it
/// is.
///
/// # Errors
/// What is wrong, in one line with the mend.
pub fn look_at_export(form: &ExportForm) -> Result<String, String> {
    check_export(form).map_err(|error| error.to_string())?;
    let kind = Kind::of(form).map_err(|error| error.to_string())?;
    (kind.look)(form)
}
