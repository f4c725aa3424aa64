//! What becomes of counters between two looks.

use std::time::Duration;

use super::*;

fn statements() -> Statements {
    Statements::new(&"pg@5432/app".into(), &Surroundings::apart())
}

fn key(query: i64) -> Key {
    Key {
        user: 10,
        database: 5,
        query,
        is_top: true,
    }
}

fn entries(counted: &[(i64, u64, f64)]) -> Entries {
    let counted = counted.iter().map(|(query, calls, time_ms)| {
        let counted = Counted {
            calls: *calls,
            time_ms: *time_ms,
            ..Counted::default()
        };
        (key(*query), counted)
    });
    Entries {
        counted: counted.collect(),
        reset: Some(1),
        thrown_out: Some(0),
        ..Entries::default()
    }
}

fn look(of: &mut Statements, entries: Entries) -> HashMap<i64, Statement> {
    let (listed, sums) = of.advance(entries, Some(Duration::from_secs(10)));
    let queries: Vec<i64> = listed.iter().map(|entry| entry.key.query).collect();
    queries
        .into_iter()
        .zip(of.rows(listed, &sums, true))
        .collect()
}

#[test]
fn figures_are_of_the_interval() {
    let mut of = statements();
    let first = look(&mut of, entries(&[(1, 1000, 9000.0), (2, 10, 10.0)]));
    assert_eq!(first[&1].mean_ms, None);
    assert_eq!(first[&1].since_reset.mean_ms, Some(9.0));
    let rows = look(
        &mut of,
        entries(&[(1, 1010, 9300.0), (2, 20, 110.0), (3, 1, 100.0)]),
    );
    assert_eq!(rows[&1].mean_ms, Some(30.0));
    assert_eq!(rows[&1].calls_per_sec, Some(1.0));
    assert_eq!(rows[&1].time_percent, Some(60.0));
    assert!(rows[&3].is_new && rows[&3].calls == Some(1) && !rows[&1].is_new);
    let idle = look(&mut of, entries(&[(1, 1010, 9300.0)]));
    assert_eq!((idle[&1].calls, idle[&1].mean_ms), (Some(0), None));
}

#[test]
fn a_reset_is_a_gap() {
    let mut of = statements();
    look(&mut of, entries(&[(1, 1000, 9000.0)]));
    // More calls than before, so that only the time of the reset tells.
    let reset = Entries {
        reset: Some(2),
        ..entries(&[(1, 5000, 50_000.0)])
    };
    assert_eq!(look(&mut of, reset)[&1].calls, None);
    let after = Entries {
        reset: Some(2),
        ..entries(&[(1, 5001, 50_010.0)])
    };
    assert_eq!(look(&mut of, after)[&1].mean_ms, Some(10.0));
}

#[test]
fn what_went_and_came_back_is_a_gap_and_not_new() {
    let mut of = statements();
    look(&mut of, entries(&[(1, 1000, 9000.0), (2, 1, 1.0)]));
    look(&mut of, entries(&[(2, 1, 1.0)]));
    let back = look(&mut of, entries(&[(1, 7, 70.0), (2, 1, 1.0)]));
    assert_eq!((back[&1].calls, back[&1].is_new), (None, false));
    let on = look(&mut of, entries(&[(1, 8, 90.0), (2, 1, 1.0)]));
    assert_eq!(on[&1].mean_ms, Some(20.0));
}

#[test]
fn a_right_that_was_granted_is_no_burst() {
    let mut of = statements();
    let without = Entries {
        hidden: 2,
        ..entries(&[(1, 5, 5.0)])
    };
    look(&mut of, without);
    let rows = look(
        &mut of,
        entries(&[(1, 6, 6.0), (2, 90_000, 90_000.0), (3, 1, 1.0)]),
    );
    assert!(rows.values().all(|row| row.calls.is_none()));
}

#[test]
fn the_list_is_bounded_and_holds_both_sorts_of_costly() {
    let mut of = statements();
    let many: Vec<(i64, u64, f64)> = (0..1000).map(|query| (query, 10, query as f64)).collect();
    look(&mut of, entries(&many));
    let mut later = many.clone();
    later[3].2 += 500.0;
    let rows = look(&mut of, entries(&later));
    assert_eq!(rows.len(), 200);
    assert!(rows.contains_key(&3) && rows.contains_key(&999));
}
