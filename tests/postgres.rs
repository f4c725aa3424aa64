//! PostgreSQL, asked on real servers of the versions that must work.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "postgres/activity.rs"]
mod activity;
#[path = "postgres/deeds.rs"]
mod deeds;
#[path = "postgres/incidents.rs"]
mod incidents;
#[path = "postgres/plans.rs"]
mod plans;
#[path = "postgres/replication.rs"]
mod replication;
#[path = "postgres/rights.rs"]
mod rights;
#[path = "postgres/statements.rs"]
mod statements;
#[path = "postgres/tables.rs"]
mod tables;
#[path = "postgres/tls.rs"]
mod tls;
#[path = "postgres/upkeep.rs"]
mod upkeep;

use hubtop::model::{Labels, Reading};
use servers::asked::Asked;
use servers::postgres::Postgres;

/// The rows of one table in a reading.
macro_rules! rows {
    ($reading:expr, $table:ident) => {
        $reading.rows.iter().find_map(|rows| match rows {
            hubtop::model::Rows::$table(rows) => Some(rows.clone()),
            _ => None,
        })
    };
}
pub(crate) use rows;

/// What the source says of a part that it can't bring.
pub fn lack(reading: &Reading, part: &str) -> Option<String> {
    let mut lines = reading
        .partial
        .iter()
        .filter(|partial| &*partial.part == part);
    lines.next().map(|partial| partial.line.to_string())
}

/// A source that is asked more often than usual: what comes every third look comes three times as soon too.
pub fn source_of(server: &Postgres) -> Asked {
    source_as(server, "postgres", "postgres")
}

/// A source as it is opened for a user.
pub fn source_as(server: &Postgres, user: &str, database: &str) -> Asked {
    Asked::open(&format!(
        "{}\ninterval = \"100ms\"",
        server.source(user, database)
    ))
}

/// The name of the source.
pub fn name_of(server: &Postgres) -> String {
    format!("pg@{}/postgres", server.port)
}

/// The labels of a server's figures.
pub fn labels_of(server: &Postgres) -> Labels {
    Labels::one("instance", &name_of(server))
}
