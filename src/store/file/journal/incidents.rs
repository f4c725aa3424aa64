//! Incidents as they open, change and end, from the alert boards of the frames; and the way back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Result, Row, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{
    AlertBoard, AlertState, Catalog, Frame, Incident, IncidentId, Labels, Timestamp,
};
use crate::store::file::ids::{self, FileId, Ids};

/// The newest value of an open incident is written this often; what matters is written at once.
const VALUES_EACH: Duration = Duration::from_secs(10);
/// An incident that is open in the newest run is stale when nothing has been heard of that run for so long.
const SILENT: Duration = Duration::from_secs(60);

/// An incident as a row.
#[derive(Debug, Clone)]
struct Record {
    incident: Incident,
    labels: String,
    series: Option<FileId>,
}

/// The incidents of this run, for the writer.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    board: Option<Arc<AlertBoard>>,
    /// The open ones as they were last told to be written, and when.
    open: BTreeMap<IncidentId, (Incident, Timestamp)>,
    /// What is to be written.
    changed: BTreeMap<IncidentId, Record>,
    /// Those that never fired and are over: they are forgotten, or a value around its threshold would fill the file.
    gone: BTreeSet<IncidentId>,
}

impl Incidents {
    pub fn put(&mut self, frame: &Frame, ids: &Ids) {
        let board = &frame.alerts;
        if self
            .board
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, board))
        {
            return;
        }
        let before: BTreeSet<IncidentId> = self.open.keys().copied().collect();
        for incident in &board.open {
            self.take_open(incident, frame, ids);
        }
        // Newest first; what is not among those that were open is known already, or was over before this file began.
        let first = self.board.is_none();
        for incident in board.resolved.iter() {
            if first || before.contains(&incident.id) {
                self.open.remove(&incident.id);
                self.change(incident, frame, ids);
            }
        }
        let still: BTreeSet<IncidentId> = board.open.iter().map(|incident| incident.id).collect();
        for id in before.difference(&still) {
            if self.open.remove(id).is_some() {
                self.changed.remove(id);
                self.gone.insert(*id);
            }
        }
        self.board = Some(board.clone());
    }

    fn take_open(&mut self, incident: &Incident, frame: &Frame, ids: &Ids) {
        let due = self.open.get(&incident.id).is_none_or(|(known, at)| {
            matters(known) != matters(incident)
                || frame.at < *at
                || frame.at.since(*at) >= VALUES_EACH
        });
        if due {
            let known = (incident.clone(), frame.at);
            self.open.insert(incident.id, known);
            self.change(incident, frame, ids);
        }
    }

    fn change(&mut self, incident: &Incident, frame: &Frame, ids: &Ids) {
        let key = frame.series.key(incident.series);
        let record = Record {
            incident: incident.clone(),
            labels: key.map_or_else(|| "{}".to_owned(), |key| ids::labels_text(&key.labels)),
            series: ids.of(incident.series),
        };
        self.changed.insert(incident.id, record);
    }

    pub fn write(&self, tx: &Transaction<'_>, run: i64) -> Result<()> {
        for record in self.changed.values() {
            write(tx, run, record)?;
        }
        for id in &self.gone {
            tx.prepare_cached("DELETE FROM incident WHERE run = ?1 AND number = ?2")?
                .execute(params![run, number(*id)])?;
        }
        Ok(())
    }

    pub fn written(&mut self) {
        self.changed.clear();
        self.gone.clear();
    }

    pub fn bytes_held(&self) -> usize {
        (self.open.len() + self.changed.len()) * 512
    }
}

/// What is written at once when it changes.
fn matters(incident: &Incident) -> (AlertState, Option<Timestamp>, Option<Timestamp>, u64) {
    (
        incident.state,
        incident.fired,
        incident.stale_since,
        incident.worst.to_bits(),
    )
}

fn number(id: IncidentId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

fn write(tx: &Transaction<'_>, run: i64, record: &Record) -> Result<()> {
    let Record {
        incident,
        labels,
        series,
    } = record;
    let moment = |at: Option<Timestamp>| at.map(|at| at.0);
    tx.prepare_cached(
        "INSERT INTO incident (run, number, rule, severity, state, metric, labels, series, place, unit, value, worst,
            condition, threshold, began, fired, resolved, stale_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT (run, number) DO UPDATE SET severity = excluded.severity, state = excluded.state,
            value = excluded.value, worst = excluded.worst, fired = excluded.fired, resolved = excluded.resolved,
            stale_since = excluded.stale_since",
    )?
    .execute(params![
        run,
        number(incident.id),
        &*incident.rule,
        word(&incident.severity),
        word(&incident.state),
        &*incident.metric,
        labels,
        series,
        incident.place,
        word(&incident.unit),
        incident.value,
        // SQLite has no NaN: it becomes NULL.
        incident.worst,
        incident.condition,
        incident.threshold,
        incident.began.0,
        moment(incident.fired),
        moment(incident.resolved),
        moment(incident.stale_since),
    ])?;
    Ok(())
}

/// Every incident that was open at any time from one moment to another, by when it began. Numbers are unique among all
/// runs: the run stands in the upper half. One that was open when its run ended has had no data since then.
pub(in crate::store::file) fn between(
    db: &Connection,
    catalog: &Catalog,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Incident>> {
    let mut statement = db.prepare_cached(
        "SELECT incident.run, number, rule, severity, state, metric, labels, place, unit, value, worst, condition,
            threshold, began, fired, resolved, stale_since,
            CASE WHEN run.id IS NULL THEN began
                 WHEN run.ended IS NOT NULL OR run.id < (SELECT max(id) FROM run) OR run.seen < ?3
                 THEN coalesce(run.ended, run.seen) END AS lost
         FROM incident LEFT JOIN run ON run.id = incident.run
         WHERE began <= ?2 AND coalesce(resolved, lost, ?2) >= ?1
         ORDER BY began, incident.id",
    )?;
    let silent = to.minus(SILENT);
    let mut rows = statement.query(params![from.0, to.0, silent.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(incident_of(row, catalog)?);
    }
    Ok(found)
}

/// A row that can't be one of ours is left out; `hubtop store check` names it.
fn incident_of(row: &Row<'_>, catalog: &Catalog) -> Result<Option<Incident>> {
    let text = |index: usize| row.get::<_, String>(index);
    let moment =
        |index: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(Timestamp));
    let (run, number): (i64, i64) = (row.get(0)?, row.get(1)?);
    let (Some(severity), Some(state), Some(unit), Some(labels)) = (
        of_word(&text(3)?),
        state_of(&text(4)?),
        of_word(&text(8)?),
        ids::labels_of(&text(6)?),
    ) else {
        return Ok(None);
    };
    let metric = text(5)?;
    let resolved = moment(15)?;
    let lost = moment(17)?.filter(|_| resolved.is_none());
    Ok(Some(Incident {
        id: number_among_all(run, number),
        rule: text(2)?.into(),
        severity,
        state,
        series: series_of(catalog, &metric, labels),
        metric: metric.into(),
        place: text(7)?,
        unit,
        value: row.get(9)?,
        worst: row.get::<_, Option<f64>>(10)?.unwrap_or(f64::NAN),
        condition: text(11)?,
        threshold: row.get(12)?,
        began: Timestamp(row.get(13)?),
        fired: moment(14)?,
        resolved,
        stale_since: moment(16)?.or(lost),
    }))
}

fn series_of(catalog: &Catalog, metric: &str, labels: Labels) -> crate::model::SeriesId {
    catalog.id(metric, labels)
}

/// The run in the upper half, the number within the run in the lower.
fn number_among_all(run: i64, number: i64) -> IncidentId {
    IncidentId((run.unsigned_abs() << 32) | (number.unsigned_abs() & u64::from(u32::MAX)))
}

/// A word of the model, as it stands in JSON.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

fn state_of(text: &str) -> Option<AlertState> {
    use AlertState::{Acknowledged, Firing, Pending, Resolved};
    let states = [Pending, Firing, Acknowledged, Resolved];
    states.into_iter().find(|state| word(state) == text)
}
