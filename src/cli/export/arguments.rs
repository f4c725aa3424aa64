//! The words of `hubtop export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// In which form something is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line a sample or row, the first with the names of the fields.
    Csv,
    /// A JSON object a line, one a sample or row.
    Json,
    /// Text with times, for `promtool tsdb create-blocks-from openmetrics`.
    Openmetrics,
    /// A table of columns, for analysis.
    Parquet,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// The figures of all series.
    Samples,
    /// Alerts that were open.
    Incidents,
    /// Processes.
    Processes,
    /// Routes of APIs.
    Endpoints,
    /// AI models.
    Models,
    /// Sessions.
    Sessions,
    /// Pages.
    Pages,
    /// Probes.
    Probes,
    /// Objectives.
    Objectives,
    /// Caches.
    Caches,
    /// Levels of caches.
    CacheLevels,
    /// Statements of databases.
    Statements,
    /// Sessions of databases.
    Backends,
    /// Locks of databases.
    Locks,
    /// Tables of databases.
    Tables,
    /// Indexes of databases.
    Indexes,
    /// Database servers.
    Databases,
}

/// Of `hubtop export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArguments {
    /// From when on: a span back (1h, 7d) or a moment (14:28, "yesterday 9:00"); all there is when left out
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Until when: a moment (14:28, -34m); now when left out
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// What; tables are told as they stood every 10 s
    #[arg(long, value_enum, default_value_t = What::Samples, value_name = "WHAT")]
    pub what: What,
    /// Only metrics with such names: system.cpu.*; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub metric: Vec<String>,
    /// Write to this file, put in its place when it is whole; to the standard output when left out
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Of this file instead of the history of this host
    #[arg(value_name = "HISTORY")]
    pub file: Option<PathBuf>,
}
