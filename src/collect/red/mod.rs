//! Rate, errors and duration of each route (Tom Wilkie's RED method), the same for access logs and pages of metrics:
//! a source adds what it sees; at its reading that becomes rows of the last minute, distributions of the interval and
//! the few series that are charted.

mod busiest;
pub mod route;
mod routes;
mod statuses;
#[cfg(test)]
mod tests;
pub(super) mod window;

use std::time::Duration;

pub use statuses::Statuses;

use self::busiest::{Busiest, Row};
use self::routes::{Route, Routes};
use self::window::{Requests, Window, part_of, window_start};
use super::form::Limits;
use crate::model::{
    Catalog, Distribution, Endpoint, Labels, Moment, Reading, Rows, SeriesId, SourceName,
};

/// The distribution of response times, by endpoint and source; of the whole source by source alone.
const DISTRIBUTION: &str = crate::model::metric::RESPONSE_TIME;

/// Requests of one source, told apart by method and route.
pub struct Red {
    catalog: Catalog,
    source: SourceName,
    apdex_target_ms: f64,
    routes: Routes,
    busiest: Busiest,
    whole: Whole,
    /// The time that readings covered: what the requests of the last minute are divided by.
    covered: Window<Duration>,
    /// What distributions are brought under.
    distribution: &'static str,
    /// Whether it is the requests to an API, which have series of their own.
    is_charted: bool,
}

/// The source as a whole. Rates and percentiles of all requests are reckoned over all sources in the pipeline, so that
/// the one that is alone does not tell them twice.
struct Whole {
    requests: u64,
    total: SeriesId,
    times: SeriesId,
}

/// The series of one charted route.
#[derive(Clone, Copy)]
struct Figures {
    rate: SeriesId,
    errors: SeriesId,
    percentiles: [SeriesId; 3],
}

impl Red {
    /// Nothing seen yet of `source`.
    #[must_use]
    pub fn new(catalog: &Catalog, source: SourceName, limits: &Limits) -> Self {
        Self::of_work(catalog, source, limits, DISTRIBUTION)
    }

    /// The same for other work than requests to an API (runs of agents, searches): rows, and distributions under a metric
    /// of its own, but no series.
    #[must_use]
    pub fn of_work(
        catalog: &Catalog,
        source: SourceName,
        limits: &Limits,
        distribution: &'static str,
    ) -> Self {
        Self {
            catalog: catalog.clone(),
            apdex_target_ms: limits.apdex_target.as_secs_f64() * 1e3,
            routes: Routes::new(limits.most_routes),
            busiest: Busiest::default(),
            whole: Whole::new(catalog, &source, distribution),
            covered: Window::default(),
            source,
            distribution,
            is_charted: distribution == DISTRIBUTION,
        }
    }

    /// One request. `status` is unknown where there was no answer, `ms` where the source does not tell or where the
    /// time is not that of an answer (an upgrade, a stream). Method and route may be any text; they are made safe here.
    pub fn observe(&mut self, method: &str, route: &str, status: Option<u16>, ms: Option<f64>) {
        self.whole.requests += 1;
        let interval = &mut self.routes.get(method, route).interval;
        interval.statuses.count(status);
        if let Some(ms) = ms {
            interval.observe(ms);
        }
    }

    /// Requests that the source has counted since the reading before. How many they are is the total of `statuses`:
    /// what knows no statuses counts them as [`Statuses::unknown`].
    pub fn add(&mut self, method: &str, route: &str, statuses: &Statuses, times: &Distribution) {
        self.whole.requests += statuses.total();
        let interval = &mut self.routes.get(method, route).interval;
        interval.statuses.add(statuses);
        interval.times.merge(times);
    }

    /// What came until now is older than the last minute: it counts in the distributions of this interval, but not in
    /// the rows.
    pub fn set_aside(&mut self) {
        for route in self.routes.iter_mut() {
            let old = std::mem::take(&mut route.interval);
            route.aside.merge(&old.times);
        }
    }

    /// How long the minute of the rows is at a moment, whole parts of it.
    #[must_use]
    pub fn minute_at(now: Moment) -> Duration {
        now.mono.saturating_sub(window_start(now.mono))
    }

    /// Ends the interval: rows of the last minute, distributions of the interval, and series. `interval` is the time
    /// that it covers; while there is none there are no rates, and so no rows.
    pub fn close(&mut self, now: Moment, interval: Option<Duration>, reading: &mut Reading) {
        let part = part_of(now.mono);
        self.covered.add(part, interval.unwrap_or_default());
        self.covered.forget(part);
        let seconds = self.covered.sum().as_secs_f64();
        let times = self.close_routes(part, reading);
        if times.count() > 0 {
            reading.distributions.push((self.whole.times, times));
        }
        if seconds > 0.0 {
            let rows = self.rows(seconds);
            if self.is_charted {
                let source = &self.source;
                reading.put(self.whole.total, self.whole.requests as f64);
                self.busiest.put(&rows, &self.catalog, source, reading);
            }
            let endpoints = rows.into_iter().map(|row| row.endpoint).collect();
            reading.rows.push(Rows::Endpoints(endpoints));
        }
        self.routes.forget_idle(part);
    }

    /// Closes all routes and puts their distributions; all times of the interval.
    fn close_routes(&mut self, part: u64, reading: &mut Reading) -> Distribution {
        let mut all_times = Distribution::default();
        for route in self.routes.iter_mut() {
            let times = route.close(part);
            if times.count() > 0 {
                all_times.merge(&times);
                let id = route.times_id(&self.catalog, self.distribution, &self.source);
                reading.distributions.push((id, times));
            }
        }
        all_times
    }

    /// The routes that had requests in the last minute.
    fn rows(&mut self, seconds: f64) -> Vec<Row> {
        let (target, source) = (self.apdex_target_ms, &self.source);
        let of = |route: &mut Route| Row {
            label: route.label.clone(),
            endpoint: Endpoint {
                method: route.method.clone(),
                route: route.route.clone(),
                source: source.clone(),
                ..endpoint(&route.window.sum(), seconds, target)
            },
        };
        let routes = self.routes.iter_mut();
        routes
            .filter(|route| !route.window.is_empty())
            .map(of)
            .collect()
    }
}

impl Whole {
    fn new(catalog: &Catalog, source: &SourceName, distribution: &str) -> Self {
        let own = Labels::one("source", source);
        Self {
            requests: 0,
            total: catalog.id("app.requests.total", own.clone()),
            times: catalog.id(distribution, own),
        }
    }
}

impl Figures {
    fn of(catalog: &Catalog, labels: &Labels) -> Self {
        let id = |metric| catalog.id(metric, labels.clone());
        Self {
            rate: id("app.requests.per_sec"),
            errors: id("app.errors.rate_percent"),
            percentiles: [
                id("app.response_time.p50_ms"),
                id("app.response_time.p95_ms"),
                id("app.response_time.p99_ms"),
            ],
        }
    }

    fn put(&self, row: &Endpoint, reading: &mut Reading) {
        reading.put(self.rate, row.requests_per_sec);
        reading.put_known(self.errors, row.error_percent);
        let percentiles = [row.p50_ms, row.p95_ms, row.p99_ms];
        for (id, value) in self.percentiles.into_iter().zip(percentiles) {
            reading.put_known(id, value);
        }
    }
}

/// The figures of some requests within so many seconds.
fn endpoint(requests: &Requests, seconds: f64, apdex_target_ms: f64) -> Endpoint {
    let Requests { statuses, times } = requests;
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|q| times.quantile(q));
    Endpoint {
        requests_per_sec: statuses.total() as f64 / seconds,
        error_percent: statuses.error_percent(),
        p50_ms: p50.map(|p50| p50.ms),
        p95_ms: p95.map(|p95| p95.ms),
        p99_ms: p99.map(|p99| p99.ms),
        max_ms: times.max_ms(),
        apdex: times.apdex(apdex_target_ms),
        p50_bounds_ms: p50.and_then(|p50| p50.bounds_ms),
        p95_bounds_ms: p95.and_then(|p95| p95.bounds_ms),
        p99_bounds_ms: p99.and_then(|p99| p99.bounds_ms),
        requests: statuses.total(),
        status_percent: statuses.percent(),
        ..Endpoint::default()
    }
}
