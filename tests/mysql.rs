//! MySQL and MariaDB, against a real MariaDB: known statements, locks, rights, and what goes wrong. There is no MySQL 8
//! to be had here; what is particular to it rests on its manual.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "mysql/faults.rs"]
mod faults;
#[path = "mysql/sessions.rs"]
mod sessions;
#[path = "mysql/statements.rs"]
mod statements;

use hubtop::model::{Reading, Rows};

/// The rows of one table of a reading.
macro_rules! rows {
    ($reading:expr, $table:ident) => {
        $reading.rows.iter().find_map(|rows| match rows {
            hubtop::model::Rows::$table(rows) => Some(rows),
            _ => None,
        })
    };
}
pub(crate) use rows;

/// What a reading says about a part that it lacks.
fn lacks(reading: &Reading, part: &str) -> Option<String> {
    let found = reading
        .partial
        .iter()
        .find(|partial| &*partial.part == part);
    found.map(|partial| partial.line.to_string())
}

fn has_rows(reading: &Reading, is: impl Fn(&Rows) -> bool) -> bool {
    reading.rows.iter().any(is)
}
