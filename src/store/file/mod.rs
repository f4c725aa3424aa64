//! The history on disk: one SQLite file a host in the person's state folder, written by one thread of one hubtop and read
//! by any.
//!
//! [`Keeper`] takes ticks and writes them; [`Archive`] reads moments and stretches of time back. What is kept stands on
//! two shelves, samples (blocks of figures in four tiers) and pictures (the tables, the alerts and the distributions of a
//! moment), and in the journal (runs, incidents, notes). Each shelf has a tail of what is not yet sealed, so that the end
//! of the process at any moment loses seconds.

mod archive;
mod book;
pub mod care;
mod ids;
pub mod journal;
mod keeper;
mod limits;
mod lines;
mod lock;
mod open;
mod pictures;
mod place;
mod salvage;
mod samples;
mod schema;
mod set_aside;
mod shelf;
mod shelves;
mod trouble;
mod unused;
mod writer;

pub use archive::Archive;
pub use care::copy_stretch;
pub use keeper::Keeper;
pub use limits::Limits;
pub use lock::writer_of;
pub use pictures::ProcessRows;
pub use place::{file_in, host_name, own_folder};
#[doc(hidden)]
pub use samples::Figures;

#[cfg(test)]
mod tests;
