//! Turns a tick into the lists of a picture. What is the same as at the tick before, by its address, is not looked at
//! again; what is new is encoded once, and only what differs then is written.

use std::sync::Arc;

use serde::Serialize;

use super::bytes::put_number;
use super::delta::{Mark, Writer, put_part};
use super::part::{
    MOST_CAME, MOST_PROCESSES, MOST_ROWS, PART_BYTES, PARTS, PICTURE_BYTES, Part, Parts, ROW_BYTES,
    Rows,
};
use super::rows::{Figures, Head, put_named};
use super::sketches::packed;
use crate::model::{
    AlertBoard, AlertState, Distribution, Frame, Incident, IncidentId, Process, SeriesId, Tables,
};
use crate::store::Kept;
use crate::store::file::ids::{FileId, Ids};

/// A row as it stands in the file, shared by the pictures that have it.
pub(super) type Row = Arc<[u8]>;

/// A process of the last picture with its two rows.
struct KnownProcess {
    process: Arc<Process>,
    identity: Row,
    figures: Row,
}

/// Lists that changed.
type Changes = Vec<(Part, Option<Rows<Row>>)>;

/// Takes the pictures.
#[derive(Default)]
pub(super) struct Taker {
    parts: Parts<Row>,
    bytes: [usize; PARTS],
    before: Option<Arc<Frame>>,
    processes: Vec<KnownProcess>,
    alerts: AlertMark,
    room: Vec<u8>,
}

/// What tells whether an alert changed.
#[derive(Debug, Default, PartialEq)]
struct AlertMark {
    open: Vec<(IncidentId, AlertState)>,
    last_resolved: Option<IncidentId>,
}

impl AlertMark {
    fn of(board: &AlertBoard) -> Self {
        let open = board.open.iter().map(|it| (it.id, it.state));
        let mut open: Vec<_> = open.collect();
        open.sort_unstable();
        Self {
            open,
            last_resolved: board.resolved.first().map(|it| it.id),
        }
    }
}

impl Taker {
    /// Writes a tick: whole if it is the first of a chunk, else as what differs from the tick before.
    pub fn take(&mut self, kept: &Kept, ids: &Ids, chunk: &mut Writer) {
        let frame = &kept.frame;
        let alerts = AlertMark::of(&frame.alerts);
        let mark = Mark {
            at: frame.at,
            is_alert: self.before.is_some() && alerts != self.alerts,
        };
        self.alerts = alerts;
        let changes = self.changes(kept, ids);
        if chunk.count == 0 {
            self.install(changes);
            chunk.push_after(mark, &Parts::<Row>::default(), &self.parts);
        } else {
            chunk.push(mark, |out| {
                for (part, now) in &changes {
                    put_part(*part as usize, self.parts.get(*part), now.as_ref(), out);
                }
            });
            self.install(changes);
        }
        self.before = Some(frame.clone());
    }

    /// Bytes of the last picture, which are held to compare with.
    pub fn bytes(&self) -> usize {
        self.bytes.iter().sum()
    }

    fn install(&mut self, changes: Changes) {
        for (part, rows) in changes {
            self.bytes[part as usize] = rows.as_ref().map_or(0, Rows::bytes);
            self.parts.0[part as usize] = rows;
        }
    }

    fn changes(&mut self, kept: &Kept, ids: &Ids) -> Changes {
        let frame = &*kept.frame;
        let before = self.before.take();
        let before = before.as_deref();
        let mut changes = Changes::new();
        self.head(frame, before, &mut changes);
        self.alerts(&frame.alerts, before, ids, &mut changes);
        self.processes(frame, before, &mut changes);
        let mut tables = TablesOf {
            taker: self,
            now: &frame.tables,
            before: before.map(|before| &before.tables),
            changes: &mut changes,
        };
        tables.put(Part::Endpoints, |of| of.endpoints.as_ref());
        tables.put(Part::Models, |of| of.models.as_ref());
        tables.put(Part::Sessions, |of| of.sessions.as_ref());
        tables.put(Part::Pages, |of| of.pages.as_ref());
        tables.put(Part::Probes, |of| of.probes.as_ref());
        tables.put(Part::Objectives, |of| of.objectives.as_ref());
        tables.put(Part::Caches, |of| of.caches.as_ref());
        tables.put(Part::CacheLevels, |of| of.cache_levels.as_ref());
        tables.put(Part::Statements, |of| of.statements.as_ref());
        tables.put(Part::Backends, |of| of.backends.as_ref());
        tables.put(Part::Locks, |of| of.locks.as_ref());
        tables.put(Part::TableUses, |of| of.table_uses.as_ref());
        tables.put(Part::IndexUses, |of| of.index_uses.as_ref());
        tables.put(Part::Databases, |of| of.databases.as_ref());
        self.came(&kept.came, ids, &mut changes);
        changes
    }

    fn head(&mut self, frame: &Frame, before: Option<&Frame>, changes: &mut Changes) {
        let head = Head::of(frame);
        let rows = self.encoded(Part::Head, 1, 1, [&head], put_named);
        changes.push((Part::Head, Some(rows)));
        if before.is_none_or(|before| !Arc::ptr_eq(&before.host, &frame.host)) {
            let rows = self.encoded(Part::Host, 1, 1, [&*frame.host], put_named);
            changes.push((Part::Host, Some(rows)));
        }
        if before.is_none_or(|before| !Arc::ptr_eq(&before.sources, &frame.sources)) {
            let rows = self.list(Part::Sources, &frame.sources);
            changes.push((Part::Sources, Some(rows)));
        }
        if before.is_none_or(|before| before.keeping != frame.keeping) {
            let rows = self.list(Part::Keeping, &frame.keeping);
            changes.push((Part::Keeping, Some(rows)));
        }
    }

    fn alerts(
        &mut self,
        board: &Arc<AlertBoard>,
        before: Option<&Frame>,
        ids: &Ids,
        changes: &mut Changes,
    ) {
        let before = before.map(|before| &before.alerts);
        if before.is_some_and(|before| Arc::ptr_eq(before, board)) {
            return;
        }
        let open = self.incidents(Part::Open, &board.open, ids);
        changes.push((Part::Open, Some(open)));
        if before.is_none_or(|before| !Arc::ptr_eq(&before.resolved, &board.resolved)) {
            let resolved = self.incidents(Part::Resolved, &board.resolved, ids);
            changes.push((Part::Resolved, Some(resolved)));
        }
        if before.is_none_or(|before| !Arc::ptr_eq(&before.rules, &board.rules)) {
            let rules = self.list(Part::Rules, &board.rules);
            changes.push((Part::Rules, Some(rules)));
        }
    }

    /// Incidents, each with the number that its series has in the file.
    fn incidents(&mut self, part: Part, incidents: &[Incident], ids: &Ids) -> Rows<Row> {
        self.encoded(part, incidents.len(), MOST_ROWS, incidents, |it, out| {
            let series: Option<FileId> = ids.of(it.series);
            put_named((series, it), out)
        })
    }

    fn came(&mut self, came: &[(SeriesId, Distribution)], ids: &Ids, changes: &mut Changes) {
        let known = came
            .iter()
            .filter_map(|(id, distribution)| Some((ids.of(*id)?, distribution)));
        let put = |(id, distribution): (FileId, &Distribution), out: &mut Vec<u8>| {
            put_number(id.cast_unsigned(), out);
            packed::put(distribution, out);
            true
        };
        let rows = self.encoded(Part::Came, came.len(), MOST_CAME, known, put);
        changes.push((Part::Came, Some(rows)));
    }

    fn processes(&mut self, frame: &Frame, before: Option<&Frame>, changes: &mut Changes) {
        let now = frame.tables.processes.as_ref();
        let before = before.and_then(|before| before.tables.processes.as_ref());
        match (now, before) {
            (None, None) => return,
            (Some(now), Some(before)) if Arc::ptr_eq(now, before) => return,
            _ => {}
        }
        let Some(table) = now else {
            self.processes.clear();
            changes.push((Part::Identities, None));
            changes.push((Part::Processes, None));
            return;
        };
        let known = std::mem::take(&mut self.processes);
        let mut place = 0;
        let mut left = 2 * PART_BYTES;
        for process in busiest(table) {
            // Both are ordered by PID: a row is looked for where it stood before.
            let pid = process.key().pid;
            while known
                .get(place)
                .is_some_and(|old| old.process.key().pid < pid)
            {
                place += 1;
            }
            let old = known
                .get(place)
                .filter(|old| old.process.key() == process.key());
            let Some(row) = self.known_process(process, old) else {
                continue;
            };
            let bytes = row.identity.len() + row.figures.len();
            if bytes > left {
                break;
            }
            left -= bytes;
            self.processes.push(row);
        }
        let rows = |row: fn(&KnownProcess) -> &Row, of: &[KnownProcess]| Rows {
            of: table.len(),
            rows: of.iter().map(row).cloned().collect(),
        };
        let identities = rows(|it| &it.identity, &self.processes);
        let figures = rows(|it| &it.figures, &self.processes);
        changes.push((Part::Identities, Some(identities)));
        changes.push((Part::Processes, Some(figures)));
    }

    fn known_process(
        &mut self,
        process: &Arc<Process>,
        old: Option<&KnownProcess>,
    ) -> Option<KnownProcess> {
        let identity = match old {
            Some(old) if Arc::ptr_eq(&old.process.identity, &process.identity) => {
                old.identity.clone()
            }
            _ => self.row(old.map(|old| &old.identity), |out| {
                put_named(&*process.identity, out)
            })?,
        };
        let figures = match old {
            Some(old) if Arc::ptr_eq(&old.process, process) => old.figures.clone(),
            _ => self.row(old.map(|old| &old.figures), |out| {
                Figures::of(process).put(out)
            })?,
        };
        Some(KnownProcess {
            process: process.clone(),
            identity,
            figures,
        })
    }

    fn list<T: Serialize>(&mut self, part: Part, rows: &[T]) -> Rows<Row> {
        self.encoded(part, rows.len(), MOST_ROWS, rows, put_named)
    }

    /// The rows of a list, within the bounds that all lists have.
    fn encoded<T>(
        &mut self,
        part: Part,
        of: usize,
        most: usize,
        rows: impl IntoIterator<Item = T>,
        put: impl Fn(T, &mut Vec<u8>) -> bool,
    ) -> Rows<Row> {
        let others = self.bytes() - self.bytes[part as usize];
        let mut left = PART_BYTES.min(PICTURE_BYTES.saturating_sub(others));
        let before = self.parts.0[part as usize].take();
        let mut kept = Vec::new();
        for (place, row) in rows.into_iter().take(most).enumerate() {
            let old = before.as_ref().and_then(|before| before.rows.get(place));
            let Some(row) = self.row(old, |out| put(row, out)) else {
                continue;
            };
            if row.len() > left {
                break;
            }
            left -= row.len();
            kept.push(row);
        }
        self.parts.0[part as usize] = before;
        Rows { of, rows: kept }
    }

    /// One row: the old one where it is the same. `None` for one that is too large to be kept.
    fn row(&mut self, old: Option<&Row>, put: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Row> {
        self.room.clear();
        if !put(&mut self.room) || self.room.len() > ROW_BYTES {
            return None;
        }
        match old {
            Some(old) if **old == *self.room => Some(old.clone()),
            _ => Some(self.room.as_slice().into()),
        }
    }
}

/// The tables of two ticks, side by side.
struct TablesOf<'a> {
    taker: &'a mut Taker,
    now: &'a Tables,
    before: Option<&'a Tables>,
    changes: &'a mut Changes,
}

impl TablesOf<'_> {
    fn put<T: Serialize>(&mut self, part: Part, table: fn(&Tables) -> Option<&Arc<Vec<T>>>) {
        match (table(self.now), self.before.and_then(table)) {
            (None, None) => {}
            (Some(now), Some(before)) if Arc::ptr_eq(now, before) => {}
            (None, Some(_)) => self.changes.push((part, None)),
            (Some(now), _) => {
                let rows = self.taker.list(part, now);
                self.changes.push((part, Some(rows)));
            }
        }
    }
}

/// The processes that are kept, in the order of the table: where there are too many, half of them those that take most
/// of the processors and the rest those that take most memory.
fn busiest(table: &[Arc<Process>]) -> Vec<&Arc<Process>> {
    if table.len() <= MOST_PROCESSES {
        return table.iter().collect();
    }
    let mut order: Vec<&Arc<Process>> = table.iter().collect();
    let cpu = |it: &Arc<Process>| it.cpu_percent.unwrap_or(0.0);
    let half = MOST_PROCESSES / 2;
    order.select_nth_unstable_by(half, |a, b| cpu(b).total_cmp(&cpu(a)));
    order[half..].select_nth_unstable_by_key(MOST_PROCESSES - half, |it| {
        std::cmp::Reverse(it.resident_bytes)
    });
    order.truncate(MOST_PROCESSES);
    order.sort_unstable_by_key(|it| it.key());
    order
}
