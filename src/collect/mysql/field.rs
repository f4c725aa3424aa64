//! The fields of a row. What comes is text (numbers too), and a column that is missing is unknown.

use std::sync::Arc;
use std::time::Duration;

use mysql_async::{Row, Value};

use crate::model::text::printable_bytes;

fn value<'a>(row: &'a Row, column: &str) -> Option<&'a Value> {
    let columns = row.columns_ref();
    let index = columns
        .iter()
        .position(|known| known.name_str().eq_ignore_ascii_case(column))?;
    row.as_ref(index)
}

/// A text, safe to show; `None` for NULL.
pub(super) fn text(row: &Row, column: &str) -> Option<Arc<str>> {
    match value(row, column)? {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(printable_bytes(bytes).into()),
        other => Some(other.as_sql(true).trim_matches('\'').into()),
    }
}

/// A text as the server sent it, for what is sent back to it and never shown.
pub(super) fn raw(row: &Row, column: &str) -> Option<String> {
    match value(row, column)? {
        Value::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
        _ => None,
    }
}

/// A text, empty for NULL.
pub(super) fn shown(row: &Row, column: &str) -> Arc<str> {
    text(row, column).unwrap_or_default()
}

/// A whole number that is not negative.
pub(super) fn count(row: &Row, column: &str) -> Option<u64> {
    match value(row, column)? {
        Value::UInt(number) => Some(*number),
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}

/// Any number.
pub(super) fn number(row: &Row, column: &str) -> Option<f64> {
    match value(row, column)? {
        Value::UInt(number) => Some(*number as f64),
        Value::Int(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Float(number) => Some(f64::from(*number)),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

/// A span that the server gives in seconds; a negative one (its clock was set) is unknown.
pub(super) fn seconds(row: &Row, column: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(number(row, column)?).ok()
}

/// A text in quotes, as it stands in a statement.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
