//! What is fetched for the cache that is open: slow log, clients, queues; and that nothing but reading commands is used.

use std::collections::BTreeSet;
use std::net::TcpStream;

use hubtop::model::{Focus, ServerDeed};

use crate::servers::cache::{ask, detail, node, redis, redis_6, redis_8, row, to, try_ask, valkey};
use crate::servers::{program, wait_for};
use crate::{lacking, watch};

const DEBUGGING: &[&str] = &["--enable-debug-command", "yes"];

#[test]
fn a_slow_command_is_in_the_slow_log() {
    for server in [
        redis(DEBUGGING),
        redis_6(&[]),
        redis_8(DEBUGGING),
        valkey(DEBUGGING),
    ] {
        let mut client = to(&server);
        ask::<()>(&mut client, "CLIENT SETNAME tester");
        let mut source = watch(&server);
        let reading = source.ask().unwrap();
        assert!(detail(&reading).is_none(), "nobody opened it");
        ask::<()>(&mut client, "DEBUG SLEEP 0.05");
        source.focus.send_replace(Focus::Cache("cache".into()));
        let reading = source.ask().unwrap();
        assert_eq!(row(&reading).slow, Some(1));
        let log = &detail(&reading).unwrap().slow_log;
        assert_eq!(log.len(), 1, "{log:?}");
        let entry = &log[0];
        assert_eq!(&*entry.command, "DEBUG SLEEP 0.05");
        assert!((50.0..500.0).contains(&entry.took_ms), "{entry:?}");
        assert!(entry.client.starts_with("tester 127.0.0.1:"), "{entry:?}");
        assert!(reading.at.since(entry.at).as_secs() < 60, "{entry:?}");
        ask::<()>(&mut client, "SLOWLOG RESET");
        let reading = source.ask().unwrap();
        assert_eq!(
            row(&reading).slow,
            Some(1),
            "it was in the last minute all the same"
        );
        assert!(detail(&reading).unwrap().slow_log.is_empty());
    }
}

#[test]
fn arguments_are_cut_and_safe_to_show() {
    let server = redis(&["--slowlog-log-slower-than", "0"]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.focus.send_replace(Focus::Cache("cache".into()));
    let long = "x".repeat(5000);
    ask::<()>(&mut client, &format!("SET \x1b]0;evil {long}"));
    ask::<()>(&mut client, "SET url redis://u:hunter2@h/0");
    ask::<()>(&mut client, "CONFIG SET masterauth hunter2");
    let reading = source.ask().unwrap();
    let log = &detail(&reading).unwrap().slow_log;
    let commands: Vec<&str> = log.iter().map(|entry| &*entry.command).collect();
    assert!(
        commands
            .iter()
            .any(|line| line.starts_with("SET ␛]0;evil xxx")),
        "{commands:?}"
    );
    for command in &commands {
        assert!(command.chars().count() < 300, "{command}");
        assert!(
            !command.contains("hunter2") && !command.contains('\x1b'),
            "{command}"
        );
    }
    let ids: BTreeSet<u64> = log.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), log.len(), "each once");
    assert!(
        log.windows(2).all(|pair| pair[0].id > pair[1].id),
        "the newest first"
    );
}

#[test]
fn clients_and_queues_are_listed_for_the_open_cache_only() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<()>(&mut client, "CLIENT SETNAME worker-1");
    ask::<i64>(&mut client, "LPUSH celery a b c");
    let mut source = watch(&server);
    source.focus.send_replace(Focus::Cache("another".into()));
    assert!(detail(&source.ask().unwrap()).is_none());
    source.focus.send_replace(Focus::Cache("cache".into()));
    let reading = source.ask().unwrap();
    let told = detail(&reading).unwrap();
    let worker = told
        .clients
        .iter()
        .find(|client| &*client.name == "worker-1")
        .unwrap();
    assert_eq!((&*worker.user, &*worker.command), ("default", "lpush"));
    assert!(worker.address.starts_with("127.0.0.1:") && worker.memory_bytes.unwrap() > 0);
    assert_eq!(told.queues.len(), 1);
    assert_eq!(
        (
            &*told.queues[0].key,
            &*told.queues[0].kind,
            told.queues[0].length
        ),
        ("celery", "list", 3)
    );
    assert!(told.key_space.is_none(), "nobody had them walked");
    // Within five seconds the list is not fetched again.
    let lists = |client: &mut _| {
        let told: String = ask(client, "INFO commandstats");
        let line = told
            .lines()
            .find(|line| line.starts_with("cmdstat_client|list:"))
            .unwrap()
            .to_owned();
        line.split(',').next().unwrap().to_owned()
    };
    let before = lists(&mut client);
    source.ask().unwrap();
    assert_eq!(lists(&mut client), before);
    assert!(detail(&source.ask().unwrap()).unwrap().clients.len() >= 2);
}

#[test]
fn nothing_but_reading_commands_is_used() {
    for server in [
        node(&program("redis-server")),
        redis(&[]),
        redis_6(&[]),
        redis_8(&[]),
        valkey(&[]),
    ] {
        let mut client = to(&server);
        let is_node = ask::<String>(&mut client, "INFO cluster").contains("cluster_enabled:1");
        if is_node {
            ask::<()>(&mut client, "CLUSTER ADDSLOTSRANGE 0 16383");
        }
        wait_for("the node to serve", || {
            try_ask::<i64>(&mut client, "LPUSH celery a").ok()
        });
        ask::<()>(&mut client, "CONFIG RESETSTAT");
        let mut source = watch(&server);
        source.focus.send_replace(Focus::Cache("cache".into()));
        source.ask().unwrap();
        assert!(source.deed("cache", ServerDeed::ScanKeys).done);
        source.ask().unwrap();
        source.ask_until("the walk to end", |reading, _| {
            let walk = detail(reading)?.key_space.as_ref()?;
            (walk.state == hubtop::model::ScanState::Complete).then_some(())
        });
        let told: String = ask(&mut client, "INFO commandstats");
        let used: BTreeSet<&str> = told
            .lines()
            .filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next())
            .map(|command| command.split('|').next().unwrap())
            .collect();
        let allowed = BTreeSet::from([
            "client",
            "cluster",
            "commandlog",
            "info",
            "latency",
            "llen",
            "memory",
            "ping",
            "scan",
            "slowlog",
            "ttl",
            "type",
            "config",
        ]);
        let others: Vec<_> = used.difference(&allowed).collect();
        assert!(others.is_empty(), "{others:?}");
        // The one CONFIG is the test's own RESETSTAT.
        for forbidden in [
            "config|get",
            "config|set",
            "client|kill",
            "memory|doctor",
            "latency|reset",
            "client|setname",
        ] {
            assert!(
                !told.contains(&format!("cmdstat_{forbidden}:")),
                "{forbidden}: {told}"
            );
        }
        assert_eq!(lacking(&source.ask().unwrap(), "key space"), None);
    }
}

#[test]
fn too_many_clients_are_not_listed() {
    let server = redis(&["--maxclients", "4000"]);
    let mut source = watch(&server);
    source.focus.send_replace(Focus::Cache("cache".into()));
    source.ask().unwrap();
    let crowd: Vec<TcpStream> = (0..3_001)
        .map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap())
        .collect();
    let line = source.ask_until("the line", |reading, _| {
        lacking(reading, "clients").map(str::to_owned)
    });
    assert!(line.contains("more than 3000"), "{line}");
    assert!(detail(&source.ask().unwrap()).unwrap().clients.is_empty());
    drop(crowd);
    source.ask_until("the list", |reading, _| {
        (detail(reading)?.clients.len() == 1).then_some(())
    });
}
