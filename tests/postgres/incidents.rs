//! What goes wrong on servers: each ends in one line, and figures come back by themselves.

use hubtop::collect::CollectError;
use hubtop::model::Reading;

use crate::servers::asked::Asked;
use crate::servers::postgres::{Person, Postgres, versions};
use crate::{rows, source_of};

const STOP: i32 = 19;
const GO_ON: i32 = 18;

fn looks_well(reading: &Reading) -> Option<()> {
    rows!(reading, Backends).map(|_| ())
}

#[test]
fn connections_that_run_out_are_a_finding_while_one_is_held() {
    let server = Postgres::start(15);
    server.sql("CREATE ROLE app LOGIN; CREATE ROLE mon LOGIN; GRANT pg_monitor TO mon");
    let mut asked = crate::source_as(&server, "mon", "postgres");
    asked.ask_until("a first reading", |reading, _| looks_well(reading));
    let mut crowd = Vec::new();
    let refusal = loop {
        match Person::try_connect(server.port, "app", "postgres", "crowd") {
            Ok(person) => crowd.push(person),
            Err(line) => break line,
        }
    };
    assert!(
        refusal.contains("remaining connection slots are reserved"),
        "{refusal}"
    );
    let finding = asked.ask_until("the finding", |reading, _| {
        let row = rows!(reading, Databases)?.remove(0);
        row.findings.first().cloned()
    });
    assert!(
        finding.starts_with("all 27 connection slots are used up"),
        "{finding}"
    );
    // Who comes too late says so.
    let late = crate::source_as(&server, "mon", "postgres")
        .ask()
        .unwrap_err()
        .to_string();
    assert!(
        late.starts_with("all connection slots are used up"),
        "{late}"
    );
}

#[test]
fn a_server_that_is_paused_is_a_timeout_and_comes_back() {
    let server = Postgres::start(15);
    let keys = format!(
        "{}\ninterval = \"100ms\"\ntimeout = \"500ms\"",
        server.source("postgres", "postgres")
    );
    let mut asked = Asked::open(&keys);
    asked.ask_until("a first reading", |reading, _| looks_well(reading));
    let watcher = server.person("watcher");
    let pid = watcher.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'hubtop'")[0]
        [0]
    .clone();
    let signal = |signal: i32| {
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        let signal = rustix::process::Signal::from_named_raw(signal).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    };
    signal(STOP);
    for _ in 0..2 {
        let error = asked.ask().unwrap_err();
        assert!(matches!(error, CollectError::Timeout(_)), "{error}");
    }
    signal(GO_ON);
    asked.ask_until("figures again", |reading, _| looks_well(reading));
    let after = watcher.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'hubtop'");
    assert_eq!(after, [[pid]], "the connection was held");
}

#[test]
fn a_restart_is_told_and_the_connection_made_again() {
    for version in versions() {
        let mut server = Postgres::start(version);
        let mut asked = source_of(&server);
        let before = asked.ask_until("a first reading", |reading, _| rows!(reading, Databases));
        server.restart();
        let error = asked.ask().unwrap_err().to_string();
        assert!(error.contains("connection"), "{version}: {error}");
        let after = asked.ask_until("figures again", |reading, _| rows!(reading, Databases));
        assert!(after[0].started > before[0].started, "{version}");
    }
}

#[test]
fn a_table_locked_by_one_alone_holds_up_nothing() {
    for version in versions() {
        let server = Postgres::start(version);
        server.sql("CREATE TABLE locked AS SELECT generate_series(1, 50000) AS i");
        server.sql("CREATE INDEX ON locked ((i + 1))");
        let holder = server.person("holder");
        holder.ask("BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
        // Everything is asked at the first look.
        let mut asked = source_of(&server);
        let reading = asked.ask().unwrap();
        let tables = rows!(reading, TableUses).unwrap();
        assert!(
            tables.iter().any(|row| &*row.table == "public.locked"),
            "{version}"
        );
        assert!(rows!(reading, IndexUses).is_some());
        let lacks: Vec<&str> = reading.partial.iter().map(|it| &*it.part).collect();
        assert_eq!(lacks, [""; 0], "{version}: {:?}", reading.partial);
    }
}

/// A server that speaks another protocol, or never stops.
#[test]
fn an_endless_answer_is_cut() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut greeting = [0; 1024];
        let _ = stream.read(&mut greeting);
        // Welcome, ready: then one row of 2 GB.
        let _ = stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
        let _ = stream.write_all(b"D\x7f\xff\xff\xff");
        let block = vec![b'x'; 1 << 20];
        while stream.write_all(&block).is_ok() {}
    });
    let keys = format!("kind = \"postgres\"\naddress = \"postgres://x@127.0.0.1:{port}/x\"");
    let error = Asked::open(&keys).ask().unwrap_err();
    let line = error.to_string();
    assert!(line.contains("longer than any answer"), "{line}");
}
