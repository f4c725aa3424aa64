//! Tables and indexes, and what is said of them.

use crate::servers::postgres::{Postgres, versions};
use crate::{rows, source_of};

#[test]
fn tables_and_indexes_are_told_with_what_to_make_of_them() {
    for version in versions() {
        let server = Postgres::start(version);
        let person = server.person("app");
        person.ask("CREATE TABLE orders (id int PRIMARY KEY, customer int, filler text)");
        person.ask("INSERT INTO orders SELECT i, i % 100, repeat('x', 50) FROM generate_series(1, 60000) i");
        person.ask("CREATE INDEX unused ON orders (customer, id, filler)");
        person.ask("VACUUM (ANALYZE) orders");
        for _ in 0..25 {
            person.ask("SELECT count(*) FROM orders WHERE filler = 'y'");
        }
        person.ask("CREATE TABLE dead AS SELECT generate_series(1, 40000) AS i");
        person.ask("DELETE FROM dead WHERE i > 20000");
        person.ask("CREATE TABLE fresh AS SELECT generate_series(1, 20000) AS i");
        let mut asked = source_of(&server);
        let tables = asked.ask_until("the counts to be written down", |reading, _| {
            // Up to 14 a session hands its counts over with its next statement, half a second later at the earliest.
            person.ask("SELECT 1");
            let tables = rows!(reading, TableUses)?;
            let scanned = tables.iter().find(|it| &*it.table == "public.orders")?;
            let dead = tables.iter().find(|it| &*it.table == "public.dead")?;
            let fresh = tables.iter().find(|it| &*it.table == "public.fresh")?;
            let is_there =
                scanned.index_percent? < 95.0 && dead.dead_rows? >= 20_000 && fresh.rows? >= 20_000;
            is_there.then_some(tables)
        });
        let finding = |name: &str| {
            let row = tables
                .iter()
                .find(|it| *it.table == format!("public.{name}"))
                .unwrap();
            row.finding.clone().unwrap_or_default()
        };
        let scanned = finding("orders");
        assert!(
            scanned.contains("is an index missing?"),
            "{version}: {scanned}"
        );
        let dead = finding("dead");
        assert!(
            dead.starts_with("50% of the rows are dead, never vacuumed: VACUUM"),
            "{version}: {dead}"
        );
        assert!(
            finding("fresh").contains("ANALYZE public.fresh"),
            "{version}"
        );
        let orders = tables
            .iter()
            .find(|it| &*it.table == "public.orders")
            .unwrap();
        // 13 may count rows twice whose insertion it hears of after the vacuum that counted them.
        let told: u64 = person
            .ask("SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'orders'")[0][0]
            .parse()
            .unwrap();
        assert_eq!(orders.rows, Some(told), "{version}");
        let real: u64 = person.ask("SELECT pg_table_size('orders')")[0][0]
            .parse()
            .unwrap();
        assert_eq!(orders.bytes, Some(real), "{version}");
        let indexes = asked.ask_until("the indexes", |reading, _| rows!(reading, IndexUses));
        let index = |name: &str| indexes.iter().find(|it| &*it.index == name).unwrap();
        let line = index("unused").finding.clone().unwrap_or_default();
        assert!(line.contains("a candidate to drop"), "{version}: {line}");
        let key = index("orders_pkey");
        assert!(key.keeps_a_rule && key.finding.is_none(), "{version}");
    }
}

#[test]
fn advice_rests_on_what_the_tables_are() {
    let server = Postgres::start(15);
    let person = server.person("app");
    person.ask(
        "CREATE TABLE users AS SELECT i AS id, 'U' || i AS email FROM generate_series(1, 50000) i",
    );
    person.ask("CREATE INDEX users_email ON users (email); ANALYZE users");
    person.ask("SELECT id FROM users WHERE lower(email) = 'u7'");
    let mut asked = source_of(&server);
    let advice = asked.ask_until("the advice", |reading, _| {
        let rows = rows!(reading, Statements)?;
        let row = rows
            .into_iter()
            .find(|row| row.text.contains("lower(email)"))?;
        (!row.advice.is_empty()).then_some(row.advice)
    });
    let tries: Vec<String> = advice
        .iter()
        .filter_map(|it| it.try_this.as_deref().map(str::to_owned))
        .collect();
    assert!(
        tries.iter().any(|line| line.contains("CREATE INDEX CONCURRENTLY") && line.contains("lower(email)")),
        "{advice:#?}"
    );
}
