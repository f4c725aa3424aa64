//! What there is in a file: from when to when, how much, and who writes it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Result, Row};

use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::file::book::Size;
use crate::store::file::journal::{Run, runs};
use crate::store::file::shelves::SERIES_BITS;
use crate::store::file::{lock, open, place, schema};

/// One kind of what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub what: &'static str,
    /// From when to when; `None` when there is nothing.
    pub reach: Option<(Timestamp, Timestamp)>,
    /// How many values, pictures or blocks.
    pub count: u64,
    /// Bytes of their packed data.
    pub bytes: u64,
}

/// What there is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// Where it is.
    pub path: PathBuf,
    /// The version of the file, and the newest that is known here.
    pub version: (i64, i64),
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of its WAL.
    pub wal_bytes: u64,
    /// Bytes within the file that are free.
    pub free_bytes: u64,
    /// How many series it knows.
    pub series: u64,
    /// Figures by tiers, from the finest on.
    pub figures: Vec<Part>,
    /// Pictures, and distributions.
    pub pictures: Vec<Part>,
    /// Bytes that are not yet sealed.
    pub tail_bytes: u64,
    /// Incidents.
    pub incidents: u64,
    /// The runs of hubtop that kept, oldest first.
    pub runs: Vec<Run>,
    /// Who writes it now: `None` is nobody, `Some(None)` is somebody unknown.
    pub writer: Option<Option<u32>>,
}

impl Info {
    /// Bytes that a sealed value takes, over all tiers; a bucket of a coarse one is several values and counts as one.
    #[must_use]
    pub fn bytes_a_value(&self) -> Option<f64> {
        let (count, bytes) = self.figures.iter().fold((0, 0), |(count, bytes), part| {
            (count + part.count, bytes + part.bytes)
        });
        (count > 0).then(|| bytes as f64 / count as f64)
    }
}

/// The names of the tiers, by their numbers.
const TIERS: [&str; 4] = [
    "every tick",
    "by 10 s",
    "by a minute",
    "by a quarter of an hour",
];

/// Looks what there is in the file at `path`.
///
/// # Errors
/// There is none, or it can't be read.
pub fn info(path: &Path) -> std::result::Result<Info, StoreError> {
    let db = open::to_read(path)?;
    look(&db, path).map_err(|error| StoreError::of_sqlite(path, error))
}

fn look(db: &Connection, path: &Path) -> Result<Info> {
    // All of it of one state of the file.
    let db = db.unchecked_transaction()?;
    let length =
        |suffix| std::fs::metadata(place::beside(path, suffix)).map_or(0, |known| known.len());
    let count = |sql: &str| {
        db.query_row(sql, [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    };
    Ok(Info {
        path: path.to_owned(),
        version: (schema::version(&db)?, schema::NEWEST),
        bytes: length(""),
        wal_bytes: length("-wal"),
        free_bytes: Size::of(&db)?.free(),
        series: count("SELECT count(*) FROM series WHERE metric <> ''")?,
        figures: figures(&db)?,
        pictures: pictures(&db)?,
        tail_bytes: count("SELECT coalesce(sum(length(data)), 0) FROM tail")?,
        incidents: count("SELECT count(*) FROM incident")?,
        runs: runs(&db)?,
        writer: lock::writer_of(path),
    })
}

/// Spans say from when to when and how many ticks or buckets; their blocks, of how many series.
fn figures(db: &Connection) -> Result<Vec<Part>> {
    let own = format!(
        "block.id >= span.id << {SERIES_BITS} AND block.id < (span.id + 1) << {SERIES_BITS}"
    );
    let mut statement = db.prepare(&format!(
        "SELECT min(first), max(last),
            sum(count * (SELECT count(*) FROM block WHERE {own})),
            sum((SELECT sum(length(data)) FROM block WHERE {own}))
         FROM span WHERE tier = ?1 AND state = 1"
    ))?;
    (0_i64..)
        .zip(TIERS)
        .map(|(tier, what)| statement.query_row([tier], |row| part(what, row)))
        .collect()
}

fn pictures(db: &Connection) -> Result<Vec<Part>> {
    let ask = |what, sql: &str| db.query_row(sql, [], |row| part(what, row));
    Ok(vec![
        ask(
            "pictures, every tick",
            "SELECT min(first), max(last), count(*), sum(length(data)) FROM picture WHERE is_thinned = 0",
        )?,
        ask(
            "pictures, by 10 s",
            "SELECT min(first), max(last), count(*), sum(length(data)) FROM picture WHERE is_thinned = 1",
        )?,
        ask(
            "distributions",
            "SELECT min(start), max(start), count(*), sum(length(data)) FROM sketch",
        )?,
    ])
}

fn part(what: &'static str, row: &Row<'_>) -> Result<Part> {
    let number = |index: usize| row.get::<_, Option<i64>>(index);
    let reach = number(0)?.zip(number(1)?);
    Ok(Part {
        what,
        reach: reach.map(|(first, last)| (Timestamp(first), Timestamp(last))),
        count: number(2)?.unwrap_or(0).unsigned_abs(),
        bytes: number(3)?.unwrap_or(0).unsigned_abs(),
    })
}
