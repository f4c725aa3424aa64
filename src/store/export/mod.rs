//! What is kept, written down for other programs: a file a person hands on, a pipe into `jq`, blocks for Prometheus.
//!
//! A [`SampleWriter`] takes samples as they come out of the file and holds no more of them than a row group, so that a
//! day of many series goes through little memory.

mod csv;
mod json;
mod openmetrics;
mod parquet;
mod table;

use std::io::{self, Write};

use super::names::Label;
use crate::model::{SeriesKey, Timestamp};

pub use table::TableWriter;

/// In which form samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line a sample: time, metric, labels, value, unit. The labels are a JSON object.
    Csv,
    /// A JSON object a line, one a sample.
    Json,
    /// The text of the OpenMetrics standard, with the time of each sample.
    OpenMetrics,
    /// A table of columns, compressed with zstd.
    Parquet,
}

/// Writes samples down.
pub trait SampleWriter {
    /// Takes samples of one series in the order of their times; none of them is NaN. All series of a metric must follow
    /// each other, and all calls of a series too.
    ///
    /// # Errors
    /// Those of the place that is written to.
    fn put(&mut self, key: &SeriesKey, samples: &[(Timestamp, f64)]) -> io::Result<()>;

    /// Writes what is still held and what the form has to have at its end.
    ///
    /// # Errors
    /// Those of the place that is written to.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Begins to write. `of_host` are the labels that tell series of this host from those of others, for the form that is
/// made to be merged with others (OpenMetrics).
///
/// # Errors
/// Those of the place that is written to.
pub fn sample_writer<'a>(
    form: Form,
    out: impl Write + Send + 'a,
    of_host: &[Label],
) -> io::Result<Box<dyn SampleWriter + 'a>> {
    Ok(match form {
        Form::Csv => Box::new(csv::Csv::begin(out)?),
        Form::Json => Box::new(json::Json::begin(out)),
        Form::OpenMetrics => Box::new(openmetrics::OpenMetrics::begin(out, of_host)),
        Form::Parquet => Box::new(parquet::Parquet::begin(out)?),
    })
}

/// Labels as a JSON object: every program that reads tables can take one apart.
fn labels_text(key: &SeriesKey) -> String {
    let pairs: Vec<String> = key
        .labels
        .iter()
        .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)))
        .collect();
    format!("{{{}}}", pairs.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A moment as every program reads it: `2026-11-21T14:28:07.125Z`.
fn moment_text(at: Timestamp) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(at.0).unwrap_or_default();
    moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests;
