//! Which number a series has in the file. Numbers of this process are dense and its own; those of the file stay.

use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};

use crate::model::{Catalog, Labels, SeriesId, SeriesKey, SeriesTable};

/// The number of a series within the file.
pub(super) type FileId = i64;

/// From the numbers of this process to those of the file, for the writer.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: Vec<FileId>,
}

impl Ids {
    /// Whether every series of the table has its number.
    pub fn know(&self, series: &SeriesTable) -> bool {
        self.known.len() >= series.len()
    }

    /// Gives every series of the table its number in the file; new ones are written. When the transaction comes to
    /// nothing, [`Ids::forget_after`] takes that back.
    pub fn take(&mut self, series: &SeriesTable, tx: &Transaction<'_>) -> Result<()> {
        for (_, key) in series.iter().skip(self.known.len()) {
            self.known.push(number_of(key, tx)?);
        }
        Ok(())
    }

    /// How many series have a number.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Forgets all but the first `len`.
    pub fn forget_after(&mut self, len: usize) {
        self.known.truncate(len);
    }

    /// Whether a number is that of a series of this process.
    pub fn has(&self, number: FileId) -> bool {
        self.known.contains(&number)
    }

    /// The number of a series in the file.
    pub fn of(&self, id: SeriesId) -> Option<FileId> {
        self.known.get(id.index()).copied()
    }
}

fn number_of(key: &SeriesKey, tx: &Transaction<'_>) -> Result<FileId> {
    if let Some(known) = find(tx, key)? {
        return Ok(known);
    }
    tx.prepare_cached("INSERT INTO series (metric, labels) VALUES (?1, ?2)")?
        .insert(params![&*key.metric, labels_text(&key.labels)])
}

/// The number that a series has in the file, if it has one.
pub(super) fn find(db: &Connection, key: &SeriesKey) -> Result<Option<FileId>> {
    db.prepare_cached("SELECT id FROM series WHERE metric = ?1 AND labels = ?2")?
        .query_row(params![&*key.metric, labels_text(&key.labels)], |row| {
            row.get(0)
        })
        .optional()
}

/// From the numbers of the file to those of this process, for readers; every series of the file enters the catalog.
pub(super) fn known_here(db: &Connection, catalog: &Catalog) -> Result<Vec<(FileId, SeriesId)>> {
    known_after(db, catalog, 0)
}

/// The same for those whose numbers in the file are larger than `after`.
pub(super) fn known_after(
    db: &Connection,
    catalog: &Catalog,
    after: FileId,
) -> Result<Vec<(FileId, SeriesId)>> {
    let mut statement =
        db.prepare_cached("SELECT id, metric, labels FROM series WHERE id > ?1 ORDER BY id")?;
    let mut rows = statement.query([after])?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        let (metric, labels): (String, String) = (row.get(1)?, row.get(2)?);
        // A row that nobody can have written is nobody's series.
        if let Some(labels) = labels_of(&labels) {
            known.push((row.get(0)?, catalog.id(&metric, labels)));
        }
    }
    Ok(known)
}

/// Labels as they stand in the file: a JSON object in the order of the names.
pub(super) fn labels_text(labels: &Labels) -> String {
    let pairs = labels
        .iter()
        .map(|(name, value)| (name.to_owned(), value.into()));
    serde_json::Value::Object(pairs.collect()).to_string()
}

/// The way back; `None` for what is no labels.
pub(super) fn labels_of(text: &str) -> Option<Labels> {
    let pairs: std::collections::BTreeMap<String, String> = serde_json::from_str(text).ok()?;
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    Some(Labels::of(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_one_number_in_the_file_whatever_it_has_here() {
        let mut db = crate::store::file::tests::in_memory();
        let write = |db: &mut Connection, catalog: &Catalog| {
            let mut ids = Ids::default();
            let tx = db.transaction().unwrap();
            ids.take(&catalog.table(), &tx).unwrap();
            tx.commit().unwrap();
            ids
        };
        let odd = || Labels::of([("mount", "/a\"b\\ü\n"), ("a", "")]);
        let first = Catalog::new();
        let (cpu, disk) = (first.plain("cpu"), first.id("disk", odd()));
        let ids = write(&mut db, &first);
        let second = Catalog::new();
        let (disk_then, cpu_then) = (second.id("disk", odd()), second.plain("cpu"));
        let again = write(&mut db, &second);
        assert_eq!(ids.of(cpu), again.of(cpu_then));
        assert_eq!(ids.of(disk), again.of(disk_then));
        assert_eq!(ids.of(SeriesId(2)), None);

        let reader = Catalog::new();
        for (number, here) in known_here(&db, &reader).unwrap() {
            let table = reader.table();
            let key = table.key(here).unwrap();
            let there = first.id(&key.metric, key.labels.clone());
            assert_eq!(ids.of(there), Some(number));
        }
        assert_eq!(reader.table().len(), 2);
    }
}
