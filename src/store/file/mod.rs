//! The history on disk: one SQLite file a host in the person's state folder, written by one thread of one hubtop and read
//! by any.
//!
//! [`Keeper`] takes ticks and writes them; [`Archive`] reads moments and stretches of time back. What is kept stands on
//! two shelves: samples (blocks of figures in four tiers) and pictures (the tables, the alerts and the distributions of a
//! moment). Each shelf has a tail of what is not yet sealed, so that the end of the process at any moment loses seconds.

mod archive;
mod ids;
mod keeper;
mod limits;
mod pictures;
mod samples;
mod schema;
mod shelf;

pub use archive::Archive;
pub use keeper::Keeper;
pub use limits::Limits;
