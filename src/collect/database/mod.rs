//! What the collectors of databases share: when something is asked again, and what is remembered of statements from
//! one interval to the next.

mod costliest;
mod due;
mod usual;

pub(super) use costliest::Costliest;
pub(super) use due::Due;
pub(super) use usual::Usual;
