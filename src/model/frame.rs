//! The immutable picture of everything at one moment.

use std::sync::Arc;
use std::time::Duration;

use super::alert::AlertBoard;
use super::cache::{CacheDetail, CacheInstance, CacheLevel};
use super::clock::Timestamp;
use super::endpoint::{Endpoint, ModelUse, Objective, Page, Probe, SessionGroup};
use super::found::Found;
use super::host::HostFacts;
use super::keeping::Keeping;
use super::process::{Process, ProcessDetail};
use super::series::{Labels, SeriesId, SeriesKey, SeriesTable};
use super::source::SourceStatus;
use super::statement::{
    Backend, BackendLock, DatabaseInstance, IndexUse, Statement, StatementDetail, TableUse,
};

/// The tables of a frame. `None` means that no source has brought it, or that it is not remembered for this moment;
/// an empty table means that there is nothing to list.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// The earlier moment that the rows are of, where they are not of the frame's own: further back, tables are
    /// remembered less often than figures.
    pub as_of: Option<Timestamp>,
    /// All processes, by PID.
    pub processes: Option<Arc<Vec<Arc<Process>>>>,
    /// The detail of the open process.
    pub process_detail: Option<Arc<ProcessDetail>>,
    /// Routes.
    pub endpoints: Option<Arc<Vec<Endpoint>>>,
    /// AI models.
    pub models: Option<Arc<Vec<ModelUse>>>,
    /// Sessions.
    pub sessions: Option<Arc<Vec<SessionGroup>>>,
    /// Pages.
    pub pages: Option<Arc<Vec<Page>>>,
    /// Probes.
    pub probes: Option<Arc<Vec<Probe>>>,
    /// Objectives.
    pub objectives: Option<Arc<Vec<Objective>>>,
    /// Caches.
    pub caches: Option<Arc<Vec<CacheInstance>>>,
    /// Levels of caches.
    pub cache_levels: Option<Arc<Vec<CacheLevel>>>,
    /// Statements.
    pub statements: Option<Arc<Vec<Statement>>>,
    /// Sessions of databases.
    pub backends: Option<Arc<Vec<Backend>>>,
    /// Locks.
    pub locks: Option<Arc<Vec<BackendLock>>>,
    /// Tables of databases.
    pub table_uses: Option<Arc<Vec<TableUse>>>,
    /// Indexes of databases.
    pub index_uses: Option<Arc<Vec<IndexUse>>>,
    /// Database servers.
    pub databases: Option<Arc<Vec<DatabaseInstance>>>,
    /// The statement that is open.
    pub statement_detail: Option<Arc<StatementDetail>>,
    /// The cache that is open.
    pub cache_detail: Option<Arc<CacheDetail>>,
    /// What could be watched on this machine.
    pub found: Option<Arc<Vec<Found>>>,
    /// Tables of a past moment of which only a part was kept.
    pub cut: Vec<Cut>,
}

/// A table of a past moment of which only a part was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// What it is called on the screen: `processes`.
    pub table: &'static str,
    /// How many rows were kept.
    pub kept: usize,
    /// How many there were.
    pub of: usize,
}

/// The picture of everything at one moment. The pipeline is its one writer.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Counts the frames of this process from 1.
    pub number: u64,
    /// The moment that it shows.
    pub at: Timestamp,
    /// How often frames are made.
    pub tick: Duration,
    /// The host.
    pub host: Arc<HostFacts>,
    /// What each series is of.
    pub series: Arc<SeriesTable>,
    /// The value of each series by its id; NaN (or beyond the end) is unknown.
    pub values: Arc<Vec<f64>>,
    /// The tables.
    pub tables: Tables,
    /// How each source is doing.
    pub sources: Arc<Vec<SourceStatus>>,
    /// Alerts.
    pub alerts: Arc<AlertBoard>,
    /// How the places are doing in which frames are kept.
    pub keeping: Arc<Vec<Keeping>>,
    /// Whether the figures are a scripted story and no machine's.
    pub demo: bool,
}

impl Frame {
    /// A frame that knows nothing yet: what is shown before the first one.
    #[must_use]
    pub fn empty(at: Timestamp) -> Self {
        Self {
            number: 0,
            at,
            tick: Duration::from_secs(1),
            host: Arc::default(),
            series: Arc::default(),
            values: Arc::default(),
            tables: Tables::default(),
            sources: Arc::default(),
            alerts: Arc::default(),
            keeping: Arc::default(),
            demo: false,
        }
    }

    /// The value of a series, if it is known.
    #[must_use]
    pub fn value_of(&self, id: SeriesId) -> Option<f64> {
        self.values
            .get(id.index())
            .copied()
            .filter(|value| !value.is_nan())
    }

    /// The value of `metric` without labels.
    #[must_use]
    pub fn value(&self, metric: &str) -> Option<f64> {
        self.value_with(metric, &Labels::none())
    }

    /// The value of `metric` with exactly these labels.
    #[must_use]
    pub fn value_with(&self, metric: &str, labels: &Labels) -> Option<f64> {
        self.series
            .find(metric, labels)
            .and_then(|id| self.value_of(id))
    }

    /// The id of `metric` without labels.
    #[must_use]
    pub fn id(&self, metric: &str) -> Option<SeriesId> {
        self.series.find(metric, &Labels::none())
    }

    /// Every series of `metric` whose value is known now.
    pub fn each<'a>(
        &'a self,
        metric: &str,
    ) -> impl Iterator<Item = (SeriesId, &'a SeriesKey, f64)> + 'a {
        let ids: Vec<SeriesId> = self.series.of_metric(metric).to_vec();
        ids.into_iter()
            .filter_map(|id| Some((id, &**self.series.key(id)?, self.value_of(id)?)))
    }

    /// The source called `name`.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&SourceStatus> {
        self.sources.iter().find(|source| &*source.name == name)
    }
}
