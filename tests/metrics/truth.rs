//! Known truth: so many observations of known lengths, and what is made of them.

use hubtop::collect::{Limits, Mappings, SourceForm, Surroundings, open_source};
use hubtop::model::{CacheLevel, Labels, ModelUse, Reading, Rows};

use crate::apps::{asked, client, endpoint, get, partial, settings};
use crate::servers::asked::Asked;

const TIMES: &str = "app.response_time.distribution_ms";

#[test]
fn counts_are_exact_and_percentiles_lie_in_their_buckets() {
    let server = client();
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    // 1,000 requests: the 950th takes 30 ms, the 990th 200 ms, the last 2 s.
    for (seconds, times, status) in [(0.03, 950, 200), (0.2, 40, 404), (2.0, 10, 503)] {
        get(
            server.port,
            &format!("/observe?seconds={seconds}&times={times}&status={status}"),
        );
    }
    let (row, distribution) = asked.ask_until("the requests", |reading, catalog| {
        let row = endpoint(reading, "GET /a")?;
        let source = row.source.clone();
        let labels = Labels::of([("endpoint", "GET /a"), ("source", &*source)]);
        let id = catalog.id(TIMES, labels);
        let found = reading
            .distributions
            .iter()
            .find(|(series, _)| *series == id);
        Some((row, found.unwrap().1.clone()))
    });
    assert_eq!(row.requests, 1000);
    assert_eq!(row.status_percent, Some([95.0, 0.0, 4.0, 1.0]));
    assert_eq!(row.error_percent, Some(1.0));
    assert_eq!(row.p95_bounds_ms, Some((10.0, 50.0)), "30 ms lie in there");
    assert_eq!(
        row.p99_bounds_ms,
        Some((100.0, 500.0)),
        "200 ms lie in there"
    );
    assert_eq!(row.p95_ms, Some(50.0), "the last of its bucket");
    assert_eq!(row.max_ms, None, "buckets don't tell it");
    assert_eq!(distribution.count(), 1000);
    let mean = distribution.mean_ms().unwrap();
    let exact = (950.0 * 30.0 + 40.0 * 200.0 + 10.0 * 2000.0) / 1000.0;
    assert!((mean - exact).abs() < 1e-6, "{mean} {exact}");
    assert_eq!(distribution.count_above(500.0), 10.0);
}

/// A source with what a person has written about the page.
fn mapped(port: u16, mappings: &str) -> Asked {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Written {
        api: Vec<hubtop::collect::ApiForm>,
        cache_level: Vec<hubtop::collect::LevelForm>,
        price: Vec<hubtop::collect::PriceForm>,
    }
    let written: Written = toml::from_str(mappings).unwrap();
    let mappings = Mappings {
        apis: written.api,
        levels: written.cache_level,
        prices: written.price,
    };
    let form: SourceForm = toml::from_str(&settings(port, "")).unwrap();
    Asked::of(Limits::default(), |around| {
        let around = Surroundings {
            mappings: mappings.into(),
            ..around.clone()
        };
        open_source(&form, &around).unwrap()
    })
}

#[test]
fn skills_are_timed_by_what_is_written() {
    let server = client();
    let written = "[[api]]\nmetric = \"skill_run_ms\"\nkind = \"skill\"\nroute = \"skill_name\"\n";
    let mut asked = mapped(server.port, written);
    asked.ask().unwrap();
    get(server.port, "/skill?name=search&times=30&ms=1500");
    let row = asked.ask_until("the runs", |reading, _| endpoint(reading, "skill search"));
    assert_eq!(row.requests, 30);
    assert_eq!(row.p95_bounds_ms, Some((1000.0, 2000.0)));
    assert_eq!(row.error_percent, None, "nothing tells how they ended");
}

/// What the Sessions list shows: group, active users, mean length.
fn sessions(reading: &Reading) -> Vec<(String, u64, Option<f64>)> {
    let rows = reading.rows.iter().filter_map(|rows| match rows {
        Rows::Sessions(rows) => Some(rows),
        _ => None,
    });
    rows.flatten()
        .map(|row| {
            let group = row.group.to_string();
            (group, row.active_users, row.mean_length_seconds)
        })
        .collect()
}

#[test]
fn sessions_are_counted_and_timed_by_what_is_written() {
    let server = client();
    let of = |metric: &str| {
        format!("[[api]]\nmetric = \"{metric}\"\nkind = \"session\"\nroute = \"plan\"\n")
    };
    let mut asked = mapped(
        server.port,
        &(of("active_users") + &of("session_length_seconds")),
    );
    let users = |plan: &str, active: u64, ended: u64, seconds: u64| {
        let path = format!("/users?plan={plan}&active={active}&ended={ended}&seconds={seconds}");
        get(server.port, &path);
    };
    let reading = asked.ask().unwrap();
    assert!(sessions(&reading).is_empty());
    let lacks = partial(&reading);
    assert!(
        lacks
            .iter()
            .any(|(part, line)| part == "sessions" && line.contains("no gauge")),
        "{lacks:?}"
    );
    users("free", 40, 1, 90);
    users("paid", 12, 0, 0);
    let told = asked.ask_until("both groups", |reading, _| {
        Some(sessions(reading)).filter(|rows| rows.len() == 2)
    });
    let expected = [
        ("free".to_owned(), 40, Some(90.0)),
        ("paid".to_owned(), 12, None),
    ];
    assert_eq!(told, expected);
    // Fewer than before are no counter that began anew; ended sessions are still those of the last minutes.
    users("free", 31, 2, 300);
    let told = asked.ask_until("those who are left", |reading, _| {
        Some(sessions(reading)).filter(|rows| rows[0].1 == 31)
    });
    assert_eq!(told[0].2, Some((90.0 + 2.0 * 300.0) / 3.0));
}

#[test]
fn levels_tell_the_share_of_what_reaches_them() {
    let server = client();
    let level = |name: &str, order: u8, label: &str| {
        format!(
            "[[cache_level]]\nlevel = \"{name}\"\norder = {order}\n\
             hits = {{ metric = \"lookups_total\", labels = {{ level = \"{label}\", result = \"hit\" }} }}\n\
             misses = {{ metric = \"lookups_total\", labels = {{ level = \"{label}\", result = \"miss\" }} }}\n\
             size = {{ metric = \"held_bytes\", labels = {{ level = \"{label}\" }} }}\n"
        )
    };
    let written = level("L2 redis", 2, "l2") + &level("L1 memory", 1, "l1");
    let mut asked = mapped(server.port, &written);
    for (level, result) in [("l1", "hit"), ("l1", "miss"), ("l2", "hit"), ("l2", "miss")] {
        get(
            server.port,
            &format!("/lookup?level={level}&result={result}&times=5"),
        );
    }
    asked.ask().unwrap();
    for (level, result, times) in [
        ("l1", "hit", 62),
        ("l1", "miss", 38),
        ("l2", "hit", 19),
        ("l2", "miss", 19),
    ] {
        get(
            server.port,
            &format!("/lookup?level={level}&result={result}&times={times}"),
        );
    }
    let reading = asked.ask().unwrap();
    let levels: Vec<&CacheLevel> = reading
        .rows
        .iter()
        .filter_map(|rows| match rows {
            Rows::CacheLevels(levels) => Some(levels),
            _ => None,
        })
        .flatten()
        .collect();
    let told: Vec<(&str, Option<f64>)> = levels
        .iter()
        .map(|level| (&*level.level, level.hit_percent))
        .collect();
    assert_eq!(told, [("L1 memory", Some(62.0)), ("L2 redis", Some(50.0))]);
    let source = levels[0].source.to_string();
    let labels = Labels::of([("instance", &*source), ("level", "L1 memory")]);
    assert_eq!(
        asked.value(&reading, "cache.hit_rate_percent", &labels),
        Some(62.0)
    );
    assert_eq!(
        asked.value(&reading, "cache.memory.used_bytes", &labels),
        Some(4096.0)
    );
    let quiet = asked.ask().unwrap();
    assert_eq!(
        asked.value(&quiet, "cache.hit_rate_percent", &labels),
        None,
        "nothing was asked"
    );
}

#[test]
fn models_have_calls_tokens_cost_and_success() {
    let server = client();
    let price = "[[price]]\nmodel = \"m-1\"\ninput = 3.0\noutput = 15.0\n";
    let mut asked = mapped(server.port, price);
    get(server.port, "/call?times=1");
    asked.ask().unwrap();
    get(server.port, "/call?times=8");
    get(server.port, "/call?times=2&error=timeout");
    let (model, reading): (ModelUse, _) = asked.ask_until("the calls", |reading, _| {
        let rows = reading.rows.iter().find_map(|rows| match rows {
            Rows::Models(models) => Some(models),
            _ => None,
        })?;
        let model = rows.iter().find(|model| model.success_percent.is_some())?;
        Some((model.clone(), reading.clone()))
    });
    assert_eq!(&*model.model, "m-1");
    assert_eq!(model.success_percent, Some(80.0));
    let per_call = |rate: Option<f64>| rate.unwrap() / model.calls_per_sec;
    assert!((per_call(model.input_tokens_per_sec) - 100.0).abs() < 1e-6);
    assert!((per_call(model.output_tokens_per_sec) - 20.0).abs() < 1e-6);
    let dollars = (100.0 * 3.0 + 20.0 * 15.0) / 1e6;
    assert!((per_call(model.cost_per_hour_usd) / 3600.0 - dollars).abs() < 1e-9);
    let p95 = model.p95_ms.unwrap();
    assert!((100.0..=1000.0).contains(&p95), "{p95}");
    let source = &*model.source;
    let labels = Labels::of([("model", "m-1"), ("type", "input"), ("source", source)]);
    assert_eq!(
        asked.value(&reading, "ai.tokens.total", &labels),
        Some(1100.0)
    );
}
