//! Tables, alerts and distributions on disk: what the screen showed at a moment beside figures.
//!
//! A picture is lists of rows, one list a table. In memory and in the file it stands as what differs from the picture
//! before it. The pictures of a minute are one chunk, compressed as one, which begins with a whole picture: a moment is
//! read by going through one chunk, and only the rows of that moment are decoded. After an hour, the chunks of ten
//! minutes become one with a picture each 10 s and one for each moment at which an alert changed.
//!
//! What is open on the screen alone (details, and what was found) is in no picture, as in hot memory.

mod bytes;
mod delta;
mod find;
mod part;
mod read;
mod rows;
mod shelf;
mod show;
mod sketches;
mod take;
#[cfg(test)]
mod tests;
mod tidy;

pub use read::ProcessRows;
pub(super) use read::{frame_at, pictures, process_rows};
pub(super) use shelf::Pictures;
pub(super) use sketches::{WIDEST_BLOCK, distribution, distributions};

/// What stands in the file of pictures and distributions.
pub(super) const TABLES: &str = "
-- Chunks of pictures; a larger id was written later. `size` is that of the unpacked data.
CREATE TABLE picture (
    id         INTEGER PRIMARY KEY,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    is_thinned INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    data       BLOB NOT NULL
) STRICT;
CREATE INDEX picture_time ON picture (last, first, is_thinned);

-- Blocks of distributions: of one series in one tier, from `start` on.
CREATE TABLE sketch (
    tier   INTEGER NOT NULL,
    series INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    data   BLOB NOT NULL,
    PRIMARY KEY (tier, series, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX sketch_age ON sketch (tier, start);
";
