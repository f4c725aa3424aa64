//! Figures over all sources of a kind: the API as a whole, and all caches together.
//!
//! A request that a proxy's log tells of is on the application's page of metrics as well, so that not all sources may be
//! added up: where access logs had requests in the last minute they alone count, else the pages of metrics do.
//! The rates are those of the rows, which are of the last minute, and so are the percentiles.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::requests::Snapshot;
use crate::model::metric::{RESPONSE_TIME, STATEMENT_TIME};
use crate::model::{
    Catalog, Distribution, Endpoint, Labels, Rows, SeriesId, SeriesTable, Sketch, SourceKind,
    SourceName, SourceStatus, Tables, latency,
};

/// What rows and percentiles of the whole API are of.
pub(super) const LAST: Duration = Duration::from_secs(60);

/// The series of totals. Those of a kind are there from its first source on: a rule whose metric nobody brings says so.
pub(super) struct Totals {
    catalog: Catalog,
    api: OnceCell<OfApi>,
    cache_hits: OnceCell<SeriesId>,
    /// The distribution of all requests.
    pub times: SeriesId,
}

/// The series of the API as a whole.
struct OfApi {
    requests: SeriesId,
    errors: SeriesId,
    percentiles: [SeriesId; 3],
    classes: [SeriesId; 4],
}

impl OfApi {
    fn new(catalog: &Catalog) -> Self {
        Self {
            requests: catalog.plain("app.requests.per_sec"),
            errors: catalog.plain("app.errors.rate_percent"),
            percentiles: [
                "app.response_time.p50_ms",
                "app.response_time.p95_ms",
                "app.response_time.p99_ms",
            ]
            .map(|metric| catalog.plain(metric)),
            classes: ["2xx", "3xx", "4xx", "5xx"]
                .map(|class| catalog.id("app.responses.percent", Labels::one("class", class))),
        }
    }
}

impl Totals {
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            catalog: catalog.clone(),
            api: OnceCell::new(),
            cache_hits: OnceCell::new(),
            times: catalog.plain(RESPONSE_TIME),
        }
    }

    /// Adds what the sources that count brought of all their routes, as one distribution.
    pub fn add_times(
        &self,
        counted: &[SourceName],
        series: &SeriesTable,
        came: &mut Vec<(SeriesId, Distribution)>,
    ) {
        let mut all = Distribution::default();
        for (id, distribution) in came.iter() {
            let whole = series.key(*id).filter(|key| &*key.metric == RESPONSE_TIME);
            let source = whole.and_then(|key| only_source(&key.labels));
            if source.is_some_and(|source| counted.iter().any(|name| **name == *source)) {
                all.merge(distribution);
            }
        }
        if all.count() > 0 {
            came.push((self.times, all));
        }
    }

    /// Sets the figures of the API as a whole; `times` is the distribution of the last minute.
    pub fn set_api(
        &self,
        counted: &[SourceName],
        tables: &Tables,
        times: Option<&Distribution>,
        snapshot: &mut Snapshot,
    ) {
        if counted.is_empty() && self.api.get().is_none() {
            return;
        }
        let api = self.api.get_or_init(|| OfApi::new(&self.catalog));
        let whole = (!counted.is_empty()).then(|| Whole::of(rows_of(counted, tables)));
        snapshot.set(api.requests, whole.map(|whole| whole.per_sec));
        snapshot.set(api.errors, whole.and_then(|whole| whole.failed_percent()));
        for (n, id) in api.classes.into_iter().enumerate() {
            snapshot.set(id, whole.and_then(|whole| whole.class_percent(n)));
        }
        let times = times.filter(|_| whole.is_some());
        for (id, q) in api.percentiles.into_iter().zip([0.5, 0.95, 0.99]) {
            // A 99th percentile of a handful is nothing but the slowest of them.
            let enough = |times: &&Distribution| q < 0.99 || times.count() >= latency::FEW;
            let quantile = times.filter(enough).and_then(|times| times.quantile(q));
            snapshot.set(id, quantile.map(|quantile| quantile.ms));
        }
    }

    /// Sets the hit rate of all caches: look-ups that hit of all look-ups, those of each taken as its commands.
    pub fn set_caches(&self, snapshot: &mut Snapshot) {
        let series = snapshot.series.clone();
        let (mut hits, mut lookups) = (0.0, 0.0);
        for id in series.of_metric("cache.hit_rate_percent") {
            let Some(labels) = series.key(*id).map(|key| &key.labels) else {
                continue;
            };
            if labels.get("instance").is_none() || labels.get("level").is_some() {
                continue;
            }
            let operations = series.find("cache.operations_per_sec", labels);
            let value = |id: SeriesId| snapshot.values.get(id.index()).copied().unwrap_or(f64::NAN);
            let (rate, weight) = (value(*id), operations.map_or(f64::NAN, value));
            if rate.is_finite() && weight.is_finite() {
                hits += rate * weight;
                lookups += weight;
            }
        }
        let rate = (lookups > 0.0).then(|| hits / lookups);
        if rate.is_some() || self.cache_hits.get().is_some() {
            let of_all = || self.catalog.plain("cache.hit_rate_percent");
            snapshot.set(*self.cache_hits.get_or_init(of_all), rate);
        }
    }
}

/// How long the calls of statements took, by instance: each call counts with the mean of its statement, which is all
/// that servers tell.
pub(super) fn statement_times(rows: &Rows, catalog: &Catalog) -> Vec<(SeriesId, Distribution)> {
    let Rows::Statements(rows) = rows else {
        return Vec::new();
    };
    let mut by_instance: BTreeMap<&str, Sketch> = BTreeMap::new();
    for row in rows {
        let calls = row.calls.and_then(|calls| u32::try_from(calls).ok());
        if let (Some(calls), Some(mean)) = (calls, row.mean_ms) {
            let times = by_instance.entry(&row.instance).or_default();
            times.add_times(mean, calls);
        }
    }
    let named = |instance| catalog.id(STATEMENT_TIME, Labels::one("instance", instance));
    let each = by_instance.into_iter();
    each.map(|(instance, times)| (named(instance), Distribution::Sketch(times)))
        .collect()
}

/// The sources whose requests are the requests of the API.
pub(super) fn counted_sources(tables: &Tables, statuses: &[SourceStatus]) -> Vec<SourceName> {
    let of = |kind: SourceKind| -> Vec<SourceName> {
        let giving = statuses.iter();
        let giving = giving.filter(|status| status.kind == kind && status.health.is_giving());
        let has_rows =
            |name: &SourceName| rows_of(std::slice::from_ref(name), tables).next().is_some();
        giving
            .map(|status| status.name.clone())
            .filter(has_rows)
            .collect()
    };
    let logs = of(SourceKind::AccessLog);
    if logs.is_empty() {
        of(SourceKind::Api)
    } else {
        logs
    }
}

/// The rows that some sources brought.
pub(super) fn rows_of<'a>(
    sources: &'a [SourceName],
    tables: &'a Tables,
) -> impl Iterator<Item = &'a Endpoint> {
    let rows = tables.endpoints.iter().flat_map(|rows| rows.iter());
    rows.filter(|row| sources.contains(&row.source))
}

/// The source, where that is the only label.
fn only_source(labels: &Labels) -> Option<&str> {
    labels.get("source").filter(|_| labels.iter().count() == 1)
}

/// Requests of all routes together, a second.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    per_sec: f64,
    /// Of those whose share of errors is known: how many, and how many failed.
    judged: (f64, f64),
    /// Of those whose classes are known: how many, and how many of each class.
    classed: (f64, [f64; 4]),
}

impl Whole {
    fn of<'a>(rows: impl Iterator<Item = &'a Endpoint>) -> Self {
        let mut whole = Self::default();
        for row in rows {
            let rate = row.requests_per_sec;
            whole.per_sec += rate;
            if let Some(failed) = row.error_percent {
                whole.judged.0 += rate;
                whole.judged.1 += rate * failed;
            }
            if let Some(shares) = row.status_percent {
                whole.classed.0 += rate;
                for (sum, share) in whole.classed.1.iter_mut().zip(shares) {
                    *sum += rate * share;
                }
            }
        }
        whole
    }

    fn failed_percent(&self) -> Option<f64> {
        let (all, failed) = self.judged;
        (all > 0.0).then(|| failed / all)
    }

    fn class_percent(&self, class: usize) -> Option<f64> {
        let (all, classes) = self.classed;
        (all > 0.0).then(|| classes[class] / all)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Health, Statement};

    fn route(source: &str, per_sec: f64, failed: f64) -> Endpoint {
        Endpoint {
            route: "/a".into(),
            requests_per_sec: per_sec,
            error_percent: Some(failed),
            status_percent: Some([100.0 - failed, 0.0, 0.0, failed]),
            source: source.into(),
            ..Endpoint::default()
        }
    }

    fn status(name: &str, kind: SourceKind, health: Health) -> SourceStatus {
        SourceStatus {
            name: name.into(),
            kind,
            health,
            partial: Arc::default(),
            interval: Duration::from_secs(1),
            last_answer: None,
            duration_ms: None,
            success_percent: None,
        }
    }

    /// A log of two routes and a page that tells the same requests again.
    fn tables() -> Tables {
        let rows = vec![
            route("log", 30.0, 0.0),
            route("log", 10.0, 8.0),
            route("page", 40.0, 1.0),
        ];
        Tables {
            endpoints: Some(Arc::new(rows)),
            ..Tables::default()
        }
    }

    fn snapshot(catalog: &Catalog) -> Snapshot {
        let series = catalog.table();
        let values = vec![f64::NAN; series.len()];
        Snapshot { series, values }
    }

    fn value(snapshot: &Snapshot, metric: &str, labels: &Labels) -> Option<f64> {
        let id = snapshot.series.find(metric, labels)?;
        Some(snapshot.values[id.index()]).filter(|value| !value.is_nan())
    }

    fn times(ms: f64, count: u32) -> Distribution {
        let mut sketch = Sketch::default();
        sketch.add_times(ms, count);
        Distribution::Sketch(sketch)
    }

    #[test]
    fn a_request_counts_once_and_pages_stand_in_for_logs() {
        let of = |log: Health| {
            let statuses = [
                status("log", SourceKind::AccessLog, log),
                status("idle log", SourceKind::AccessLog, Health::Up),
                status("page", SourceKind::Api, Health::Up),
            ];
            counted_sources(&tables(), &statuses)
        };
        assert_eq!(of(Health::Up), [SourceName::from("log")]);
        assert_eq!(of(Health::Absent), [SourceName::from("page")]);
        let catalog = Catalog::new();
        let totals = Totals::new(&catalog);
        let by = |labels: &[(&'static str, &'static str)]| {
            catalog.id(RESPONSE_TIME, Labels::of(labels.iter().copied()))
        };
        let mut came = vec![
            (by(&[("source", "log")]), times(20.0, 40)),
            (
                by(&[("source", "log"), ("endpoint", "/a")]),
                times(20.0, 40),
            ),
            (by(&[("source", "page")]), times(90.0, 40)),
        ];
        let counted = of(Health::Up);
        totals.add_times(&counted, &catalog.table(), &mut came);
        let (id, all) = came.pop().unwrap();
        assert_eq!((id, all.count()), (totals.times, 40));
        let mut snapshot = snapshot(&catalog);
        totals.set_api(&counted, &tables(), Some(&all), &mut snapshot);
        let none = Labels::none();
        assert_eq!(value(&snapshot, "app.requests.per_sec", &none), Some(40.0));
        assert_eq!(
            value(&snapshot, "app.errors.rate_percent", &none),
            Some(2.0)
        );
        let class = Labels::one("class", "2xx");
        assert_eq!(
            value(&snapshot, "app.responses.percent", &class),
            Some(98.0)
        );
        let p95 = value(&snapshot, "app.response_time.p95_ms", &none).unwrap();
        assert!((p95 - 20.0).abs() <= 0.2, "{p95}");
        // Without a source that answers nothing is known.
        totals.set_api(&[], &tables(), Some(&all), &mut snapshot);
        assert_eq!(value(&snapshot, "app.response_time.p95_ms", &none), None);
        assert_eq!(value(&snapshot, "app.requests.per_sec", &none), None);
    }

    #[test]
    fn a_handful_has_no_99th_percentile() {
        let catalog = Catalog::new();
        let totals = Totals::new(&catalog);
        let mut snapshot = snapshot(&catalog);
        totals.set_api(
            &[SourceName::from("log")],
            &tables(),
            Some(&times(20.0, 19)),
            &mut snapshot,
        );
        let none = Labels::none();
        assert!(value(&snapshot, "app.response_time.p95_ms", &none).is_some());
        assert_eq!(value(&snapshot, "app.response_time.p99_ms", &none), None);
    }

    #[test]
    fn caches_weigh_as_much_as_they_are_asked() {
        let catalog = Catalog::new();
        let totals = Totals::new(&catalog);
        let of = |name: &str, hit: f64, operations: f64| {
            let labels = Labels::one("instance", name);
            [
                (catalog.id("cache.hit_rate_percent", labels.clone()), hit),
                (catalog.id("cache.operations_per_sec", labels), operations),
            ]
        };
        let mut figures = [
            of("a", 90.0, 300.0),
            of("b", 50.0, 100.0),
            of("idle", f64::NAN, 0.0),
        ]
        .concat();
        // A level is a part of what an instance told already.
        figures.push((
            catalog.id("cache.hit_rate_percent", Labels::one("level", "L1")),
            1.0,
        ));
        let mut snapshot = snapshot(&catalog);
        for (id, figure) in figures {
            snapshot.set(id, Some(figure));
        }
        totals.set_caches(&mut snapshot);
        let rate = value(&snapshot, "cache.hit_rate_percent", &Labels::none());
        assert_eq!(rate, Some(80.0));
    }

    #[test]
    fn calls_of_statements_count_with_their_mean() {
        let catalog = Catalog::new();
        let row = |calls: Option<u64>, mean: Option<f64>| Statement {
            instance: "pg".into(),
            calls,
            mean_ms: mean,
            ..Statement::default()
        };
        let rows = vec![
            row(Some(90), Some(2.0)),
            row(Some(10), Some(500.0)),
            row(None, Some(1.0)),
        ];
        let told = statement_times(&Rows::Statements(rows), &catalog);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].1.count(), told[0].1.count_above(100.0)),
            (100, 10.0)
        );
    }
}
