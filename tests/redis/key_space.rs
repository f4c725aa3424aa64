//! The walk over the keys: exact counts, its bounds, and that it can be stopped.

use hubtop::model::{Focus, KeySpace, Reading, ScanState, ServerDeed};
use redis::Connection;

use crate::servers::asked::Asked;
use crate::servers::cache::{ask, detail, redis, row, to, valkey};
use crate::{form, watch};

/// Sets so many keys of a prefix, every tenth of them with an end.
fn fill(client: &mut Connection, prefix: &str, count: usize) {
    for begin in (0..count).step_by(1000) {
        let mut pipe = redis::pipe();
        for n in begin..count.min(begin + 1000) {
            let set = pipe.cmd("SET").arg(format!("{prefix}{n}")).arg("value");
            if n % 10 == 0 {
                set.arg("EX").arg(3600);
            }
            set.ignore();
        }
        pipe.query::<()>(client).unwrap();
    }
}

/// How long the server itself worked for some commands, milliseconds.
fn server_ms(client: &mut Connection, commands: &[&str]) -> f64 {
    let told: String = ask(client, "INFO commandstats");
    let micros = commands.iter().filter_map(|command| {
        let line = told
            .lines()
            .find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:")))?;
        let micros = line
            .split(',')
            .find_map(|part| part.strip_prefix("usec="))?;
        micros.parse::<f64>().ok()
    });
    micros.sum::<f64>() / 1000.0
}

fn key_space(reading: &Reading) -> Option<KeySpace> {
    detail(reading)?.key_space.clone()
}

fn open(server: &crate::servers::Server) -> Asked {
    let source = watch(server);
    source.focus.send_replace(Focus::Cache("cache".into()));
    source
}

#[test]
fn fifty_thousand_keys_are_counted_by_prefix() {
    for server in [redis(&[]), valkey(&[])] {
        let mut client = to(&server);
        fill(&mut client, "session:", 30_000);
        fill(&mut client, "cart/", 15_000);
        fill(&mut client, "plain", 4_900);
        for n in 0..100 {
            let field = "f".repeat(1000 + n);
            ask::<i64>(&mut client, &format!("HSET big:{n} {field} x"));
        }
        let mut source = open(&server);
        assert_eq!(key_space(&source.ask().unwrap()), None);
        let outcome = source.deed("cache", ServerDeed::ScanKeys);
        assert!(
            outcome.done && outcome.message.contains("5,000 a second"),
            "{}",
            outcome.message
        );
        let mut last = 0;
        let whole = source.ask_until("the walk to end", |reading, _| {
            let walk = key_space(reading)?;
            assert!(walk.seen >= last, "it only goes on");
            last = walk.seen;
            assert_eq!(
                row(reading).hit_percent,
                None,
                "its look-ups are no hits and misses"
            );
            (walk.state == ScanState::Complete).then_some(walk)
        });
        assert_eq!((whole.seen, whole.keys), (50_000, 50_000));
        let of = |prefix: &str| {
            whole
                .prefixes
                .iter()
                .find(|row| &*row.prefix == prefix)
                .unwrap()
        };
        let counts = ["session:", "cart/", "(no prefix)", "big:"].map(|prefix| of(prefix).keys);
        assert_eq!(counts, [30_000, 15_000, 4_900, 100]);
        assert_eq!(
            &*whole.prefixes[0].prefix, "session:",
            "the largest share first"
        );
        assert_eq!(of("session:").percent, 60.0);
        // Every third key is measured: the share is near nine tenths, the size near that of one such key.
        let lasting = of("session:").lasting_percent.unwrap();
        assert!((87.0..93.0).contains(&lasting), "{lasting}");
        let each = of("session:").bytes.unwrap() as f64 / 30_000.0;
        assert!((40.0..150.0).contains(&each), "{each}");
        // Nobody else sends these; what hubtop itself waited is no cost of the server.
        let most = server_ms(&mut client, &["scan", "memory|usage", "ttl", "type"]);
        assert!(
            whole.cost_ms > 0.0 && whole.cost_ms <= most + 0.001,
            "{} of {most}",
            whole.cost_ms
        );
        let largest = &whole.largest[0];
        assert!(
            largest.key.starts_with("big:") && &*largest.kind == "hash" && largest.bytes > 1000,
            "{largest:?}"
        );
        assert!(
            whole
                .largest
                .windows(2)
                .all(|pair| pair[0].bytes >= pair[1].bytes)
        );
    }
}

#[test]
fn a_walk_is_bounded_in_keys_a_second_and_can_be_stopped() {
    let server = redis(&[]);
    let mut client = to(&server);
    fill(&mut client, "k:", 50_000);
    let mut source = open(&server);
    source.ask().unwrap();
    source.deed("cache", ServerDeed::ScanKeys);
    let begun = std::time::Instant::now();
    let walk = source.ask_until("some keys to be seen", |reading, _| {
        key_space(reading).filter(|walk| walk.seen > 5_000)
    });
    // One more answer may be under way when the bound is reached.
    let most = 5_000.0 * begun.elapsed().as_secs_f64() + 2_000.0;
    assert!((walk.seen as f64) <= most, "{} of {most}", walk.seen);
    assert_eq!(walk.state, ScanState::Running);
    assert!(source.deed("cache", ServerDeed::StopScan).done);
    let stopped = key_space(&source.ask().unwrap()).unwrap();
    assert_eq!(stopped.state, ScanState::Stopped);
    let scans = |client: &mut Connection| {
        let told: String = ask(client, "INFO commandstats");
        told.lines()
            .find(|line| line.starts_with("cmdstat_scan:"))
            .unwrap()
            .to_owned()
    };
    let before = scans(&mut client);
    let still = key_space(&source.ask().unwrap()).unwrap();
    assert_eq!((still.seen, scans(&mut client)), (stopped.seen, before));
    source.deed("cache", ServerDeed::ScanKeys);
    let again = key_space(&source.ask().unwrap()).unwrap();
    assert_eq!(again.state, ScanState::Running, "a new wish begins anew");
    assert!(again.seen < stopped.seen);
}

#[test]
fn only_the_keys_of_its_database_are_walked() {
    let server = redis(&[]);
    let mut client = to(&server);
    fill(&mut client, "zero:", 100);
    ask::<()>(&mut client, "SELECT 3");
    fill(&mut client, "three:", 20);
    let address = format!("redis://127.0.0.1:{}/3", server.port);
    let plain = format!("127.0.0.1:{}", server.port);
    let mut source = Asked::open(&form(&server).replace(&plain, &address));
    source.focus.send_replace(Focus::Cache("cache".into()));
    source.deed("cache", ServerDeed::ScanKeys);
    let whole = source.ask_until("the walk to end", |reading, _| {
        assert_eq!(
            row(reading).keys,
            Some(120),
            "the row is of the whole server"
        );
        key_space(reading).filter(|walk| walk.state == ScanState::Complete)
    });
    assert_eq!((whole.seen, whole.keys, whole.prefixes.len()), (20, 20, 1));
    assert_eq!(&*whole.prefixes[0].prefix, "three:");
}
