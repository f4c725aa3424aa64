//! Which number a series has in the file. Numbers of this process are dense and its own; those of the file stay.

use rusqlite::{Connection, Result, Transaction};

use crate::model::{Catalog, SeriesId, SeriesTable};

/// The number of a series within the file.
pub(super) type FileId = i64;

/// From the numbers of this process to those of the file, for the writer.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: Vec<FileId>,
}

impl Ids {
    /// Gives every series of the table its number in the file; new ones are written.
    pub fn take(&mut self, _series: &SeriesTable, _tx: &Transaction<'_>) -> Result<()> {
        Ok(())
    }

    /// The number of a series in the file.
    pub fn of(&self, id: SeriesId) -> Option<FileId> {
        self.known.get(id.index()).copied()
    }
}

/// From the numbers of the file to those of this process, for readers; every series of the file enters the catalog.
pub(super) fn known_here(_db: &Connection, _catalog: &Catalog) -> Result<Vec<(FileId, SeriesId)>> {
    Ok(Vec::new())
}
