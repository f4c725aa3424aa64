//! Who holds up whom: rows of InnoDB, and definitions of tables (metadata locks) where the server records them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::activity::Activity;
use super::failure::{Failure, code};
use super::field::{count, seconds, shown};
use super::server::Server;
use super::session::Session;
use crate::model::{Backend, BackendLock, SourceName};

/// More pairs of waiter and holder are not looked at.
const MOST: usize = 500;

/// One waits for another.
#[derive(Debug, Clone)]
struct Wait {
    waiter: u64,
    holder: u64,
    object: Arc<str>,
    mode: Arc<str>,
    waiting: Option<Duration>,
}

/// MariaDB keeps both tables in `information_schema` (measured on 10.11).
const MARIADB: &str = "SELECT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS holder, \
     l.lock_table AS object, l.lock_mode AS mode, \
     TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS waiting \
     FROM information_schema.INNODB_LOCK_WAITS AS hubtop \
     JOIN information_schema.INNODB_TRX AS r ON r.trx_id = hubtop.requesting_trx_id \
     JOIN information_schema.INNODB_TRX AS b ON b.trx_id = hubtop.blocking_trx_id \
     LEFT JOIN information_schema.INNODB_LOCKS AS l ON l.lock_id = hubtop.requested_lock_id";

/// MySQL 8 moved them (measured on 9.7).
const MYSQL: &str = "SELECT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS holder, \
     CONCAT(l.OBJECT_SCHEMA, '.', l.OBJECT_NAME) AS object, l.LOCK_MODE AS mode, \
     TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS waiting \
     FROM performance_schema.data_lock_waits AS hubtop \
     JOIN information_schema.INNODB_TRX AS r ON r.trx_id = hubtop.REQUESTING_ENGINE_TRANSACTION_ID \
     JOIN information_schema.INNODB_TRX AS b ON b.trx_id = hubtop.BLOCKING_ENGINE_TRANSACTION_ID \
     LEFT JOIN performance_schema.data_locks AS l ON l.ENGINE_LOCK_ID = hubtop.REQUESTING_ENGINE_LOCK_ID";

/// Who waits for the definition of a table, and who has it. A waiter that wants it for itself alone waits for every
/// holder; the others wait for one who has it alone, or who asked for that before them. MySQL 8 records this by default,
/// MariaDB where the instrument `wait/lock/metadata/sql/mdl` is on.
const DEFINITIONS: &str = "SELECT w.PROCESSLIST_ID AS waiter, h.PROCESSLIST_ID AS holder, \
     CONCAT(hubtop.OBJECT_SCHEMA, '.', hubtop.OBJECT_NAME) AS object, hubtop.LOCK_TYPE AS mode, \
     w.PROCESSLIST_TIME AS waiting \
     FROM performance_schema.metadata_locks AS hubtop \
     JOIN performance_schema.metadata_locks AS g ON g.OBJECT_TYPE = hubtop.OBJECT_TYPE \
     AND g.OBJECT_SCHEMA = hubtop.OBJECT_SCHEMA AND g.OBJECT_NAME = hubtop.OBJECT_NAME \
     AND g.OWNER_THREAD_ID <> hubtop.OWNER_THREAD_ID \
     JOIN performance_schema.threads AS w ON w.THREAD_ID = hubtop.OWNER_THREAD_ID \
     JOIN performance_schema.threads AS h ON h.THREAD_ID = g.OWNER_THREAD_ID \
     WHERE hubtop.LOCK_STATUS = 'PENDING' AND hubtop.OBJECT_TYPE = 'TABLE' AND \
     ((hubtop.LOCK_TYPE = 'EXCLUSIVE' AND g.LOCK_STATUS = 'GRANTED') \
     OR (hubtop.LOCK_TYPE <> 'EXCLUSIVE' AND g.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE')))";

/// Asks who holds up whom, tells the sessions of `activity` about it, and brings the tree: each root, then its victims.
///
/// # Errors
/// Why there is no answer.
pub(super) async fn ask(
    session: &mut Session,
    server: &Server,
    activity: &mut Activity,
    instance: &SourceName,
) -> Result<Vec<BackendLock>, Failure> {
    let question = if server.is_mariadb { MARIADB } else { MYSQL };
    let mut waits = pairs(session, question).await?;
    if server.has_performance_schema {
        match pairs(session, DEFINITIONS).await {
            Ok(more) => waits.extend(more),
            // Rows are told of in any case; the right to read performance_schema is asked for with the statements.
            Err(Failure::Refused { code, .. }) if code::RIGHTS.contains(&code) => {}
            Err(other) => return Err(other),
        }
    }
    for backend in &mut activity.backends {
        let holders = waits.iter().filter(|wait| wait.waiter == backend.pid);
        let mut blocked_by: Vec<u64> = holders.map(|wait| wait.holder).collect();
        blocked_by.sort_unstable();
        blocked_by.dedup();
        backend.blocked_by = blocked_by;
    }
    Ok(tree(&waits, activity, instance))
}

/// What to change when sessions wait for the definition of a table and nothing tells who has it.
pub(super) fn unknown_holders(activity: &Activity) -> Option<String> {
    let is_in_vain = |backend: &&Backend| {
        backend.wait.as_deref() == Some("table metadata lock") && backend.blocked_by.is_empty()
    };
    let waiting = activity.backends.iter().filter(is_in_vain).count();
    (waiting > 0).then(|| {
        format!(
            "{waiting} wait for the definition of a table, and who has it is not recorded: \
             performance_schema_instrument='wait/lock/metadata/sql/mdl=ON' under [mysqld]"
        )
    })
}

async fn pairs(session: &mut Session, question: &str) -> Result<Vec<Wait>, Failure> {
    let rows = session.rows(&format!("{question} LIMIT {MOST}")).await?;
    let wait = |row: &mysql_async::Row| {
        Some(Wait {
            waiter: count(row, "waiter")?,
            holder: count(row, "holder")?,
            object: shown(row, "object").replace('`', "").into(),
            mode: shown(row, "mode"),
            waiting: seconds(row, "waiting"),
        })
    };
    let mut waits: Vec<Wait> = rows.iter().filter_map(wait).collect();
    waits.retain(|wait| wait.waiter != wait.holder);
    Ok(waits)
}

/// The waits as a tree, written down from its roots. In a circle (a deadlock that the server has not yet solved) the one
/// with the lowest number is taken for the root.
fn tree(waits: &[Wait], activity: &Activity, instance: &SourceName) -> Vec<BackendLock> {
    // Whoever waits for several hangs below the first of them.
    let mut first: HashMap<u64, &Wait> = HashMap::new();
    for wait in waits {
        first.entry(wait.waiter).or_insert(wait);
    }
    let mut holders: Vec<u64> = waits.iter().map(|wait| wait.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    let mut roots: Vec<u64> = holders
        .iter()
        .copied()
        .filter(|holder| !first.contains_key(holder))
        .collect();
    let mut told = HashSet::new();
    let mut rows = Vec::new();
    loop {
        let mut open: Vec<u64> = roots.drain(..).rev().collect();
        while let Some(pid) = open.pop() {
            if !told.insert(pid) {
                continue;
            }
            let wait = first
                .get(&pid)
                .copied()
                .filter(|wait| told.contains(&wait.holder));
            rows.push(lock(pid, wait, activity, instance));
            let mut victims: Vec<u64> = first
                .values()
                .filter(|wait| wait.holder == pid)
                .map(|wait| wait.waiter)
                .collect();
            victims.sort_unstable();
            open.extend(victims.into_iter().rev());
        }
        // What is left stands in a circle.
        match holders.iter().find(|holder| !told.contains(holder)) {
            Some(next) => roots.push(*next),
            None => return rows,
        }
    }
}

fn lock(pid: u64, wait: Option<&Wait>, activity: &Activity, instance: &SourceName) -> BackendLock {
    let backend = activity.backends.iter().find(|backend| backend.pid == pid);
    let of = |field: fn(&Backend) -> Arc<str>| backend.map(field).unwrap_or_default();
    BackendLock {
        instance: instance.clone(),
        pid,
        blocked_by: wait.map(|wait| wait.holder),
        started: None,
        user: of(|backend| backend.user.clone()),
        state: of(|backend| backend.state.clone()),
        transaction_age: backend.and_then(|backend| backend.transaction_age),
        object: wait.map(|wait| wait.object.clone()).unwrap_or_default(),
        mode: wait.map(|wait| wait.mode.clone()).unwrap_or_default(),
        waiting: wait.and_then(|wait| wait.waiting),
        text: of(|backend| backend.text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(waiter: u64, holder: u64) -> Wait {
        Wait {
            waiter,
            holder,
            object: "shop.orders".into(),
            mode: "X".into(),
            waiting: None,
        }
    }

    fn told(waits: &[Wait]) -> Vec<(u64, Option<u64>)> {
        let rows = tree(waits, &Activity::default(), &"mysql@3306".into());
        rows.iter().map(|row| (row.pid, row.blocked_by)).collect()
    }

    #[test]
    fn the_root_comes_first_and_each_victim_below_the_one_it_waits_for() {
        let waits = [wait(30, 20), wait(20, 10), wait(40, 10), wait(30, 10)];
        assert_eq!(
            told(&waits),
            [(10, None), (20, Some(10)), (30, Some(20)), (40, Some(10))]
        );
    }

    #[test]
    fn a_circle_ends() {
        assert_eq!(
            told(&[wait(1, 2), wait(2, 1), wait(3, 1)]),
            [(1, None), (2, Some(1)), (3, Some(1))]
        );
    }
}
