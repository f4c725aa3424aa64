//! Who may not see everything: one missing right dims one panel, and the line that is told mends it.

use hubtop::collect::CollectError;
use hubtop::model::{Focus, ServerDeed};
use redis::Connection;

use crate::servers::Server;
use crate::servers::asked::Asked;
use crate::servers::cache::{ask, detail, redis, redis_6, redis_8, row, to, valkey};
use crate::{form, lacking, watch};

/// Everything that hubtop asks for, as the README lists it.
const RIGHTS: &str = "+info +ping +slowlog|get +latency|histogram +client|list +cluster|info \
    +type +llen +xlen +zcard +scan +memory|usage +ttl +select";

fn watch_as(server: &Server, user: &str, password: &str) -> Asked {
    let plain = format!("127.0.0.1:{}", server.port);
    let address = format!("redis://{user}:{password}@127.0.0.1:{}", server.port);
    let source = Asked::open(&form(server).replace(&plain, &address));
    source.focus.send_replace(Focus::Cache("cache".into()));
    source
}

fn denied(error: CollectError) -> String {
    match error {
        CollectError::Denied { grant } => grant,
        other => panic!("not denied: {other}"),
    }
}

/// Types the line that hubtop told.
fn mend(client: &mut Connection, line: &str) {
    assert!(line.starts_with("ACL SETUSER mon "), "{line}");
    ask::<()>(client, line);
}

#[test]
fn a_missing_right_dims_one_panel_and_its_line_mends_it() {
    for server in [redis(&[]), redis_6(&[]), redis_8(&[]), valkey(&[])] {
        let mut client = to(&server);
        ask::<i64>(&mut client, "LPUSH jobs a b");
        ask::<()>(&mut client, "ACL SETUSER mon on >pw ~* +info +ping");
        let address = format!("redis://mon:pw@127.0.0.1:{}", server.port);
        let again = || {
            let mut source = Asked::open(&format!(
                "kind = \"redis\"\nname = \"cache\"\naddress = \"{address}\"\nqueues = [\"jobs\"]"
            ));
            source.focus.send_replace(Focus::Cache("cache".into()));
            source.deed("cache", ServerDeed::ScanKeys);
            let reading = source.ask().unwrap();
            assert!(
                row(&reading).memory_used_bytes.is_some(),
                "the rest is there"
            );
            reading
        };
        let reading = again();
        let parts = ["slow log", "clients", "queues", "key space"];
        for part in parts {
            let line =
                lacking(&reading, part).unwrap_or_else(|| panic!("{part}: {:?}", reading.partial));
            mend(&mut client, line);
        }
        if let Some(line) = lacking(&reading, "command percentiles")
            && line.starts_with("ACL")
        {
            mend(&mut client, line);
        }
        // What a right uncovers may need another.
        let reading = again();
        mend(&mut client, lacking(&reading, "key sizes").unwrap());
        let reading = again();
        let told = detail(&reading).unwrap();
        assert_eq!(told.queues[0].length, 2);
        assert!(!told.clients.is_empty() && told.key_space.as_ref().unwrap().seen > 0);
        assert!(
            reading
                .partial
                .iter()
                .all(|partial| !partial.line.starts_with("ACL")),
            "{:?}",
            reading.partial
        );
    }
}

#[test]
fn the_listed_rights_are_enough() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<i64>(&mut client, "LPUSH celery a");
    ask::<()>(
        &mut client,
        &format!("ACL SETUSER mon on >pw %R~* {RIGHTS}"),
    );
    let mut source = watch_as(&server, "mon", "pw");
    source.deed("cache", ServerDeed::ScanKeys);
    for _ in 0..3 {
        let reading = source.ask().unwrap();
        assert!(reading.partial.is_empty(), "{:?}", reading.partial);
    }
    let log: Vec<redis::Value> = ask(&mut client, "ACL LOG");
    assert!(log.is_empty(), "nothing was refused: {log:?}");
}

#[test]
fn a_database_other_than_the_first_is_told_its_right() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<()>(&mut client, "SELECT 2");
    ask::<i64>(&mut client, "LPUSH celery a b");
    ask::<()>(
        &mut client,
        &format!("ACL SETUSER mon on >pw %R~* {RIGHTS} -select"),
    );
    let mut source = Asked::open(&format!(
        "kind = \"redis\"\nname = \"cache\"\naddress = \"redis://mon:pw@127.0.0.1:{}/2\"",
        server.port
    ));
    source.focus.send_replace(Focus::Cache("cache".into()));
    let grant = denied(source.ask().unwrap_err());
    mend(&mut client, &grant);
    let reading = source.ask().unwrap();
    assert!(reading.partial.is_empty(), "{:?}", reading.partial);
    assert_eq!(detail(&reading).unwrap().queues[0].length, 2);
}

#[test]
fn a_refused_command_is_not_asked_again_at_every_reading() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<()>(
        &mut client,
        "ACL SETUSER mon on >pw ~* +info +ping +latency|histogram +client|list",
    );
    let mut source = watch_as(&server, "mon", "pw");
    for _ in 0..5 {
        let reading = source.ask().unwrap();
        assert_eq!(
            lacking(&reading, "slow log"),
            Some("ACL SETUSER mon +slowlog|get")
        );
    }
    let told: String = ask(&mut client, "INFO commandstats");
    let slow_log = told
        .lines()
        .find(|line| line.starts_with("cmdstat_slowlog|get:"))
        .unwrap();
    // One for the row, one for the detail at most.
    assert!(slow_log.contains("rejected_calls=1,"), "{slow_log}");
}

#[test]
fn a_right_that_is_revoked_is_missed_from_then_on() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<()>(&mut client, &format!("ACL SETUSER mon on >pw ~* {RIGHTS}"));
    let mut source = watch_as(&server, "mon", "pw");
    assert!(source.ask().unwrap().partial.is_empty());
    ask::<()>(&mut client, "ACL SETUSER mon -client|list");
    let line = source.ask_until("the line", |reading, _| {
        lacking(reading, "clients").map(str::to_owned)
    });
    assert_eq!(line, "ACL SETUSER mon +client|list");
    ask::<()>(&mut client, "ACL SETUSER mon -info");
    let grant = denied(source.ask().unwrap_err());
    assert!(grant.starts_with("ACL SETUSER mon +info +ping"), "{grant}");
    ask::<i64>(&mut client, "ACL DELUSER mon");
    let grant = denied(source.ask().unwrap_err());
    assert!(
        grant.contains("wrong password for user mon, or no such user"),
        "{grant}"
    );
}

#[test]
fn a_password_is_asked_for_and_read_anew() {
    let server = redis(&["--requirepass", "first"]);
    let grant = denied(watch(&server).ask().unwrap_err());
    assert!(grant.contains("password_file"), "{grant}");
    let grant = denied(watch_as(&server, "default", "wrong").ask().unwrap_err());
    assert!(grant.contains("wrong password for user default"), "{grant}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "second\n").unwrap();
    let mut source = Asked::open(&format!("{}password_file = {file:?}", form(&server)));
    denied(source.ask().unwrap_err());
    std::fs::write(&file, "first\n").unwrap();
    source.ask().unwrap();
}
