//! Service level objectives: how many requests were good, what is left of the error budget, how fast it burns.
//!
//! Judged by counting requests, never by averaging percentiles; a time without requests counts as neither good nor bad.
//! The burn rates are series like any other: rules of the engine make incidents of them.

mod burn;
mod counts;
mod defaults;
mod form;
mod pattern;
#[cfg(test)]
mod tests;
mod watch;

pub use defaults::{default_objectives, objectives};
pub use form::{Good, Objective, ObjectiveError, ObjectiveForm, ObjectiveKind};
pub use pattern::Pattern;
pub use watch::{Came, Objectives};
