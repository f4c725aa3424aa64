//! Sketches and buckets: errors within their bounds, and merging that loses nothing.

use std::sync::Arc;

use proptest::prelude::*;
use sketches_ddsketch::{Config, DDSketch};

use super::*;

const QUANTILES: [f64; 6] = [0.0, 0.25, 0.5, 0.95, 0.99, 1.0];

fn sketch(values: impl IntoIterator<Item = f64>) -> Sketch {
    let mut sketch = Sketch::default();
    values.into_iter().for_each(|value| sketch.add(value));
    sketch
}

#[test]
fn percentiles_are_within_one_percent_also_after_merging() {
    // 1 to 10,000 ms in two halves that interleave.
    let odd = sketch((0..5000).map(|n| f64::from(2 * n + 1)));
    let even = sketch((1..=5000).map(|n| f64::from(2 * n)));
    let mut all = Distribution::Sketch(odd);
    all.merge(&Distribution::Sketch(even));
    assert_eq!(all.count(), 10_000);
    for (q, exact) in [(0.5, 5000.0), (0.95, 9500.0), (0.99, 9900.0)] {
        let told = all.quantile(q).unwrap().ms;
        assert!((told - exact).abs() / exact <= 0.0101, "{q}: {told}");
    }
    assert_eq!(all.max_ms(), Some(10_000.0));
    let over = all.count_above(5000.0) / 10_000.0;
    assert!((over - 0.5).abs() < 0.01, "{over}");
}

#[test]
fn buckets_tell_their_bounds() {
    let buckets = Distribution::Buckets(Buckets {
        bounds_ms: [100.0, 500.0, 1000.0, f64::INFINITY].into(),
        counts: vec![90.0, 5.0, 4.0, 1.0],
        sum_ms: None,
    });
    let p99 = buckets.quantile(0.99).unwrap();
    assert_eq!((p99.ms, p99.bounds_ms), (1000.0, Some((500.0, 1000.0))));
    let p999 = buckets.quantile(0.999).unwrap();
    assert_eq!(p999.bounds_ms, Some((1000.0, f64::INFINITY)));
    assert_eq!(buckets.count_above(500.0), 5.0);
    assert_eq!(buckets.max_ms(), None);
}

#[test]
fn other_bounds_leave_the_common_ones() {
    let of = |bounds: &[f64], counts: &[f64]| Buckets {
        bounds_ms: bounds.into(),
        counts: counts.to_vec(),
        sum_ms: None,
    };
    let mut all = of(&[10.0, 100.0, f64::INFINITY], &[1.0, 2.0, 3.0]);
    all.merge(&of(&[50.0, 100.0, f64::INFINITY], &[10.0, 20.0, 30.0]));
    assert_eq!(all.bounds_ms[..], [100.0, f64::INFINITY]);
    assert_eq!(all.counts, [33.0, 33.0]);
}

#[test]
fn apdex_counts_the_tolerating_half() {
    let times = [100.0, 100.0, 1000.0, 3000.0];
    let apdex = Distribution::Sketch(sketch(times)).apdex(500.0);
    assert_eq!(apdex, Some(0.625));
    assert_eq!(Distribution::default().apdex(500.0), None);
}

/// The observation that stands at the share `q` of them, as the sketch counts ranks.
fn exact(sorted: &[f64], q: f64) -> f64 {
    sorted[(q * (sorted.len() - 1) as f64) as usize]
}

fn times() -> impl Strategy<Value = Vec<f64>> {
    // From a tenth of a microsecond to a quarter of an hour, evenly over the orders of magnitude.
    let time = (-4.0..6.0f64).prop_map(|exponent| 10f64.powf(exponent));
    proptest::collection::vec(time, 1..400)
}

proptest! {
    #[test]
    fn a_sketch_merged_of_parts_is_within_its_error_of_every_exact_value(
        parts in proptest::collection::vec(times(), 1..6),
        limit in 0.001..1e5f64,
    ) {
        let mut all = Distribution::default();
        for part in &parts {
            all.merge(&Distribution::Sketch(sketch(part.iter().copied())));
        }
        let mut sorted: Vec<f64> = parts.concat();
        sorted.sort_by(f64::total_cmp);
        prop_assert_eq!(all.count(), sorted.len() as u64);
        for q in QUANTILES {
            let (told, exact) = (all.quantile(q).unwrap().ms, exact(&sorted, q));
            prop_assert!((told - exact).abs() <= exact * RELATIVE_ERROR * 1.0001, "{q}: {told} for {exact}");
        }
        prop_assert_eq!(all.max_ms(), sorted.last().copied());
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        prop_assert!((all.mean_ms().unwrap() - mean).abs() <= mean * 1e-9);
        // What lies in the bin of the limit itself counts as within.
        let above = |limit: f64| sorted.iter().filter(|ms| **ms > limit).count() as f64;
        let told = all.count_above(limit);
        prop_assert!(above(limit * 1.021) <= told && told <= above(limit), "{told}");
    }

    #[test]
    fn it_says_what_the_crates_own_sketch_says(
        one in times(),
        other in times(),
        again in 1u32..5,
    ) {
        let config = Config::new(RELATIVE_ERROR, 4096, 1e-4);
        let of = |times: &[f64]| {
            let mut theirs = DDSketch::new(config);
            times.iter().for_each(|ms| theirs.add(*ms));
            theirs
        };
        let (mut theirs, mut ours) = (of(&one), sketch(one.iter().copied()));
        for _ in 0..again {
            theirs.merge(&of(&other)).unwrap();
            ours.merge(&sketch(other.iter().copied()));
        }
        let mut weighed = sketch(one.iter().copied());
        other.iter().for_each(|ms| weighed.add_times(*ms, again));
        prop_assert_eq!(weighed.bins(), ours.bins());
        prop_assert!(ours.bins().is_sorted_by_key(|(key, _)| *key));
        prop_assert_eq!(ours.count(), theirs.count() as u64);
        // At the ends theirs tells the exact extremes.
        for q in [0.01, 0.25, 0.5, 0.9, 0.95, 0.99] {
            let (told, reference) = (ours.quantile(q).unwrap(), theirs.quantile(q).unwrap().unwrap());
            let reference = reference.min(ours.max_ms());
            prop_assert!((told - reference).abs() <= reference * 1e-9, "{q}: {told} for {reference}");
        }
    }

    #[test]
    fn the_bucket_that_a_percentile_lies_in_is_the_true_one(all in times(), q in 0.01..1.0f64) {
        let bounds: Arc<[f64]> = [0.01, 1.0, 50.0, 500.0, 1e4, f64::INFINITY].into();
        let mut counts = vec![0.0; bounds.len()];
        for ms in &all {
            counts[bounds.partition_point(|bound| bound < ms)] += 1.0;
        }
        let told = Distribution::Buckets(Buckets { bounds_ms: bounds, counts, sum_ms: None });
        let mut sorted = all;
        sorted.sort_by(f64::total_cmp);
        // The smallest observation that at least the share q does not exceed, as Prometheus counts.
        let rank = (q * sorted.len() as f64).ceil().max(1.0) as usize;
        let exact = sorted[rank - 1];
        let quantile = told.quantile(q).unwrap();
        let (low, high) = quantile.bounds_ms.unwrap();
        prop_assert!(low < exact && exact <= high, "{exact} is not in {low} to {high}");
        prop_assert!((low..=high).contains(&quantile.ms));
    }
}

#[test]
fn nothing_yet_takes_the_form_of_what_comes() {
    let buckets = Distribution::Buckets(Buckets {
        bounds_ms: [10.0, f64::INFINITY].into(),
        counts: vec![1.0, 2.0],
        sum_ms: Some(90.0),
    });
    let mut all = Distribution::default();
    all.merge(&buckets);
    assert_eq!(all, buckets);
    all.merge(&Distribution::default());
    assert_eq!(all, buckets);
    let mut none = Distribution::Buckets(Buckets {
        bounds_ms: [7.0, f64::INFINITY].into(),
        counts: vec![0.0, 0.0],
        sum_ms: None,
    });
    none.merge(&buckets);
    assert_eq!(none, buckets);
}

#[test]
fn what_is_no_time_is_left_out() {
    assert_eq!(sketch([-1.0, f64::NAN, f64::INFINITY]).count(), 0);
    assert_eq!(
        Distribution::Sketch(sketch([0.0]))
            .quantile(0.5)
            .unwrap()
            .ms,
        0.0
    );
}
