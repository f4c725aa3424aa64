//! Replicas, primaries that sentinels watch, and nodes of a cluster.

use hubtop::model::{Focus, Labels};

use crate::servers::asked::Asked;
use crate::servers::cache::{ask, detail, node, redis, redis_8, row, to, try_ask, valkey};
use crate::servers::{Server, fetched_program, folder, free_port, give_away, program, wait_for};
use crate::{form, lacking, watch};

fn follow(replica: &Server, primary: &Server) {
    ask::<()>(
        &mut to(replica),
        &format!("REPLICAOF 127.0.0.1 {}", primary.port),
    );
}

const FAST: &[&str] = &["--repl-diskless-sync-delay", "0"];

#[test]
fn a_replica_whose_link_is_down_says_for_how_long() {
    for (mut primary, replica) in [(redis(FAST), redis(&[])), (valkey(FAST), valkey(&[]))] {
        follow(&replica, &primary);
        let (mut above, mut below) = (watch(&primary), watch(&replica));
        let port = primary.port;
        below.ask_until("the replica to follow", |reading, _| {
            let told = row(reading);
            assert_eq!(told.role.as_deref(), Some("replica"));
            (told.replication.as_deref() == Some(&*format!("follows 127.0.0.1:{port}")))
                .then_some(())
        });
        let line = above.ask_until("the primary to see it", |reading, _| {
            let line = row(reading).replication.clone()?;
            line.starts_with("1 replica,").then_some(line)
        });
        assert!(
            line.ends_with(" behind") || line.ends_with("in step yet"),
            "{line}"
        );
        let labels = Labels::one("instance", "cache");
        let reading = above.ask().unwrap();
        assert!(
            above
                .value(&reading, "cache.replication.lag_bytes", &labels)
                .is_some()
        );
        primary.kill();
        let finding = below.ask_until("the link to be down", |reading, _| {
            row(reading).findings.first().cloned()
        });
        let begin = format!("link to its primary 127.0.0.1:{port} down for ");
        assert!(finding.starts_with(&begin), "{finding}");
        let reading = below.ask().unwrap();
        assert!(
            row(&reading)
                .replication
                .as_deref()
                .unwrap()
                .contains(" down for ")
        );
    }
}

/// A sentinel alone decides about `mymaster`.
fn sentinel(primary: &Server) -> Server {
    let port = free_port();
    let home = folder();
    let file = home.path().join("sentinel.conf");
    let text = format!(
        "port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {} 1\n\
        sentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 3000\n",
        primary.port
    );
    std::fs::write(&file, text).unwrap();
    give_away(&file);
    let file = file.to_str().unwrap().to_owned();
    Server::start(
        &program("redis-server"),
        [file.as_str(), "--sentinel"],
        home,
        port,
    )
}

#[test]
fn the_present_primary_is_followed_through_a_failover() {
    let mut first = redis(FAST);
    let second = redis(FAST);
    follow(&second, &first);
    let sentinel = sentinel(&first);
    let address = format!("sentinel://127.0.0.1:{}/mymaster", sentinel.port);
    let mut source = Asked::open(&format!(
        "kind = \"redis\"\naddress = {address:?}\ntimeout = \"1s\""
    ));
    ask::<()>(&mut to(&first), "SET which first");
    let reading = source.ask().unwrap();
    assert_eq!(&*row(&reading).instance, "redis@mymaster");
    assert_eq!(row(&reading).role.as_deref(), Some("primary"));
    wait_for("the sentinel to know the replica", || {
        let known: Vec<redis::Value> = ask(&mut to(&sentinel), "SENTINEL REPLICAS mymaster");
        let text = format!("{known:?}");
        (!known.is_empty() && !text.contains("disconnected")).then_some(())
    });
    wait_for("the replica to have it", || {
        ask::<Option<String>>(&mut to(&second), "GET which")
    });
    first.kill();
    source.ask().unwrap_err();
    let told = source.ask_until("the new primary", |reading, _| {
        let told = row(reading);
        (told.role.as_deref() == Some("primary")).then(|| told.clone())
    });
    assert_eq!(
        (told.keys, told.operations_per_sec),
        (Some(1), None),
        "another server is a gap"
    );
    let mut other = Asked::open(&format!(
        "kind = \"redis\"\naddress = \"{}\"",
        address.replace("mymaster", "orders")
    ));
    let error = other.ask().unwrap_err().to_string();
    assert!(error.contains("knows no primary \"orders\""), "{error}");
    let error = watch(&sentinel).ask().unwrap_err().to_string();
    assert!(error.contains("it is a sentinel"), "{error}");
}

#[test]
fn a_primary_that_became_a_replica_is_left() {
    let (first, second) = (redis(FAST), redis(FAST));
    follow(&second, &first);
    let sentinel = sentinel(&first);
    let address = format!("sentinel://127.0.0.1:{}/mymaster", sentinel.port);
    let mut source = Asked::open(&format!("kind = \"redis\"\naddress = {address:?}"));
    source.ask().unwrap();
    wait_for("the failover to begin", || {
        try_ask::<()>(&mut to(&sentinel), "SENTINEL FAILOVER mymaster").ok()
    });
    wait_for("the first to follow", || {
        // The sentinel ends the connections of a server that it makes a replica.
        let told: String = try_ask(&mut to(&first), "INFO replication").ok()?;
        told.contains("role:slave").then_some(())
    });
    let reading = source.ask().unwrap();
    assert_eq!(row(&reading).role.as_deref(), Some("primary"));
}

#[test]
fn a_node_of_a_cluster_tells_what_the_cluster_lacks() {
    for node in [
        node(&program("redis-server")),
        node(&fetched_program("redis-server-8")),
        node(&fetched_program("valkey-server")),
    ] {
        let mut client = to(&node);
        let mut source = watch(&node);
        ask::<()>(&mut client, "CLUSTER ADDSLOTSRANGE 0 16000");
        let reading = source.ask().unwrap();
        let findings = &row(&reading).findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(&*findings[0], "383 slots of the cluster have no node");
        ask::<()>(&mut client, "CLUSTER ADDSLOTSRANGE 16001 16383");
        source.ask_until("the cluster to be whole", |reading, _| {
            let told = row(reading);
            assert!(told.role.is_some());
            let line = told.replication.as_deref()?;
            (told.findings.is_empty() && line.starts_with("cluster ok, ")).then_some(())
        });
    }
}

#[test]
fn a_replica_that_gives_no_old_data_says_so_where_it_refuses() {
    for (mut primary, replica) in [
        (redis(FAST), redis(&["--replica-serve-stale-data", "no"])),
        (
            redis_8(FAST),
            redis_8(&["--replica-serve-stale-data", "no"]),
        ),
    ] {
        follow(&replica, &primary);
        let mut source = Asked::open(&format!("{}queues = [\"jobs\"]", form(&replica)));
        source.ask_until("the replica to follow", |reading, _| {
            (reading.partial.is_empty() && row(reading).findings.is_empty()).then_some(())
        });
        primary.kill();
        let line = source.ask_until("the refusal", |reading, _| {
            lacking(reading, "queues").map(str::to_owned)
        });
        assert_eq!(
            line,
            "its link to the primary is down and it gives no old data (replica-serve-stale-data no)"
        );
        let reading = source.ask().unwrap();
        let told = row(&reading);
        assert!(told.memory_used_bytes.is_some(), "the rest is there");
        assert!(
            told.findings[0].contains(" down for "),
            "{:?}",
            told.findings
        );
    }
}

#[test]
fn a_queue_that_lies_on_another_node_is_told_so() {
    let [here, there] = [(); 2].map(|()| node(&program("redis-server")));
    let (mut client, mut other) = (to(&here), to(&there));
    // The slots of `celery` and `jobs` are 3213 and 9631.
    ask::<()>(&mut client, "CLUSTER ADDSLOTSRANGE 0 8000");
    ask::<()>(&mut other, "CLUSTER ADDSLOTSRANGE 8001 16383");
    // Both begin with the same epoch, which they would have to settle first.
    ask::<()>(&mut other, "CLUSTER SET-CONFIG-EPOCH 2");
    // `ID :PORT@BUS myself,master …`
    let itself: String = ask(&mut other, "CLUSTER NODES");
    let bus = itself.split(['@', ' ', ',']).nth(2).unwrap();
    let port = there.port;
    ask::<()>(&mut client, &format!("CLUSTER MEET 127.0.0.1 {port} {bus}"));
    wait_for("the cluster to be whole", || {
        try_ask::<i64>(&mut client, "LPUSH celery a").ok()
    });
    let mut source = Asked::open(&format!("{}queues = [\"celery\", \"jobs\"]", form(&here)));
    source.focus.send_replace(Focus::Cache("cache".into()));
    let reading = source.ask().unwrap();
    assert_eq!(
        lacking(&reading, "queues"),
        Some("the key lies on another node of the cluster: watch that one too")
    );
    let queues = &detail(&reading).unwrap().queues;
    let told: Vec<(&str, u64)> = queues.iter().map(|one| (&*one.key, one.length)).collect();
    assert_eq!(told, [("celery", 1)], "of the other nothing is known");
}
