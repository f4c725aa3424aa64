//! What a frame says of the databases: which statements take the time, who waits for whom, what is wrong.

use std::collections::{HashMap, HashSet};

use crate::model::{BackendLock, Frame, Labels, SeriesId, Severity, Statement};
use crate::ui::tabs::{Badge, source};
use crate::ui::theme::Role;
use crate::ui::widgets::text;

/// From this mean time on a statement is slow, milliseconds.
const SLOW_MS: f64 = 500.0;
/// Connections above this share of those allowed are nearly all of them, percent.
const CONNECTIONS_HIGH: f64 = 80.0;
const CONNECTIONS_CRITICAL: f64 = 95.0;
/// The longest text that stands for a statement in a breadcrumb, cells.
const SHORT: usize = 40;

/// Whether any source has brought anything that the tab shows.
pub(super) fn has_source(frame: &Frame) -> bool {
    let tables = &frame.tables;
    tables.statements.is_some()
        || tables.backends.is_some()
        || tables.locks.is_some()
        || tables.table_uses.is_some()
        || tables.index_uses.is_some()
}

/// The server whose figures are shown: the first that tells any, else the first that told something.
pub(super) fn server(frame: &Frame) -> Option<&str> {
    let mut known = frame.each("db.connections.used_count");
    if let Some(told) = known.find_map(|(_, key, _)| key.labels.get("instance")) {
        return Some(told);
    }
    let statements = frame.tables.statements.iter().flat_map(|rows| rows.iter());
    let backends = frame.tables.backends.iter().flat_map(|rows| rows.iter());
    statements
        .map(|row| &*row.instance)
        .chain(backends.map(|row| &*row.instance))
        .next()
}

/// What tells a statement apart.
pub(super) fn statement_id(statement: &Statement) -> String {
    format!("{} {}", statement.instance, statement.label())
}

/// A statement as short as a breadcrumb, from what tells it apart.
pub(super) fn short(id: &str) -> String {
    let label = id.split_once(' ').map_or(id, |(_, label)| label);
    text::fit(label, SHORT).into_owned()
}

/// The statement that is told apart by this.
pub(super) fn statement<'a>(frame: &'a Frame, id: &str) -> Option<&'a Statement> {
    let rows = frame.tables.statements.as_deref()?;
    rows.iter().find(|row| statement_id(row) == id)
}

/// The series of a metric of a statement.
pub(super) fn series(frame: &Frame, metric: &str, statement: &Statement) -> Option<SeriesId> {
    let label = statement.label();
    let labels = Labels::of([("instance", &*statement.instance), ("statement", &*label)]);
    frame.series.find(metric, &labels)
}

/// The statements that take most of the time, at most so many.
pub(super) fn heaviest(frame: &Frame, most: usize) -> Vec<&Statement> {
    let rows = frame.tables.statements.iter().flat_map(|rows| rows.iter());
    let mut rows: Vec<&Statement> = rows.collect();
    let share = |row: &Statement| row.time_percent.unwrap_or(0.0);
    rows.sort_by(|a, b| share(b).total_cmp(&share(a)));
    rows.truncate(most);
    rows
}

/// The meaning of a mean time in milliseconds.
pub(super) fn mean_role(millis: f64) -> Role {
    if millis > SLOW_MS {
        Role::Warning
    } else {
        Role::Text
    }
}

/// The meaning of a used share of the connections allowed.
pub(super) fn connections_role(percent: f64) -> Role {
    match percent {
        p if p > CONNECTIONS_CRITICAL => Role::Critical,
        p if p > CONNECTIONS_HIGH => Role::Warning,
        _ => Role::Bright,
    }
}

/// How many statements are slow and backends wait for a lock.
pub(super) fn badge(frame: &Frame) -> Option<Badge> {
    let heard = |instance: &str| !source::is_silent(frame, instance);
    let statements = frame.tables.statements.iter().flat_map(|rows| rows.iter());
    let slow = statements
        .filter(|row| row.mean_ms.is_some_and(|mean| mean > SLOW_MS))
        .filter(|row| heard(&row.instance))
        .count();
    let locks = frame.tables.locks.iter().flat_map(|rows| rows.iter());
    let waiting = locks
        .filter(|lock| lock.blocked_by.is_some() && heard(&lock.instance))
        .count();
    (slow + waiting > 0).then_some(Badge {
        count: slow + waiting,
        severity: Severity::Warning,
    })
}

/// A lock at its place in the tree of who waits for whom.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LockRow {
    pub lock: BackendLock,
    /// Its place from the top of the tree.
    pub place: usize,
    /// 0 for the root, who waits for nobody.
    pub depth: usize,
    /// How many wait for it, directly or behind others.
    pub victims: usize,
}

/// The locks of a frame as trees: each root, and below it who waits for it. Backends that wait for each other in a
/// circle have no root; they come last, the first of them as if it were one.
pub(super) fn lock_tree(frame: &Frame) -> Option<Vec<LockRow>> {
    let locks = frame.tables.locks.as_deref()?;
    let known: HashSet<_> = locks
        .iter()
        .map(|lock| (&lock.instance, lock.pid))
        .collect();
    let mut waiting: HashMap<_, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for (index, lock) in locks.iter().enumerate() {
        match lock.blocked_by {
            Some(by) if known.contains(&(&lock.instance, by)) => {
                waiting.entry((&lock.instance, by)).or_default().push(index);
            }
            _ => roots.push(index),
        }
    }
    let mut rows: Vec<LockRow> = Vec::with_capacity(locks.len());
    let mut seen = vec![false; locks.len()];
    for start in roots.into_iter().chain(0..locks.len()) {
        let mut stack = vec![(start, 0)];
        while let Some((index, depth)) = stack.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            let lock = &locks[index];
            rows.push(LockRow {
                lock: lock.clone(),
                place: rows.len(),
                depth,
                victims: 0,
            });
            let below = waiting.get(&(&lock.instance, lock.pid));
            stack.extend(
                below
                    .into_iter()
                    .flatten()
                    .rev()
                    .map(|index| (*index, depth + 1)),
            );
        }
    }
    count_victims(&mut rows);
    Some(rows)
}

fn count_victims(rows: &mut [LockRow]) {
    for place in 0..rows.len() {
        let depth = rows[place].depth;
        rows[place].victims = rows[place + 1..]
            .iter()
            .take_while(|row| row.depth > depth)
            .count();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Timestamp;

    fn tree(pairs: &[(u64, Option<u64>)]) -> Vec<(u64, usize, usize)> {
        let mut frame = Frame::empty(Timestamp(0));
        let locks = pairs.iter().map(|(pid, blocked_by)| BackendLock {
            instance: "pg".into(),
            pid: *pid,
            blocked_by: *blocked_by,
            object: "orders".into(),
            mode: "ShareLock".into(),
            waiting: None,
            text: "".into(),
            ..BackendLock::default()
        });
        frame.tables.locks = Some(Arc::new(locks.collect()));
        let rows = lock_tree(&frame).unwrap();
        rows.iter()
            .map(|row| (row.lock.pid, row.depth, row.victims))
            .collect()
    }

    #[test]
    fn victims_stand_below_whom_they_wait_for() {
        assert_eq!(
            tree(&[
                (7, Some(5)),
                (5, Some(1)),
                (6, Some(1)),
                (1, None),
                (9, Some(8))
            ]),
            [(1, 0, 3), (5, 1, 1), (7, 2, 0), (6, 1, 0), (9, 0, 0)]
        );
    }

    #[test]
    fn a_circle_ends() {
        assert_eq!(tree(&[(1, Some(2)), (2, Some(1))]), [(1, 0, 1), (2, 1, 0)]);
        assert_eq!(tree(&[(1, Some(1))]), [(1, 0, 0)]);
    }
}
