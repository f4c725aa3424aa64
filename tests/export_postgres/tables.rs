//! How the tables come to be, whoever is first and whatever was there.

use hubtop::model::KeepingState;

use crate::host::{Host, form, numbers, state};
use crate::servers::postgres::Postgres;

fn tables(server: &Postgres) -> Vec<String> {
    let rows = server.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname",
    );
    rows.into_iter().flatten().collect()
}

fn versions(server: &Postgres) -> Vec<Vec<String>> {
    server.sql("SELECT version FROM hubtop_schema ORDER BY version")
}

#[test]
fn many_hosts_that_start_at_once_make_the_tables_once() {
    for version in [13, 15] {
        let server = Postgres::with(version, &[]);
        let folders: Vec<_> = (0..6).map(|_| state()).collect();
        let mut hosts: Vec<Host> = folders
            .iter()
            .enumerate()
            .map(|(n, state)| {
                let name = format!("web{n}");
                Host::start(&name, form(&server, "postgres", ""), state.path())
            })
            .collect();
        for moment in 0..=10 {
            for host in &mut hosts {
                host.put(moment);
            }
        }
        for host in &hosts {
            host.wait_until_all_is_sent();
            let expected: Vec<i64> = (1..=10).collect();
            assert_eq!(numbers(&server, &host.name), expected, "{}", host.name);
        }
        let expected = [
            "alert_incidents",
            "alert_rules",
            "business_metrics",
            "hubtop_batches",
            "hubtop_schema",
            "performance_metrics",
            "system_metrics",
        ];
        assert_eq!(tables(&server), expected);
        assert_eq!(versions(&server), [["1"], ["2"]]);
        let system =
            server.sql("SELECT host_name, count(*) FROM system_metrics GROUP BY 1 ORDER BY 1");
        assert_eq!(system.len(), 6);
        assert!(system.iter().all(|row| row[1] == "10"), "{system:?}");
    }
}

#[test]
fn tables_of_an_older_hubtop_are_brought_up_to_date_with_what_is_in_them() {
    let server = Postgres::with(15, &[]);
    server.sql(include_str!("../../src/store/remote/postgres/schema/1.sql"));
    server.sql("CREATE TABLE hubtop_schema (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
        INSERT INTO hubtop_schema (version) VALUES (1);
        INSERT INTO performance_metrics (metric_name, value, unit, \"timestamp\") VALUES ('old', 1, 'count', now())");
    let state = state();
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    host.put_all(0..=1);
    host.wait_until_all_is_sent();
    assert_eq!(versions(&server), [["1"], ["2"]]);
    assert_eq!(numbers(&server, "web1"), [1]);
    let old = server.sql("SELECT value FROM performance_metrics WHERE metric_name = 'old'");
    assert_eq!(old, [["1"]]);
    let index = server.sql("SELECT to_regclass('performance_metrics_by_host') IS NOT NULL");
    assert_eq!(index, [["t"]]);
}

#[test]
fn tables_of_a_newer_hubtop_are_left_alone() {
    let server = Postgres::with(15, &[]);
    server.sql(
        "CREATE TABLE hubtop_schema (version integer PRIMARY KEY);
        INSERT INTO hubtop_schema (version) VALUES (99)",
    );
    let state = state();
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    host.put_all(0..=1);
    host.wait_for_line(
        KeepingState::Queueing,
        "the tables are a newer hubtop's (version 99",
    );
    assert_eq!(tables(&server), ["hubtop_schema"]);
}

#[test]
fn tables_that_are_gone_are_told_and_nothing_is_lost() {
    let server = Postgres::with(15, &[]);
    let state = state();
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    host.put_all(0..=1);
    host.wait_until_all_is_sent();
    server.sql("ALTER TABLE system_metrics RENAME TO elsewhere");
    host.put_all(2..=4);
    host.wait_for_line(KeepingState::Queueing, "\"system_metrics\" does not exist");
    server.sql("ALTER TABLE elsewhere RENAME TO system_metrics");
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), [1, 2, 3, 4]);
}

/// Debian has no package of TimescaleDB: a function of the same name and arguments stands in for it, and notes what it
/// is asked.
#[test]
fn with_timescaledb_the_tables_that_grow_are_cut_into_chunks() {
    let server = Postgres::with(15, &[]);
    server.sql("CREATE SCHEMA \"the extension\";
        CREATE TABLE \"the extension\".asked (relation text, time_column text, chunk interval);
        CREATE FUNCTION \"the extension\".create_hypertable(relation regclass, time_column_name name,
            partitioning_column name DEFAULT NULL, chunk_time_interval anyelement DEFAULT NULL::bigint) RETURNS void
        LANGUAGE sql AS $$ INSERT INTO \"the extension\".asked
            VALUES (relation::text, time_column_name, chunk_time_interval::text::interval) $$");
    let state = state();
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    host.put_all(0..=1);
    host.wait_until_all_is_sent();
    let asked = server.sql("SELECT * FROM \"the extension\".asked ORDER BY relation");
    let expected = [
        ["business_metrics", "timestamp", "01:00:00"],
        ["performance_metrics", "timestamp", "01:00:00"],
        ["system_metrics", "timestamp", "00:05:00"],
    ];
    assert_eq!(asked, expected);
    assert_eq!(numbers(&server, "web1"), [1]);
}
