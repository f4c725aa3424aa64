//! What a person does to the file: look what there is, whether it is whole, fold it together, copy it.

mod check;
mod compact;
mod copy;
mod info;

pub use check::{Checked, check};
pub use compact::{Compacted, compact};
pub use copy::{copy_stretch, copy_whole, finish};
pub use info::{Info, Part, info};
