//! MySQL and MariaDB, against a real server of each: known statements, locks, rights, and what goes wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "mysql/faults.rs"]
mod faults;
#[path = "mysql/replication.rs"]
mod replication;
#[path = "mysql/sessions.rs"]
mod sessions;
#[path = "mysql/statements.rs"]
mod statements;

use hubtop::model::{Reading, Rows};

/// A test for each product of each of these functions.
macro_rules! on_both {
    ($($test:ident,)*) => {
        mod mariadb {
            $(#[test] fn $test() { super::$test(super::Product::Mariadb); })*
        }
        mod mysql {
            $(#[test] fn $test() { super::$test(super::Product::Mysql); })*
        }
    };
}
pub(crate) use on_both;

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
