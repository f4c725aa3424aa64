//! Which shelves a file has beside its journal.

use super::samples::Samples;
use super::shelf::Shelf;

/// All of them, empty, in the order in which they are written.
pub(super) fn all() -> Vec<Box<dyn Shelf>> {
    vec![Box::new(Samples::new())]
}

/// The tables that can be long: they are not gone through at the start.
pub(super) const LONG: &[&str] = &["block"];
