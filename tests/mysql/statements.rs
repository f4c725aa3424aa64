//! What the digests tell: calls, times, plans and advice.

use std::time::Instant;

use hubtop::model::{Certainty, Focus, Labels, Statement, StatementDetail};

use super::servers::asked::Asked;
use super::servers::mysql::{Mysql, Product};
use super::{lacks, on_both, rows};

on_both!(
    calls_are_counted_and_timed_as_they_were,
    hubtop_does_not_list_itself,
    an_emptied_table_of_digests_is_a_gap_and_no_spike,
    without_performance_schema_it_says_which_lines_to_change,
    the_open_statement_has_its_plan_and_what_to_change,
    a_statement_that_writes_is_explained_and_not_done,
    schemas_that_can_not_be_seen_are_told_with_what_to_grant,
    a_server_without_a_schema_is_told_as_it_is,
);

fn find(asked: &mut Asked, what: &str, is: impl Fn(&Statement) -> bool) -> Statement {
    asked.ask_until(what, |reading, _| {
        rows!(reading, Statements)?
            .iter()
            .find(|row| is(row))
            .cloned()
    })
}

/// Opens a statement as a person does.
fn open(asked: &Asked, row: &Statement) {
    let focus = Focus::Statement(row.instance.clone(), row.id.clone());
    asked.focus.send(focus).unwrap();
}

/// The detail of the open statement once it has a plan: the server must first have noted a call of it.
fn with_plan(asked: &mut Asked) -> StatementDetail {
    asked.ask_until("its plan", |reading, _| {
        let detail = rows!(reading, StatementDetail)?.as_deref()?;
        detail.plan.is_some().then(|| detail.clone())
    })
}

fn shop(server: &Mysql) {
    let person = server.person();
    person.ask("CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, note VARCHAR(50), KEY (customer_id))");
    person.ask("CREATE TABLE items (id INT PRIMARY KEY, order_id INT, sku VARCHAR(20))");
    person.ask("INSERT INTO orders VALUES (1, 1, 'note 1')");
    // Twice as many each time.
    for there in (0..15).map(|step| 1 << step) {
        person.ask(&format!(
            "INSERT INTO orders SELECT id + {there}, (id + {there}) % 1000, CONCAT('note ', id + {there}) FROM orders"
        ));
    }
    person.ask("INSERT INTO items SELECT id, id, CONCAT('sku', id) FROM orders WHERE id <= 5000");
    person.ask("ANALYZE TABLE orders, items");
}

fn calls_are_counted_and_timed_as_they_were(product: Product) {
    let server = Mysql::start(product);
    shop(&server);
    let person = server.person();
    let mut asked = Asked::open(&server.source("mon"));
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

    let told = server.sql(
        "SELECT SUM_TIMER_WAIT / 1e9 FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE '%SLEEP%' AND SCHEMA_NAME = 'shop'",
    );
    let told: String = told[0].get(0).unwrap();
    let told: f64 = told.parse().unwrap();
    assert!(
        (total_ms - told).abs() <= told * 0.01,
        "{total_ms} against {told}"
    );

    let label = Labels::of([("instance", &*server.name()), ("statement", &last.label())]);
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

fn hubtop_does_not_list_itself(product: Product) {
    let server = Mysql::start(product);
    server.person().ask("SELECT 1 + 1");
    let mut asked = Asked::open(&server.source("mon"));
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

fn an_emptied_table_of_digests_is_a_gap_and_no_spike(product: Product) {
    let server = Mysql::start(product);
    let person = server.person();
    let mut asked = Asked::open(&server.source("mon"));
    for _ in 0..50 {
        person.ask("SELECT 2 * 3");
    }
    find(&mut asked, "fifty calls", |row| {
        row.text.contains("? * ?") && row.since_reset.calls == 50
    });
    server.sql("TRUNCATE performance_schema.events_statements_summary_by_digest");
    person.ask("SELECT 2 * 3");
    let after = find(&mut asked, "the one call after", |row| {
        row.text.contains("? * ?") && row.since_reset.calls == 1
    });
    assert!(after.calls.is_none_or(|calls| calls <= 1), "{after:?}");
}

fn without_performance_schema_it_says_which_lines_to_change(product: Product) {
    let server = Mysql::with(product, &["performance-schema=OFF"]);
    let mut asked = Asked::open(&server.source("mon"));
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

fn the_open_statement_has_its_plan_and_what_to_change(product: Product) {
    let server = Mysql::with(
        product,
        &[
            "performance-schema=ON",
            "performance-schema-consumer-events-statements-history=ON",
            "performance-schema-consumer-events-statements-current=ON",
        ],
    );
    shop(&server);
    let person = server.person();
    let call = "SELECT o.id FROM orders o WHERE o.note = 'note 7'";
    for _ in 0..3 {
        person.ask(call);
    }
    let mut asked = Asked::open(&server.source("mon"));
    let row = find(&mut asked, "the statement", |row| row.text.contains("note"));
    open(&asked, &row);
    let detail = with_plan(&mut asked);
    let plan = detail.plan.as_ref().unwrap();
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
    server.sql(&proposed);
}

fn a_statement_that_writes_is_explained_and_not_done(product: Product) {
    let server = Mysql::with(
        product,
        &[
            "performance-schema=ON",
            "performance-schema-consumer-events-statements-history=ON",
            "performance-schema-consumer-events-statements-current=ON",
        ],
    );
    shop(&server);
    server.sql("GRANT UPDATE ON shop.* TO mon@'%'");
    let person = server.person();
    person.ask("UPDATE orders SET customer_id = customer_id + 1 WHERE note = 'note 7'");
    let before = count(&server);
    let mut asked = Asked::open(&server.source("mon"));
    let row = find(&mut asked, "the statement", |row| {
        row.text.starts_with("UPDATE")
    });
    open(&asked, &row);
    let plan = with_plan(&mut asked).plan.unwrap();
    assert_eq!(plan.nodes[0].relation.as_deref(), Some("orders"));
    assert_eq!(count(&server), before);
}

#[test]
fn without_a_call_that_is_kept_it_says_what_keeps_one() {
    let server = Mysql::start(Product::Mariadb);
    shop(&server);
    server
        .person()
        .ask("SELECT id FROM orders WHERE note = 'note 7'");
    let mut asked = Asked::open(&server.source("mon"));
    let row = find(&mut asked, "the statement", |row| row.text.contains("note"));
    open(&asked, &row);
    let detail = asked.ask_until("its detail", |reading, _| {
        rows!(reading, StatementDetail)?.clone()
    });
    let why = detail.no_plan.expect("no plan");
    assert!(
        why.contains("performance_schema_consumer_events_statements_history=ON"),
        "{why}"
    );
}

fn count(server: &Mysql) -> String {
    let rows = server.sql("SELECT CAST(SUM(customer_id) AS CHAR) FROM shop.orders");
    rows[0].get(0).unwrap()
}

fn schemas_that_can_not_be_seen_are_told_with_what_to_grant(product: Product) {
    let server = Mysql::start(product);
    shop(&server);
    server.sql("CREATE USER half@'%'");
    server.sql("GRANT PROCESS ON *.* TO half@'%'");
    server.sql("GRANT SELECT ON performance_schema.* TO half@'%'");
    let mut asked = Asked::open(&server.source("half"));
    let reading = asked.ask().unwrap();
    for part in ["tables", "indexes"] {
        let line = lacks(&reading, part).unwrap_or_else(|| panic!("{:?}", reading.partial));
        assert!(
            line.ends_with("GRANT SELECT ON SCHEMA.* TO 'half'@'%' for each to watch"),
            "{line}"
        );
    }
    assert!(rows!(reading, TableUses).is_none(), "no empty list");

    server.sql("GRANT SELECT ON shop.* TO half@'%'");
    let mut asked = Asked::open(&server.source("half"));
    let reading = asked.ask().unwrap();
    assert!(lacks(&reading, "tables").is_none() && lacks(&reading, "indexes").is_none());
    let tables = rows!(reading, TableUses).unwrap();
    assert!(tables.iter().any(|row| &*row.table == "shop.orders"));
}

fn a_server_without_a_schema_is_told_as_it_is(product: Product) {
    let server = Mysql::start(product);
    server.sql("DROP DATABASE shop");
    let reading = Asked::open(&server.source("mon")).ask().unwrap();
    assert_eq!(lacks(&reading, "tables"), None);
    assert!(rows!(reading, TableUses).unwrap().is_empty());
}
