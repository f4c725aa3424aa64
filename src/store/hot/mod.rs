//! Hot memory: every series in three tiers, bounded by a stated number of bytes.

mod window;

pub use window::{Points, Window};
