//! What goes wrong with a server: it stops, comes back, hangs, refuses.

use std::process::Command;

use hubtop::collect::CollectError;
use hubtop::model::Labels;

use super::rows;
use super::servers::asked::Asked;
use super::servers::mysql::Mariadb;
use super::servers::{give_away, wait_for};

const STOP: i32 = 19;
const GO_ON: i32 = 18;

#[test]
fn after_a_restart_it_goes_on_without_a_spike() {
    let mut mariadb = Mariadb::start();
    let person = mariadb.person();
    for _ in 0..100 {
        person.ask("SELECT 1");
    }
    let mut asked = Asked::open(&mariadb.source("mon"));
    asked.ask_until("a look", |reading, _| {
        rows!(reading, Statements).map(|_| ())
    });
    mariadb.restart();
    let error = asked.ask().expect_err("the connection is gone");
    assert!(!error.to_string().contains('\n'), "{error}");
    let instance = Labels::one("instance", &mariadb.name());
    let rates = ["db.transactions_per_sec", "db.statements_per_sec"];
    let reading = wait_for("it to come back", || asked.ask().ok());
    for rate in rates {
        assert_eq!(
            asked.value(&reading, rate, &instance),
            None,
            "{rate}: no rate over a restart"
        );
    }
    asked.ask_until("rates again", |reading, catalog| {
        let id = catalog.id("db.statements_per_sec", instance.clone());
        reading
            .samples
            .iter()
            .find(|(series, _)| *series == id)
            .map(|_| ())
    });
}

#[test]
fn a_server_that_hangs_costs_its_timeout_and_no_more() {
    let mariadb = Mariadb::start();
    let mut asked = Asked::open(&mariadb.source("mon"));
    asked.ask().unwrap();
    mariadb.server().signal(STOP);
    assert!(matches!(asked.ask(), Err(CollectError::Timeout(_))));
    assert!(
        matches!(asked.ask(), Err(CollectError::Timeout(_))),
        "nor does a new connection come about"
    );
    mariadb.server().signal(GO_ON);
    wait_for("it to come back", || asked.ask().ok());
}

#[test]
fn who_is_refused_is_told_what_to_change() {
    let mariadb = Mariadb::with(&["performance-schema=OFF", "max-connections=10"]);
    mariadb.sql("CREATE USER secret@'%' IDENTIFIED BY 'hunter2'");
    let error = Asked::open(&mariadb.source("secret"))
        .ask()
        .expect_err("no password");
    let line = error.to_string();
    assert!(
        line.contains("secret") && line.contains("password_file"),
        "{line}"
    );

    let folder = super::servers::folder();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let with_password = format!("{}\npassword_file = {file:?}", mariadb.source("secret"));
    Asked::open(&with_password).ask().unwrap();

    let _all: Vec<_> = (0..10).map(|_| mariadb.person()).collect();
    let error = Asked::open(&with_password)
        .ask()
        .expect_err("no connection left");
    assert!(error.to_string().contains("max_connections"), "{error}");
}

#[test]
fn a_socket_does_as_well() {
    let mariadb = Mariadb::with(&["performance-schema=OFF"]);
    let socket = mariadb.socket();
    let mut asked = Asked::open(&format!(
        "kind = \"mysql\"\naddress = {socket:?}\nuser = \"root\""
    ));
    let reading = asked.ask().unwrap();
    let server = &rows!(reading, Databases).unwrap()[0];
    assert!(server.kind.starts_with("MariaDB 1"), "{}", server.kind);
    assert!(server.started.is_some());
}

/// A certificate for `localhost` that signs itself.
fn certificate(folder: &std::path::Path, name: &str) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args([
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.pem"),
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    give_away(&folder.join(format!("{name}.key")));
}

#[test]
fn a_secured_connection_is_made_to_whom_one_trusts_only() {
    let folder = super::servers::folder();
    certificate(folder.path(), "server");
    certificate(folder.path(), "stranger");
    let here = folder.path().display();
    let mariadb = Mariadb::with(&[
        "performance-schema=OFF",
        &format!("ssl-cert={here}/server.pem"),
        &format!("ssl-key={here}/server.key"),
    ]);
    mariadb.sql("CREATE USER safe@'%' REQUIRE SSL");
    let source = mariadb.source("safe");
    let with = |tls: &str| Asked::open(&format!("{source}\n[tls]\n{tls}")).ask();

    with(&format!("ca_file = \"{here}/server.pem\"")).unwrap();
    with("verify = false").unwrap();
    let error = with(&format!("ca_file = \"{here}/stranger.pem\"")).expect_err("a stranger");
    assert!(error.to_string().starts_with("TLS: "), "{error}");
    Asked::open(&source)
        .ask()
        .expect_err("it asks for a secured connection");
}
