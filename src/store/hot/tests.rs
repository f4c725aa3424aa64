//! What the memory keeps, how coarse, and for how long.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
/// A moment that is a multiple of a day, so that buckets begin where the tests begin.
const START: Timestamp = Timestamp(20_000 * 86_400_000);

fn history() -> HotHistory {
    HotHistory::new(1 << 20, SECOND)
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_gap_stays_a_gap_in_every_tier() {
    let mut history = history();
    for second in (0..600).filter(|s| !(200..400).contains(s)) {
        history.append(START.plus(seconds(second)), &[1.0]);
    }
    let fine = history.points(SeriesId(0), Window::whole(START, SECOND, 600));
    assert_eq!(fine.avg.iter().filter(|v| v.is_nan()).count(), 200);
    let coarse = history.coarse[0].points(SeriesId(0), Window::whole(START, seconds(10), 60));
    assert!(coarse.avg[20..40].iter().all(|v| v.is_nan()));
    assert!(
        coarse.avg[..20]
            .iter()
            .chain(&coarse.avg[40..])
            .all(|v| *v == 1.0)
    );
}

#[test]
fn each_tier_reaches_as_far_as_it_says() {
    let mut history = history();
    let day = 26 * 3600;
    for second in 0..day {
        history.append(START.plus(seconds(second)), &[second as f64]);
    }
    let end = START.plus(seconds(day - 1));
    for (span, count) in [(300, 100), (3600, 100), (6 * 3600, 200), (24 * 3600, 200)] {
        let window = Window::ending(end, seconds(span), count, SECOND);
        let points = history.points(SeriesId(0), window);
        let covered = usize::try_from(span / window.step.as_secs()).unwrap();
        let known = points.avg.iter().filter(|v| !v.is_nan()).count();
        assert!(
            known >= covered,
            "{span}s: {known} of {covered} points are known"
        );
        assert_eq!(points.max[window.count - 1], (day - 1) as f64);
    }
    assert_eq!(
        history.values_at(end.minus(seconds(100)), 1),
        [(day - 101) as f64]
    );
    let hours_ago = history.values_at(START.plus(seconds(10 * 3600)), 1)[0];
    assert!((hours_ago - 36_029.5).abs() < 31.0, "{hours_ago}");
}

#[test]
fn nothing_is_remembered_from_before_the_first_tick() {
    let mut history = history();
    let first = START.plus(seconds(37));
    history.append(first, &[1.0]);
    history.append(first.plus(SECOND), &[1.0]);
    assert_eq!(history.remembers(), Some((first, first.plus(SECOND))));
}

#[test]
fn memory_stays_within_the_budget() {
    let budget = 4 << 20;
    let mut history = HotHistory::new(budget, SECOND);
    let series = 500;
    assert!(history.series_limit() < series);
    for step in 0..30 * 1440 {
        history.append(START.plus(seconds(step * 3)), &vec![step as f64; series]);
        if step % 1000 == 0 {
            // What columns weigh when they are empty is not in a series' share; it is under a tenth.
            assert!(
                history.bytes() < budget * 11 / 10,
                "{} bytes after {step} steps",
                history.bytes()
            );
        }
    }
    let kept = u32::try_from(history.series_limit()).unwrap();
    let window = Window::ending(
        START.plus(seconds(30 * 1440 * 3 - 3)),
        seconds(300),
        10,
        seconds(3),
    );
    assert!(!history.points(SeriesId(kept - 1), window).avg[5].is_nan());
    assert!(history.points(SeriesId(kept), window).avg[5].is_nan());
}

#[test]
fn a_clock_that_is_set_back_makes_it_forget_what_is_later() {
    let mut history = history();
    for second in 0..300 {
        history.append(START.plus(seconds(second)), &[1.0]);
    }
    history.append(START.plus(seconds(100)), &[7.0]);
    let points = history.points(SeriesId(0), Window::whole(START, SECOND, 300));
    assert_eq!(points.avg[99], 1.0);
    assert_eq!(points.avg[100], 7.0);
    assert!(points.avg[101..].iter().all(|v| v.is_nan()));
    assert_eq!(history.remembers(), Some((START, START.plus(seconds(100)))));
}

#[test]
fn a_slow_tick_leaves_no_gaps_in_a_fine_window() {
    let mut history = HotHistory::new(1 << 20, seconds(10));
    for step in 0..30 {
        history.append(START.plus(seconds(step * 10)), &[2.0]);
    }
    let points = history.points(SeriesId(0), Window::whole(START, SECOND, 300));
    assert!(points.avg.iter().all(|v| *v == 2.0));
}

/// Ticks of these lengths one after the other, each for so many seconds; the value is the second. Returns the end.
fn run_ticks(history: &mut HotHistory, phases: &[(u64, u64)]) -> Timestamp {
    let (mut at, mut newest) = (START, START);
    for (tick_ms, lasting) in phases {
        let tick = Duration::from_millis(*tick_ms);
        let end = at.plus(seconds(*lasting));
        history.set_tick(tick);
        while at < end {
            history.append(at, &[at.since(START).as_secs_f64()]);
            (newest, at) = (at, at.plus(tick));
        }
    }
    newest
}

#[test]
fn a_slower_tick_keeps_what_the_faster_one_has_written() {
    let mut history = history();
    let end = run_ticks(&mut history, &[(1000, 900), (5000, 60)]);
    for back in [0, 30, 60, 120, 400, 800] {
        let at = end.minus(seconds(back));
        let value = history.values_at(at, 1)[0];
        let told = at.since(START).as_secs_f64();
        assert!(
            (value - told).abs() < 5.0,
            "{back}s back: {value} for {told}"
        );
    }
}

#[test]
fn a_value_of_a_slow_tick_ends_with_the_next_value() {
    let mut history = HotHistory::new(1 << 20, seconds(60));
    history.append(START, &[100.0]);
    history.set_tick(SECOND);
    for second in 5..20 {
        history.append(START.plus(seconds(second)), &[2.0]);
    }
    let window = Window::whole(START, SECOND, 20);
    let points = history.points(SeriesId(0), window);
    assert!(points.avg[..5].iter().all(|value| *value == 100.0));
    assert!(points.avg[5..].iter().all(|value| *value == 2.0));
}

#[test]
fn a_fast_tick_leaves_the_older_minutes_to_the_next_tier() {
    let mut history = HotHistory::new(100 << 10, SECOND);
    let end = run_ticks(&mut history, &[(250, 890)]);
    assert!(history.ticks.bytes() < 40_000, "{}", history.ticks.bytes());
    let window = Window::whole(end.floor_to(SECOND).minus(seconds(599)), SECOND, 600);
    let points = history.points(SeriesId(0), window);
    for (bucket, value) in points.avg.iter().enumerate() {
        let begins = window.start.plus(seconds(bucket as u64));
        let told = begins.since(START).as_secs_f64() + 0.375;
        // Four minutes back the ticks are there themselves, before that the 10 s around them.
        let within = if bucket > 600 - 220 { 0.01 } else { 10.0 };
        assert!(
            (value - told).abs() < within,
            "bucket {bucket}: {value} for {told}"
        );
    }
}

#[test]
fn a_moment_in_an_outage_is_unknown() {
    let mut history = history();
    let at = |second| START.plus(seconds(second));
    for second in (0..100).chain(400..500) {
        history.append(at(second), &[1.0]);
        history.pictures.push(picture(at(second)));
    }
    let known = |second| {
        let value = history.values_at(at(second), 1)[0];
        (!value.is_nan(), history.pictures.at(at(second)).is_some())
    };
    assert_eq!(known(99), (true, true));
    // One tick that came late or was left out is no outage.
    assert_eq!(known(101), (true, true));
    assert_eq!(known(103), (false, true));
    assert_eq!(known(250), (false, false));
    assert_eq!(known(399), (false, false));
    assert_eq!(known(400), (true, true));
}

#[test]
fn a_window_is_no_longer_than_its_span() {
    let end = START.plus(seconds(3600));
    for tick in [1, 2, 5, 10, 30, 60] {
        for (span, count) in [(300, 100), (300, 480), (900, 37), (3600, 500), (86_400, 7)] {
            let window = Window::ending(end, seconds(span), count, seconds(tick));
            let covered = window.end().since(window.start);
            let longest = (seconds(span) + window.step).max(window.step * 2);
            assert!(
                covered >= seconds(span) && covered <= longest,
                "{span}s in {count} at {tick}s: {covered:?}"
            );
            assert!((2..=count).contains(&window.count));
        }
    }
}

#[test]
fn every_table_of_a_picture_is_counted() {
    let mut pictures = Pictures::new(1 << 20);
    pictures.push(picture(START));
    let lock = crate::model::BackendLock {
        instance: "postgresql".into(),
        pid: 1,
        blocked_by: None,
        object: "orders".into(),
        mode: "ExclusiveLock".into(),
        waiting: None,
        text: "UPDATE orders".into(),
        ..crate::model::BackendLock::default()
    };
    let mut full = picture(START.plus(SECOND));
    full.tables.locks = Some(Arc::new(vec![lock; 100]));
    let before = pictures.bytes();
    pictures.push(full.clone());
    let added = pictures.bytes() - before;
    assert!(
        added > 100 * size_of::<crate::model::BackendLock>(),
        "{added}"
    );
    // The same table a second later costs nothing again.
    full.at = START.plus(seconds(2));
    let before = pictures.bytes();
    pictures.push(full);
    assert_eq!(pictures.bytes() - before, size_of::<Picture>());
}

fn picture(at: Timestamp) -> Picture {
    // The sources are one and the same list, as they are between ticks of the pipeline.
    static SOURCES: LazyLock<Arc<Vec<crate::model::SourceStatus>>> = LazyLock::new(Arc::default);
    Picture {
        at,
        tick: SECOND,
        host: Arc::default(),
        tables: crate::model::Tables::default(),
        sources: SOURCES.clone(),
        alerts: Arc::default(),
    }
}

proptest! {
    #[test]
    fn a_tick_that_changes_leaves_no_hole_in_the_last_quarter_of_an_hour(
        phases in proptest::collection::vec(
            (proptest::sample::select(vec![250u64, 500, 1000, 2000, 5000]), 10u64..600),
            1..6,
        ),
        back in 0u64..900,
    ) {
        let mut history = history();
        let end = run_ticks(&mut history, &phases);
        let at = end.minus(seconds(back)).max(START);
        let value = history.values_at(at, 1)[0];
        let told = at.since(START).as_secs_f64();
        prop_assert!((value - told).abs() <= 10.0, "{value} for {told}");
    }
}

proptest! {
    #[test]
    fn every_bucket_is_the_mean_least_and_largest_of_its_samples(
        samples in proptest::collection::vec(proptest::option::weighted(0.9, -1e6..1e6f64), 1..2000),
        step in 1u64..40,
    ) {
        let mut history = history();
        for (second, sample) in samples.iter().enumerate() {
            history.append(START.plus(seconds(second as u64)), &[sample.unwrap_or(f64::NAN)]);
        }
        let end = START.plus(seconds(samples.len() as u64 - 1));
        let tiers: [(u64, Points); 3] = [
            (step, history.ticks.points(SeriesId(0), window_back(end, step))),
            (step * 10, history.coarse[0].points(SeriesId(0), window_back(end, step * 10))),
            (step * 60, history.coarse[1].points(SeriesId(0), window_back(end, step * 60))),
        ];
        for (width, points) in tiers {
            for bucket in 0..points.window.count {
                let from = points.window.start.plus(seconds(width * bucket as u64));
                let expected = known_between(&samples, from, width);
                check(&points, bucket, &expected)?;
            }
        }
    }
}

/// Up to 15 minutes of buckets that end with the one of `end`, none from before the samples.
fn window_back(end: Timestamp, width: u64) -> Window {
    let last = end.floor_to(seconds(width));
    let count = (last.since(START).as_secs() / width + 1).min((15 * 60 / width).max(1));
    Window::whole(
        last.minus(seconds(width * (count - 1))),
        seconds(width),
        count as usize,
    )
}

fn known_between(samples: &[Option<f64>], from: Timestamp, width: u64) -> Vec<f64> {
    let offset = (from.0 - START.0) / 1000;
    (offset..offset + width as i64)
        .filter_map(|second| {
            usize::try_from(second)
                .ok()
                .and_then(|second| samples.get(second).copied().flatten())
        })
        .map(|value| f64::from(value as f32))
        .collect()
}

fn check(points: &Points, bucket: usize, expected: &[f64]) -> Result<(), TestCaseError> {
    if expected.is_empty() {
        prop_assert!(points.avg[bucket].is_nan());
        return Ok(());
    }
    let mean = expected.iter().sum::<f64>() / expected.len() as f64;
    let least = expected.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = expected.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    prop_assert!(
        (points.avg[bucket] - mean).abs() <= 1e6 * 1e-6,
        "{} is not {mean}",
        points.avg[bucket]
    );
    prop_assert!((points.min[bucket] - least).abs() <= 1e-1);
    prop_assert!((points.max[bucket] - largest).abs() <= 1e-1);
    Ok(())
}

#[test]
fn a_history_that_goes_on_is_as_one_that_never_ended() {
    let value = |second: u64| (second % 97) as f64 / 8.0;
    let times = |second: u64| {
        let mut sketch = crate::model::Sketch::default();
        sketch.add(1.0 + second as f64);
        [(SeriesId(1), Distribution::Sketch(sketch))]
    };
    let mut whole = history();
    let mut before = history();
    let mut after = history();
    for second in 0..1500 {
        let at = START.plus(seconds(second));
        // The second series begins with the later history.
        let values = [value(second), if second < 1403 { f64::NAN } else { 5.0 }];
        let part = if second < 1403 {
            &mut before
        } else {
            &mut after
        };
        for history in [&mut whole, part] {
            history.append(at, &values);
            history.append_distributions(at, &times(second));
            history.pictures.push(picture(at));
        }
    }
    before.continue_with(&after);
    let end = START.plus(seconds(1499));
    for (span, series) in [(300, 0), (300, 1), (1400, 0), (7 * 3600, 0)] {
        let window = Window::ending(end, seconds(span), 50, SECOND);
        let points = |history: &HotHistory| {
            let points = history.points(SeriesId(series), window);
            format!("{:?} {:?} {:?}", points.avg, points.min, points.max)
        };
        assert_eq!(points(&before), points(&whole), "{span} s");
    }
    let all = |history: &HotHistory| {
        let all = history.distribution(SeriesId(1), START, end).unwrap();
        (all.count(), format!("{:?}", all.quantile(0.5)))
    };
    assert_eq!(all(&before), all(&whole));
    assert_eq!(before.remembers(), whole.remembers());
    assert_eq!(before.ticks_around(end), (Some(end), None));
    assert!(before.pictures.at(end).is_some());
}

#[test]
fn what_is_later_than_the_end_of_a_window_does_not_count() {
    let mut history = history();
    for second in 0..100 {
        history.append(START.plus(seconds(second)), &[second as f64]);
    }
    let mut window = Window::whole(START, seconds(10), 10);
    window.until = START.plus(seconds(42));
    let points = history.points(SeriesId(0), window);
    assert_eq!(
        points.max[3..6]
            .iter()
            .map(|it| *it as i64)
            .collect::<Vec<_>>(),
        [39, 42, 0]
    );
    assert!(points.max[5].is_nan());
}
