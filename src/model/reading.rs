//! What one collector brought at one moment.

use std::sync::Arc;

use super::cache::{CacheInstance, CacheLevel};
use super::clock::Timestamp;
use super::endpoint::{Endpoint, ModelUse, Objective, Page, Probe, SessionGroup};
use super::host::HostFacts;
use super::process::{Process, ProcessDetail};
use super::series::SeriesId;
use super::statement::{Backend, BackendLock, IndexUse, Statement, TableUse};

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
}

/// What one collector brought at one moment.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// When it was taken.
    pub at: Timestamp,
    /// Values; a series that is not among them keeps its last value until it is stale.
    pub samples: Vec<(SeriesId, f64)>,
    /// Tables.
    pub rows: Vec<Rows>,
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

    /// Adds a value if it is known.
    pub fn put_known(&mut self, series: SeriesId, value: Option<f64>) {
        if let Some(value) = value {
            self.put(series, value);
        }
    }
}
