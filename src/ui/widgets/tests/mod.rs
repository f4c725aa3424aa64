//! What the widgets look like in each set of glyphs, and that none of them minds the area it is given.

mod anywhere;
mod pictures;
pub(super) mod samples;
