//! The application of the demo: a shop's API behind nginx.

use crate::model::metric::RESPONSE_TIME;
use crate::model::{
    Catalog, Distribution, Endpoint, Labels, Reading, Rows, SeriesId, Sketch, SourceKind,
};

use super::story::{Scene, blend, grow};
use super::times::{Curve, Pace};
use super::{CollectError, Teller};

/// The name of the source.
const NGINX: &str = "nginx access.log";

/// What one route is like.
struct Route {
    method: &'static str,
    route: &'static str,
    /// Requests a second on an ordinary day.
    rate: f64,
    /// p50, p95, p99 and the slowest, milliseconds, in calm.
    calm: [f64; 4],
    /// The same at the worst.
    worst: [f64; 4],
    /// 5xx in calm and at the worst, percent.
    errors: (f64, f64),
}

#[rustfmt::skip]
const ROUTES: &[Route] = &[
    Route { method: "GET", route: "/v1/orders", rate: 41.2, calm: [14.0, 92.0, 180.0, 420.0], worst: [900.0, 3100.0, 4300.0, 7900.0], errors: (0.2, 38.0) },
    Route { method: "GET", route: "/v1/orders/{id}", rate: 18.4, calm: [9.0, 48.0, 110.0, 260.0], worst: [300.0, 2050.0, 2900.0, 5100.0], errors: (0.1, 8.4) },
    Route { method: "POST", route: "/v1/orders", rate: 9.1, calm: [38.0, 140.0, 310.0, 690.0], worst: [1100.0, 2900.0, 4100.0, 9800.0], errors: (0.4, 52.0) },
    Route { method: "GET", route: "/v1/products", rate: 33.0, calm: [7.0, 31.0, 74.0, 190.0], worst: [11.0, 96.0, 320.0, 900.0], errors: (0.0, 1.2) },
    Route { method: "GET", route: "/v1/products/{id}", rate: 27.5, calm: [5.0, 22.0, 61.0, 150.0], worst: [8.0, 70.0, 240.0, 720.0], errors: (0.0, 0.8) },
    Route { method: "GET", route: "/v1/users/me", rate: 22.3, calm: [6.0, 27.0, 70.0, 160.0], worst: [19.0, 410.0, 1200.0, 2400.0], errors: (0.0, 3.1) },
    Route { method: "POST", route: "/v1/login", rate: 4.2, calm: [92.0, 160.0, 240.0, 410.0], worst: [130.0, 620.0, 1500.0, 2900.0], errors: (0.1, 3.2) },
    Route { method: "POST", route: "/v1/payments", rate: 3.8, calm: [210.0, 480.0, 760.0, 1400.0], worst: [390.0, 1900.0, 3300.0, 6200.0], errors: (0.3, 4.1) },
    Route { method: "GET", route: "/v1/search", rate: 8.0, calm: [24.0, 110.0, 260.0, 700.0], worst: [44.0, 390.0, 980.0, 2100.0], errors: (0.1, 2.4) },
    Route { method: "POST", route: "/v1/chat", rate: 3.1, calm: [620.0, 1500.0, 3100.0, 6400.0], worst: [680.0, 1640.0, 3400.0, 6900.0], errors: (1.1, 2.2) },
    Route { method: "GET", route: "/static/{file}", rate: 21.0, calm: [0.6, 2.1, 5.0, 22.0], worst: [0.7, 3.0, 9.0, 41.0], errors: (0.0, 0.0) },
    Route { method: "GET", route: "/healthz", rate: 1.0, calm: [0.8, 1.9, 3.1, 6.0], worst: [1.2, 9.0, 44.0, 130.0], errors: (0.0, 0.0) },
];

/// What a satisfied visitor waits at most, milliseconds, for the Apdex.
const SATISFIED_MS: f64 = 400.0;

/// Five figures of one series each: requests, errors, p50, p95, p99.
type Five = [SeriesId; 5];

fn five(catalog: &Catalog, labels: &Labels) -> Five {
    [
        "app.requests.per_sec",
        "app.errors.rate_percent",
        "app.response_time.p50_ms",
        "app.response_time.p95_ms",
        "app.response_time.p99_ms",
    ]
    .map(|metric| catalog.id(metric, labels.clone()))
}

/// The routes as nginx's log shows them.
pub(super) struct Traffic {
    blank: Vec<Endpoint>,
    routes: Vec<Five>,
    times: Vec<SeriesId>,
    whole_times: SeriesId,
    total: SeriesId,
    pace: Pace,
}

impl Traffic {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let blank: Vec<Endpoint> = ROUTES.iter().map(blank).collect();
        let labels =
            |endpoint: &Endpoint| Labels::of([("endpoint", &*endpoint.label()), ("source", NGINX)]);
        let times = |endpoint| catalog.id(RESPONSE_TIME, labels(endpoint));
        let own = Labels::one("source", NGINX);
        Self {
            routes: blank.iter().map(|it| five(catalog, &labels(it))).collect(),
            times: blank.iter().map(times).collect(),
            blank,
            whole_times: catalog.id(RESPONSE_TIME, own.clone()),
            total: catalog.id("app.requests.total", own),
            pace: Pace::default(),
        }
    }
}

fn blank(route: &Route) -> Endpoint {
    Endpoint {
        method: route.method.into(),
        route: route.route.into(),
        source: NGINX.into(),
        ..Endpoint::default()
    }
}

impl Teller for Traffic {
    fn name(&self) -> &'static str {
        NGINX
    }

    fn kind(&self) -> SourceKind {
        SourceKind::AccessLog
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let rows: Vec<Endpoint> = ROUTES
            .iter()
            .zip(&self.blank)
            .enumerate()
            .map(|(n, (route, blank))| route.row(blank, n, scene))
            .collect();
        for (row, ids) in rows.iter().zip(&self.routes) {
            let figures = [row.error_percent, row.p50_ms, row.p95_ms, row.p99_ms];
            reading.put(ids[0], row.requests_per_sec);
            for (id, figure) in ids[1..].iter().zip(figures) {
                reading.put_known(*id, figure);
            }
        }
        let total = scene.total(190.0, 1_200_000.0).round();
        reading.put(self.total, total);
        let seconds = self.pace.since_last(scene);
        let mut all = Sketch::default();
        for ((row, id), n) in rows.iter().zip(&self.times).zip(0..) {
            let times = curve_of(row).sketch(row.requests_per_sec * seconds, scene, n);
            all.merge(&times);
            reading
                .distributions
                .push((*id, Distribution::Sketch(times)));
        }
        let all = Distribution::Sketch(all);
        reading.distributions.push((self.whole_times, all));
        reading.rows.push(Rows::Endpoints(rows));
        Ok(())
    }
}

fn curve_of(row: &Endpoint) -> Curve {
    Curve([row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms].map(Option::unwrap_or_default))
}

impl Route {
    fn row(&self, blank: &Endpoint, n: usize, scene: &Scene) -> Endpoint {
        let time = |which: usize| {
            let base = grow(self.calm[which], self.worst[which], scene.latency);
            scene.around(
                base,
                0.06 + 0.03 * which as f64,
                "route.time",
                n * 4 + which,
            )
        };
        let p50 = time(0);
        let p95 = time(1).max(p50 * 1.2);
        let p99 = time(2).max(p95 * 1.1);
        let errors = blend(self.errors.0, self.errors.1, scene.errors);
        let errors = scene
            .around(errors, 0.1, "route.errors", n)
            .clamp(0.0, 100.0);
        Endpoint {
            requests_per_sec: scene.around(self.rate * scene.traffic, 0.16, "route.rate", n),
            error_percent: Some(errors),
            p50_ms: Some(p50),
            p95_ms: Some(p95),
            p99_ms: Some(p99),
            max_ms: Some(time(3).max(p99 * 1.05)),
            apdex: Some(apdex(p50, p95, errors)),
            requests: (self.rate * scene.traffic * 60.0) as u64,
            status_percent: Some(self.classes(errors)),
            ..blank.clone()
        }
    }
}

impl Route {
    /// Shares of 2xx to 5xx.
    fn classes(&self, errors: f64) -> [f64; 4] {
        let served = 100.0 - errors;
        let (moved, refused) = match self.method {
            "POST" => (0.0, 0.031 * served),
            _ => (0.026 * served, 0.009 * served),
        };
        [served - moved - refused, moved, refused, errors]
    }
}

/// A plausible Apdex for these figures.
fn apdex(p50: f64, p95: f64, errors: f64) -> f64 {
    let unhappy = 0.35 * (p50 / (p50 + SATISFIED_MS)) + 0.25 * (p95 / (p95 + 4.0 * SATISFIED_MS));
    ((1.0 - unhappy) * (1.0 - errors / 100.0)).clamp(0.0, 1.0)
}
