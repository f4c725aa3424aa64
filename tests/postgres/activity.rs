//! Who is connected, what they do, and who waits for whom.

use std::sync::Arc;

use hubtop::model::statement::BackendLock;

use crate::servers::postgres::{Person, Postgres, versions};
use crate::servers::wait_for;
use crate::{labels_of, name_of, rows, source_of};

#[test]
fn sessions_are_told_with_what_they_do() {
    for version in versions() {
        let server = Postgres::start(version);
        let person = server.person("shop");
        person.ask("BEGIN");
        person.ask("SELECT 42 -- the answer");
        let mut asked = source_of(&server);
        let backend = asked.ask_until("the session", |reading, _| {
            let backends = rows!(reading, Backends)?;
            let is_hubtop = |name: &str| name == "hubtop";
            assert!(
                backends
                    .iter()
                    .all(|backend| !is_hubtop(&backend.application))
            );
            backends
                .into_iter()
                .find(|backend| backend.pid == person.pid)
        });
        assert_eq!(&*backend.state, "idle in transaction", "{version}");
        assert_eq!(&*backend.text, "SELECT 42");
        assert_eq!(&*backend.user, "postgres");
        assert_eq!(&*backend.database, "postgres");
        assert_eq!(&*backend.application, "shop");
        assert_eq!(&*backend.client, "127.0.0.1");
        assert!(backend.started.is_some() && backend.transaction_age.is_some());
        assert!(backend.wait.is_none() && backend.blocked_by.is_empty());
        assert_eq!(&*backend.instance, name_of(&server));
    }
}

/// Three who wait in a row: the first holds the row that the second wants, who holds the row that the third wants.
pub fn chain(server: &Postgres) -> [Person; 3] {
    server.sql("CREATE TABLE IF NOT EXISTS stock (id int PRIMARY KEY, n int)");
    server.sql("INSERT INTO stock VALUES (1, 0), (2, 0) ON CONFLICT DO NOTHING");
    let [first, second, third] = ["first", "second", "third"].map(|name| server.person(name));
    first.ask("BEGIN");
    first.ask("UPDATE stock SET n = 1 WHERE id = 1");
    first.ask("SELECT 'something else by now'");
    second.ask("BEGIN");
    second.ask("UPDATE stock SET n = 2 WHERE id = 2");
    drop(second.tell("UPDATE stock SET n = 2 WHERE id = 1"));
    drop(third.tell("UPDATE stock SET n = 3 WHERE id = 2"));
    let watcher = server.person("watcher");
    wait_for("both to wait", || {
        let waiting =
            watcher.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
        (waiting[0][0] == "2").then_some(())
    });
    [first, second, third]
}

#[test]
fn the_root_of_a_chain_is_named_with_its_victims() {
    for version in versions() {
        let server = Postgres::start(version);
        let [first, second, third] = chain(&server);
        let mut asked = source_of(&server);
        let reading = asked.ask_until("the locks", |reading, _| {
            let locks = rows!(reading, Locks)?;
            (locks.len() == 3).then(|| reading.clone())
        });
        let locks: Vec<BackendLock> = rows!(reading, Locks).unwrap();
        let tree: Vec<(u64, Option<u64>)> =
            locks.iter().map(|row| (row.pid, row.blocked_by)).collect();
        assert_eq!(
            tree,
            [
                (first.pid, None),
                (second.pid, Some(first.pid)),
                (third.pid, Some(second.pid))
            ],
            "{version}"
        );
        let objects: Vec<&str> = locks.iter().map(|row| &*row.object).collect();
        assert_eq!(objects, ["row of stock"; 3], "{version}");
        assert_eq!(&*locks[0].state, "idle in transaction");
        assert_eq!(&*locks[0].text, "SELECT 'something else by now'");
        assert_eq!(
            locks[1].waiting.is_some(),
            version >= 14,
            "waitstart came with 14"
        );
        let figure = |metric| asked.value(&reading, metric, &labels_of(&server));
        assert_eq!(figure("db.connections.waiting_count"), Some(2.0));
        assert_eq!(
            figure("db.connections.idle_in_transaction_count"),
            Some(1.0)
        );
        assert_eq!(figure("db.connections.active_count"), Some(2.0));
        assert_eq!(figure("db.connections.max_count"), Some(27.0));
        let blocked: Vec<Vec<u64>> = rows!(reading, Backends)
            .unwrap()
            .into_iter()
            .filter(|backend| backend.pid == third.pid)
            .map(|backend| backend.blocked_by)
            .collect();
        assert_eq!(blocked, [vec![second.pid]]);
        first.ask("ROLLBACK");
        second.ask("ROLLBACK");
        asked.ask_until("nobody to wait", |reading, _| {
            rows!(reading, Locks)?.is_empty().then_some(())
        });
    }
}

#[test]
fn a_table_that_is_locked_is_named_with_the_mode() {
    let server = Postgres::start(15);
    server.sql("CREATE TABLE orders (id int)");
    let holder = server.person("holder");
    holder.ask("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
    let waiter = server.person("waiter");
    drop(waiter.tell("SELECT * FROM orders"));
    let locks = source_of(&server).ask_until("the lock", |reading, _| {
        rows!(reading, Locks).filter(|locks| locks.len() == 2)
    });
    let told: Vec<(&str, &str)> = locks.iter().map(|row| (&*row.object, &*row.mode)).collect();
    assert_eq!(
        told,
        [
            ("orders", "AccessExclusiveLock"),
            ("orders", "AccessShareLock")
        ]
    );
}

#[test]
fn the_server_as_a_whole_has_kind_role_and_own_load() {
    for version in versions() {
        let server = Postgres::start(version);
        let mut asked = source_of(&server);
        let row = asked.ask_until("hubtop's own load", |reading, _| {
            let row = rows!(reading, Databases)?.remove(0);
            row.own_statements_per_sec.is_some().then_some(row)
        });
        assert!(
            row.kind.starts_with(&format!("PostgreSQL {version}.")),
            "{}",
            row.kind
        );
        assert_eq!(row.role, Some(Arc::from("primary")));
        assert!(row.started.is_some() && row.replicas.is_empty());
        assert!(row.findings.is_empty(), "{:?}", row.findings);
    }
}

#[test]
fn the_hit_rate_is_that_of_the_interval() {
    let server = Postgres::start(15);
    let person = server.person("reader");
    person.ask("CREATE TABLE t AS SELECT generate_series(1, 20000) AS i");
    let mut asked = source_of(&server);
    asked.ask_until("a first reading", |reading, _| rows!(reading, Databases));
    let reading = asked.ask_until("blocks from memory", |reading, catalog| {
        person.ask("SELECT count(*) FROM t");
        let id = catalog.id("db.cache_hit_percent", labels_of(&server));
        let hit = reading.samples.iter().find(|(series, _)| *series == id)?.1;
        (hit > 90.0).then(|| reading.clone())
    });
    let tps = asked.value(&reading, "db.transactions_per_sec", &labels_of(&server));
    assert!(tps.is_some_and(|tps| tps > 0.0), "{tps:?}");
}
