//! Who is connected, who holds up whom, and what can be done about it.

use hubtop::model::{Backend, BackendKey, Labels, ServerDeed};

use super::servers::asked::Asked;
use super::servers::mysql::{Mysql, Pending, Person, Product};
use super::servers::wait_for;
use super::{has_rows, lacks, on_both, rows};

on_both!(
    the_holder_of_a_lock_is_the_root_and_its_victims_hang_below,
    a_table_whose_definition_is_wanted_has_its_holder_and_its_queue,
    without_the_right_it_says_so_instead_of_showing_calm,
    the_one_that_was_meant_is_cancelled_and_nobody_else,
    without_the_right_to_end_others_it_says_which_one,
);

fn key(pid: u64) -> BackendKey {
    BackendKey { pid, started: None }
}

fn see(asked: &mut Asked, pid: u64, what: &str, is: impl Fn(&Backend) -> bool) -> Backend {
    asked.ask_until(what, |reading, _| {
        let rows = rows!(reading, Backends)?;
        rows.iter().find(|row| row.pid == pid && is(row)).cloned()
    })
}

fn sleeper(server: &Mysql) -> (Person, Pending) {
    let person = server.person();
    let pending = person.begin("SELECT SLEEP(50)");
    (person, pending)
}

fn the_holder_of_a_lock_is_the_root_and_its_victims_hang_below(product: Product) {
    let server = Mysql::start(product);
    let holder = server.person();
    holder.ask("CREATE TABLE stock (id INT PRIMARY KEY, amount INT)");
    holder.ask("INSERT INTO stock VALUES (1, 5), (2, 5)");
    holder.ask("BEGIN");
    holder.ask("UPDATE stock SET amount = 4 WHERE id = 1");
    let first = server.person();
    first.ask("BEGIN");
    first.ask("UPDATE stock SET amount = 4 WHERE id = 2");
    let _first_waits = first.begin("UPDATE stock SET amount = 3 WHERE id = 1");
    let second = server.person();
    let _second_waits = second.begin("UPDATE stock SET amount = 2 WHERE id = 2");

    let mut asked = Asked::open(&server.source("mon"));
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
    let instance = Labels::one("instance", &server.name());
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

fn a_table_whose_definition_is_wanted_has_its_holder_and_its_queue(product: Product) {
    // MySQL records it unasked.
    let records = "performance-schema-instrument=wait/lock/metadata/sql/mdl=ON";
    let server = Mysql::with(product, &["performance-schema=ON", records]);
    let (holder, changer, reader) = queue_for_a_definition(&server);
    let mut asked = Asked::open(&server.source("mon"));
    let tree = asked.ask_until("the tree", |reading, _| {
        let rows = rows!(reading, Locks)?;
        (rows.len() == 3).then(|| rows.clone())
    });
    let told: Vec<(u64, Option<u64>)> = tree.iter().map(|row| (row.pid, row.blocked_by)).collect();
    assert_eq!(
        told,
        [
            (holder.pid, None),
            (changer.0.pid, Some(holder.pid)),
            (reader.0.pid, Some(changer.0.pid))
        ]
    );
    assert_eq!(&*tree[0].state, "idle in transaction");
    assert_eq!(&*tree[1].object, "shop.stock");
    assert!(tree[1].text.starts_with("ALTER TABLE"), "{:?}", tree[1]);
    let waiting = see(&mut asked, reader.0.pid, "who waits", |row| {
        !row.blocked_by.is_empty()
    });
    assert_eq!(waiting.wait.as_deref(), Some("table metadata lock"));
    holder.ask("ROLLBACK");
    asked.ask_until("nobody to wait", |reading, _| {
        rows!(reading, Locks)?.is_empty().then_some(())
    });
}

/// One has read a table and left its transaction open; the next wants to change the table, and a third to read it.
fn queue_for_a_definition(server: &Mysql) -> (Person, (Person, Pending), (Person, Pending)) {
    let holder = server.person();
    holder.ask("CREATE TABLE stock (id INT PRIMARY KEY)");
    holder.ask("BEGIN");
    holder.ask("SELECT * FROM stock");
    let waits = |statement: &str, number: usize| {
        let person = server.person();
        let pending = person.begin(statement);
        wait_for("it to wait", || {
            let waiting = server.sql(
                "SELECT ID FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'",
            );
            (waiting.len() == number).then_some(())
        });
        (person, pending)
    };
    let changer = waits("ALTER TABLE stock ADD COLUMN amount INT", 1);
    let reader = waits("SELECT * FROM stock", 2);
    (holder, changer, reader)
}

#[test]
fn a_holder_that_is_not_recorded_is_said_to_be_unknown() {
    let server = Mysql::start(Product::Mariadb);
    let _queue = queue_for_a_definition(&server);
    let reading = Asked::open(&server.source("mon")).ask().unwrap();
    assert!(rows!(reading, Locks).unwrap().is_empty());
    let line = lacks(&reading, "locks").unwrap();
    assert!(
        line.starts_with("2 wait for the definition of a table")
            && line.contains("performance_schema_instrument='wait/lock/metadata/sql/mdl=ON'"),
        "{line}"
    );
}

fn without_the_right_it_says_so_instead_of_showing_calm(product: Product) {
    let server = Mysql::start(product);
    server.sql("CREATE USER plain@'%'");
    let person = server.person();
    person.ask("SELECT 1");
    let mut asked = Asked::open(&server.source("plain"));
    let reading = asked.ask().unwrap();
    let line = lacks(&reading, "activity").expect("activity is partial");
    assert!(
        line.ends_with("GRANT PROCESS ON *.* TO 'plain'@'%'"),
        "{line}"
    );
    let line = lacks(&reading, "replication").expect("replication is partial");
    let right = match product {
        Product::Mariadb => "SLAVE MONITOR",
        Product::Mysql => "REPLICATION CLIENT",
    };
    let grant = format!("GRANT {right} ON *.* TO 'plain'@'%'");
    assert!(line.contains(&grant), "{line}");
    let line = lacks(&reading, "statements").expect("statements are partial");
    assert_eq!(line, "GRANT SELECT ON performance_schema.* TO 'plain'@'%'");
    assert!(!has_rows(&reading, |rows| matches!(
        rows,
        hubtop::model::Rows::Locks(_)
    )));
    let instance = Labels::one("instance", &server.name());
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
        server.sql(statement);
    }
    drop(asked);
    let mut asked = Asked::open(&server.source("plain"));
    asked.ask_until("the rest", |reading, _| {
        let is_whole =
            lacks(reading, "activity").is_none() && lacks(reading, "statements").is_none();
        is_whole.then_some(())
    });
}

fn the_one_that_was_meant_is_cancelled_and_nobody_else(product: Product) {
    let server = Mysql::start(product);
    let (meant, cancelled) = sleeper(&server);
    let (other, goes_on) = sleeper(&server);
    let mut asked = Asked::open(&server.source("mon"));
    for pid in [meant.pid, other.pid] {
        see(&mut asked, pid, "a sleeper", |row| &*row.state == "active");
    }
    let outcome = asked.deed(
        &server.name(),
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
        &server.name(),
        ServerDeed::CancelStatements(vec![key(meant.pid)]),
    );
    assert!(
        !outcome.done && outcome.message.contains("runs no statement"),
        "{}",
        outcome.message
    );

    let outcome = asked.deed(
        &server.name(),
        ServerDeed::EndSessions(vec![key(other.pid)]),
    );
    assert!(outcome.done, "{}", outcome.message);
    assert!(goes_on.end().is_err(), "its connection was ended");
    assert_eq!(meant.ask("SELECT 1").len(), 1);

    let outcome = asked.deed(
        &server.name(),
        ServerDeed::EndSessions(vec![key(other.pid)]),
    );
    assert!(
        !outcome.done && outcome.message.contains("nothing was done"),
        "{}",
        outcome.message
    );
    let outcome = asked.deed(&server.name(), ServerDeed::EndSessions(vec![key(999_999)]));
    assert!(!outcome.done, "{}", outcome.message);
}

fn without_the_right_to_end_others_it_says_which_one(product: Product) {
    let server = Mysql::start(product);
    let right = match product {
        Product::Mariadb => "CONNECTION ADMIN",
        Product::Mysql => "CONNECTION_ADMIN",
    };
    server.sql(&format!("REVOKE {right} ON *.* FROM mon@'%'"));
    let (person, _pending) = sleeper(&server);
    let mut asked = Asked::open(&server.source("mon"));
    see(&mut asked, person.pid, "a sleeper", |row| {
        &*row.state == "active"
    });
    let outcome = asked.deed(
        &server.name(),
        ServerDeed::EndSessions(vec![key(person.pid)]),
    );
    assert!(
        !outcome.done && outcome.message.contains(&format!("GRANT {right}")),
        "{}",
        outcome.message
    );
}
