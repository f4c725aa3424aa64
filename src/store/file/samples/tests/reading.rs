//! What is read: the same as the hot memory would tell.

use super::*;

/// The same ticks in a file and in memory.
fn both(seconds: impl Iterator<Item = u64>, tick: Duration) -> (File, HotHistory) {
    let mut file = File::new();
    let mut hot = HotHistory::new(16 << 20, tick);
    for (index, second) in seconds.enumerate() {
        let values = figures(5, second);
        file.put(after(second), tick, &values);
        hot.append(after(second), &values);
        if index % 60 == 0 {
            file.write();
        }
    }
    file.write();
    (file, hot)
}

#[test]
fn charts_are_those_of_the_hot_memory_bit_for_bit() {
    let end = 3 * 3600 + 437;
    let (mut file, hot) = both((0..end).filter(|s| !(5000..5400).contains(s)), SECOND);
    for folded in [false, true] {
        if folded {
            file.tidy(after(5 * 3600), &Limits::default());
        }
        for (span, count) in [
            (300, 100),
            (300, 300),
            (600, 60),
            (3600, 120),
            (7200, 90),
            (10_800, 60),
        ] {
            let window = Window::ending(after(end - 1), Duration::from_secs(span), count, SECOND);
            for series in 0..5 {
                assert_same(
                    &file.points(series, window),
                    &hot.points(SeriesId(series), window),
                );
            }
        }
    }
}

#[test]
fn a_moment_of_the_past_looks_as_it_did_then() {
    let end = 2 * 3600;
    let (file, _) = both(0..end, SECOND);
    let mut live = HotHistory::new(16 << 20, SECOND);
    for second in 0..end {
        live.append(after(second), &figures(5, second));
        if second % 611 == 0 && second > 0 {
            for (span, count) in [(300, 100), (1800, 60), (3600, 60), (7200, 50)] {
                let window =
                    Window::ending(after(second), Duration::from_secs(span), count, SECOND);
                for series in 0..5 {
                    assert_same(
                        &file.points(series, window),
                        &live.points(SeriesId(series), window),
                    );
                }
            }
        }
    }
}

#[test]
fn a_tick_that_changes_leaves_no_holes() {
    let mut file = File::new();
    let mut hot = HotHistory::new(16 << 20, SECOND);
    let mut at = START;
    for (tick, count) in [(1000, 100), (5000, 20), (250, 400), (2000, 100)] {
        let tick = Duration::from_millis(tick);
        hot.set_tick(tick);
        for n in 0..count {
            file.put(at, tick, &[f64::from(n)]);
            hot.append(at, &[f64::from(n)]);
            at = at.plus(tick);
        }
        file.write();
    }
    let window = Window::whole(START, SECOND, 500);
    assert_same(&file.points(0, window), &hot.points(SeriesId(0), window));
}

#[test]
fn a_restart_shows_the_charts_that_there_were() {
    let end = 8 * 3600 + 111;
    let seconds = || (0..end).filter(|s| !(20_000..21_000).contains(s));
    let (file, hot) = both(seconds(), SECOND);
    let mut again = HotHistory::new(16 << 20, SECOND);
    let until = after(end - 1);
    file.reader
        .fill(&file.db, &file.known(), &mut again, until)
        .unwrap();
    assert_eq!(again.remembers(), hot.remembers());
    let check = |again: &HotHistory, hot: &HotHistory, end: Timestamp| {
        for (span, count) in [
            (300, 100),
            (900, 90),
            (3600, 120),
            (21_600, 90),
            (28_800, 60),
        ] {
            let window = Window::ending(end, Duration::from_secs(span), count, SECOND);
            for series in 0..5 {
                let series = SeriesId(series);
                assert_same(&again.points(series, window), &hot.points(series, window));
            }
        }
    };
    check(&again, &hot, until);
    let mut hot = hot;
    for second in end..end + 700 {
        again.append(after(second), &figures(5, second));
        hot.append(after(second), &figures(5, second));
    }
    check(&again, &hot, after(end + 699));
}

#[test]
fn a_moment_in_an_outage_is_unknown() {
    let (file, _) = both((0..100).chain(400..500), SECOND);
    let at = |second| {
        file.reader
            .values_at(&file.db, after(second))
            .unwrap()
            .unwrap()
    };
    assert!(!at(99).values.is_empty());
    assert!(!at(101).values.is_empty());
    assert_eq!(
        at(103),
        Moment {
            at: after(99),
            tick: SECOND,
            values: Vec::new()
        }
    );
    assert_eq!(at(400).at, after(400));
    assert_eq!(
        file.reader
            .values_at(&file.db, Timestamp(START.0 - 1))
            .unwrap(),
        None
    );
    let around = |second| file.reader.ticks_around(&file.db, after(second)).unwrap();
    assert_eq!(around(250), (Some(after(99)), Some(after(400))));
    assert_eq!(around(50), (Some(after(50)), Some(after(51))));
    assert_eq!(around(900), (Some(after(499)), None));
}

#[test]
fn a_clock_that_went_back_is_told_as_it_was_written_last() {
    let mut file = File::new();
    for second in 0..300 {
        file.put(after(second), SECOND, &[1.0]);
    }
    for second in 100..150 {
        file.put(after(second), SECOND, &[2.0]);
    }
    file.write();
    let told = |file: &File| file.points(0, Window::whole(START, SECOND, 300)).avg;
    let mut expected = vec![1.0; 300];
    expected[100..150].fill(2.0);
    assert_eq!(told(&file), expected);
    for second in 0..20 {
        file.put(after(2000 + second), SECOND, &[3.0]);
        file.write();
    }
    file.tidy(after(20_000), &Limits::default());
    assert_eq!(told(&file), expected);
}

#[test]
fn a_series_that_comes_in_the_middle_is_unknown_before() {
    let mut file = File::new();
    for second in 0..500 {
        let values = if second < 250 {
            vec![1.0]
        } else {
            vec![1.0, 7.0]
        };
        file.put(after(second), SECOND, &values);
        file.write();
    }
    let told = file.points(1, Window::whole(START, SECOND, 500));
    assert!(told.avg[..250].iter().all(|value| value.is_nan()));
    assert!(told.avg[250..].iter().all(|value| *value == 7.0));
}
