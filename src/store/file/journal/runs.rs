//! The runs of hubtop: what was kept when, and where the clock jumped.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};

use crate::model::{Frame, HostFacts, Timestamp};

/// A step forward of this length is told as a jump.
const JUMP: Duration = Duration::from_secs(60);
/// Jumps that wait to be written; a clock that jumps at each tick must not fill the memory.
const MOST_WAITING: usize = 1000;

/// One run of hubtop that kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number, counted from 1 within the file.
    pub number: i64,
    /// Its first tick.
    pub started: Timestamp,
    /// The last tick that is kept of it.
    pub seen: Timestamp,
    /// When it ended; `None` when it was killed, or still runs.
    pub ended: Option<Timestamp>,
    /// The version of hubtop.
    pub version: String,
    /// The host's name.
    pub host: String,
    /// Its PID.
    pub pid: u32,
}

/// Where the time of the ticks jumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockJump {
    /// In which run.
    pub run: i64,
    /// The tick before.
    pub was: Timestamp,
    /// The tick after.
    pub became: Timestamp,
}

/// All runs, oldest first.
///
/// # Errors
/// The file can't be read.
pub fn runs(db: &Connection) -> Result<Vec<Run>> {
    db.prepare("SELECT id, started, seen, ended, version, host, pid FROM run ORDER BY id")?
        .query_map([], |row| {
            Ok(Run {
                number: row.get(0)?,
                started: Timestamp(row.get(1)?),
                seen: Timestamp(row.get(2)?),
                ended: row.get::<_, Option<i64>>(3)?.map(Timestamp),
                version: row.get(4)?,
                host: row.get(5)?,
                pid: row.get(6)?,
            })
        })?
        .collect()
}

/// Every jump of the clock, oldest first.
///
/// # Errors
/// The file can't be read.
pub fn clock_jumps(db: &Connection) -> Result<Vec<ClockJump>> {
    db.prepare("SELECT run, was, became FROM clock_jump ORDER BY id")?
        .query_map([], |row| {
            Ok(ClockJump {
                run: row.get(0)?,
                was: Timestamp(row.get(1)?),
                became: Timestamp(row.get(2)?),
            })
        })?
        .collect()
}

/// The name of the host as the newest run had it.
pub(in crate::store::file) fn last_host(db: &Connection) -> Result<Option<String>> {
    db.query_row("SELECT host FROM run ORDER BY id DESC LIMIT 1", [], |row| {
        row.get(0)
    })
    .optional()
}

/// This run, for the writer.
#[derive(Debug, Default)]
pub(super) struct Runs {
    number: i64,
    started: Option<Timestamp>,
    seen: Timestamp,
    host: Arc<HostFacts>,
    jumps: Vec<(Timestamp, Timestamp)>,
}

impl Runs {
    pub fn of(number: Option<i64>) -> Self {
        Self {
            number: number.unwrap_or(0),
            ..Self::default()
        }
    }

    pub fn number(&self) -> i64 {
        self.number
    }

    /// Runs are counted from 1.
    pub fn recover(&mut self, db: &Connection) -> Result<()> {
        if self.number > 0 {
            return Ok(());
        }
        let sql = "SELECT max(coalesce((SELECT max(id) FROM run), 0), coalesce((SELECT max(run) FROM incident), 0)) + 1";
        self.number = db.query_row(sql, [], |row| row.get(0))?;
        Ok(())
    }

    pub fn put(&mut self, frame: &Frame) {
        let (was, at) = (self.seen, frame.at);
        if self.started.is_none() {
            self.started = Some(at);
        } else if at < was || at.since(was) >= JUMP.max(frame.tick * 4) {
            self.jumps.push((was, at));
            self.jumps.truncate(MOST_WAITING);
        }
        self.seen = at;
        self.host = frame.host.clone();
    }

    pub fn write(&self, tx: &Transaction<'_>) -> Result<()> {
        let Some(started) = self.started else {
            return Ok(());
        };
        tx.prepare_cached(
            "INSERT INTO run (id, started, seen, version, host, pid) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, host = excluded.host",
        )?
        .execute(params![
            self.number,
            started.0,
            self.seen.0,
            env!("CARGO_PKG_VERSION"),
            self.host.name,
            std::process::id(),
        ])?;
        for (was, became) in &self.jumps {
            tx.prepare_cached("INSERT INTO clock_jump (run, was, became) VALUES (?1, ?2, ?3)")?
                .execute(params![self.number, was.0, became.0])?;
        }
        Ok(())
    }

    pub fn written(&mut self) {
        self.jumps.clear();
    }

    pub fn end(&self, tx: &Transaction<'_>) -> Result<()> {
        tx.execute(
            "UPDATE run SET ended = ?2 WHERE id = ?1",
            params![self.number, self.seen.0],
        )?;
        Ok(())
    }
}
