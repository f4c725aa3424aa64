//! Figures of an interval against what the test did in it.

use hubtop::model::Labels;

use crate::servers::asked::Asked;
use crate::servers::cache::{ask, redis, redis_6, redis_8, row, to, try_ask, valkey};
use crate::{form, watch};

#[test]
fn the_hit_rate_is_that_of_the_interval() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<()>(&mut client, "SET here 1");
    // What was before the first reading counts for the life of the server only.
    for _ in 0..50 {
        ask::<Option<String>>(&mut client, "GET before");
    }
    let mut source = watch(&server);
    let first = source.ask().unwrap();
    assert_eq!(row(&first).hit_percent, None, "one reading has no interval");
    assert_eq!(row(&first).hit_percent_total, Some(0.0));
    for n in 0..400 {
        let key = if n % 4 == 0 {
            "GET nowhere"
        } else {
            "GET here"
        };
        ask::<Option<String>>(&mut client, key);
    }
    let second = source.ask().unwrap();
    let told = row(&second);
    assert_eq!(told.hit_percent, Some(75.0));
    assert_eq!(told.hit_percent_total, Some(100.0 * 300.0 / 450.0));
    let labels = Labels::one("instance", "cache");
    let value = |metric| source.value(&second, metric, &labels);
    assert_eq!(value("cache.hit_rate_percent"), Some(75.0));
    assert_eq!(value("cache.miss_rate_percent"), Some(25.0));
    // INFO, PING, LATENCY HISTOGRAM, SLOWLOG GET and TYPE, in less time than the clients' own commands took.
    let own = told.own_ms_per_sec.unwrap();
    assert!(own > 0.0 && told.own_commands_per_sec.unwrap() > 0.0);
    let all: f64 = told
        .commands
        .iter()
        .map(|row| row.calls_per_sec * row.mean_ms.unwrap())
        .sum();
    assert!(own <= all, "{own} of {all}");
    let third = source.ask().unwrap();
    assert_eq!(row(&third).hit_percent, None, "nothing was asked");
    assert_eq!(
        source.value(&third, "cache.hit_rate_percent", &labels),
        None
    );
}

#[test]
fn each_version_brings_its_row() {
    for (server, kind) in [
        (redis(&[]), "redis 7.0"),
        (redis_6(&[]), "redis 6.2"),
        (redis_8(&[]), "redis 8.2"),
        (valkey(&[]), "valkey 9.1"),
    ] {
        let mut source = watch(&server);
        let mut client = to(&server);
        source.ask().unwrap();
        ask::<()>(&mut client, "SET key value");
        let reading = source.ask().unwrap();
        let told = row(&reading);
        assert_eq!(&*told.kind, kind);
        assert_eq!(
            (told.keys, told.role.as_deref()),
            (Some(1), Some("primary")),
            "{kind}"
        );
        assert!(told.memory_used_bytes.unwrap() > 100_000, "{kind}");
        assert_eq!(told.memory_max_bytes, None, "{kind}");
        assert!(
            told.ping_ms.unwrap() > 0.0 && told.clients.unwrap() >= 2,
            "{kind}"
        );
        let set = told
            .commands
            .iter()
            .find(|command| &*command.command == "SET");
        assert!(set.unwrap().mean_ms.unwrap() > 0.0, "{kind}");
        let lacking: Vec<&str> = reading
            .partial
            .iter()
            .map(|partial| &*partial.part)
            .collect();
        let expected: &[&str] = if kind == "redis 6.2" {
            &["command percentiles"]
        } else {
            &[]
        };
        assert_eq!(lacking, expected, "{kind}: {:?}", reading.partial);
    }
}

#[test]
fn a_server_is_called_by_its_port() {
    let server = redis(&[]);
    let mut source = Asked::open(&form(&server).replace("name = \"cache\"\n", ""));
    let reading = source.ask().unwrap();
    assert_eq!(*row(&reading).instance, format!("redis@{}", server.port));
}

#[test]
fn percentiles_of_the_interval_have_the_bounds_of_their_bucket() {
    let debugging = &["--enable-debug-command", "yes"];
    for server in [redis(debugging), valkey(debugging)] {
        let mut client = to(&server);
        let mut source = watch(&server);
        // Long ago everything was slow.
        for _ in 0..3 {
            ask::<()>(&mut client, "DEBUG SLEEP 0.3");
        }
        source.ask().unwrap();
        for _ in 0..100 {
            ask::<()>(&mut client, "DEBUG SLEEP 0.005");
        }
        let reading = source.ask().unwrap();
        let debug = row(&reading)
            .commands
            .iter()
            .find(|row| row.command.starts_with("DEBUG"));
        let debug = debug.unwrap();
        // What the server itself counted, by another way than the histogram.
        let mean = debug.mean_ms.unwrap();
        assert!(mean >= 5.0, "{debug:?}");
        let p50 = debug.p50_ms.unwrap();
        assert!((4.2..=17.0).contains(&p50), "{debug:?}");
        let (lower, upper) = debug.p99_bounds_ms.unwrap();
        let p99 = debug.p99_ms.unwrap();
        assert!(lower <= p99 && p99 <= upper && upper >= 5.0, "{debug:?}");
        assert!(
            (upper / lower - 2.0).abs() < 1e-9,
            "powers of two: {debug:?}"
        );
        assert!(p99 < 300.0, "the slow ones were before: {debug:?}");
        let labels = Labels::of([("instance", "cache"), ("command", &*debug.command)]);
        assert_eq!(
            source.value(&reading, "cache.command.p99_ms", &labels),
            Some(p99)
        );
    }
}

#[test]
fn few_calls_have_no_percentile() {
    let server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    for n in 0..10 {
        ask::<()>(&mut client, &format!("SET k{n} v"));
    }
    let reading = source.ask().unwrap();
    let set = row(&reading)
        .commands
        .iter()
        .find(|row| &*row.command == "SET")
        .unwrap();
    assert_eq!((set.p50_ms, set.p99_ms), (None, None));
    assert!(set.mean_ms.is_some());
}

#[test]
fn a_failed_and_a_rejected_call_are_told() {
    let server = redis(&[]);
    let mut client = to(&server);
    ask::<()>(&mut client, "SET text value");
    let mut source = watch(&server);
    source.ask().unwrap();
    for _ in 0..4 {
        assert!(
            try_ask::<i64>(&mut client, "LPUSH text x").is_err(),
            "wrong type"
        );
    }
    for _ in 0..2 {
        assert!(
            try_ask::<i64>(&mut client, "LPUSH").is_err(),
            "wrong number of arguments"
        );
    }
    let reading = source.ask().unwrap();
    let push = row(&reading)
        .commands
        .iter()
        .find(|row| &*row.command == "LPUSH")
        .unwrap();
    let ratio = push.failed_per_sec.unwrap() / push.rejected_per_sec.unwrap();
    assert!((ratio - 2.0).abs() < 1e-9, "{push:?}");
}

#[test]
fn keys_that_are_thrown_out_are_counted() {
    let server = redis(&["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    let value = "v".repeat(10_000);
    for n in 0..600 {
        ask::<()>(&mut client, &format!("SET k{n} {value}"));
    }
    let reading = source.ask().unwrap();
    let told = row(&reading);
    let left: u64 = ask(&mut client, "DBSIZE");
    assert_eq!(told.keys, Some(left));
    assert_eq!(told.evicted_total, Some(600 - left));
    assert!(told.evictions_per_sec.unwrap() > 0.0);
    assert_eq!(told.memory_max_bytes, Some(3 << 20));
    assert!(told.findings.is_empty(), "{:?}", told.findings);
}

#[test]
fn a_full_memory_that_may_throw_out_nothing_is_a_finding() {
    let server = redis(&["--maxmemory", "3mb"]);
    let mut client = to(&server);
    let value = "v".repeat(10_000);
    let refused =
        (0..600).find_map(|n| try_ask::<()>(&mut client, &format!("SET k{n} {value}")).err());
    assert_eq!(refused.unwrap().code(), Some("OOM"));
    let mut source = watch(&server);
    let reading = source.ask().unwrap();
    let findings = &row(&reading).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0].contains("noeviction") && findings[0].contains("maxmemory"),
        "{findings:?}"
    );
}

#[test]
fn resetting_the_counters_is_a_gap() {
    let server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    for _ in 0..100 {
        ask::<Option<String>>(&mut client, "GET nothing");
    }
    source.ask().unwrap();
    source.ask().unwrap();
    ask::<()>(&mut client, "CONFIG RESETSTAT");
    ask::<Option<String>>(&mut client, "GET nothing");
    let reading = source.ask().unwrap();
    let told = row(&reading);
    assert_eq!((told.hit_percent, told.operations_per_sec), (None, None));
    assert!(told.commands.is_empty(), "{:?}", told.commands);
    assert_eq!(told.hit_percent_total, Some(0.0));
    for _ in 0..3 {
        ask::<Option<String>>(&mut client, "GET nothing");
    }
    let reading = source.ask().unwrap();
    assert_eq!(row(&reading).hit_percent, Some(0.0));
    let gets = row(&reading)
        .commands
        .iter()
        .find(|row| &*row.command == "GET")
        .unwrap();
    let own = row(&reading)
        .commands
        .iter()
        .find(|row| &*row.command == "PING")
        .unwrap();
    assert!((gets.calls_per_sec / own.calls_per_sec - 3.0).abs() < 1e-9);
}

#[test]
fn queues_have_their_lengths_also_when_they_are_empty() {
    let server = redis(&[]);
    let mut client = to(&server);
    let keys = "queues = [\"jobs\", \"events\", \"later\", \"none\", \"text\"]";
    let mut source = Asked::open(&format!("{}{keys}", form(&server)));
    ask::<i64>(&mut client, "RPUSH jobs a b c");
    ask::<String>(&mut client, "XADD events * k v");
    ask::<i64>(&mut client, "ZADD later 1 a 2 b");
    ask::<()>(&mut client, "SET text hello");
    let reading = source.ask().unwrap();
    let length = |reading, queue| {
        let labels = Labels::of([("instance", "cache"), ("queue", queue)]);
        source.value(reading, "cache.queue.length", &labels)
    };
    let lengths = ["jobs", "events", "later", "none", "text"].map(|queue| length(&reading, queue));
    assert_eq!(lengths, [Some(3.0), Some(1.0), Some(2.0), Some(0.0), None]);
    ask::<()>(&mut client, "DEL jobs");
    let reading = source.ask().unwrap();
    let labels = Labels::of([("instance", "cache"), ("queue", "jobs")]);
    assert_eq!(
        source.value(&reading, "cache.queue.length", &labels),
        Some(0.0)
    );
    assert_eq!(
        row(&reading).hit_percent,
        None,
        "hubtop's own look-ups are no hits"
    );
}

#[test]
fn celery_is_watched_where_it_is() {
    let server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    let labels = Labels::of([("instance", "cache"), ("queue", "celery")]);
    let reading = source.ask().unwrap();
    assert_eq!(source.value(&reading, "cache.queue.length", &labels), None);
    ask::<i64>(&mut client, "LPUSH celery a b");
    let reading = source.ask().unwrap();
    assert_eq!(
        source.value(&reading, "cache.queue.length", &labels),
        Some(2.0)
    );
    ask::<()>(&mut client, "DEL celery");
    let reading = source.ask().unwrap();
    assert_eq!(
        source.value(&reading, "cache.queue.length", &labels),
        Some(0.0)
    );
}
