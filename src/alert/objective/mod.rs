//! Service level objectives: how many requests were good, what is left of the error budget, how fast it burns.

mod form;

pub use form::{
    Good, Objective, ObjectiveError, ObjectiveForm, ObjectiveKind, Pattern, default_objectives,
    objectives,
};
