//! Who holds up whom: the waiting sessions as a tree below the one that must end for the others to go on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;

use super::activity::Activity;
use super::failure::Failure;
use super::server::Server;
use super::session::{Session, count, field, shown, span};
use crate::model::SourceName;
use crate::model::statement::{Backend, BackendLock};

/// A session with this number stands for a transaction that was prepared and has no session any more.
const PREPARED: u64 = 0;

/// A relation's name needs no lock. Names of other databases' relations can't be had from here.
fn question(server: &Server) -> String {
    let waiting = if server.is_at_least(14) {
        "extract(epoch FROM clock_timestamp() - waitstart)::float8"
    } else {
        "NULL::float8"
    };
    format!(
        "SELECT pid::int8, locktype, mode, granted, transactionid::text AS transaction, objid::int8 AS object, \
         CASE WHEN database = (SELECT oid FROM pg_database WHERE datname = current_database()) OR database = 0 \
           THEN relation::regclass::text ELSE relation::text END AS relation, \
         concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid) \
           AS target, {waiting} AS waiting \
         FROM pg_locks WHERE pid = ANY ($1) ORDER BY granted LIMIT 5000"
    )
}

/// The tree of those who wait, root first; empty when nobody does.
///
/// # Errors
/// Why the server does not tell what they wait for.
pub(super) async fn ask(
    session: &mut Session,
    server: &Server,
    activity: &Activity,
    instance: &SourceName,
) -> Result<Vec<BackendLock>, Failure> {
    let waiters: Vec<(u64, &[u64])> = activity
        .backends
        .iter()
        .filter(|backend| !backend.blocked_by.is_empty())
        .map(|backend| (backend.pid, &*backend.blocked_by))
        .collect();
    if waiters.is_empty() {
        return Ok(Vec::new());
    }
    let tree = tree(&waiters);
    let pids: Vec<i32> = tree
        .iter()
        .filter_map(|(pid, _)| i32::try_from(*pid).ok())
        .collect();
    let rows = session.rows(&question(server), &[&pids]).await?;
    let locks = Held::of(&rows);
    let backends: HashMap<u64, &Backend> =
        activity.backends.iter().map(|it| (it.pid, it)).collect();
    let of_tree = tree.iter().map(|(pid, parent)| {
        let backend = backends.get(pid).copied();
        let victim = tree.iter().find(|(_, blocker)| *blocker == Some(*pid));
        locks.row(
            instance,
            (*pid, *parent),
            backend,
            victim.map(|(victim, _)| *victim),
        )
    });
    Ok(of_tree.collect())
}

/// One lock that is held or waited for.
struct Lock {
    kind: Arc<str>,
    mode: Arc<str>,
    granted: bool,
    relation: Arc<str>,
    transaction: Arc<str>,
    object: Option<u64>,
    target: String,
    waiting: Option<Duration>,
}

/// The locks of all sessions of the tree.
struct Held(HashMap<u64, Vec<Lock>>);

impl Held {
    fn of(rows: &[Row]) -> Self {
        let mut locks: HashMap<u64, Vec<Lock>> = HashMap::new();
        for row in rows {
            let lock = Lock {
                kind: shown(row, "locktype"),
                mode: shown(row, "mode"),
                granted: field(row, "granted").unwrap_or_default(),
                relation: shown(row, "relation"),
                transaction: shown(row, "transaction"),
                object: count(row, "object"),
                target: field::<&str>(row, "target").unwrap_or_default().to_owned(),
                waiting: span(row, "waiting"),
            };
            let pid = count(row, "pid").unwrap_or_default();
            locks.entry(pid).or_default().push(lock);
        }
        Self(locks)
    }

    fn of_pid(&self, pid: u64) -> &[Lock] {
        self.0.get(&pid).map_or(&[], Vec::as_slice)
    }

    fn wanted_by(&self, pid: u64) -> Option<&Lock> {
        self.of_pid(pid).iter().find(|lock| !lock.granted)
    }

    fn row(
        &self,
        instance: &SourceName,
        (pid, blocked_by): (u64, Option<u64>),
        backend: Option<&Backend>,
        victim: Option<u64>,
    ) -> BackendLock {
        let wanted = self.wanted_by(pid);
        let victim_wants = victim.and_then(|victim| self.wanted_by(victim));
        let (object, mode) = match (wanted, victim_wants) {
            (Some(lock), _) => (self.object(pid, lock), lock.mode.clone()),
            // The root: what its first victim wants, in the mode in which it holds that.
            (None, Some(lock)) => {
                let held = self.of_pid(pid).iter();
                let mut same = held.filter(|held| held.granted && held.target == lock.target);
                let mode = same.next().map(|held| held.mode.clone());
                let object = self.object(victim.unwrap_or_default(), lock);
                (object, mode.unwrap_or_default())
            }
            (None, None) => Default::default(),
        };
        let known = |of: fn(&Backend) -> Arc<str>| backend.map(of).unwrap_or_default();
        let mut row = BackendLock {
            instance: instance.clone(),
            pid,
            blocked_by,
            started: backend.and_then(|backend| backend.started),
            user: known(|backend| backend.user.clone()),
            state: known(|backend| backend.state.clone()),
            transaction_age: backend.and_then(|backend| backend.transaction_age),
            object,
            mode,
            waiting: wanted.and_then(|lock| lock.waiting),
            text: known(|backend| backend.text.clone()),
        };
        if pid == PREPARED {
            row.state = "prepared transaction".into();
            row.text = "see pg_prepared_xacts; ROLLBACK PREPARED ends it".into();
        }
        row
    }

    /// What a lock is on. Who waits for a row waits for the transaction that changed it, and holds the row's own lock
    /// meanwhile.
    fn object(&self, pid: u64, lock: &Lock) -> Arc<str> {
        let relation = &lock.relation;
        match &*lock.kind {
            "relation" => relation.clone(),
            "tuple" => format!("row of {relation}").into(),
            "extend" => format!("growth of {relation}").into(),
            "page" => format!("page of {relation}").into(),
            "transactionid" => {
                let mut rows = self
                    .of_pid(pid)
                    .iter()
                    .filter(|held| &*held.kind == "tuple");
                match rows.next() {
                    Some(row) => format!("row of {}", row.relation).into(),
                    None => format!("transaction {}", lock.transaction).into(),
                }
            }
            "virtualxid" => "end of an older transaction".into(),
            "advisory" => format!("advisory lock {}", lock.object.unwrap_or_default()).into(),
            kind => kind.into(),
        }
    }
}

/// Each session with the one it hangs below, parents before their children, the root with most victims first. A session
/// that waits for several hangs below one that does not wait itself; where they wait in a circle it is cut.
fn tree(waiters: &[(u64, &[u64])]) -> Vec<(u64, Option<u64>)> {
    let waiting: BTreeSet<u64> = waiters.iter().map(|(pid, _)| *pid).collect();
    let mut parents: BTreeMap<u64, u64> = BTreeMap::new();
    for (pid, blockers) in waiters {
        let mut candidates: Vec<u64> = blockers.to_vec();
        candidates.sort_by_key(|blocker| waiting.contains(blocker));
        let parent = candidates
            .into_iter()
            .find(|blocker| !hangs_below(*blocker, *pid, &parents));
        if let Some(parent) = parent {
            parents.insert(*pid, parent);
        }
    }
    let everybody: BTreeSet<u64> = waiting
        .iter()
        .copied()
        .chain(parents.values().copied())
        .collect();
    let mut children: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (child, parent) in &parents {
        children.entry(*parent).or_default().push(*child);
    }
    let mut roots: Vec<Vec<(u64, Option<u64>)>> = everybody
        .iter()
        .filter(|pid| !parents.contains_key(pid))
        .map(|root| branch(*root, &children))
        .collect();
    roots.sort_by_key(|branch| std::cmp::Reverse(branch.len()));
    roots.concat()
}

/// Whether `pid` is `above` or hangs somewhere below it.
fn hangs_below(pid: u64, above: u64, parents: &BTreeMap<u64, u64>) -> bool {
    let mut at = Some(pid);
    while let Some(pid) = at {
        if pid == above {
            return true;
        }
        at = parents.get(&pid).copied();
    }
    false
}

fn branch(root: u64, children: &BTreeMap<u64, Vec<u64>>) -> Vec<(u64, Option<u64>)> {
    let mut branch = Vec::new();
    let mut open = vec![(root, None)];
    while let Some((pid, parent)) = open.pop() {
        branch.push((pid, parent));
        let below = children.get(&pid).map_or(&[][..], Vec::as_slice);
        open.extend(below.iter().rev().map(|child| (*child, Some(pid))));
    }
    branch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_stands_first_and_its_victims_below() {
        // 4 queues behind 3 for what 2 holds; 6 waits for 5 alone.
        let waiters: [(u64, &[u64]); 3] = [(6, &[5]), (3, &[2]), (4, &[3, 2])];
        let tree = tree(&waiters);
        assert_eq!(
            tree,
            [
                (2, None),
                (3, Some(2)),
                (4, Some(2)),
                (5, None),
                (6, Some(5))
            ]
        );
    }

    #[test]
    fn a_circle_is_cut_and_everybody_stands_once() {
        let waiters: [(u64, &[u64]); 3] = [(1, &[2]), (2, &[3]), (3, &[1])];
        let tree = tree(&waiters);
        let pids: BTreeSet<u64> = tree.iter().map(|(pid, _)| *pid).collect();
        assert_eq!((tree.len(), pids.len()), (3, 3));
        assert_eq!(
            tree.iter().filter(|(_, parent)| parent.is_none()).count(),
            1
        );
    }
}
