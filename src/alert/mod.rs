//! Step 4 of the path: rules, and the life of an incident from pending over firing to resolved.
//!
//! The engine is given values and the time; it knows no source, no screen and no channel.

mod engine;
mod instance;
mod objective;
mod rule;

pub use engine::AlertEngine;
pub use objective::{
    Came, Good, Objective, ObjectiveError, ObjectiveForm, ObjectiveKind, Objectives, Pattern,
    default_objectives, objectives,
};
pub use rule::{Operator, Rule, RuleError, RuleForm, default_rules, parse_rules};
