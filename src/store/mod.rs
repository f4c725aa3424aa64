//! Step 2 of the path: what remembers. Hot memory for what is drawn now, a file for everything that was, and engines on
//! other machines; all of them speak of the same windows and points.

mod error;
pub mod export;
pub mod file;
pub mod hot;
mod kept;
pub(crate) mod names;
pub mod remote;
mod window;

pub use error::StoreError;
pub use kept::{Kept, Sink};
pub use window::{Points, Window};
