//! What can be said of a statement to the one who wrote it. Pure functions between the database collectors and their
//! rows: the statement is parsed, never searched as a text, and what is not understood or not known makes the rules
//! silent, because advice that only looks right is worse than none.

mod facts;

pub use facts::{Analyzed, Dialect, IndexFact, IndexKey, Known, TableFact};

use crate::model::{Advice, Plan};

/// What to change about a statement, most certain first. `text` may be normalised (`$1`, `?`), cut off or no SQL at all.
#[must_use]
pub fn advise(_text: &str, _known: &Known<'_>, _plan: Option<&Plan>) -> Vec<Advice> {
    Vec::new()
}
