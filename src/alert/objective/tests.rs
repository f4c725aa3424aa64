//! What objectives say where the truth is known.

use std::sync::Arc;
use std::time::Duration;

use super::burn::{PAIRS, burns};
use super::counts::{Count, Counts};
use super::*;
use crate::alert::{AlertEngine, default_rules};
use crate::model::metric::{AGENT_TIME, MODEL_TIME, RESPONSE_TIME};
use crate::model::{
    Buckets, Catalog, Distribution, Endpoint, Labels, Moment, ObjectiveState, SeriesId, Severity,
    Sketch, SourceName, Timestamp,
};

const START: Timestamp = Timestamp(20_000 * 86_400_000);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

/// Requests a minute and the percent of them that were bad, for so many minutes, one after the other.
type Spell = (u64, f64, f64);

/// The counts after some spells, and the moment of the last minute.
fn counted(spells: &[Spell]) -> (Counts, Timestamp) {
    let mut counts = Counts::default();
    let mut at = START;
    let mut now = START;
    for (minutes, total, percent) in spells {
        for _ in 0..*minutes {
            let bad = total * percent / 100.0;
            counts.add(at, Count { total: *total, bad });
            (now, at) = (at, at.plus(MINUTE));
        }
    }
    (counts, now.plus(MINUTE - Duration::from_millis(1)))
}

/// How many times too fast each pair says the budget of 1% burns, in whole numbers; `!` where it is news, `–` where
/// there is too little to say.
fn told(spells: &[Spell]) -> String {
    let (counts, now) = counted(spells);
    let words = burns(&counts, now, 0.01, 100.0).map(|burn| match burn.rate {
        None => "–".to_owned(),
        Some(rate) => format!("{rate:.1}{}", if burn.is_news() { "!" } else { "" }),
    });
    words.join(" ")
}

#[test]
fn burn_rates_are_those_that_arithmetic_gives() {
    // Pairs: 1h and 5m at 14.4, 6h and 30m at 6, 1d and 2h at 3, 3d and 6h at 1.
    let days = 4 * DAY;
    let cases: [(&str, &[Spell], &str); 11] = [
        ("all is well", &[(days, 100.0, 0.0)], "0.0 0.0 0.0 0.0"),
        (
            "exactly what may fail",
            &[(days, 100.0, 1.0)],
            "1.0 1.0 1.0 1.0",
        ),
        (
            "a little more, for days",
            &[(days, 100.0, 1.1)],
            "1.1 1.1 1.1 1.1!",
        ),
        (
            "all fails for 8 minutes: 8 of 60",
            &[(days, 100.0, 0.0), (8, 100.0, 100.0)],
            "13.3 2.2 0.6 0.2",
        ),
        (
            "for 9 minutes",
            &[(days, 100.0, 0.0), (9, 100.0, 100.0)],
            "15.0! 2.5 0.6 0.2",
        ),
        (
            "for 30 minutes",
            &[(days, 100.0, 0.0), (30, 100.0, 100.0)],
            "50.0! 8.3! 2.1 0.7",
        ),
        (
            "it was over 10 minutes ago",
            &[(days, 100.0, 0.0), (30, 100.0, 100.0), (10, 100.0, 0.0)],
            "0.0 8.3! 2.1 0.7",
        ),
        (
            "it was over an hour ago",
            &[(days, 100.0, 0.0), (60, 100.0, 100.0), (60, 100.0, 0.0)],
            "0.0 0.0 4.2! 1.4!",
        ),
        (
            "10% for 5 hours",
            &[(days, 100.0, 0.0), (300, 100.0, 10.0)],
            "10.0 8.3! 2.1 0.7",
        ),
        (
            "a tenth of the traffic at night",
            &[(days, 100.0, 0.0), (60, 10.0, 100.0)],
            "100.0! 2.0 0.4 0.1",
        ),
        (
            "9 requests, all failed",
            &[(1, 9.0, 100.0), (59, 0.0, 0.0)],
            "– – – –",
        ),
    ];
    for (what, spells, expected) in cases {
        assert_eq!(told(spells), expected, "{what}");
    }
}

#[test]
fn before_a_window_is_full_it_is_what_was_seen() {
    assert_eq!(
        told(&[(4, 100.0, 50.0)]),
        "– – – –",
        "the short window first"
    );
    assert_eq!(told(&[(6, 100.0, 50.0)]), "50.0! – – –");
    assert_eq!(told(&[(45, 100.0, 50.0)]), "50.0! 50.0! – –");
    assert_eq!(told(&[(7 * HOUR, 100.0, 5.0)]), "5.0 5.0 5.0! 5.0!");
    let over = |minutes: u64| {
        let (counts, now) = counted(&[(minutes, 100.0, 50.0)]);
        burns(&counts, now, 0.01, 100.0)
            .map(|burn| burn.over())
            .join(", ")
    };
    assert_eq!(over(12), "over 11m, over 11m, over 11m, over 11m");
    assert_eq!(over(3 * HOUR), "1h, over 2h, over 2h, over 2h");
    assert_eq!(over(4 * DAY), "1h, 6h, 1d, 3d");
}

#[test]
fn a_gap_is_neither_good_nor_bad() {
    // Half an hour of failures, then nothing was known for two hours: the budget is where it was, and no window that
    // lies in the gap says that all is well.
    let spells = [(DAY, 100.0, 0.0), (30, 100.0, 100.0), (120, 0.0, 0.0)];
    assert_eq!(told(&spells), "– – – 2.0!");
    let (counts, now) = counted(&spells);
    let all = counts.within(now, Duration::from_secs(30 * 86_400));
    assert_eq!((all.total, all.bad), (147_000.0, 3000.0));
}

#[test]
fn what_is_kept_is_bounded_and_forgets_what_is_later_than_the_clock() {
    let (mut counts, now) = counted(&[(40 * DAY, 10.0, 10.0)]);
    let all = counts.within(now, Duration::from_secs(40 * 86_400));
    assert_eq!(all.total, 30.0 * 1440.0 * 10.0);
    let back = now.minus(Duration::from_secs(3600));
    counts.add(
        back,
        Count {
            total: 1.0,
            bad: 1.0,
        },
    );
    let [hour] = counts.over(back, [Duration::from_secs(3600)]);
    assert_eq!((hour.total, hour.bad), (601.0, 61.0));
}

/// Objectives, an engine with the default rules, and a clock that a test moves.
struct Bench {
    catalog: Catalog,
    objectives: Objectives,
    engine: AlertEngine,
    counted: Vec<SourceName>,
    routes: Vec<Endpoint>,
    now: Moment,
    board: Arc<crate::model::AlertBoard>,
}

impl Bench {
    fn of(objectives: Vec<Objective>) -> Self {
        let catalog = Catalog::new();
        Self {
            objectives: Objectives::new(objectives, &catalog),
            engine: AlertEngine::new(default_rules().unwrap()),
            counted: vec!["log".into()],
            routes: Vec::new(),
            now: Moment {
                wall: START,
                mono: Duration::from_secs(1000),
            },
            board: Arc::default(),
            catalog,
        }
    }

    fn new(form: &str) -> Self {
        let form: ObjectiveForm = toml::from_str(form).unwrap();
        Self::of(vec![Objective::try_from(form).unwrap()])
    }

    /// So many seconds, at each of which the same came.
    fn run(&mut self, seconds: u64, came: &[(SeriesId, Distribution)]) -> &mut Self {
        let tick = Duration::from_secs(1);
        for _ in 0..seconds {
            let series = self.catalog.table();
            let came = Came {
                times: came,
                series: &series,
                counted: &self.counted,
                routes: &self.routes,
                lasted: tick,
            };
            self.objectives.take(self.now.wall, came);
            let rates = self.objectives.burn_rates(self.now.wall);
            let series = self.catalog.table();
            let mut values = vec![f64::NAN; series.len()];
            for (id, rate) in rates {
                values[id.index()] = rate.unwrap_or(f64::NAN);
            }
            self.board = self
                .engine
                .evaluate(self.now, tick, &series, &values, "web-01");
            self.now.wall = self.now.wall.plus(tick);
            self.now.mono += tick;
        }
        self
    }

    fn row(&self) -> crate::model::Objective {
        self.objectives.rows(self.now.wall).swap_remove(0)
    }

    fn firing(&self) -> Vec<(&str, Severity, &str)> {
        let open = self.board.open.iter();
        open.map(|it| (&*it.rule, it.severity, it.place.as_str()))
            .collect()
    }

    fn all_requests(&self) -> SeriesId {
        self.catalog.plain(RESPONSE_TIME)
    }
}

fn times(of: &[(f64, u32)]) -> Distribution {
    let mut sketch = Sketch::default();
    of.iter()
        .for_each(|(ms, times)| sketch.add_times(*ms, *times));
    Distribution::Sketch(sketch)
}

const P99: &str = "name='API p99 < 1s'\npercentile=99\nlimit='1s'";

#[test]
fn a_budget_that_burns_pages_and_the_page_ends_with_it() {
    let mut bench = Bench::new(P99);
    let all = bench.all_requests();
    let (good, slow) = (times(&[(80.0, 10)]), times(&[(80.0, 8), (4000.0, 2)]));
    bench.run(3600, &[(all, good.clone())]);
    assert_eq!(bench.firing(), []);
    let row = bench.row();
    assert_eq!(
        (row.state, row.budget_percent),
        (ObjectiveState::Ok, Some(100.0))
    );
    assert_eq!((row.requests, row.since), (36_000, Some(START)));
    // A fifth fails where a hundredth may: 20 times too fast, over an hour only as the hour fills with it.
    bench.run(1800, &[(all, slow.clone())]);
    assert_eq!(
        bench.firing(),
        [("slo_burn_6h", Severity::Critical, "API p99 < 1s · 6h")]
    );
    bench.run(1200, &[(all, slow)]);
    let hour = ("slo_burn_1h", Severity::Critical, "API p99 < 1s · 1h");
    assert!(bench.firing().contains(&hour), "{:?}", bench.firing());
    let row = bench.row();
    assert_eq!(row.value.map(|ms| (ms / 1000.0).round()), Some(4.0));
    // 6000 of 66,000 were slow, 660 may be.
    assert_eq!(row.budget_percent.map(f64::round), Some(-809.0));
    assert_eq!(row.state, ObjectiveState::Spent);
    // The short window clears within minutes, and it takes two more to be believed.
    bench.run(120, &[(all, good.clone())]);
    assert!(
        bench.firing().contains(&hour),
        "not at the first good minute"
    );
    bench.run(360, &[(all, good)]);
    assert!(!bench.firing().contains(&hour), "{:?}", bench.firing());
    assert!(
        bench
            .board
            .resolved
            .iter()
            .any(|it| &*it.rule == "slo_burn_1h")
    );
}

#[test]
fn silence_does_not_end_a_page() {
    let mut bench = Bench::new(P99);
    let all = bench.all_requests();
    bench.run(600, &[(all, times(&[(4000.0, 2)]))]);
    assert_eq!(bench.firing().len(), 1);
    bench.run(1000, &[]);
    assert_eq!(bench.firing().len(), 1);
    assert!(bench.board.open[0].stale_since.is_some());
    assert_eq!(bench.row().state, ObjectiveState::NoData);
}

#[test]
fn what_comes_together_is_not_counted_again_in_its_parts() {
    let mut bench = Bench::of(default_objectives());
    let labels = |of: &[(&'static str, &'static str)]| Labels::of(of.iter().copied());
    let id = |metric, of: &[(&'static str, &'static str)]| bench.catalog.id(metric, labels(of));
    let came = [
        (id(RESPONSE_TIME, &[]), times(&[(10.0, 5)])),
        (id(RESPONSE_TIME, &[("source", "log")]), times(&[(10.0, 5)])),
        (
            id(RESPONSE_TIME, &[("source", "log"), ("endpoint", "GET /a")]),
            times(&[(10.0, 5)]),
        ),
        (
            id(RESPONSE_TIME, &[("source", "page")]),
            times(&[(10.0, 7)]),
        ),
        (id(MODEL_TIME, &[("source", "ai")]), times(&[(900.0, 2)])),
        (
            id(MODEL_TIME, &[("source", "ai"), ("model", "m")]),
            times(&[(900.0, 2)]),
        ),
    ];
    bench.run(60, &came);
    let rows = bench.objectives.rows(bench.now.wall);
    let shown: Vec<_> = rows.iter().map(|row| (&*row.name, row.requests)).collect();
    // What nothing is known of is not listed.
    let expected = [
        ("API p95 < 500ms", 300),
        ("API p99 < 1s", 300),
        ("LLM p95 < 3s", 120),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn an_endpoint_of_the_sources_that_count_is_judged() {
    let mut bench =
        Bench::new("name='orders'\nendpoint='* /orders*'\npercentile=90\nlimit='100ms'");
    assert_eq!(
        bench.row().state,
        ObjectiveState::NoData,
        "listed before there is anything"
    );
    let route = |source, endpoint| {
        let labels = Labels::of([("source", source), ("endpoint", endpoint)]);
        bench.catalog.id(RESPONSE_TIME, labels)
    };
    let came = [
        (route("log", "GET /orders"), times(&[(50.0, 3)])),
        (route("log", "POST /orders/{id}"), times(&[(200.0, 1)])),
        (route("page", "GET /orders"), times(&[(900.0, 50)])),
        (route("log", "GET /users"), times(&[(900.0, 50)])),
        (bench.all_requests(), times(&[(900.0, 50)])),
    ];
    bench.run(100, &came);
    let row = bench.row();
    assert_eq!(row.requests, 400);
    // A quarter is slow, a tenth may be.
    assert_eq!(row.budget_percent.map(f64::round), Some(-150.0));
}

#[test]
fn availability_counts_what_was_answered() {
    let mut bench = Bench::new("name='up'\navailability=99");
    bench.routes = vec![
        Endpoint {
            requests_per_sec: 9.0,
            error_percent: Some(0.0),
            source: "log".into(),
            ..Endpoint::default()
        },
        Endpoint {
            requests_per_sec: 1.0,
            error_percent: Some(5.0),
            source: "log".into(),
            ..Endpoint::default()
        },
        Endpoint {
            requests_per_sec: 90.0,
            error_percent: Some(50.0),
            source: "page".into(),
            ..Endpoint::default()
        },
    ];
    bench.run(600, &[]);
    let row = bench.row();
    assert_eq!(row.requests, 6000);
    assert!((row.value.unwrap() - 99.5).abs() < 1e-9);
    assert!((row.budget_percent.unwrap() - 50.0).abs() < 1e-6);
    assert_eq!(row.state, ObjectiveState::Ok);
}

#[test]
fn a_mean_is_judged_minute_by_minute() {
    let mut bench = Bench::new("name='agent'\nkind='agent'\nmean_limit='2s'\ntarget=50");
    let id = bench.catalog.id(AGENT_TIME, Labels::one("source", "app"));
    // One slow run among quick ones leaves the mean where it may be.
    bench.run(600, &[(id, times(&[(1000.0, 3), (4000.0, 1)]))]);
    assert_eq!(bench.row().budget_percent, Some(100.0));
    bench.run(601, &[(id, times(&[(1000.0, 1), (4000.0, 3)]))]);
    let row = bench.row();
    assert_eq!(row.value.map(f64::round), Some(3250.0));
    assert_eq!(row.budget_percent, Some(0.0), "{row:?}");
}

#[test]
fn buckets_count_as_far_as_they_tell() {
    let mut bench = Bench::new(P99);
    let all = bench.all_requests();
    let buckets = Distribution::Buckets(Buckets {
        bounds_ms: [500.0, 1000.0, f64::INFINITY].into(),
        counts: vec![90.0, 9.5, 0.5],
        sum_ms: None,
    });
    bench.run(10, &[(all, buckets)]);
    assert_eq!(bench.row().budget_percent.map(f64::round), Some(50.0));
}

#[test]
fn each_pair_of_windows_has_its_rule() {
    let rules = default_rules().unwrap();
    for pair in PAIRS {
        let rule = rules
            .iter()
            .find(|rule| rule.name.ends_with(&format!("slo_burn_{}", pair.word)));
        let rule = rule.unwrap();
        assert_eq!(rule.threshold, pair.factor);
        assert_eq!(rule.labels, [("window".to_owned(), pair.word.to_owned())]);
    }
}
