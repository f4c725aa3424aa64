//! What the digests tell: calls, times, plans and advice.

use std::time::Instant;

use hubtop::model::{Certainty, Focus, Labels, Statement};

use super::servers::asked::Asked;
use super::servers::mysql::Mariadb;
use super::{lacks, rows};

fn find(asked: &mut Asked, what: &str, is: impl Fn(&Statement) -> bool) -> Statement {
    asked.ask_until(what, |reading, _| {
        rows!(reading, Statements)?
            .iter()
            .find(|row| is(row))
            .cloned()
    })
}

fn shop(mariadb: &Mariadb) {
    let person = mariadb.person();
    person.ask("CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, note VARCHAR(50), KEY (customer_id))");
    person
        .ask("INSERT INTO orders SELECT seq, seq % 1000, CONCAT('note ', seq) FROM seq_1_to_30000");
    person.ask("CREATE TABLE items (id INT PRIMARY KEY, order_id INT, sku VARCHAR(20))");
    person.ask("INSERT INTO items SELECT seq, seq, CONCAT('sku', seq) FROM seq_1_to_5000");
    person.ask("ANALYZE TABLE orders, items");
}

#[test]
fn calls_are_counted_and_timed_as_they_were() {
    let mariadb = Mariadb::start();
    shop(&mariadb);
    let person = mariadb.person();
    let mut asked = Asked::open(&mariadb.source("mon"));
    asked.ask_until("a first look", |reading, _| {
        rows!(reading, Statements).map(|_| ())
    });

    let begin = Instant::now();
    for _ in 0..20 {
        person.ask("SELECT SLEEP(0.02)");
    }
    let took_ms = begin.elapsed().as_secs_f64() * 1000.0;
    let mut calls = 0;
    let mut total_ms = 0.0;
    let last = find(&mut asked, "all twenty", |row| {
        row.text.contains("SLEEP") && row.since_reset.calls == 20
    });
    assert!(last.is_new, "it was not there at the first look");
    calls += last.since_reset.calls;
    total_ms += last.since_reset.total_ms;
    assert_eq!(calls, 20);
    assert!(
        (400.0..=took_ms).contains(&total_ms),
        "{total_ms} ms of {took_ms}"
    );
    assert!(last.mean_ms.is_some_and(|mean| mean >= 20.0), "{last:?}");

    let told = mariadb.sql(
        "SELECT SUM_TIMER_WAIT / 1e9 FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE '%SLEEP%' AND SCHEMA_NAME = 'shop'",
    );
    let told: String = told[0].get(0).unwrap();
    let told: f64 = told.parse().unwrap();
    assert!(
        (total_ms - told).abs() <= told * 0.01,
        "{total_ms} against {told}"
    );

    let label = Labels::of([("instance", &*mariadb.name()), ("statement", &last.label())]);
    let mean = asked.ask_until("its series", |reading, catalog| {
        let id = catalog.table().find("db.statement.mean_ms", &label)?;
        person.ask("SELECT SLEEP(0.02)");
        reading
            .samples
            .iter()
            .find(|(series, _)| *series == id)
            .map(|(_, value)| *value)
    });
    assert!(mean >= 20.0, "{mean}");
}

#[test]
fn hubtop_does_not_list_itself() {
    let mariadb = Mariadb::start();
    mariadb.person().ask("SELECT 1 + 1");
    let mut asked = Asked::open(&mariadb.source("mon"));
    find(&mut asked, "the statement of the other", |row| {
        row.text.contains("? + ?")
    });
    for _ in 0..5 {
        asked.ask_until("a look at statements", |reading, _| {
            let rows = rows!(reading, Statements)?;
            let own: Vec<&Statement> = rows
                .iter()
                .filter(|row| row.text.contains("hubtop"))
                .collect();
            assert!(own.is_empty(), "{own:?}");
            Some(())
        });
    }
}

#[test]
fn an_emptied_table_of_digests_is_a_gap_and_no_spike() {
    let mariadb = Mariadb::start();
    let person = mariadb.person();
    let mut asked = Asked::open(&mariadb.source("mon"));
    for _ in 0..50 {
        person.ask("SELECT 2 * 3");
    }
    find(&mut asked, "fifty calls", |row| {
        row.text.contains("? * ?") && row.since_reset.calls == 50
    });
    mariadb.sql("TRUNCATE performance_schema.events_statements_summary_by_digest");
    person.ask("SELECT 2 * 3");
    let after = find(&mut asked, "the one call after", |row| {
        row.text.contains("? * ?") && row.since_reset.calls == 1
    });
    assert!(after.calls.is_none_or(|calls| calls <= 1), "{after:?}");
}

#[test]
fn without_performance_schema_it_says_which_lines_to_change() {
    let mariadb = Mariadb::with(&["performance-schema=OFF"]);
    let mut asked = Asked::open(&mariadb.source("mon"));
    let reading = asked.ask().unwrap();
    let line = lacks(&reading, "statements").expect("statements are missing");
    assert!(
        line.contains("performance_schema=ON") && line.contains("[mysqld]"),
        "{line}"
    );
    assert!(
        rows!(reading, Statements).is_none(),
        "no empty list that looks like calm"
    );
    assert!(rows!(reading, Backends).is_some(), "the rest is there");
}

#[test]
fn the_open_statement_has_its_plan_and_what_to_change() {
    let mariadb = Mariadb::with(&[
        "performance-schema=ON",
        "performance-schema-consumer-events-statements-history=ON",
        "performance-schema-consumer-events-statements-current=ON",
    ]);
    shop(&mariadb);
    let person = mariadb.person();
    let call = "SELECT o.id FROM orders o WHERE o.note = 'note 7'";
    for _ in 0..3 {
        person.ask(call);
    }
    let mut asked = Asked::open(&mariadb.source("mon"));
    let row = find(&mut asked, "the statement", |row| row.text.contains("note"));
    asked
        .focus
        .send(Focus::Statement(row.instance.clone(), row.id.clone()))
        .unwrap();
    let detail = asked.ask_until("its detail", |reading, _| {
        rows!(reading, StatementDetail)?.clone()
    });
    let plan = detail
        .plan
        .as_ref()
        .unwrap_or_else(|| panic!("{:?}", detail.no_plan));
    let scan = &plan.nodes[0];
    assert_eq!(
        (&*scan.kind, scan.relation.as_deref()),
        ("Table scan", Some("orders")),
        "the table, not its alias"
    );
    assert!(scan.is_hot && !plan.is_measured);
    assert!(detail.not_measured.is_some(), "{detail:?}");
    let advice = detail
        .advice
        .iter()
        .find(|advice| advice.rule == "seq_scan");
    assert!(
        advice.is_none_or(|advice| advice.certainty == Certainty::Certain),
        "{advice:?}"
    );

    // What is proposed must be a statement that the server takes.
    let proposed = asked.ask_until("advice on it", |reading, _| {
        let rows = rows!(reading, Statements)?;
        let row = rows.iter().find(|other| other.id == row.id)?;
        row.advice
            .iter()
            .find(|advice| advice.rule == "seq_scan")?
            .try_this
            .clone()
    });
    assert!(
        proposed.starts_with("CREATE INDEX orders_note ON shop.orders (note)"),
        "{proposed}"
    );
    mariadb.sql(&proposed);
}

#[test]
fn a_statement_that_writes_is_explained_and_not_done() {
    let mariadb = Mariadb::with(&[
        "performance-schema=ON",
        "performance-schema-consumer-events-statements-history=ON",
        "performance-schema-consumer-events-statements-current=ON",
    ]);
    shop(&mariadb);
    mariadb.sql("GRANT UPDATE ON shop.* TO mon@'%'");
    let person = mariadb.person();
    person.ask("UPDATE orders SET customer_id = customer_id + 1 WHERE note = 'note 7'");
    let before = count(&mariadb);
    let mut asked = Asked::open(&mariadb.source("mon"));
    let row = find(&mut asked, "the statement", |row| {
        row.text.starts_with("UPDATE")
    });
    asked
        .focus
        .send(Focus::Statement(row.instance.clone(), row.id.clone()))
        .unwrap();
    let detail = asked.ask_until("its detail", |reading, _| {
        rows!(reading, StatementDetail)?.clone()
    });
    let plan = detail
        .plan
        .unwrap_or_else(|| panic!("{:?}", detail.no_plan));
    assert_eq!(plan.nodes[0].relation.as_deref(), Some("orders"));
    assert_eq!(count(&mariadb), before);
}

#[test]
fn without_a_call_that_is_kept_it_says_what_keeps_one() {
    let mariadb = Mariadb::start();
    shop(&mariadb);
    mariadb
        .person()
        .ask("SELECT id FROM orders WHERE note = 'note 7'");
    let mut asked = Asked::open(&mariadb.source("mon"));
    let row = find(&mut asked, "the statement", |row| row.text.contains("note"));
    asked
        .focus
        .send(Focus::Statement(row.instance.clone(), row.id.clone()))
        .unwrap();
    let detail = asked.ask_until("its detail", |reading, _| {
        rows!(reading, StatementDetail)?.clone()
    });
    let why = detail.no_plan.expect("no plan");
    assert!(
        why.contains("performance_schema_consumer_events_statements_history=ON"),
        "{why}"
    );
}

fn count(mariadb: &Mariadb) -> String {
    let rows = mariadb.sql("SELECT CAST(SUM(customer_id) AS CHAR) FROM shop.orders");
    rows[0].get(0).unwrap()
}

#[test]
fn schemas_that_can_not_be_seen_are_told_with_what_to_grant() {
    let mariadb = Mariadb::start();
    shop(&mariadb);
    mariadb.sql("CREATE USER half@'%'");
    mariadb.sql("GRANT PROCESS ON *.* TO half@'%'");
    mariadb.sql("GRANT SELECT ON performance_schema.* TO half@'%'");
    let mut asked = Asked::open(&mariadb.source("half"));
    let reading = asked.ask().unwrap();
    for part in ["tables", "indexes"] {
        let line = lacks(&reading, part).unwrap_or_else(|| panic!("{:?}", reading.partial));
        assert!(
            line.ends_with("GRANT SELECT ON SCHEMA.* TO 'half'@'%' for each to watch"),
            "{line}"
        );
    }
    assert!(rows!(reading, TableUses).is_none(), "no empty list");

    mariadb.sql("GRANT SELECT ON shop.* TO half@'%'");
    let mut asked = Asked::open(&mariadb.source("half"));
    let reading = asked.ask().unwrap();
    assert!(lacks(&reading, "tables").is_none() && lacks(&reading, "indexes").is_none());
    let tables = rows!(reading, TableUses).unwrap();
    assert!(tables.iter().any(|row| &*row.table == "shop.orders"));
}

#[test]
fn a_server_without_a_schema_is_told_as_it_is() {
    let mariadb = Mariadb::start();
    mariadb.sql("DROP DATABASE shop");
    let reading = Asked::open(&mariadb.source("mon")).ask().unwrap();
    assert_eq!(lacks(&reading, "tables"), None);
    assert!(rows!(reading, TableUses).unwrap().is_empty());
}
