//! Plans of statements: nothing is run for them, unless a person wants it.

use hubtop::model::statement::{Statement, StatementDetail};
use hubtop::model::{Focus, ServerDeed};

use crate::servers::asked::Asked;
use crate::servers::postgres::{Postgres, versions};
use crate::{name_of, rows, source_as, source_of};

fn statement(asked: &mut Asked, part: &str) -> Statement {
    asked.ask_until("the statement", |reading, _| {
        let rows = rows!(reading, Statements)?;
        rows.into_iter().find(|row| row.text.contains(part))
    })
}

fn detail_of(asked: &mut Asked, row: &Statement) -> StatementDetail {
    let focus = Focus::Statement(row.instance.clone(), row.id.clone());
    asked.focus.send(focus).unwrap();
    asked.ask_until("its detail", |reading, _| {
        let detail = rows!(reading, StatementDetail)??;
        (detail.id == row.id).then_some(*detail)
    })
}

fn shop(version: u32) -> Postgres {
    let server = Postgres::start(version);
    server.sql("CREATE TABLE orders AS SELECT i AS id, i % 100 AS customer, 'x' || i AS email FROM generate_series(1, 30000) i");
    server
        .sql("CREATE INDEX ON orders (id); CREATE INDEX ON orders (lower(email)); ANALYZE orders");
    server
}

#[test]
fn a_normalised_text_has_its_plan_on_every_version() {
    for version in versions() {
        let server = shop(version);
        server
            .person("app")
            .ask("SELECT * FROM orders WHERE customer = 42 AND id > 7");
        let mut asked = source_of(&server);
        let row = statement(&mut asked, "FROM orders WHERE customer");
        assert!(row.text.contains("$1"), "{}", row.text);
        let detail = detail_of(&mut asked, &row);
        let plan = detail
            .plan
            .unwrap_or_else(|| panic!("{version}: {:?}", detail.no_plan));
        assert_eq!(&*plan.how, "generic plan, nothing was run", "{version}");
        assert!(!plan.is_measured);
        let read = plan
            .nodes
            .iter()
            .find(|node| node.relation.is_some())
            .unwrap();
        assert_eq!(read.relation.as_deref(), Some("orders"));
        assert!(
            read.conditions
                .iter()
                .any(|line| line.contains("customer = $1")),
            "{:?}",
            read.conditions
        );
        assert!(plan.nodes.iter().any(|node| node.is_hot));
        // What was prepared for it is gone, and the session goes on.
        asked.focus.send(Focus::None).unwrap();
        asked.ask_until("the detail to go", |reading, _| {
            rows!(reading, StatementDetail)?.is_none().then_some(())
        });
        let again = detail_of(&mut asked, &row);
        assert!(again.plan.is_some(), "{version}: {:?}", again.no_plan);
        // Nothing that hubtop does for it stands among the statements.
        let texts = asked.ask_until("the statements after it", |reading, _| {
            let rows = rows!(reading, Statements)?;
            Some(rows.into_iter().map(|row| row.text).collect::<Vec<_>>())
        });
        for own in ["hubtop", "set_config"] {
            let found = texts.iter().find(|text| text.contains(own));
            assert_eq!(found, None, "{version}");
        }
        // From 16 on these can't be told from those of others.
        for own in ["BEGIN", "ROLLBACK", "DEALLOCATE"] {
            let found = texts.iter().find(|text| text.starts_with(own));
            assert!(version >= 16 || found.is_none(), "{version}: {found:?}");
        }
    }
}

#[test]
fn why_there_is_no_plan_is_one_line() {
    let server = shop(15);
    server.sql("CREATE ROLE mon LOGIN; GRANT pg_monitor TO mon");
    server.sql("CREATE DATABASE other");
    let person = server.person("app");
    person.ask("SELECT count(*) FROM orders");
    person.ask("VACUUM orders");
    server
        .person_in("other", "app")
        .ask("SELECT 'in the other one'");
    let mut asked = source_as(&server, "mon", "postgres");
    let cases = [
        (
            "count(*) FROM orders",
            "planning needs the right: GRANT SELECT ON orders TO mon",
        ),
        ("VACUUM orders", "VACUUM has no plan"),
    ];
    for (part, why) in cases {
        let row = statement(&mut asked, part);
        let detail = detail_of(&mut asked, &row);
        assert_eq!(detail.no_plan.as_deref(), Some(why));
        assert!(detail.plan.is_none());
    }
    let elsewhere = asked.ask_until("the other database's statement", |reading, _| {
        let rows = rows!(reading, Statements)?;
        rows.into_iter()
            .find(|row| &*row.database == "other" && row.text.starts_with("SELECT"))
    });
    let detail = detail_of(&mut asked, &elsewhere);
    let line = detail.no_plan.unwrap();
    assert!(
        line.starts_with("it runs in database other, hubtop is connected to postgres"),
        "{line}"
    );
    let holder = server.person("holder");
    holder.ask("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
    let mut asked = source_of(&server);
    let row = statement(&mut asked, "count(*) FROM orders");
    let detail = detail_of(&mut asked, &row);
    let line = detail.no_plan.unwrap();
    assert_eq!(&*line, "a table of it is locked: no plan until that ends");
}

#[test]
fn a_measured_plan_ran_once_and_left_nothing() {
    let server = shop(15);
    server.sql("CREATE TABLE one (n int); INSERT INTO one VALUES (1)");
    let person = server.person("app");
    person.ask("UPDATE one SET n = n + n");
    person.ask("UPDATE one SET n = n + 40");
    let mut asked = source_of(&server);
    let name = name_of(&server);
    let row = statement(&mut asked, "UPDATE one SET n = n + n");
    let measure = |row: &Statement| ServerDeed::MeasurePlan(row.id.clone());
    let outcome = asked.deed(&name, measure(&row));
    assert!(outcome.done, "{}", outcome.message);
    let detail = detail_of(&mut asked, &row);
    let plan = detail.plan.unwrap();
    assert!(plan.is_measured && plan.nodes[0].actual_ms.is_some());
    assert_eq!(
        detail.sample.as_deref(),
        Some("UPDATE one SET n = n + n"),
        "a text without values is what runs"
    );
    assert_eq!(&*plan.nodes[0].kind, "Update");
    assert_eq!(person.ask("SELECT n FROM one"), [["42"]]);
    let with_values = statement(&mut asked, "UPDATE one SET n = n + $1");
    let outcome = asked.deed(&name, measure(&with_values));
    // It is still the last statement of nobody: only what was seen under way is known with its values.
    assert_eq!(person.ask("SELECT n FROM one"), [["42"]]);
    assert!(
        outcome.done || outcome.message.contains("its values ($1…) are not known"),
        "{}",
        outcome.message
    );
}

#[test]
fn a_measurement_that_takes_too_long_is_given_up() {
    let server = Postgres::start(15);
    let person = server.person("app");
    person.ask("CREATE TABLE pause AS SELECT 0.0 AS seconds");
    person.ask("SELECT pg_sleep(seconds) FROM pause");
    person.ask("UPDATE pause SET seconds = 60");
    let keys = format!(
        "{}\ninterval = \"100ms\"\ntimeout = \"2s\"",
        server.source("postgres", "postgres")
    );
    let mut asked = Asked::open(&keys);
    let row = statement(&mut asked, "pg_sleep(seconds)");
    let outcome = asked.deed(&name_of(&server), ServerDeed::MeasurePlan(row.id));
    assert!(!outcome.done);
    assert_eq!(
        outcome.message,
        "rolled back without a plan: it took too long and was given up"
    );
    asked.ask_until("figures again", |reading, _| {
        rows!(reading, Backends).map(|_| ())
    });
}
