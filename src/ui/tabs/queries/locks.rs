//! Who waits for whom: the locks of a frame as trees.

use std::collections::{HashMap, HashSet};

use crate::model::{BackendLock, Frame};

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

/// The state of a session that holds its locks while it does nothing.
pub(super) const IDLE_IN_TRANSACTION: &str = "idle in transaction";

impl LockRow {
    /// Whether others wait for one who does nothing.
    pub fn is_idle_holder(&self) -> bool {
        self.victims > 0 && self.lock.state.starts_with(IDLE_IN_TRANSACTION)
    }
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
