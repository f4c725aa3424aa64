//! PostgreSQL, asked on real servers of the versions that must work.
#![cfg(target_os = "linux")]

mod servers;

#[path = "postgres/activity.rs"]
mod activity;

use hubtop::model::{Reading, Rows};

/// The rows of one table in a reading.
macro_rules! rows {
    ($reading:expr, $table:ident) => {
        $reading.rows.iter().find_map(|rows| match rows {
            Rows::$table(rows) => Some(rows.clone()),
            _ => None,
        })
    };
}
pub(crate) use rows;

/// What the source says of a part that it can't bring.
pub fn lack(reading: &Reading, part: &str) -> Option<String> {
    let partial = reading.partial.iter();
    let mut lines = partial.filter(|partial| &*partial.part == part);
    lines.next().map(|partial| partial.line.to_string())
}
