//! What a source adds is what its rows, series and distributions say.

use std::time::Duration;

use super::*;
use crate::model::{Buckets, Timestamp};

const SECOND: Duration = Duration::from_secs(1);

fn moment(seconds: u64) -> Moment {
    Moment {
        wall: Timestamp(seconds as i64 * 1000),
        mono: SECOND * seconds as u32,
    }
}

struct Bench {
    catalog: Catalog,
    red: Red,
}

impl Bench {
    fn new(most_routes: usize) -> Self {
        let limits = Limits {
            most_routes,
            ..Limits::default()
        };
        let catalog = Catalog::new();
        let mut red = Red::new(&catalog, "log".into(), &limits);
        red.close(moment(0), None, &mut Reading::default());
        Self { catalog, red }
    }

    fn close(&mut self, at: u64, interval: u64) -> Reading {
        let mut reading = Reading::default();
        self.red
            .close(moment(at), Some(SECOND * interval as u32), &mut reading);
        reading
    }

    fn value(&self, reading: &Reading, metric: &str, labels: Labels) -> Option<f64> {
        let id = self.catalog.id(metric, labels);
        let found = reading.samples.iter().find(|(known, _)| *known == id);
        found.map(|(_, value)| *value)
    }

    fn times(&self, reading: &Reading, labels: Labels) -> Option<u64> {
        let id = self.catalog.id(DISTRIBUTION, labels);
        let found = reading.distributions.iter().find(|(known, _)| *known == id);
        found.map(|(_, times)| times.count())
    }
}

fn rows(reading: &Reading) -> Vec<Endpoint> {
    let Some(Rows::Endpoints(rows)) = reading.rows.first() else {
        panic!("no rows");
    };
    rows.clone()
}

#[test]
fn a_route_is_told_over_the_last_minute() {
    let mut bench = Bench::new(10);
    for n in 0..100 {
        let status = if n < 5 { 503 } else { 200 };
        bench
            .red
            .observe("GET", "/a/{id}", Some(status), Some(f64::from(n + 1)));
    }
    bench.red.observe("GET", "/ws", Some(101), None);
    let reading = bench.close(1, 1);
    let told = rows(&reading);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].label(), "GET /a/{id}");
    assert_eq!((told[0].requests, told[0].requests_per_sec), (100, 100.0));
    assert_eq!(told[0].error_percent, Some(5.0));
    assert_eq!(told[0].max_ms, Some(100.0));
    assert!((told[0].p95_ms.unwrap() - 95.0).abs() < 1.5);
    assert_eq!(told[0].apdex, Some(1.0));
    assert_eq!((told[1].error_percent, told[1].p50_ms), (None, None));
    let own = Labels::one("source", "log");
    let labels = Labels::of([("endpoint", "GET /a/{id}"), ("source", "log")]);
    assert_eq!(bench.times(&reading, labels.clone()), Some(100));
    assert_eq!(bench.times(&reading, own.clone()), Some(100));
    assert_eq!(
        bench.value(&reading, "app.requests.per_sec", labels),
        Some(100.0)
    );
    assert_eq!(
        bench.value(&reading, "app.requests.total", own.clone()),
        Some(101.0)
    );

    let later = bench.close(51, 50);
    assert_eq!(rows(&later)[0].requests, 100);
    assert!((rows(&later)[0].requests_per_sec - 100.0 / 51.0).abs() < 1e-9);
    assert_eq!(
        bench.times(&later, own.clone()),
        None,
        "an idle interval has no times"
    );
    let gone = bench.close(61, 10);
    assert!(rows(&gone).is_empty());
    assert_eq!(bench.value(&gone, "app.requests.total", own), Some(101.0));
}

#[test]
fn buckets_keep_their_bounds() {
    let mut bench = Bench::new(10);
    let times = Distribution::Buckets(Buckets {
        bounds_ms: [100.0, 500.0, f64::INFINITY].into(),
        counts: vec![90.0, 10.0, 0.0],
        sum_ms: Some(7000.0),
    });
    let statuses = Statuses {
        classes: [99, 0, 0, 1],
        unknown: 0,
    };
    bench.red.add("GET", "/a", &statuses, &times);
    bench.red.add("GET", "/a", &statuses, &times);
    let row = &rows(&bench.close(10, 10))[0];
    assert_eq!((row.requests, row.error_percent), (200, Some(1.0)));
    assert_eq!(row.p99_bounds_ms, Some((100.0, 500.0)));
    assert_eq!(row.max_ms, None);
}

#[test]
fn old_requests_are_in_the_distributions_only() {
    let mut bench = Bench::new(10);
    bench.red.observe("GET", "/a", Some(200), Some(1.0));
    bench.red.set_aside();
    bench.red.observe("GET", "/a", Some(200), Some(2.0));
    let reading = bench.close(1, 1);
    assert_eq!(rows(&reading)[0].requests, 1);
    assert_eq!(bench.times(&reading, Labels::one("source", "log")), Some(2));
}

#[test]
fn further_routes_are_other_until_idle_ones_are_forgotten() {
    let mut bench = Bench::new(3);
    for n in 0..10 {
        bench
            .red
            .observe("GET", &format!("/r{n}"), Some(200), Some(1.0));
    }
    let told = rows(&bench.close(1, 1));
    let labels: Vec<String> = told.iter().map(Endpoint::label).collect();
    assert_eq!(labels, ["GET /r0", "GET /r1", "GET /r2", "other"]);
    assert_eq!(told[3].requests, 7);
    for minute in 1..10 {
        bench.close(minute * 60, 60);
    }
    bench.red.observe("GET", "/r9", Some(200), Some(1.0));
    assert_eq!(rows(&bench.close(601, 1))[0].label(), "GET /r9");
}

#[test]
fn a_source_names_a_bounded_number_of_routes_in_its_life() {
    let mut bench = Bench::new(2);
    for n in 0..100 {
        bench
            .red
            .observe("GET", &format!("/r{n}"), Some(200), Some(1.0));
        bench.close(n * 1000, 1000);
    }
    let named = bench.catalog.table().of_metric(DISTRIBUTION).len();
    assert_eq!(named, 2 * 4 + 1 + 1, "with `other` and the whole");
}

#[test]
fn twenty_routes_are_charted_and_a_busier_one_takes_a_place() {
    let mut bench = Bench::new(100);
    let visit = |bench: &mut Bench, route: &str, times: usize| {
        for _ in 0..times {
            bench.red.observe("", route, Some(200), Some(1.0));
        }
    };
    for n in 0..30 {
        visit(&mut bench, &format!("/r{n}"), 30 - n);
    }
    let first = bench.close(1, 1);
    let rate = |bench: &Bench, reading: &Reading, route: &str| {
        let labels = Labels::of([("endpoint", route), ("source", "log")]);
        bench.value(reading, "app.requests.per_sec", labels)
    };
    assert_eq!(rate(&bench, &first, "/r19"), Some(11.0));
    assert_eq!(rate(&bench, &first, "/r20"), None);
    visit(&mut bench, "/r20", 5);
    let second = bench.close(2, 1);
    assert_eq!(
        rate(&bench, &second, "/r20"),
        None,
        "a little busier is not enough"
    );
    visit(&mut bench, "/r20", 50);
    let third = bench.close(3, 1);
    assert!(rate(&bench, &third, "/r20").is_some());
    assert_eq!(rate(&bench, &third, "/r19"), None);
}
