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
    let fine = history.points(
        SeriesId(0),
        Window {
            start: START,
            step: SECOND,
            count: 600,
        },
    );
    assert_eq!(fine.avg.iter().filter(|v| v.is_nan()).count(), 200);
    let coarse = history.coarse[0].points(
        SeriesId(0),
        Window {
            start: START,
            step: seconds(10),
            count: 60,
        },
    );
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
        assert_eq!(points.max[count - 1], (day - 1) as f64);
    }
    assert_eq!(
        history.values_at(end.minus(seconds(100)), 1),
        [(day - 101) as f64]
    );
    let hours_ago = history.values_at(START.plus(seconds(10 * 3600)), 1)[0];
    assert!((hours_ago - 36_029.5).abs() < 31.0, "{hours_ago}");
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
    let points = history.points(
        SeriesId(0),
        Window {
            start: START,
            step: SECOND,
            count: 300,
        },
    );
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
    let points = history.points(
        SeriesId(0),
        Window {
            start: START,
            step: SECOND,
            count: 300,
        },
    );
    assert!(points.avg.iter().all(|v| *v == 2.0));
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
    Window {
        start: last.minus(seconds(width * (count - 1))),
        step: seconds(width),
        count: count as usize,
    }
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
