//! What statements did in an interval, against what they were made to do.

use hubtop::collect::Limits;
use hubtop::model::Reading;
use hubtop::model::statement::Statement;

use crate::servers::asked::Asked;
use crate::servers::postgres::{Postgres, versions};
use crate::{lack, rows, source_of};

fn find(reading: &Reading, part: &str) -> Option<Statement> {
    let rows = rows!(reading, Statements)?;
    rows.into_iter().find(|row| row.text.contains(part))
}

/// The next list after this moment.
fn next_list(asked: &mut Asked) -> Reading {
    asked.ask_until("a list of statements", |reading, _| {
        rows!(reading, Statements).map(|_| reading.clone())
    })
}

#[test]
fn calls_of_known_number_and_time_are_told_as_such() {
    for version in versions() {
        let server = Postgres::start(version);
        let person = server.person("worker");
        person.ask("SELECT pg_sleep(0.02)");
        let mut asked = source_of(&server);
        next_list(&mut asked);
        for _ in 0..10 {
            person.ask("SELECT pg_sleep(0.02)");
        }
        let row = find(&next_list(&mut asked), "pg_sleep").unwrap();
        assert_eq!(row.calls, Some(10), "{version}");
        let mean = row.mean_ms.unwrap();
        // The server can't sleep shorter; how much longer is the machine's affair.
        assert!((20.0..200.0).contains(&mean), "{version}: {mean}");
        let total = row.since_reset;
        assert_eq!(total.calls, 11);
        assert!((total.total_ms / 11.0 - total.mean_ms.unwrap()).abs() < 1e-6);
        assert!(row.time_percent.unwrap() > 50.0, "{:?}", row.time_percent);
        assert_eq!(row.rows_per_call, Some(1.0));
        assert_eq!((&*row.user, &*row.database), ("postgres", "postgres"));
        assert!(!row.is_new && !row.is_slow);
        let idle = find(&next_list(&mut asked), "pg_sleep").unwrap();
        assert_eq!((idle.calls, idle.mean_ms), (Some(0), None));
    }
}

#[test]
fn hubtops_own_statements_are_not_listed() {
    let server = Postgres::start(15);
    let mut asked = source_of(&server);
    next_list(&mut asked);
    let rows = rows!(next_list(&mut asked), Statements).unwrap();
    assert!(
        rows.iter()
            .all(|row| !row.text.contains("pg_stat_activity")),
        "{rows:#?}"
    );
}

#[test]
fn new_and_slow_ones_are_marked_and_exported() {
    let server = Postgres::start(15);
    let limits = Limits {
        slow_statement: std::time::Duration::from_millis(10),
        ..Limits::default()
    };
    let keys = format!(
        "{}\ninterval = \"100ms\"",
        server.source("postgres", "postgres")
    );
    let mut asked = Asked::with(&keys, limits);
    next_list(&mut asked);
    let person = server.person("worker");
    let reading = asked.ask_until("the new one with its text", |reading, _| {
        person.ask("SELECT pg_sleep(0.03), 'a new one'");
        find(reading, "pg_sleep")?.is_slow.then(|| reading.clone())
    });
    let row = find(&reading, "pg_sleep").unwrap();
    assert!(row.is_new);
    let name = crate::name_of(&server);
    let labels = hubtop::model::Labels::of([("instance", &*name), ("statement", &row.label())]);
    assert_eq!(
        asked.value(&reading, "db.statement.mean_ms", &labels),
        row.mean_ms
    );
    assert_eq!(
        asked.value(&reading, "db.statement.time_percent", &labels),
        row.time_percent
    );
    let of_server = crate::labels_of(&server);
    assert_eq!(
        asked.value(&reading, "db.statements.slow_count", &of_server),
        Some(1.0)
    );
}

#[test]
fn a_reset_is_a_gap_and_no_spike() {
    for version in versions() {
        let server = Postgres::start(version);
        let person = server.person("worker");
        let mut asked = source_of(&server);
        for _ in 0..5 {
            person.ask("SELECT 1 AS counted");
        }
        next_list(&mut asked);
        next_list(&mut asked);
        server.sql("SELECT pg_stat_statements_reset()");
        for _ in 0..3 {
            person.ask("SELECT 1 AS counted");
        }
        let row = find(&next_list(&mut asked), "counted").unwrap();
        assert_eq!(row.calls, None, "{version}");
        person.ask("SELECT 1 AS counted");
        assert_eq!(
            find(&next_list(&mut asked), "counted").unwrap().calls,
            Some(1),
            "{version}"
        );
    }
}

#[test]
fn without_the_extension_the_exact_lines_are_told() {
    let without = Postgres::with(15, &[]);
    let mut asked = source_of(&without);
    let line = asked.ask_until("the line", |reading, _| lack(reading, "statements"));
    assert_eq!(
        line,
        "shared_preload_libraries = 'pg_stat_statements' in postgresql.conf, restart the server, \
         then CREATE EXTENSION pg_stat_statements"
    );
    let loaded = Postgres::with(15, &["shared_preload_libraries=pg_stat_statements"]);
    let mut asked = source_of(&loaded);
    let line = asked.ask_until("the line", |reading, _| lack(reading, "statements"));
    assert_eq!(
        line,
        "CREATE EXTENSION pg_stat_statements in database postgres"
    );
    loaded.sql("CREATE EXTENSION pg_stat_statements");
    asked.ask_until("the list", |reading, _| {
        let rows = rows!(reading, Statements)?;
        (!rows.is_empty() && lack(reading, "statements").is_none()).then_some(())
    });
}

/// A server that was upgraded without `ALTER EXTENSION … UPDATE` has the old columns.
#[test]
fn an_extension_older_than_the_server_is_read_as_it_is() {
    for (version, old) in [(15, "1.8"), (18, "1.10")] {
        let server = Postgres::with(version, &["shared_preload_libraries=pg_stat_statements"]);
        server.sql(&format!(
            "CREATE EXTENSION pg_stat_statements VERSION '{old}'"
        ));
        let person = server.person("worker");
        person.ask("SELECT 1 AS counted");
        let mut asked = source_of(&server);
        next_list(&mut asked);
        person.ask("SELECT 1 AS counted");
        let reading = next_list(&mut asked);
        assert_eq!(
            find(&reading, "counted").unwrap().calls,
            Some(1),
            "{version}"
        );
        assert_eq!(lack(&reading, "statements"), None);
        // And it is updated while it is watched.
        server.sql("ALTER EXTENSION pg_stat_statements UPDATE");
        asked.ask_until("the list again", |reading, _| {
            (find(reading, "counted").is_some() && lack(reading, "statements").is_none())
                .then_some(())
        });
    }
}

#[test]
fn what_is_usual_is_told_after_a_while() {
    let server = Postgres::start(15);
    let person = server.person("worker");
    let mut asked = source_of(&server);
    next_list(&mut asked);
    let row = asked.ask_until("the usual mean", |reading, _| {
        person.ask("SELECT 1 AS counted");
        find(reading, "counted").filter(|row| row.usual_mean_ms.is_some())
    });
    assert!(row.usual_mean_ms.unwrap() > 0.0);
}
