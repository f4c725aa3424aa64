//! What the collectors of databases share: what a source says of itself, when something is asked again, what a reading
//! lacks, and what is remembered of statements from one interval to the next.

mod costliest;
mod due;
mod lacks;
mod spec;
mod usual;

pub(super) use costliest::Costliest;
pub(super) use due::Due;
pub(super) use lacks::{Lacks, Unanswered};
pub(super) use spec::spec;
pub(super) use usual::Usual;
