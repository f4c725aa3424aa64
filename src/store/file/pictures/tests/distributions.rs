//! Distributions from the file against those of hot memory at the same moment.

use super::{Desk, START, seconds, tick};
use crate::model::{Buckets, Catalog, Distribution, Labels, SeriesId, Sketch, Timestamp};
use crate::store::file::pictures;
use crate::store::hot::HotHistory;
use crate::store::{Kept, Window};

const BUDGET: usize = 256 << 20;

fn route(catalog: &Catalog, name: &str) -> SeriesId {
    catalog.id("api.request.duration_ms", Labels::one("endpoint", name))
}

/// What came with a tick: on one series single observations, now and then, on the other buckets.
fn came(series: [SeriesId; 2], turn: u64) -> Vec<(SeriesId, Distribution)> {
    let mut all = Vec::new();
    if turn % 3 != 1 {
        let mut sketch = Sketch::default();
        for n in 0..turn % 7 {
            sketch.add(3.0 + ((turn * 31 + n * 17) % 900) as f64);
        }
        all.push((series[0], Distribution::Sketch(sketch)));
    }
    if turn.is_multiple_of(5) {
        all.push((
            series[1],
            Distribution::Buckets(Buckets {
                bounds_ms: [5.0, 50.0, 500.0, f64::INFINITY].into(),
                counts: (0..4).map(|n| ((turn + n) % 11) as f64).collect(),
                sum_ms: Some(turn as f64),
            }),
        ));
    }
    all
}

fn ticks(series: [SeriesId; 2], step: u64, count: u64) -> Vec<Kept> {
    (1..=count)
        .map(|turn| tick(START.plus(seconds(turn * step)), came(series, turn)))
        .collect()
}

/// Hot memory as it was at a moment.
fn hot_at(ticks: &[Kept], at: Timestamp) -> HotHistory {
    let mut hot = HotHistory::new(BUDGET, seconds(1));
    for kept in ticks.iter().take_while(|kept| kept.frame.at <= at) {
        hot.append_distributions(kept.frame.at, &kept.came);
    }
    hot
}

/// Whether both tell the same, but for the order in which sums were added up.
fn same(told: Option<&Distribution>, live: Option<&Distribution>) -> bool {
    let is_near = |a: f64, b: f64| (a - b).abs() <= b.abs() * 1e-9 + 1e-9;
    match (told, live) {
        (None, None) => true,
        (Some(Distribution::Sketch(told)), Some(Distribution::Sketch(live))) => {
            told.bins() == live.bins()
                && told.max_ms() == live.max_ms()
                && is_near(told.sum_ms(), live.sum_ms())
        }
        (Some(Distribution::Buckets(told)), Some(Distribution::Buckets(live))) => {
            told.bounds_ms == live.bounds_ms
                && told.counts == live.counts
                && told
                    .sum_ms
                    .zip(live.sum_ms)
                    .is_none_or(|(a, b)| is_near(a, b))
        }
        _ => false,
    }
}

fn assert_as_hot(desk: &Desk, ticks: &[Kept], series: [SeriesId; 2], at: Timestamp, whole: bool) {
    let hot = hot_at(ticks, at);
    for id in series {
        let file = desk.ids.of(id).unwrap();
        for span in [30, 60, 300, 3600, 6 * 3600, 20 * 3600] {
            let from = at.minus(seconds(span));
            let told = pictures::distribution(&desk.db, file, from, at).unwrap();
            let live = hot.distribution(id, from, at);
            assert!(
                same(told.as_ref(), live.as_ref()) || whole,
                "{span} s before {at:?}: {told:#?} is not {live:#?}"
            );
            let window = Window::of_distributions(at, seconds(span), 60, seconds(5));
            let told = pictures::distributions(&desk.db, file, window).unwrap();
            let live = hot.distributions(id, window);
            assert_eq!(told.len(), live.len());
            // Where the single ticks are gone, the last bucket is told with what came later.
            let sure = if whole { live.len() - 1 } else { live.len() };
            for (place, (told, live)) in told.iter().zip(&live).take(sure).enumerate() {
                assert!(
                    same(told.as_ref(), live.as_ref()),
                    "{span} s, {place} of {at:?}: {told:#?} is not {live:#?}"
                );
            }
        }
    }
}

#[test]
fn percentiles_of_a_moment_are_those_that_were_live() {
    let catalog = Catalog::new();
    let series = [route(&catalog, "/a"), route(&catalog, "/b")];
    let ticks = ticks(series, 5, 3600);
    let mut desk = Desk::new(catalog);
    let hours = ticks.len() / 5;
    for hour in ticks.chunks(hours) {
        desk.keep(hour);
        desk.tidy(hour.last().unwrap().frame.at);
    }
    let end = ticks.last().unwrap().frame.at;
    assert!(desk.count("SELECT count(*) FROM sketch") > 6);
    assert!(desk.count("SELECT count(*) FROM tail WHERE shelf = 3") < 18);
    // Now, and at odd moments of the last hour: in the tail, in what is not folded, in the tiers.
    for back in [0, 3, 7, 65, 130, 611, 1234, 2000, 3001] {
        let at = Timestamp(end.minus(seconds(back)).0 + 250);
        assert_as_hot(&desk, &ticks, series, at, false);
    }
    // Before that, pictures are of each 10 s.
    for back in [5003, 9001] {
        assert_as_hot(&desk, &ticks, series, end.minus(seconds(back)), true);
    }
}

#[test]
fn a_writer_that_was_killed_leaves_what_it_wrote() {
    let catalog = Catalog::new();
    let series = [route(&catalog, "/a"), route(&catalog, "/b")];
    let ticks = ticks(series, 1, 1300);
    let mut desk = Desk::new(catalog);
    for stretch in ticks.chunks(97) {
        desk.keep(stretch);
        desk.restart();
    }
    let end = ticks.last().unwrap().frame.at;
    assert_as_hot(&desk, &ticks, series, end, false);
    desk.write();
    desk.tidy(end);
    assert_as_hot(&desk, &ticks, series, end, false);
}

#[test]
fn where_ten_seconds_are_gone_minutes_are_told() {
    let catalog = Catalog::new();
    let series = [route(&catalog, "/a"), route(&catalog, "/b")];
    let ticks = ticks(series, 5, 1500);
    let mut desk = Desk::new(catalog);
    desk.keep(&ticks);
    let end = ticks.last().unwrap().frame.at;
    desk.tidy(end);
    let file = desk.ids.of(series[0]).unwrap();
    let (from, to) = (START.plus(seconds(600)), START.plus(seconds(1800)));
    let before = pictures::distribution(&desk.db, file, from, to).unwrap();
    desk.db
        .execute("DELETE FROM sketch WHERE tier = 0 AND start < ?1", [to.0])
        .unwrap();
    let after = pictures::distribution(&desk.db, file, from, to).unwrap();
    assert!(before.is_some() && same(after.as_ref(), before.as_ref()));
    desk.db
        .execute("DELETE FROM sketch WHERE tier = 1", [])
        .unwrap();
    let quarters = pictures::distribution(&desk.db, file, from, to).unwrap();
    assert!(quarters.is_some_and(|it| it.count() >= before.unwrap().count()));
}

#[test]
fn a_clock_that_was_set_back_tells_the_time_anew() {
    let catalog = Catalog::new();
    let series = [route(&catalog, "/a"), route(&catalog, "/b")];
    let mut desk = Desk::new(catalog.clone());
    desk.keep(&ticks(series, 1, 600));
    let one = |at: u64| {
        let mut sketch = Sketch::default();
        sketch.add(77.0);
        let came = vec![(series[0], Distribution::Sketch(sketch))];
        tick(START.plus(seconds(at)), came)
    };
    let again: Vec<Kept> = (240..480).map(one).collect();
    desk.keep(&again);
    let file = desk.ids.of(series[0]).unwrap();
    let told = |desk: &Desk| {
        let (from, to) = (START.plus(seconds(300)), START.plus(seconds(400)));
        pictures::distribution(&desk.db, file, from, to).unwrap()
    };
    let is_new = |told: Option<Distribution>| {
        let told = told.unwrap();
        assert_eq!((told.count(), told.max_ms()), (100, Some(77.0)));
    };
    is_new(told(&desk));
    desk.restart();
    desk.write();
    desk.tidy(START.plus(seconds(3600)));
    assert_eq!(desk.count("SELECT count(*) FROM tail WHERE shelf = 3"), 0);
    is_new(told(&desk));
}
