//! Pictures of the tables, so that a step back in time shows the processes of that moment too.
//!
//! Rows that did not change are shared between pictures, so a picture costs a pointer a row and the rows that changed.
//! Every tick of the last two minutes is kept, then one each ten seconds, as far back as the budget allows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{AlertBoard, HostFacts, Incident, Process, SourceStatus, Tables, Timestamp};

/// How long every tick is kept.
const EVERY_TICK_FOR: Duration = Duration::from_secs(120);
/// How far apart older pictures are.
const OLDER_STEP: Duration = Duration::from_secs(10);

/// How long a picture stands at least for what was after it: older ones are 10 s apart.
const STANDS_FOR: Duration = Duration::from_secs(15);
/// Bytes that a row of a table has beside itself, an estimate: a short list or a message. Its names and texts are
/// `Arc<str>`, which the rows of one tick share with those of the next; they cost nothing again.
const OWN_STRINGS: usize = 64;

/// The tables of one moment.
#[derive(Debug, Clone)]
pub struct Picture {
    /// When.
    pub at: Timestamp,
    /// How often there were ticks then.
    pub tick: Duration,
    /// The host.
    pub host: Arc<HostFacts>,
    /// The tables.
    pub tables: Tables,
    /// How the sources did.
    pub sources: Arc<Vec<SourceStatus>>,
    /// The alerts, as they stood then.
    pub alerts: Arc<AlertBoard>,
}

impl Picture {
    /// Whether it still shows what was at a later moment: there may have been an outage in between.
    #[must_use]
    pub fn stands_at(&self, at: Timestamp) -> bool {
        at < self.at.plus(Self::stands_for(self.tick))
    }

    /// How long one stands at least, where there is a tick so often.
    #[must_use]
    pub fn stands_for(tick: Duration) -> Duration {
        STANDS_FOR.max(tick.saturating_mul(3))
    }
}

/// Pictures in the order of their moments.
#[derive(Debug)]
pub struct Pictures {
    budget: usize,
    recent: VecDeque<(Picture, usize)>,
    older: VecDeque<(Picture, usize)>,
    bytes: usize,
}

impl Pictures {
    /// No pictures; later at most `budget` bytes of them.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self {
            budget,
            recent: VecDeque::new(),
            older: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Bytes that the pictures take, shared rows counted once.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps a picture and lets go of what is too much.
    pub fn push(&mut self, picture: Picture) {
        let bytes = cost(&picture, self.recent.back().map(|(last, _)| last));
        self.bytes += bytes;
        self.recent.push_back((picture, bytes));
        self.thin();
        while self.bytes > self.budget && self.recent.len() > 1 {
            let dropped = self.older.pop_front().or_else(|| self.recent.pop_front());
            self.bytes = self
                .bytes
                .saturating_sub(dropped.map_or(0, |(_, bytes)| bytes));
        }
    }

    /// The newest picture that is not later than `at`, if it still stands then.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<&Picture> {
        newest_until(&self.recent, at)
            .or_else(|| newest_until(&self.older, at))
            .filter(|picture| picture.stands_at(at))
    }

    /// Whether every tick from this moment on has its own.
    #[must_use]
    pub fn has_every_tick_at(&self, at: Timestamp) -> bool {
        let oldest = self.recent.front();
        oldest.is_some_and(|(oldest, _)| oldest.at <= at)
    }

    /// All pictures from the oldest on.
    pub fn iter(&self) -> impl Iterator<Item = &Picture> {
        self.older
            .iter()
            .chain(&self.recent)
            .map(|(picture, _)| picture)
    }

    /// Forgets every picture of `at` and later.
    pub fn forget_from(&mut self, at: Timestamp) {
        for pictures in [&mut self.recent, &mut self.older] {
            while pictures.back().is_some_and(|(picture, _)| picture.at >= at) {
                let dropped = pictures.pop_back();
                self.bytes = self
                    .bytes
                    .saturating_sub(dropped.map_or(0, |(_, bytes)| bytes));
            }
        }
    }

    fn thin(&mut self) {
        let Some(newest) = self.recent.back().map(|(picture, _)| picture.at) else {
            return;
        };
        while self
            .recent
            .front()
            .is_some_and(|(first, _)| newest.since(first.at) > EVERY_TICK_FOR)
        {
            let Some((picture, bytes)) = self.recent.pop_front() else {
                return;
            };
            if self
                .older
                .back()
                .is_none_or(|(last, _)| picture.at.since(last.at) >= OLDER_STEP)
            {
                self.older.push_back((picture, bytes));
            } else {
                self.bytes = self.bytes.saturating_sub(bytes);
            }
        }
    }
}

fn newest_until(pictures: &VecDeque<(Picture, usize)>, at: Timestamp) -> Option<&Picture> {
    let after = pictures.partition_point(|(picture, _)| picture.at <= at);
    after
        .checked_sub(1)
        .and_then(|i| pictures.get(i))
        .map(|(picture, _)| picture)
}

/// What a picture adds to the memory: tables that are the same as in the picture before it cost nothing.
fn cost(picture: &Picture, before: Option<&Picture>) -> usize {
    let tables = &picture.tables;
    let last = before.map(|before| &before.tables);
    size_of::<Picture>()
        + processes_cost(
            tables.processes.as_ref(),
            last.and_then(|last| last.processes.as_ref()),
        )
        + table_cost(tables, last, |of| of.endpoints.as_ref())
        + table_cost(tables, last, |of| of.models.as_ref())
        + table_cost(tables, last, |of| of.sessions.as_ref())
        + table_cost(tables, last, |of| of.pages.as_ref())
        + table_cost(tables, last, |of| of.probes.as_ref())
        + table_cost(tables, last, |of| of.objectives.as_ref())
        + table_cost(tables, last, |of| of.caches.as_ref())
        + table_cost(tables, last, |of| of.cache_levels.as_ref())
        + table_cost(tables, last, |of| of.statements.as_ref())
        + table_cost(tables, last, |of| of.backends.as_ref())
        + table_cost(tables, last, |of| of.locks.as_ref())
        + table_cost(tables, last, |of| of.table_uses.as_ref())
        + table_cost(tables, last, |of| of.index_uses.as_ref())
        + rows_cost(Some(&picture.sources), before.map(|before| &before.sources))
        + board_cost(&picture.alerts, before.map(|before| &*before.alerts))
}

fn board_cost(board: &AlertBoard, before: Option<&AlertBoard>) -> usize {
    let resolved = before.map(|before| &before.resolved);
    let open = match before {
        Some(before) if std::ptr::eq(board, before) => 0,
        _ => board.open.len() * (size_of::<Incident>() + OWN_STRINGS),
    };
    open + rows_cost(Some(&board.resolved), resolved)
}

fn table_cost<T>(
    tables: &Tables,
    before: Option<&Tables>,
    table: fn(&Tables) -> Option<&Arc<Vec<T>>>,
) -> usize {
    rows_cost(table(tables), before.and_then(table))
}

fn rows_cost<T>(table: Option<&Arc<Vec<T>>>, before: Option<&Arc<Vec<T>>>) -> usize {
    match (table, before) {
        (Some(table), Some(before)) if Arc::ptr_eq(table, before) => 0,
        (Some(table), _) => size_of_val(table.as_slice()) + table.len() * OWN_STRINGS,
        (None, _) => 0,
    }
}

fn processes_cost(
    table: Option<&Arc<Vec<Arc<Process>>>>,
    before: Option<&Arc<Vec<Arc<Process>>>>,
) -> usize {
    let Some(table) = table else { return 0 };
    if before.is_some_and(|before| Arc::ptr_eq(table, before)) {
        return 0;
    }
    let known: &[Arc<Process>] = before.map_or(&[], |before| before.as_slice());
    // Both are ordered by PID and mostly the same: a row is looked for where it stood before.
    let mut at = 0;
    let mut changed = 0;
    for row in table.iter() {
        while known
            .get(at)
            .is_some_and(|old| old.key().pid < row.key().pid)
        {
            at += 1;
        }
        changed += usize::from(!known.get(at).is_some_and(|old| Arc::ptr_eq(old, row)));
    }
    size_of_val(table.as_slice()) + changed * (size_of::<Process>() + 16)
}
