//! Figures of an interval against what the test did in it.

use hubtop::model::Labels;

use crate::servers::asked::Asked;
use crate::servers::cache::{ask, redis, redis_6, row, to, valkey};
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
