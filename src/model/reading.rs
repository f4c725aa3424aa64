//! What one collector brought at one moment.

use std::sync::Arc;

use super::cache::{CacheDetail, CacheInstance, CacheLevel};
use super::clock::Timestamp;
use super::endpoint::{Endpoint, ModelUse, Objective, Page, Probe, SessionGroup};
use super::found::Found;
use super::host::HostFacts;
use super::latency::Distribution;
use super::process::{Process, ProcessDetail};
use super::series::SeriesId;
use super::source::Partial;
use super::statement::{
    Backend, BackendLock, DatabaseInstance, IndexUse, Statement, StatementDetail, TableUse,
};

/// Rows of one table; they replace what the same source brought before.
#[derive(Debug, Clone)]
pub enum Rows {
    /// Facts of the host.
    Host(HostFacts),
    /// All processes, by PID.
    Processes(Vec<Arc<Process>>),
    /// The detail of the process that is open, or none when it is gone.
    ProcessDetail(Option<Box<ProcessDetail>>),
    /// Routes.
    Endpoints(Vec<Endpoint>),
    /// AI models.
    Models(Vec<ModelUse>),
    /// Sessions.
    Sessions(Vec<SessionGroup>),
    /// Pages.
    Pages(Vec<Page>),
    /// Probes.
    Probes(Vec<Probe>),
    /// Objectives.
    Objectives(Vec<Objective>),
    /// Caches.
    Caches(Vec<CacheInstance>),
    /// Levels of caches, from the nearest to the origin.
    CacheLevels(Vec<CacheLevel>),
    /// Statements.
    Statements(Vec<Statement>),
    /// Sessions of databases.
    Backends(Vec<Backend>),
    /// Locks.
    Locks(Vec<BackendLock>),
    /// Tables.
    TableUses(Vec<TableUse>),
    /// Indexes.
    IndexUses(Vec<IndexUse>),
    /// Database servers.
    Databases(Vec<DatabaseInstance>),
    /// The statement that is open, or none when it is gone.
    StatementDetail(Option<Box<StatementDetail>>),
    /// The cache that is open.
    CacheDetail(Option<Box<CacheDetail>>),
    /// What could be watched on this machine.
    Found(Vec<Found>),
}

/// What one collector brought at one moment.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// When it was taken.
    pub at: Timestamp,
    /// Values; a series that is not among them keeps its last value until it is stale.
    pub samples: Vec<(SeriesId, f64)>,
    /// How long things took since the reading before, by the series that they are of.
    pub distributions: Vec<(SeriesId, Distribution)>,
    /// Tables; one that is not among them keeps the rows that the source brought before.
    pub rows: Vec<Rows>,
    /// What the source can't bring although it answers; replaces what it said before.
    pub partial: Vec<Partial>,
}

impl Reading {
    /// An empty reading taken at `at`.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// Adds a value.
    pub fn put(&mut self, series: SeriesId, value: f64) {
        self.samples.push((series, value));
    }

    /// Says that a part can't be brought, and why with the mend.
    pub fn lacks(&mut self, part: &str, line: impl Into<std::sync::Arc<str>>) {
        self.partial.push(Partial {
            part: part.into(),
            line: line.into(),
        });
    }

    /// Adds a value if it is known.
    pub fn put_known(&mut self, series: SeriesId, value: Option<f64>) {
        if let Some(value) = value {
            self.put(series, value);
        }
    }
}
