//! Distributions against a list of everything that was written.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::sketches::Sketches;
use crate::model::{Buckets, Distribution, SeriesId, Sketch, Timestamp};
use crate::store::window::Window;

/// A moment that is a multiple of a day.
const START: Timestamp = Timestamp(20_000 * 86_400_000);
const PLENTY: usize = 64 << 20;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn sketch(times: &[f64]) -> Distribution {
    let mut sketch = Sketch::default();
    times.iter().for_each(|ms| sketch.add(*ms));
    Distribution::Sketch(sketch)
}

/// What is written at one tick: how long after the one before (or before it, where the clock is set back), and the
/// times of each of two series.
#[derive(Debug, Clone)]
struct Tick {
    step: i64,
    times: [Vec<f64>; 2],
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let step = prop_oneof![8 => 1..15_000i64, 2 => 15_000..900_000i64, 1 => -300_000..0i64];
    let times = || proptest::collection::vec(0.01..60_000.0f64, 0..12);
    let tick = (step, times(), times()).prop_map(|(step, one, other)| Tick {
        step,
        times: [one, other],
    });
    proptest::collection::vec(tick, 1..150)
}

/// Everything that was written and not forgotten, by series; and when the last tick was.
fn written(ticks: &[Tick], step: Duration) -> (BTreeMap<Timestamp, [Vec<f64>; 2]>, Timestamp) {
    let mut all: BTreeMap<Timestamp, [Vec<f64>; 2]> = BTreeMap::new();
    let mut at = START;
    for tick in ticks {
        let bucket = at.floor_to(step);
        at = Timestamp(at.0 + tick.step);
        if at.floor_to(step) < bucket {
            all.split_off(&at.floor_to(step));
        }
        let kept = all.entry(at).or_default();
        for (kept, times) in kept.iter_mut().zip(&tick.times) {
            kept.extend(times);
        }
    }
    (all, at)
}

fn kept_of(ticks: &[Tick]) -> Sketches {
    let mut sketches = Sketches::new(PLENTY);
    let mut at = START;
    for tick in ticks {
        at = Timestamp(at.0 + tick.step);
        let came: Vec<_> = (0..)
            .map(SeriesId)
            .zip(&tick.times)
            .map(|(id, times)| (id, sketch(times)))
            .collect();
        sketches.append(at, &came);
    }
    sketches
}

/// Whether two tell the same: the same bins, and sums that differ by rounding alone.
fn same(told: Option<&Distribution>, times: &[f64]) -> bool {
    let expected = sketch(times);
    match (told, &expected) {
        (None, _) => times.is_empty(),
        (Some(Distribution::Sketch(told)), Distribution::Sketch(expected)) => {
            let is_near = |a: f64, b: f64| (a - b).abs() <= b.abs() * 1e-9;
            told.bins() == expected.bins()
                && told.max_ms() == expected.max_ms()
                && is_near(told.sum_ms(), expected.sum_ms())
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn any_stretch_of_time_is_everything_that_happened_in_it(
        ticks in ticks(),
        // Not near the 75 minutes at which minutes take over: a clock that goes back leaves a hole there.
        back in prop_oneof![0u64..4000, 5000u64..7200],
        long in 1u64..7200,
        series in 0u32..2,
    ) {
        let sketches = kept_of(&ticks);
        // Ten seconds are kept for 75 minutes, then it is minutes.
        let (_, newest) = written(&ticks, seconds(10));
        let from = newest.minus(seconds(back));
        let is_fine = newest.floor_to(seconds(10)).since(from) <= seconds(75 * 60);
        let step = seconds(if is_fine { 10 } else { 60 });
        let (all, _) = written(&ticks, step);
        let to = from.plus(seconds(long));
        let expected: Vec<f64> = all
            .iter()
            .filter(|(at, _)| **at >= from.floor_to(step) && at.floor_to(step) < to)
            .flat_map(|(_, times)| times[series as usize].iter().copied())
            .collect();
        let told = sketches.between(SeriesId(series), from, to);
        prop_assert!(same(told.as_ref(), &expected), "{told:?} for {expected:?}");
    }

    #[test]
    fn every_point_of_a_window_is_everything_that_happened_in_it(
        ticks in ticks(),
        span in prop::sample::select(vec![300u64, 3600, 6 * 3600, 24 * 3600]),
        points in 2usize..200,
        series in 0u32..2,
    ) {
        let sketches = kept_of(&ticks);
        let (_, newest) = written(&ticks, seconds(10));
        let window = Window::of_distributions(newest, seconds(span), points, seconds(1));
        let step = seconds(if span <= 3600 { 10 } else { 60 });
        prop_assert_eq!(window.step.as_millis() % step.as_millis(), 0);
        let (all, _) = written(&ticks, step);
        let told = sketches.over(SeriesId(series), window);
        prop_assert_eq!(told.len(), window.count);
        for (point, told) in told.iter().enumerate() {
            let from = window.start.plus(window.step * point as u32);
            let to = from.plus(window.step);
            let expected: Vec<f64> = all
                .range(from..to)
                .flat_map(|(_, times)| times[series as usize].iter().copied())
                .collect();
            prop_assert!(same(told.as_ref(), &expected), "{point}: {told:?} for {expected:?}");
        }
    }
}

#[test]
fn a_day_is_kept_and_no_more() {
    let mut sketches = Sketches::new(PLENTY);
    for minute in 0..26 * 60 {
        sketches.append(
            START.plus(seconds(60 * minute)),
            &[(SeriesId(0), sketch(&[7.0]))],
        );
    }
    let end = START.plus(seconds(26 * 3600));
    let count = |hours: u64| {
        let from = end.minus(seconds(3600 * hours));
        sketches
            .between(SeriesId(0), from, end)
            .map_or(0, |all| all.count())
    };
    assert_eq!([count(1), count(24)], [60, 24 * 60]);
    assert!(count(26) < 24 * 60 + 15, "{}", count(26));
    assert_eq!(
        sketches.complete_since(SeriesId(0), START),
        None,
        "age is no want of room"
    );
    // A series that brings nothing any more is forgotten in the end.
    sketches.append(end.plus(seconds(25 * 3600)), &[]);
    assert_eq!(sketches.bytes(), 0);
}

#[test]
fn the_oldest_of_the_least_busy_goes_first_and_is_told() {
    let budget = 100_000;
    let mut sketches = Sketches::new(budget);
    let busy: Vec<f64> = (0..300).map(|n| 1.03f64.powi(n)).collect();
    let mut end = START;
    for minute in 0..600 {
        end = START.plus(seconds(60 * minute));
        let came = [
            (SeriesId(0), sketch(&busy)),
            (SeriesId(1), sketch(&busy[..9])),
        ];
        sketches.append(end, &came);
        assert!(sketches.bytes() < budget + 20_000, "{}", sketches.bytes());
    }
    let since = sketches.complete_since(SeriesId(1), START).unwrap();
    let all = sketches
        .between(SeriesId(1), START, end.plus(seconds(60)))
        .unwrap();
    assert_eq!(
        all.count(),
        9 * (end.since(since).as_secs() / 60 + 1),
        "all since then is there"
    );
    let of_busy = sketches.complete_since(SeriesId(0), START).unwrap();
    assert!(of_busy <= since && since.since(of_busy) <= seconds(60));
    assert_eq!(sketches.complete_since(SeriesId(1), since), None);
}

#[test]
fn where_there_is_no_room_for_more_series_the_busy_ones_stay() {
    let mut sketches = Sketches::new(64 << 10);
    let few = sketch(&[1.0]);
    let many = sketch(&[1.0; 500]);
    let crowd: Vec<_> = (0..40).map(|n| (SeriesId(n), few.clone())).collect();
    sketches.append(START, &crowd);
    sketches.append(START.plus(seconds(1)), &[(SeriesId(99), many)]);
    let kept = |id: u32| {
        sketches
            .between(SeriesId(id), START, START.plus(seconds(9)))
            .is_some()
    };
    assert!(kept(99), "it gives way to what has more");
    assert!(!kept(39), "and not to what has as few");
}

#[test]
fn buckets_keep_their_bounds() {
    let buckets = |counts: [f64; 3]| {
        Distribution::Buckets(Buckets {
            bounds_ms: [100.0, 500.0, f64::INFINITY].into(),
            counts: counts.into(),
            sum_ms: Some(1000.0),
        })
    };
    let mut sketches = Sketches::new(PLENTY);
    for second in 0..60 {
        let came = [(SeriesId(0), buckets([9.0, 1.0, 0.0]))];
        sketches.append(START.plus(seconds(second)), &came);
    }
    let all = sketches.between(SeriesId(0), START, START.plus(seconds(60)));
    let mut expected = buckets([540.0, 60.0, 0.0]);
    if let Distribution::Buckets(expected) = &mut expected {
        expected.sum_ms = Some(60_000.0);
    }
    assert_eq!(all, Some(expected));
}
