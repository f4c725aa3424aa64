//! Who is connected, who holds up whom, and what can be done about it.

use hubtop::model::{Backend, BackendKey, Labels, ServerDeed};

use super::servers::asked::Asked;
use super::servers::mysql::{Mariadb, Person};
use super::{has_rows, lacks, rows};

fn key(pid: u64) -> BackendKey {
    BackendKey { pid, started: None }
}

fn see(asked: &mut Asked, pid: u64, what: &str, is: impl Fn(&Backend) -> bool) -> Backend {
    asked.ask_until(what, |reading, _| {
        let rows = rows!(reading, Backends)?;
        rows.iter().find(|row| row.pid == pid && is(row)).cloned()
    })
}

fn sleeper(mariadb: &Mariadb) -> (Person, super::servers::mysql::Pending) {
    let person = mariadb.person();
    let pending = person.begin("SELECT SLEEP(50)");
    (person, pending)
}

#[test]
fn the_holder_of_a_lock_is_the_root_and_its_victims_hang_below() {
    let mariadb = Mariadb::start();
    let holder = mariadb.person();
    holder.ask("CREATE TABLE stock (id INT PRIMARY KEY, amount INT)");
    holder.ask("INSERT INTO stock VALUES (1, 5), (2, 5)");
    holder.ask("BEGIN");
    holder.ask("UPDATE stock SET amount = 4 WHERE id = 1");
    let first = mariadb.person();
    first.ask("BEGIN");
    first.ask("UPDATE stock SET amount = 4 WHERE id = 2");
    let _first_waits = first.begin("UPDATE stock SET amount = 3 WHERE id = 1");
    let second = mariadb.person();
    let _second_waits = second.begin("UPDATE stock SET amount = 2 WHERE id = 2");

    let mut asked = Asked::open(&mariadb.source("mon"));
    let tree = asked.ask_until("the tree", |reading, _| {
        let rows = rows!(reading, Locks)?;
        (rows.len() == 3).then(|| rows.clone())
    });
    let told: Vec<(u64, Option<u64>)> = tree.iter().map(|row| (row.pid, row.blocked_by)).collect();
    assert_eq!(
        told,
        [
            (holder.pid, None),
            (first.pid, Some(holder.pid)),
            (second.pid, Some(first.pid))
        ]
    );
    assert_eq!(&*tree[0].state, "idle in transaction");
    assert!(
        tree[1].object.contains("stock") && tree[1].waiting.is_some(),
        "{:?}",
        tree[1]
    );
    assert!(tree[1].text.contains("amount = 3"));

    let waiting = see(&mut asked, second.pid, "who waits", |row| {
        !row.blocked_by.is_empty()
    });
    assert_eq!(waiting.blocked_by, [first.pid]);
    assert_eq!(waiting.wait.as_deref(), Some("row lock"));
    let instance = Labels::one("instance", &mariadb.name());
    let reading = asked.ask().unwrap();
    assert_eq!(
        asked.value(&reading, "db.connections.waiting_count", &instance),
        Some(2.0)
    );
    assert_eq!(
        asked.value(
            &reading,
            "db.connections.idle_in_transaction_count",
            &instance
        ),
        Some(1.0)
    );
}

#[test]
fn without_the_right_it_says_so_instead_of_showing_calm() {
    let mariadb = Mariadb::start();
    mariadb.sql("CREATE USER plain@'%'");
    let person = mariadb.person();
    person.ask("SELECT 1");
    let mut asked = Asked::open(&mariadb.source("plain"));
    let reading = asked.ask().unwrap();
    let line = lacks(&reading, "activity").expect("activity is partial");
    assert!(
        line.ends_with("GRANT PROCESS ON *.* TO 'plain'@'%'"),
        "{line}"
    );
    let line = lacks(&reading, "replication").expect("replication is partial");
    assert!(
        line.contains("GRANT SLAVE MONITOR ON *.* TO 'plain'@'%'"),
        "{line}"
    );
    let line = lacks(&reading, "statements").expect("statements are partial");
    assert_eq!(line, "GRANT SELECT ON performance_schema.* TO 'plain'@'%'");
    assert!(!has_rows(&reading, |rows| matches!(
        rows,
        hubtop::model::Rows::Locks(_)
    )));
    let instance = Labels::one("instance", &mariadb.name());
    assert_eq!(
        asked.value(&reading, "db.connections.active_count", &instance),
        None
    );
    assert!(
        asked
            .value(&reading, "db.connections.used_count", &instance)
            .is_some()
    );

    // What it proposes is what helps.
    for statement in [line.as_str(), "GRANT PROCESS ON *.* TO 'plain'@'%'"] {
        mariadb.sql(statement);
    }
    drop(asked);
    let mut asked = Asked::open(&mariadb.source("plain"));
    asked.ask_until("the rest", |reading, _| {
        let is_whole =
            lacks(reading, "activity").is_none() && lacks(reading, "statements").is_none();
        is_whole.then_some(())
    });
}

#[test]
fn the_one_that_was_meant_is_cancelled_and_nobody_else() {
    let mariadb = Mariadb::start();
    let (meant, cancelled) = sleeper(&mariadb);
    let (other, goes_on) = sleeper(&mariadb);
    let mut asked = Asked::open(&mariadb.source("mon"));
    for pid in [meant.pid, other.pid] {
        see(&mut asked, pid, "a sleeper", |row| &*row.state == "active");
    }
    let outcome = asked.deed(
        &mariadb.name(),
        ServerDeed::CancelStatements(vec![key(meant.pid)]),
    );
    assert!(outcome.done, "{}", outcome.message);
    assert!(outcome.message.contains(&meant.pid.to_string()) && outcome.message.contains("app"));
    // SLEEP that is interrupted ends early, with 1 instead of an error.
    drop(cancelled.end());
    assert_eq!(
        meant.ask("SELECT 1").len(),
        1,
        "the connection is still there"
    );
    see(&mut asked, other.pid, "the other, still at it", |row| {
        &*row.state == "active"
    });

    let outcome = asked.deed(
        &mariadb.name(),
        ServerDeed::CancelStatements(vec![key(meant.pid)]),
    );
    assert!(
        !outcome.done && outcome.message.contains("runs no statement"),
        "{}",
        outcome.message
    );

    let outcome = asked.deed(
        &mariadb.name(),
        ServerDeed::EndSessions(vec![key(other.pid)]),
    );
    assert!(outcome.done, "{}", outcome.message);
    assert!(goes_on.end().is_err(), "its connection was ended");
    assert_eq!(meant.ask("SELECT 1").len(), 1);

    let outcome = asked.deed(
        &mariadb.name(),
        ServerDeed::EndSessions(vec![key(other.pid)]),
    );
    assert!(
        !outcome.done && outcome.message.contains("nothing was done"),
        "{}",
        outcome.message
    );
    let outcome = asked.deed(&mariadb.name(), ServerDeed::EndSessions(vec![key(999_999)]));
    assert!(!outcome.done, "{}", outcome.message);
}

#[test]
fn without_the_right_to_end_others_it_says_which_one() {
    let mariadb = Mariadb::start();
    mariadb.sql("REVOKE CONNECTION ADMIN ON *.* FROM mon@'%'");
    let (person, _pending) = sleeper(&mariadb);
    let mut asked = Asked::open(&mariadb.source("mon"));
    see(&mut asked, person.pid, "a sleeper", |row| {
        &*row.state == "active"
    });
    let outcome = asked.deed(
        &mariadb.name(),
        ServerDeed::EndSessions(vec![key(person.pid)]),
    );
    assert!(
        !outcome.done && outcome.message.contains("GRANT CONNECTION ADMIN"),
        "{}",
        outcome.message
    );
}
