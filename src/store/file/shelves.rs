//! Which shelves a file has beside its journal, and what of their tables others must know.

use rusqlite::{Connection, OptionalExtension, Result};

use super::pictures::Pictures;
use super::samples::Samples;
use super::shelf::Shelf;

/// All of them, empty, in the order in which they are written.
pub(super) fn all() -> Vec<Box<dyn Shelf>> {
    vec![Box::new(Samples::new()), Box::new(Pictures::default())]
}

/// The tables that can be long: they are not gone through at the start.
pub(super) const LONG: &[&str] = &["block", "picture", "sketch"];

/// What is not sealed yet.
pub(super) const TAIL: &str = "tail";

/// The table of figures; its numbers are those of spans in the bits above [`SERIES_BITS`], and of series in these.
pub(super) const BLOCKS: &str = "block";
pub(super) use super::samples::{MOST_SERIES, SERIES_BITS};

/// The newest span of figures.
pub(super) fn last_span(db: &Connection) -> Result<i64> {
    let known = db
        .query_row("SELECT id FROM span ORDER BY id DESC LIMIT 1", [], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(known.unwrap_or(0))
}
