//! What is written, sealed, folded and forgotten.

use super::*;

#[test]
fn what_was_put_is_told_at_once_and_after_a_kill() {
    let mut file = File::new();
    for second in 0..100 {
        file.put(after(second), SECOND, &figures(5, second));
        if second % 2 == 1 {
            file.write();
        }
    }
    // Two seconds that were never written.
    file.put(after(100), SECOND, &figures(5, 100));
    let window = Window::whole(START, SECOND, 102);
    let told = file.points(0, window);
    file.restart();
    assert_same(&told, &file.points(0, window));
    assert_eq!(told.avg[99], f64::from(figure(0, 99) as f32));
    assert!(told.avg[100].is_nan());
    assert_eq!(
        file.reader.remembers(&file.db).unwrap(),
        Some((START, after(99)))
    );
}

#[test]
fn a_quarter_of_an_hour_is_sealed_and_its_tail_goes() {
    let mut file = File::new();
    for second in 0..1000 {
        file.put(after(second), SECOND, &figures(5, second));
        file.write();
    }
    assert_eq!(file.count("SELECT count(*) FROM span WHERE state = 1"), 4);
    assert_eq!(file.count("SELECT count(*) FROM block"), 4 * 5);
    assert_eq!(file.count("SELECT count(*) FROM tail"), 100);
    let moment = file
        .reader
        .values_at(&file.db, after(899))
        .unwrap()
        .unwrap();
    assert_eq!(moment.at, after(899));
    let told: Vec<f64> = moment.values.iter().map(|(_, value)| *value).collect();
    let expected: Vec<f64> = figures(5, 899)
        .into_iter()
        .filter(|v| !v.is_nan())
        .collect();
    assert!(same(&told, &expected), "{told:?} {expected:?}");
}

#[test]
fn a_transaction_that_fails_loses_nothing_and_doubles_nothing() {
    let mut file = File::new();
    for second in 0..2000 {
        file.put(after(second), SECOND, &figures(5, second));
        match second % 7 {
            0 | 3 => file.write(),
            5 => file.fail_to_write(),
            _ => {}
        }
    }
    file.write();
    file.restart();
    let window = Window::whole(START, SECOND, 2000);
    for series in 0..5 {
        let told = file.points(series, window);
        let expected: Vec<f64> = (0..2000)
            .map(|second| f64::from(figure(series as usize, second) as f32))
            .collect();
        assert!(same(&told.avg, &expected));
    }
}

#[test]
fn five_thousand_series_are_sealed_piece_by_piece() {
    let mut file = File::new();
    for second in 850..950 {
        file.put(after(second), SECOND, &figures(5000, second));
    }
    file.write();
    let window = Window::whole(after(850), SECOND, 100);
    let before: Vec<Points> = (0..5)
        .map(|series| file.points(4995 + series, window))
        .collect();
    for _ in 0..5 {
        file.write();
    }
    assert_eq!(file.count("SELECT count(*) FROM block"), 4 * 5000);
    for (series, before) in (4995..).zip(before) {
        assert_same(&before, &file.points(series, window));
    }
}

#[test]
fn a_seal_that_was_cut_off_is_done_again() {
    let mut file = File::new();
    for second in 300..950 {
        file.put(after(second), SECOND, &figures(1200, second));
    }
    file.write();
    assert_eq!(file.count("SELECT count(*) FROM span WHERE state = 0"), 4);
    let window = Window::whole(after(300), SECOND, 650);
    let before = file.points(1000, window);
    file.restart();
    assert_same(&before, &file.points(1000, window));
    file.tidy(after(950), &Limits::default());
    for second in 0..8 {
        file.put(after(2000 + second), SECOND, &[]);
        file.write();
    }
    assert_eq!(file.count("SELECT count(*) FROM span WHERE state <> 1"), 0);
    assert_eq!(
        file.count("SELECT count(*) FROM block WHERE id >> 24 NOT IN (SELECT id FROM span)"),
        0
    );
    assert_same(&before, &file.points(1000, window));
}

/// Hours of a few series, written by the minute.
fn hours(file: &mut File, from: u64, hours: u64, tick: u64) {
    for second in (from..from + hours * 3600).step_by(usize::try_from(tick).unwrap()) {
        file.put(
            after(second),
            Duration::from_secs(tick),
            &figures(5, second),
        );
        if second % 60 == 0 {
            file.write();
        }
    }
    file.write();
}

#[test]
fn folding_changes_nothing_that_is_told() {
    let mut file = File::new();
    hours(&mut file, 0, 26, 5);
    let windows = [
        Window::whole(START, Duration::from_secs(5), 9000),
        Window::whole(START, Duration::from_secs(10), 9000),
        Window::whole(START, MINUTE, 1600),
        Window::whole(START, MINUTE * 15, 110),
    ];
    let told = |file: &File| -> Vec<Points> {
        let all = windows
            .iter()
            .flat_map(|window| (0..5).map(move |series| (series, *window)));
        all.map(|(series, window)| file.points(series, window))
            .collect()
    };
    let before = told(&file);
    let rows = file.count("SELECT count(*) FROM block");
    let limits = Limits {
        ticks: HOUR * 48,
        ..Limits::default()
    };
    file.tidy(after(26 * 3600), &limits);
    assert!(file.count("SELECT count(*) FROM block") < rows / 4);
    for (before, folded) in before.iter().zip(told(&file)) {
        assert_same(before, &folded);
    }
    assert_eq!(check(&file.db).unwrap(), Vec::<String>::new());
}

#[test]
fn each_tier_goes_when_it_is_too_old() {
    let mut file = File::new();
    hours(&mut file, 0, 30, 10);
    let limits = Limits {
        ticks: HOUR * 2,
        ten_seconds: HOUR * 8,
        ..Limits::default()
    };
    let now = after(30 * 3600);
    file.tidy(now, &limits);
    let oldest = |tier: u32| {
        let sql = format!("SELECT min(first) FROM span WHERE tier = {tier}");
        Timestamp(file.count(&sql))
    };
    // A folded block goes when all of it is too old.
    assert!(oldest(0) >= now.minus(HOUR * 6) && oldest(0) <= now.minus(HOUR * 2));
    assert!(oldest(1) >= now.minus(HOUR * 32) && oldest(1) <= now.minus(HOUR * 8));
    assert_eq!(oldest(2), START);
    // What is gone is told from the next tier.
    let early = Window::whole(after(3600), Duration::from_secs(10), 6);
    let told = file.points(1, early);
    assert!(told.avg.iter().all(|value| !value.is_nan()));
    let series = file.ids.of(SeriesId(1)).unwrap();
    let samples = file.reader.samples(&file.db, series, START, now).unwrap();
    assert!(samples.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(
        samples.len() > 22 * 60 + 6 * 360 + 2 * 360,
        "{}",
        samples.len()
    );
    let moment = file
        .reader
        .values_at(&file.db, after(3600))
        .unwrap()
        .unwrap();
    assert!(moment.tick > Duration::from_secs(1) && !moment.values.is_empty());
}

#[test]
fn a_clock_that_jumps_far_ahead_lets_nothing_go() {
    let mut file = File::new();
    hours(&mut file, 0, 3, 10);
    let jumped = after(400 * 86_400);
    for second in 0..200 {
        file.put(jumped.plus(SECOND * second), SECOND, &[1.0]);
    }
    file.write();
    file.tidy(jumped.plus(MINUTE * 5), &Limits::default());
    let told = file.points(1, Window::whole(START, Duration::from_secs(10), 1080));
    assert!(told.avg.iter().all(|value| !value.is_nan()));
}

#[test]
fn room_is_made_from_the_finest_and_oldest() {
    let mut file = File::new();
    hours(&mut file, 0, 3, 5);
    let coarse = file
        .count("SELECT count(*) FROM block WHERE id >> 24 IN (SELECT id FROM span WHERE tier > 0)");
    let tx = file.db.transaction().unwrap();
    let freed = file.samples.make_room(&tx, 2000).unwrap();
    tx.commit().unwrap();
    assert!(freed >= 2000);
    let left = file.count("SELECT min(first) FROM span WHERE tier = 0 AND state = 1");
    assert!(Timestamp(left) > START);
    assert_eq!(
        coarse,
        file.count(
            "SELECT count(*) FROM block WHERE id >> 24 IN (SELECT id FROM span WHERE tier > 0)"
        )
    );
    // In the end all goes but the newest of each tier.
    let mut last = 1;
    for _ in 0..1000 {
        if last == 0 {
            break;
        }
        let tx = file.db.transaction().unwrap();
        last = file.samples.make_room(&tx, u64::MAX).unwrap();
        tx.commit().unwrap();
    }
    assert_eq!(last, 0);
    assert_eq!(file.count("SELECT count(*) FROM span"), 4);
}
