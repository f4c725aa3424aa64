//! Whether a file is whole: SQLite's own pages, and each block and chunk in them by decoding it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Result};

use crate::model::{Catalog, Timestamp};
use crate::store::StoreError;
use crate::store::file::ids::{self, FileId};
use crate::store::file::trouble::Trouble;
use crate::store::file::{open, pictures, salvage, samples};

/// Lines that are listed at most; one damaged page can be named in thousands.
const MOST_LINES: usize = 100;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is damaged, a line each.
    pub damaged: Vec<String>,
    /// Where SQLite itself stumbles: how many rows of each table can be read, and how often reading failed.
    pub readable: Vec<(String, u64, u32)>,
}

impl Checked {
    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
    }

    fn add(&mut self, line: impl Into<String>) {
        if self.damaged.len() < MOST_LINES {
            self.damaged.push(line.into());
        }
    }
}

/// Reads all of the file at `path`.
///
/// # Errors
/// There is none, a newer hubtop wrote it, or it may not be read. Damage is no error.
pub fn check(path: &Path) -> std::result::Result<Checked, StoreError> {
    let mut checked = Checked::default();
    match open::to_read(path) {
        Ok(db) => {
            let looked = look(&db, &mut checked);
            took(looked, path, &mut checked)?;
        }
        Err(StoreError::Damaged { .. }) => checked.add("SQLite can't open it"),
        Err(error) => return Err(error),
    }
    if !checked.is_whole() {
        // What is told of a file that can't even be opened is that nothing can be read.
        checked.readable = salvage::readable(path).unwrap_or_default();
    }
    Ok(checked)
}

/// Damage that SQLite stumbles over is what was looked for.
fn took(
    looked: Result<()>,
    path: &Path,
    checked: &mut Checked,
) -> std::result::Result<(), StoreError> {
    match looked {
        Err(error) if Trouble::of(&error) == Trouble::Damage => {
            checked.add(error.to_string());
            Ok(())
        }
        looked => looked.map_err(|error| StoreError::of_sqlite(path, error)),
    }
}

fn look(db: &Connection, checked: &mut Checked) -> Result<()> {
    // All of it of one state of the file.
    let db = db.unchecked_transaction()?;
    let mut statement = db.prepare(&format!("PRAGMA integrity_check({MOST_LINES})"))?;
    let said: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for line in said.iter().filter(|line| *line != "ok") {
        checked.add(line.as_str());
    }
    for line in samples::check(&db)? {
        checked.add(line);
    }
    let catalog = Catalog::new();
    let known = ids::known_here(&db, &catalog)?;
    check_pictures(&db, &known, checked)?;
    check_distributions(&db, &known, checked)
}

fn check_pictures(
    db: &Connection,
    known: &[(FileId, crate::model::SeriesId)],
    checked: &mut Checked,
) -> Result<()> {
    let mut chunks = db.prepare("SELECT first, last FROM picture ORDER BY id")?;
    let chunks = chunks.query_map([], |row| {
        Ok((Timestamp(row.get(0)?), Timestamp(row.get(1)?)))
    })?;
    for chunk in chunks {
        let (first, last) = chunk?;
        // A chunk is gone through from its beginning; one picture of it is decoded to its rows.
        if let Err(error) = pictures::pictures(db, known, first, last, Duration::MAX) {
            let when = first.local().format("%F %T");
            checked.add(format!("pictures from {when} on: {error}"));
        }
    }
    Ok(())
}

fn check_distributions(
    db: &Connection,
    known: &[(FileId, crate::model::SeriesId)],
    checked: &mut Checked,
) -> Result<()> {
    let mut starts = db
        .prepare("SELECT series, tier, min(start), max(start) FROM sketch GROUP BY series, tier")?;
    let mut rows = starts.query([])?;
    while let Some(row) = rows.next()? {
        let series: FileId = row.get(0)?;
        let (first, last) = (Timestamp(row.get(2)?), Timestamp(row.get(3)?));
        if !known.iter().any(|(number, _)| *number == series) {
            checked.add(format!(
                "distributions of series {series}, which is not known"
            ));
        }
        let end = last.plus(pictures::WIDEST_BLOCK);
        if let Err(error) = pictures::distribution(db, series, first, end) {
            let when = first.local().format("%F %T");
            checked.add(format!(
                "distributions of series {series} from {when} on: {error}"
            ));
        }
    }
    Ok(())
}
