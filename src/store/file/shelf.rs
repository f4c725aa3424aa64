//! What the writing thread asks of each part of the file.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, Transaction};

use super::Limits;
use super::ids::{FileId, Ids};
use crate::model::Timestamp;
use crate::store::Kept;

/// A part of the file. All methods run in the writing thread, in the order: [`Shelf::recover`] once, then
/// [`Shelf::put`] at each tick and, every two seconds, [`Shelf::write`] followed by [`Shelf::written`] or, where the
/// transaction failed, by nothing: what was put must be written by the next `write`.
pub(super) trait Shelf: Send {
    /// Takes up what the last writer left unsealed.
    fn recover(&mut self, db: &Connection) -> Result<()>;

    /// Takes a tick into memory.
    fn put(&mut self, kept: &Kept, ids: &Ids);

    /// Writes what came since the last [`Shelf::written`], and seals what is due.
    fn write(&mut self, tx: &Transaction<'_>) -> Result<()>;

    /// The transaction of the last [`Shelf::write`] is on disk.
    fn written(&mut self);

    /// Does one bounded piece (some ten milliseconds) of the work that has time: folds small blocks into large ones.
    /// Whether there is more to do.
    fn tidy(&mut self, tx: &Transaction<'_>, now: Timestamp) -> Result<bool>;

    /// Forgets a bounded piece of what is too old at `now`, a moment that can be trusted. Whether there is more to do.
    fn forget(&mut self, tx: &Transaction<'_>, now: Timestamp, limits: &Limits) -> Result<bool>;

    /// Lets go of about `bytes` of the oldest and finest, because the file is too large. How many bytes that were;
    /// 0 when nothing is left that may go.
    fn make_room(&mut self, tx: &Transaction<'_>, bytes: u64) -> Result<u64>;

    /// Bytes held in memory: ticks that wait while the disk takes nothing are dropped beyond a bound, oldest first.
    fn bytes_held(&self) -> usize;

    /// The series of which something is in memory or in the tail; not all of which there are blocks.
    fn holds(&self, db: &Connection) -> Result<BTreeSet<FileId>>;

    /// Whether something that is sealed tells of a series.
    fn tells_of(&self, db: &Connection, series: FileId) -> Result<bool>;

    /// How many ticks were dropped so since the start, before they were on disk.
    fn dropped(&self) -> u64 {
        0
    }
}
