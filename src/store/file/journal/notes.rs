//! What people and hubtop did about incidents, what detectors learnt, and marks on the time line. Each is written into
//! the file as it is and read back by time.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::model::Timestamp;

/// Somebody said that they are on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The run of the incident.
    pub run: i64,
    /// Its number in the run.
    pub incident: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What they said.
    pub note: String,
}

/// Nobody is to be told of some incidents for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// From when.
    pub at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Of which incidents, as it was written.
    pub matches: String,
    /// Who asked for it.
    pub who: String,
    /// Why.
    pub note: String,
}

/// Somebody was told of an incident, or should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The run of the incident.
    pub run: i64,
    /// Its number in the run.
    pub incident: u64,
    /// When.
    pub at: Timestamp,
    /// By what way.
    pub channel: String,
    /// Of what: `opened`, `resolved`.
    pub event: String,
    /// Why it did not arrive.
    pub error: Option<String>,
}

/// What a detector learnt, as its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Of what.
    pub name: String,
    /// When it was learnt.
    pub at: Timestamp,
    /// The model.
    pub data: Vec<u8>,
}

/// Something on the time line: a deployment, a restart, a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// From when.
    pub at: Timestamp,
    /// Until when, if it lasted.
    pub until: Option<Timestamp>,
    /// What kind of thing.
    pub kind: String,
    /// In words.
    pub text: String,
}

fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

/// The rows of a question with a beginning and an end of time.
fn rows<T>(
    db: &Connection,
    sql: &str,
    (from, to): (Timestamp, Timestamp),
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    db.prepare_cached(sql)?
        .query_map([from.0, to.0], read)?
        .collect()
}

impl Acknowledgement {
    /// Writes it.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, db: &Connection) -> Result<()> {
        db.execute(
            "INSERT INTO acknowledgement (run, incident, at, who, note) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.run, number(self.incident), self.at.0, self.who, self.note],
        )?;
        Ok(())
    }

    /// Those from one moment to another, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn between(db: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Self>> {
        let sql = "SELECT run, incident, at, who, note FROM acknowledgement WHERE at BETWEEN ?1 AND ?2 ORDER BY at, id";
        rows(db, sql, (from, to), |row| {
            Ok(Self {
                run: row.get(0)?,
                incident: row.get::<_, i64>(1)?.unsigned_abs(),
                at: Timestamp(row.get(2)?),
                who: row.get(3)?,
                note: row.get(4)?,
            })
        })
    }
}

impl Silence {
    /// Writes it.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, db: &Connection) -> Result<()> {
        db.execute(
            "INSERT INTO silence (at, until, matches, who, note) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.at.0, self.until.0, self.matches, self.who, self.note],
        )?;
        Ok(())
    }

    /// Those in force at any time from one moment to another, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn between(db: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Self>> {
        let sql = "SELECT at, until, matches, who, note FROM silence WHERE until >= ?1 AND at <= ?2 ORDER BY at, id";
        rows(db, sql, (from, to), |row| {
            Ok(Self {
                at: Timestamp(row.get(0)?),
                until: Timestamp(row.get(1)?),
                matches: row.get(2)?,
                who: row.get(3)?,
                note: row.get(4)?,
            })
        })
    }
}

impl Notification {
    /// Writes it.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, db: &Connection) -> Result<()> {
        db.execute(
            "INSERT INTO notification (run, incident, at, channel, event, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.run,
                number(self.incident),
                self.at.0,
                self.channel,
                self.event,
                self.error
            ],
        )?;
        Ok(())
    }

    /// Those from one moment to another, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn between(db: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Self>> {
        let sql = "SELECT run, incident, at, channel, event, error FROM notification WHERE at BETWEEN ?1 AND ?2 ORDER BY at, id";
        rows(db, sql, (from, to), |row| {
            Ok(Self {
                run: row.get(0)?,
                incident: row.get::<_, i64>(1)?.unsigned_abs(),
                at: Timestamp(row.get(2)?),
                channel: row.get(3)?,
                event: row.get(4)?,
                error: row.get(5)?,
            })
        })
    }
}

impl Model {
    /// Writes it beside those that were learnt before.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, db: &Connection) -> Result<()> {
        db.execute(
            "INSERT OR REPLACE INTO model (name, at, data) VALUES (?1, ?2, ?3)",
            params![self.name, self.at.0, self.data],
        )?;
        Ok(())
    }

    /// The newest of a name that was known at a moment.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn newest(db: &Connection, name: &str, at: Timestamp) -> Result<Option<Self>> {
        let sql = "SELECT name, at, data FROM model WHERE name = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1";
        db.query_row(sql, params![name, at.0], |row| {
            Ok(Self {
                name: row.get(0)?,
                at: Timestamp(row.get(1)?),
                data: row.get(2)?,
            })
        })
        .optional()
    }
}

impl Mark {
    /// Writes it.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, db: &Connection) -> Result<()> {
        db.execute(
            "INSERT INTO mark (at, until, kind, text) VALUES (?1, ?2, ?3, ?4)",
            params![
                self.at.0,
                self.until.map(|until| until.0),
                self.kind,
                self.text
            ],
        )?;
        Ok(())
    }

    /// Those that touch the time from one moment to another, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn between(db: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Self>> {
        let sql = "SELECT at, until, kind, text FROM mark WHERE coalesce(until, at) >= ?1 AND at <= ?2 ORDER BY at, id";
        rows(db, sql, (from, to), |row| {
            Ok(Self {
                at: Timestamp(row.get(0)?),
                until: row.get::<_, Option<i64>>(1)?.map(Timestamp),
                kind: row.get(2)?,
                text: row.get(3)?,
            })
        })
    }
}
