//! What is read back is drawn as it was.

use std::time::{Duration, Instant};

use hubtop::model::{Labels, SeriesKey, Timestamp};
use hubtop::store::remote::prometheus::read_back;
use hubtop::store::{Points, Window};

use crate::host::{Host, METRIC, SERIES, begin, form, value};
use crate::servers::prometheus::{Engine, KINDS, Kind};
use crate::servers::wait_for;

const SECOND: Duration = Duration::from_secs(1);

/// The points of a series whose every moment from 1 to `last` was put.
fn expected(host: &Host, series: u32, last: i64, window: Window) -> Points {
    let mut points = Points::unknown(window);
    let mut counts = vec![0.0; window.count];
    for moment in 1..=last {
        let at = host.at(moment);
        let Some(bucket) = window.bucket_of(at).filter(|_| at <= window.until) else {
            continue;
        };
        let value = value(series, moment);
        counts[bucket] += 1.0;
        let before = points.avg[bucket];
        let sum = if before.is_nan() {
            value
        } else {
            before + value
        };
        points.avg[bucket] = sum;
        points.min[bucket] = points.min[bucket].min(value);
        points.max[bucket] = points.max[bucket].max(value);
    }
    for (sum, count) in points.avg.iter_mut().zip(counts) {
        *sum /= count;
    }
    points
}

fn assert_same(told: &Points, expected: &Points) {
    let is_same = |one: &f64, other: &f64| {
        one.is_nan() && other.is_nan() || (one - other).abs() <= 1e-9 * other.abs()
    };
    for (told, expected) in [
        (&told.avg, &expected.avg),
        (&told.min, &expected.min),
        (&told.max, &expected.max),
    ] {
        let pairs = told.iter().zip(expected.iter());
        let is_all = told.len() == expected.len() && pairs.into_iter().all(|(a, b)| is_same(a, b));
        assert!(is_all, "{told:?}\n{expected:?}");
    }
}

#[test]
fn what_was_written_is_read_back_as_the_same_points() {
    const LAST: i64 = 120;
    for kind in KINDS {
        let engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let form = form(&engine.address(), "labels = { env = \"test\" }");
        let mut host = Host::start(&form, state.path(), begin());
        host.put_all(0..=LAST);
        host.wait_until_all_is_sent();
        engine.query("up");
        let history = read_back(&engine.address(), &[form], host.catalog.clone()).unwrap();
        let start = Timestamp(host.begin.0 - 250);
        let whole = |seconds: u32, count| Window::whole(start, SECOND * seconds, count);
        let cut = Window {
            until: host.at(47),
            ..whole(10, 8)
        };
        for (series, window) in [
            (0, whole(10, 15)),
            (7, whole(1, 130)),
            (7, cut),
            (3, whole(60, 3)),
        ] {
            let key = SeriesKey::new(METRIC, Labels::one("mount", &format!("/{series}")));
            let told = wait_for("the points", || history.points(&key, window));
            assert_same(&told, &expected(&host, series, LAST, window));
        }
        assert_eq!(history.trouble(), None);
    }
}

#[test]
fn a_moment_has_every_series_that_had_not_ended_by_then() {
    for kind in KINDS {
        let engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let form = form(&engine.address(), "labels = { env = \"test\" }");
        let mut host = Host::start(&form, state.path(), begin());
        host.put_all(0..=10);
        host.put_with(11, |series| (series > 0).then(|| value(series, 11)));
        host.wait_until_all_is_sent();
        engine.query("up");
        let history = read_back(&engine.address(), &[form], host.catalog.clone()).unwrap();
        for moment in [10, 11] {
            let told = wait_for("the values", || history.values(host.at(moment)));
            for series in 0..SERIES {
                let labels = Labels::one("mount", &format!("/{series}"));
                let id = host.catalog.id(METRIC, labels);
                let ended = moment == 11 && series == 0;
                let known = Some(told[id.index()]).filter(|value| !value.is_nan());
                let expected = (!ended).then(|| value(series, moment));
                assert_eq!(known, expected, "{kind:?}: {series} at {moment}");
            }
        }
    }
}

#[test]
fn who_asks_never_waits_and_hears_why_nothing_comes() {
    let engine = Engine::start(Kind::Prometheus);
    let form = form(&engine.address(), "");
    let history = read_back(&engine.address(), &[form], Default::default()).unwrap();
    engine.signal(19);
    let key = SeriesKey::new(METRIC, Labels::none());
    let before = *history.arrivals().borrow();
    let asked = Instant::now();
    for series in 0..2000 {
        let window = Window::whole(Timestamp(series * 1_000_000), SECOND * 10, 60);
        assert_eq!(history.points(&key, window), None);
    }
    // The server would let wait for 2 s each.
    assert!(asked.elapsed() < SECOND * 2);
    let trouble = wait_for("the trouble to be told", || history.trouble());
    assert!(trouble.contains("no answer within 2 s"), "{trouble}");
    wait_for("it to be noticed", || {
        (*history.arrivals().borrow() != before).then_some(())
    });
    engine.signal(18);
    wait_for("it to be asked again", || {
        history.points(&key, Window::whole(begin(), SECOND, 10))
    });
    wait_for("the trouble to be over", || {
        history.trouble().is_none().then_some(())
    });
}
