//! A server that follows another: how far behind it is, and what stopped it.

use std::sync::Arc;

use hubtop::model::{DatabaseInstance, Labels};

use super::servers::asked::Asked;
use super::servers::mysql::{Mysql, Product};
use super::{on_both, rows};

on_both!(
    a_replica_tells_how_far_behind_it_is,
    what_stops_a_replica_is_told,
);

/// Two servers with the table `orders`; the second follows the first.
fn pair(product: Product) -> (Mysql, Mysql) {
    let server = |number: &str| {
        let id = format!("server-id={number}");
        let server = Mysql::with(product, &["performance-schema=ON", "log-bin=bin", &id]);
        server.sql("CREATE TABLE shop.orders (id INT PRIMARY KEY)");
        server
    };
    let (primary, replica) = (server("1"), server("2"));
    let port = primary.port;
    // What both have already is left out of what is followed.
    let (empty, follow, start) = match product {
        Product::Mariadb => (
            "RESET MASTER",
            format!(
                "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='repl', \
                 MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=4"
            ),
            "START SLAVE",
        ),
        Product::Mysql => (
            "RESET BINARY LOGS AND GTIDS",
            format!(
                "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, SOURCE_USER='repl', \
                 SOURCE_LOG_FILE='bin.000001', SOURCE_LOG_POS=4"
            ),
            "START REPLICA",
        ),
    };
    primary.sql("CREATE USER repl@'%'");
    primary.sql("GRANT REPLICATION SLAVE ON *.* TO repl@'%'");
    primary.sql(empty);
    replica.sql(&follow);
    replica.sql(start);
    (primary, replica)
}

fn see(
    asked: &mut Asked,
    what: &str,
    is: impl Fn(&DatabaseInstance) -> bool,
) -> (DatabaseInstance, Option<f64>) {
    asked.ask_until(what, |reading, catalog| {
        let row = &rows!(reading, Databases)?[0];
        let labels = Labels::one("instance", &row.instance);
        let id = catalog.id("db.replication.lag_seconds", labels);
        let lag = reading.samples.iter().find(|(series, _)| *series == id);
        is(row).then(|| (row.clone(), lag.map(|(_, value)| *value)))
    })
}

fn a_replica_tells_how_far_behind_it_is(product: Product) {
    let (primary, replica) = pair(product);
    let mut above = Asked::open(&primary.source("mon"));
    let (row, _) = see(&mut above, "the replica", |row| !row.replicas.is_empty());
    assert_eq!(row.role.as_deref(), Some("primary"));

    let mut below = Asked::open(&replica.source("mon"));
    let (row, lag) = see(&mut below, "it to follow", |row| {
        row.replicas
            .first()
            .is_some_and(|one| one.lag_seconds == Some(0.0))
    });
    assert_eq!(row.role.as_deref(), Some("replica"));
    assert_eq!(
        (&*row.replicas[0].name, &*row.replicas[0].state),
        ("127.0.0.1", "streaming")
    );
    assert_eq!((lag, row.findings.len()), (Some(0.0), 0));

    // Someone holds up what is to be done next.
    let holder = replica.root_person();
    holder.ask("LOCK TABLES shop.orders READ");
    primary.sql("INSERT INTO shop.orders VALUES (1)");
    let (row, lag) = see(&mut below, "the lag", |row| {
        row.replicas
            .first()
            .is_some_and(|one| one.lag_seconds >= Some(1.0))
    });
    assert_eq!(&*row.replicas[0].state, "streaming");
    assert_eq!(lag, row.replicas[0].lag_seconds);
    holder.ask("UNLOCK TABLES");
    see(&mut below, "it to catch up", |row| {
        row.replicas
            .first()
            .is_some_and(|one| one.lag_seconds == Some(0.0))
    });
}

fn what_stops_a_replica_is_told(product: Product) {
    let (primary, replica) = pair(product);
    replica.sql("INSERT INTO shop.orders VALUES (1)");
    primary.sql("INSERT INTO shop.orders VALUES (1)");
    let mut below = Asked::open(&replica.source("mon"));
    let (row, lag) = see(&mut below, "the finding", |row| !row.findings.is_empty());
    let line: &Arc<str> = &row.findings[0];
    // Of several workers the one that stopped is told, not that one of them did.
    let says = |words: &str| line.contains(words);
    assert!(
        line.starts_with("replication from 127.0.0.1: ") && says("shop.orders"),
        "{line}"
    );
    assert!(says("Duplicate entry") && !says("Coordinator"), "{line}");
    assert_eq!(&*row.replicas[0].state, "stopped");
    assert_eq!(lag, None, "how far behind it is is not known");
}
