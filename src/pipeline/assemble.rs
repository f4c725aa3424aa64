//! Puts the newest of every source together into one frame.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::requests::Snapshot;
use super::totals::statement_times;
use crate::collect::Report;
use crate::model::{
    AlertBoard, Catalog, Distribution, Frame, HostFacts, Keeping, Labels, Moment, Objective,
    Reading, Rows, SeriesId, SourceName, SourceStatus, Tables,
};

/// A value is stale when its source has not renewed it for so many of its intervals.
const STALE_AFTER_INTERVALS: u32 = 3;

/// The newest value of a series and what is needed to tell whether it is stale.
#[derive(Debug, Clone, Copy)]
struct Latest {
    value: f64,
    at: Duration,
    /// Index into [`Assembly::statuses`]; what comes from the pipeline itself has none.
    source: usize,
}

const NEVER: Latest = Latest {
    value: f64::NAN,
    at: Duration::ZERO,
    source: usize::MAX,
};

/// The newest of every source.
pub(super) struct Assembly {
    catalog: Catalog,
    demo: bool,
    latest: Vec<Latest>,
    sources: HashMap<SourceName, usize>,
    statuses: Arc<Vec<SourceStatus>>,
    health_series: Vec<(SeriesId, SeriesId)>,
    host: Arc<HostFacts>,
    tables: Tables,
    parts: Parts,
    /// What has come since the last frame.
    distributions: Vec<(SeriesId, Distribution)>,
    frames: u64,
}

impl Assembly {
    pub fn new(catalog: Catalog, demo: bool) -> Self {
        Self {
            catalog,
            demo,
            latest: Vec::new(),
            sources: HashMap::new(),
            statuses: Arc::default(),
            health_series: Vec::new(),
            host: Arc::default(),
            tables: Tables::default(),
            parts: Parts::default(),
            distributions: Vec::new(),
            frames: 0,
        }
    }

    pub fn host(&self) -> &HostFacts {
        &self.host
    }

    /// Takes what a source brought. Why it brought nothing stands in its status.
    pub fn take(&mut self, report: Report, now: Moment) {
        let Ok(reading) = report.result else {
            return;
        };
        let Reading { samples, rows, .. } = reading;
        self.distributions.extend(reading.distributions);
        for rows in &rows {
            let calls = statement_times(rows, &self.catalog);
            self.distributions.extend(calls);
        }
        let source = self.source_index(&report.source);
        for (id, value) in samples {
            self.put(
                id,
                Latest {
                    value,
                    at: now.mono,
                    source,
                },
            );
        }
        for rows in rows {
            self.replace(&report.source, rows);
        }
    }

    /// Takes how the sources are doing, and makes series of it.
    pub fn take_statuses(&mut self, statuses: Arc<Vec<SourceStatus>>, now: Moment) {
        for status in statuses.iter().skip(self.health_series.len()) {
            let labels = Labels::one("source", &status.name);
            let duration = self
                .catalog
                .id("source.collect.duration_ms", labels.clone());
            self.health_series.push((
                duration,
                self.catalog.id("source.collect.success_percent", labels),
            ));
        }
        for (index, status) in statuses.iter().enumerate() {
            self.sources.insert(status.name.clone(), index);
            let Some(&(duration, success)) = self.health_series.get(index) else {
                continue;
            };
            for (id, value) in [
                (duration, status.duration_ms),
                (success, status.success_percent),
            ] {
                self.put(
                    id,
                    Latest {
                        value: value.unwrap_or(f64::NAN),
                        at: now.mono,
                        source: usize::MAX,
                    },
                );
            }
        }
        self.statuses = statuses;
    }

    /// The distributions that have come since this was last asked.
    pub fn take_distributions(&mut self) -> Vec<(SeriesId, Distribution)> {
        std::mem::take(&mut self.distributions)
    }

    /// The tables as they are now, and how their sources are doing.
    pub fn told(&self) -> (&Tables, &[SourceStatus]) {
        (&self.tables, &self.statuses)
    }

    /// Takes the objectives as they stand now; without any there is no table of them.
    pub fn take_objectives(&mut self, rows: Vec<Objective>) {
        let known = self.tables.objectives.as_deref();
        if known.map_or(&[][..], Vec::as_slice) != rows {
            self.tables.objectives = Some(Arc::new(rows));
        }
    }

    /// The value of every series, unknown where its source has fallen silent.
    pub fn values(&self, now: Moment, tick: Duration) -> Snapshot {
        let stale_after: Vec<Duration> = self
            .statuses
            .iter()
            .map(|status| status.interval.max(tick) * STALE_AFTER_INTERVALS)
            .collect();
        let fresh = |latest: &Latest| {
            let limit = stale_after
                .get(latest.source)
                .copied()
                .unwrap_or(tick * STALE_AFTER_INTERVALS);
            if now.mono.saturating_sub(latest.at) <= limit {
                latest.value
            } else {
                f64::NAN
            }
        };
        let series = self.catalog.table();
        let mut values: Vec<f64> = self.latest.iter().map(fresh).collect();
        values.resize(series.len().max(values.len()), f64::NAN);
        Snapshot { series, values }
    }

    pub fn frame(
        &mut self,
        now: Moment,
        tick: Duration,
        snapshot: Snapshot,
        alerts: Arc<AlertBoard>,
        keeping: Arc<Vec<Keeping>>,
    ) -> Arc<Frame> {
        self.frames += 1;
        Arc::new(Frame {
            number: self.frames,
            at: now.wall,
            tick,
            host: self.host.clone(),
            series: snapshot.series,
            values: Arc::new(snapshot.values),
            tables: self.tables.clone(),
            sources: self.statuses.clone(),
            alerts,
            keeping,
            demo: self.demo,
        })
    }

    fn source_index(&self, name: &SourceName) -> usize {
        self.sources.get(name).copied().unwrap_or(usize::MAX)
    }

    fn put(&mut self, id: SeriesId, latest: Latest) {
        if self.latest.len() <= id.index() {
            self.latest.resize(id.index() + 1, NEVER);
        }
        self.latest[id.index()] = latest;
    }

    fn replace(&mut self, source: &SourceName, rows: Rows) {
        let (tables, parts) = (&mut self.tables, &mut self.parts);
        match rows {
            Rows::Host(facts) => {
                if *self.host != facts {
                    self.host = Arc::new(facts);
                }
            }
            Rows::Processes(rows) => tables.processes = Some(Arc::new(rows)),
            Rows::ProcessDetail(detail) => tables.process_detail = detail.map(Arc::from),
            Rows::Endpoints(rows) => tables.endpoints = Some(parts.endpoints.put(source, rows)),
            Rows::Models(rows) => tables.models = Some(parts.models.put(source, rows)),
            Rows::Sessions(rows) => tables.sessions = Some(parts.sessions.put(source, rows)),
            Rows::Pages(rows) => tables.pages = Some(parts.pages.put(source, rows)),
            Rows::Probes(rows) => tables.probes = Some(parts.probes.put(source, rows)),
            Rows::Objectives(rows) => tables.objectives = Some(parts.objectives.put(source, rows)),
            Rows::Caches(rows) => tables.caches = Some(parts.caches.put(source, rows)),
            Rows::CacheLevels(rows) => {
                tables.cache_levels = Some(parts.cache_levels.put(source, rows))
            }
            Rows::Statements(rows) => tables.statements = Some(parts.statements.put(source, rows)),
            Rows::Backends(rows) => tables.backends = Some(parts.backends.put(source, rows)),
            Rows::Locks(rows) => tables.locks = Some(parts.locks.put(source, rows)),
            Rows::TableUses(rows) => tables.table_uses = Some(parts.table_uses.put(source, rows)),
            Rows::IndexUses(rows) => tables.index_uses = Some(parts.index_uses.put(source, rows)),
            Rows::Databases(rows) => tables.databases = Some(parts.databases.put(source, rows)),
            Rows::StatementDetail(detail) => tables.statement_detail = detail.map(Arc::from),
            Rows::CacheDetail(detail) => tables.cache_detail = detail.map(Arc::from),
            Rows::Found(rows) => tables.found = Some(parts.found.put(source, rows)),
        }
    }
}

/// The rows that each source brought to one table.
#[derive(Debug)]
struct Gathered<T>(Vec<(SourceName, Arc<Vec<T>>)>);

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> Gathered<T> {
    /// Replaces what one source brought; the rows of all.
    fn put(&mut self, source: &SourceName, rows: Vec<T>) -> Arc<Vec<T>> {
        let rows = Arc::new(rows);
        match self.0.iter_mut().find(|(known, _)| known == source) {
            Some((_, old)) => *old = rows,
            None => self.0.push((source.clone(), rows)),
        }
        match self.0.as_slice() {
            [(_, only)] => only.clone(),
            several => Arc::new(
                several
                    .iter()
                    .flat_map(|(_, rows)| rows.iter().cloned())
                    .collect(),
            ),
        }
    }
}

/// What is gathered from several sources into one table.
#[derive(Debug, Default)]
struct Parts {
    endpoints: Gathered<crate::model::Endpoint>,
    models: Gathered<crate::model::ModelUse>,
    sessions: Gathered<crate::model::SessionGroup>,
    pages: Gathered<crate::model::Page>,
    probes: Gathered<crate::model::Probe>,
    objectives: Gathered<crate::model::Objective>,
    caches: Gathered<crate::model::CacheInstance>,
    cache_levels: Gathered<crate::model::CacheLevel>,
    statements: Gathered<crate::model::Statement>,
    backends: Gathered<crate::model::Backend>,
    locks: Gathered<crate::model::BackendLock>,
    table_uses: Gathered<crate::model::TableUse>,
    index_uses: Gathered<crate::model::IndexUse>,
    databases: Gathered<crate::model::DatabaseInstance>,
    found: Gathered<crate::model::Found>,
}
