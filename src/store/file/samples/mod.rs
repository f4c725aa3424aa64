//! Figures on disk: every series at its ticks and in three coarser tiers, in blocks of one series each.
//!
//! [`Samples`] takes ticks: they are in memory and in rows of the tail until their quarter of an hour is over, then each
//! series is sealed into a block a tier. Later, blocks are folded into long ones, and go when they are too old. A
//! [`Reader`] puts stretches of time and single moments together again.

mod alone;
mod block;
mod buckets;
mod bytes;
mod check;
mod fill;
mod moment;
mod open;
mod read;
mod seal;
mod shelf;
mod spans;
mod tail;
#[cfg(test)]
mod tests;
mod tidy;
mod tier;
mod times;
mod view;

pub use alone::Figures;
pub(super) use check::check;
pub(super) use read::Reader;
pub(super) use shelf::Samples;
pub(super) use spans::{MOST_SERIES, SERIES_BITS};

/// The tables of this shelf, beside the tail.
pub(super) const TABLES: &str = "
-- Stretches of time whose figures are sealed, a row a tier: ticks, 10 s, minutes, quarters of an hour. The later written
-- has the larger number. `state`: 0 it is being made, 1 it is told, 2 it goes; `into` is the longer one that it becomes
-- a part of; `count` is of ticks or of buckets.
CREATE TABLE span (
    id     INTEGER PRIMARY KEY,
    tier   INTEGER NOT NULL,
    state  INTEGER NOT NULL,
    \"into\" INTEGER,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    times  BLOB
) STRICT;

-- The figures of one series in one span: `id` is the span's number times 2^24 plus the series'. Blocks of a span lie
-- together, so that a moment is read, and a span forgotten, in one piece.
CREATE TABLE block (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
";
