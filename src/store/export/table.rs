//! Rows of tables and incidents: lines of JSON objects, or of comma-separated values with the names of the first row.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{csv::field, moment_text};
use crate::model::Timestamp;

/// Writes rows of one kind, each with the moment at which it stood.
pub struct TableWriter<W> {
    out: W,
    is_csv: bool,
    /// The columns, once a row has told them.
    columns: Option<Vec<String>>,
}

impl<W: Write> TableWriter<W> {
    /// Lines of JSON objects.
    pub fn json(out: W) -> Self {
        Self {
            out,
            is_csv: false,
            columns: None,
        }
    }

    /// Comma-separated values.
    pub fn csv(out: W) -> Self {
        Self {
            out,
            is_csv: true,
            columns: None,
        }
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Those of the place that is written to; also when the row is none (a plain number).
    pub fn row(&mut self, at: Timestamp, row: &impl Serialize) -> io::Result<()> {
        let Value::Object(row) = serde_json::to_value(row)? else {
            return Err(io::Error::other("a row without columns can't be exported"));
        };
        let at = moment_text(at);
        if self.is_csv {
            self.csv_row(&at, &row)
        } else {
            self.json_row(&at, &row)
        }
    }

    /// Writes what is still held.
    ///
    /// # Errors
    /// Those of the place that is written to.
    pub fn finish(self) -> io::Result<()> {
        self.into_inner().map(drop)
    }

    /// The same; the place that was written to is given back.
    ///
    /// # Errors
    /// See [`TableWriter::finish`].
    pub fn into_inner(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn json_row(&mut self, at: &str, row: &Map<String, Value>) -> io::Result<()> {
        write!(self.out, r#"{{"timestamp":"{at}""#)?;
        for (name, value) in row {
            write!(self.out, ",{}:{value}", super::quoted(name))?;
        }
        self.out.write_all(b"}\n")
    }

    fn csv_row(&mut self, at: &str, row: &Map<String, Value>) -> io::Result<()> {
        let Some(columns) = &self.columns else {
            let columns: Vec<String> = row.keys().cloned().collect();
            let names: Vec<_> = columns.iter().map(|name| field(name)).collect();
            writeln!(self.out, "timestamp,{}", names.join(","))?;
            self.columns = Some(columns);
            return self.csv_row(at, row);
        };
        self.out.write_all(at.as_bytes())?;
        for column in columns {
            let text = row.get(column).map(cell).unwrap_or_default();
            write!(self.out, ",{}", field(&text))?;
        }
        self.out.write_all(b"\n")
    }
}

/// What is not known is empty; what has parts of its own is JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
