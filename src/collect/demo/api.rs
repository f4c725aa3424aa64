//! The application of the demo: a shop's API behind nginx, the models that it asks, its users, and who probes it.

use std::sync::Arc;

use crate::model::{
    Catalog, Endpoint, Labels, ModelUse, Objective, ObjectiveState, Page, Probe, Reading, Rows,
    SeriesId, SessionGroup, Unit,
};

use super::story::{Scene, blend, grow};
use super::{CollectError, Teller};

const NGINX: &str = "nginx access.log";
const METRICS_PAGE: &str = ":8000/metrics";

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
    source: &'static str,
}

#[rustfmt::skip]
const ROUTES: &[Route] = &[
    Route { method: "GET", route: "/v1/orders", rate: 41.2, calm: [14.0, 92.0, 180.0, 420.0], worst: [610.0, 2740.0, 4180.0, 7900.0], errors: (0.2, 34.0), source: NGINX },
    Route { method: "GET", route: "/v1/orders/{id}", rate: 18.4, calm: [9.0, 48.0, 110.0, 260.0], worst: [120.0, 1350.0, 2600.0, 5100.0], errors: (0.1, 20.0), source: NGINX },
    Route { method: "POST", route: "/v1/orders", rate: 9.1, calm: [38.0, 140.0, 310.0, 690.0], worst: [840.0, 2480.0, 3900.0, 9800.0], errors: (0.4, 44.0), source: NGINX },
    Route { method: "GET", route: "/v1/products", rate: 33.0, calm: [7.0, 31.0, 74.0, 190.0], worst: [11.0, 96.0, 320.0, 900.0], errors: (0.0, 1.2), source: NGINX },
    Route { method: "GET", route: "/v1/products/{id}", rate: 27.5, calm: [5.0, 22.0, 61.0, 150.0], worst: [8.0, 70.0, 240.0, 720.0], errors: (0.0, 0.8), source: NGINX },
    Route { method: "GET", route: "/v1/users/me", rate: 22.3, calm: [6.0, 27.0, 70.0, 160.0], worst: [19.0, 410.0, 1200.0, 2400.0], errors: (0.0, 8.5), source: NGINX },
    Route { method: "POST", route: "/v1/login", rate: 4.2, calm: [92.0, 160.0, 240.0, 410.0], worst: [130.0, 620.0, 1500.0, 2900.0], errors: (0.1, 9.0), source: NGINX },
    Route { method: "POST", route: "/v1/payments", rate: 3.8, calm: [210.0, 480.0, 760.0, 1400.0], worst: [390.0, 1900.0, 3300.0, 6200.0], errors: (0.3, 29.0), source: NGINX },
    Route { method: "GET", route: "/v1/search", rate: 8.0, calm: [24.0, 110.0, 260.0, 700.0], worst: [44.0, 390.0, 980.0, 2100.0], errors: (0.1, 6.0), source: NGINX },
    Route { method: "POST", route: "/v1/chat", rate: 3.1, calm: [820.0, 2100.0, 3900.0, 8000.0], worst: [870.0, 2300.0, 4300.0, 8600.0], errors: (1.1, 3.0), source: METRICS_PAGE },
    Route { method: "GET", route: "/static/{file}", rate: 21.0, calm: [0.6, 2.1, 5.0, 22.0], worst: [0.7, 3.0, 9.0, 41.0], errors: (0.0, 0.0), source: NGINX },
    Route { method: "GET", route: "/healthz", rate: 1.0, calm: [0.8, 1.9, 3.1, 6.0], worst: [1.2, 9.0, 44.0, 130.0], errors: (0.0, 0.0), source: METRICS_PAGE },
];

/// p50, p95 and p99 of the whole application, in calm and at the worst, milliseconds.
const WHOLE: [(f64, f64); 3] = [(11.0, 190.0), (104.0, 2520.0), (230.0, 3900.0)];
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

/// The routes as nginx's log and the application's own metrics show them.
pub(super) struct Traffic {
    blank: Vec<Endpoint>,
    routes: Vec<Five>,
    whole: Five,
    total: SeriesId,
    classes: [SeriesId; 4],
}

impl Traffic {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let blank: Vec<Endpoint> = ROUTES.iter().map(blank).collect();
        Self {
            routes: blank
                .iter()
                .map(|endpoint| five(catalog, &Labels::one("endpoint", &endpoint.label())))
                .collect(),
            blank,
            whole: five(catalog, &Labels::none()),
            total: catalog.plain("app.requests.total"),
            classes: ["2xx", "3xx", "4xx", "5xx"]
                .map(|class| catalog.id("app.responses.percent", Labels::one("class", class))),
        }
    }
}

fn blank(route: &Route) -> Endpoint {
    Endpoint {
        method: route.method.into(),
        route: route.route.into(),
        requests_per_sec: 0.0,
        error_percent: None,
        p50_ms: None,
        p95_ms: None,
        p99_ms: None,
        max_ms: None,
        apdex: None,
        source: route.source.into(),
    }
}

impl Teller for Traffic {
    fn name(&self) -> &'static str {
        "api"
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
        self.tell_whole(&rows, scene, reading);
        reading.rows.push(Rows::Endpoints(rows));
        Ok(())
    }
}

impl Traffic {
    fn tell_whole(&self, rows: &[Endpoint], scene: &Scene, reading: &mut Reading) {
        let requests: f64 = rows.iter().map(|row| row.requests_per_sec).sum();
        let failed: f64 = rows
            .iter()
            .map(|row| row.requests_per_sec * row.error_percent.unwrap_or(0.0))
            .sum();
        let errors = failed / requests;
        reading.put(self.whole[0], requests);
        reading.put(self.whole[1], errors);
        for (n, ((calm, worst), id)) in WHOLE.iter().zip(&self.whole[2..]).enumerate() {
            reading.put(
                *id,
                scene.around(grow(*calm, *worst, scene.latency), 0.11, "whole", n),
            );
        }
        reading.put(self.total, scene.total(190.0, 1_200_000.0).round());
        let refused = scene.around(1.6, 0.3, "responses", 4);
        let moved = scene.around(2.2, 0.2, "responses", 3);
        let fine = 100.0 - moved - refused - errors;
        let shares = [fine, moved, refused, errors];
        reading.samples.extend(self.classes.into_iter().zip(shares));
    }
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
            ..blank.clone()
        }
    }
}

/// A plausible Apdex for these figures.
fn apdex(p50: f64, p95: f64, errors: f64) -> f64 {
    let unhappy = 0.35 * (p50 / (p50 + SATISFIED_MS)) + 0.25 * (p95 / (p95 + 4.0 * SATISFIED_MS));
    ((1.0 - unhappy) * (1.0 - errors / 100.0)).clamp(0.0, 1.0)
}

/// A model: calls a second, tokens in and out a call, dollars a million tokens in and out, first token and whole, ms.
type Nature = (&'static str, f64, (f64, f64), (f64, f64), (f64, f64));

const MODELS: [Nature; 4] = [
    (
        "claude-sonnet",
        1.9,
        (1840.0, 310.0),
        (3.0, 15.0),
        (640.0, 2900.0),
    ),
    ("gpt-mini", 1.2, (920.0, 140.0), (0.4, 1.6), (380.0, 1300.0)),
    (
        "llama-70b (local)",
        0.3,
        (1210.0, 260.0),
        (0.0, 0.0),
        (910.0, 5200.0),
    ),
    (
        "bge-m3 (local)",
        14.0,
        (410.0, 0.0),
        (0.0, 0.0),
        (18.0, 22.0),
    ),
];

/// Use of models.
pub(super) struct Ai {
    names: Vec<Arc<str>>,
    series: Vec<[SeriesId; 3]>,
}

impl Ai {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let series = MODELS.iter().map(|(model, ..)| {
            let tokens = |kind| Labels::of([("model", *model), ("type", kind)]);
            [
                catalog.id("ai.tokens.total", tokens("input")),
                catalog.id("ai.tokens.total", tokens("output")),
                catalog.id("ai.cost.usd_total", Labels::one("model", model)),
            ]
        });
        Self {
            series: series.collect(),
            names: MODELS.iter().map(|(model, ..)| (*model).into()).collect(),
        }
    }
}

impl Teller for Ai {
    fn name(&self) -> &'static str {
        "ai"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let mut rows = Vec::with_capacity(MODELS.len());
        for (n, (_, rate, tokens, price, time)) in MODELS.iter().enumerate() {
            let calls = scene.around(rate * scene.traffic, 0.3, "ai.calls", n);
            let tokens = (
                scene.around(tokens.0 * calls, 0.2, "ai.in", n),
                scene.around(tokens.1 * calls, 0.2, "ai.out", n),
            );
            let dollars_a_second = (tokens.0 * price.0 + tokens.1 * price.1) / 1e6;
            let priced = price.0 > 0.0;
            let since = 90_000.0;
            let figures = [
                scene.total(MODELS[n].2.0 * rate, since),
                scene.total(MODELS[n].2.1 * rate, since),
                scene.total(
                    (MODELS[n].2.0 * price.0 + MODELS[n].2.1 * price.1) * rate / 1e6,
                    since,
                ),
            ];
            reading
                .samples
                .extend(self.series[n].into_iter().zip(figures));
            rows.push(ModelUse {
                model: self.names[n].clone(),
                calls_per_sec: calls,
                input_tokens_per_sec: Some(tokens.0),
                output_tokens_per_sec: (tokens.1 > 0.0).then_some(tokens.1),
                cost_per_hour_usd: priced.then_some(dollars_a_second * 3600.0),
                first_token_p95_ms: (tokens.1 > 0.0)
                    .then(|| scene.around(time.0, 0.3, "ai.first", n)),
                p95_ms: Some(scene.around(time.1, 0.25, "ai.p95", n)),
                success_percent: Some((99.6 + 0.6 * scene.sway("ai.success", n)).min(100.0)),
            });
        }
        reading.rows.push(Rows::Models(rows));
        Ok(())
    }
}

const GROUPS: [(&str, f64, f64, f64); 4] = [
    ("web", 1_840.0, 410.0, 5.2),
    ("ios", 920.0, 260.0, 4.1),
    ("android", 1_130.0, 240.0, 4.4),
    ("partner api", 31.0, 5_400.0, 41.0),
];
/// A page: views a minute, first byte, largest paint, interaction in milliseconds, in calm; how much of the incident it sees.
const PAGES: [(&str, f64, f64, f64, f64, f64); 5] = [
    ("/", 610.0, 62.0, 940.0, 88.0, 0.1),
    ("/products", 480.0, 71.0, 1_120.0, 104.0, 0.15),
    ("/account/orders", 190.0, 140.0, 1_480.0, 131.0, 1.0),
    ("/checkout", 96.0, 160.0, 1_390.0, 142.0, 0.8),
    ("/search", 120.0, 118.0, 1_210.0, 120.0, 0.3),
];

/// Sessions and pages.
pub(super) struct Users {
    groups: Vec<Arc<str>>,
    pages: Vec<Arc<str>>,
}

impl Users {
    pub(super) fn new() -> Self {
        Self {
            groups: GROUPS.iter().map(|(group, ..)| (*group).into()).collect(),
            pages: PAGES.iter().map(|(path, ..)| (*path).into()).collect(),
        }
    }
}

impl Teller for Users {
    fn name(&self) -> &'static str {
        "browsers"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let groups = GROUPS
            .iter()
            .enumerate()
            .map(|(n, (_, users, length, pace))| SessionGroup {
                group: self.groups[n].clone(),
                active_users: scene.around(users * scene.traffic, 0.05, "users", n) as u64,
                mean_length_seconds: Some(scene.around(*length, 0.05, "users.length", n)),
                requests_per_minute: Some(scene.around(*pace, 0.1, "users.pace", n)),
            });
        reading.rows.push(Rows::Sessions(groups.collect()));
        let pages =
            PAGES
                .iter()
                .enumerate()
                .map(|(n, (_, views, first, paint, interaction, part))| {
                    let wait = 2_100.0 * part * scene.latency;
                    Page {
                        path: self.pages[n].clone(),
                        views_per_minute: scene.around(views * scene.traffic, 0.1, "page.views", n),
                        first_byte_ms: Some(scene.around(first + wait, 0.12, "page.first", n)),
                        largest_paint_ms: Some(scene.around(
                            paint + 1.2 * wait,
                            0.1,
                            "page.paint",
                            n,
                        )),
                        interaction_ms: Some(scene.around(
                            interaction + 0.1 * wait,
                            0.1,
                            "page.interaction",
                            n,
                        )),
                        error_percent: Some(scene.around(
                            0.2 + 19.0 * part * scene.errors,
                            0.2,
                            "page.errors",
                            n,
                        )),
                    }
                });
        reading.rows.push(Rows::Pages(pages.collect()));
        Ok(())
    }
}

/// A probe: where, DNS, connect, TLS and first byte in milliseconds, days of its certificate, share of the incident.
type Target = (&'static str, &'static str, [f64; 4], f64, f64);

const TARGETS: [Target; 3] = [
    (
        "shop front page",
        "https://shop.example/",
        [2.1, 4.2, 9.8, 64.0],
        61.0,
        0.1,
    ),
    (
        "orders api",
        "https://shop.example/v1/orders?limit=1",
        [2.0, 4.1, 9.9, 95.0],
        61.0,
        1.0,
    ),
    (
        "payments provider",
        "https://pay.example/ping",
        [3.4, 18.0, 22.0, 71.0],
        12.0,
        0.0,
    ),
];

/// Requests that are made on a schedule.
pub(super) struct Probes(Vec<(Arc<str>, Arc<str>)>);

impl Probes {
    pub(super) fn new() -> Self {
        Self(
            TARGETS
                .iter()
                .map(|(name, target, ..)| ((*name).into(), (*target).into()))
                .collect(),
        )
    }
}

impl Teller for Probes {
    fn name(&self) -> &'static str {
        "probes"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let rows = TARGETS
            .iter()
            .enumerate()
            .map(|(n, (_, _, phases, days, part))| {
                let phase = |k: usize, base: f64| scene.around(base, 0.15, "probe", n * 4 + k);
                let [dns, connect, tls] = [0, 1, 2].map(|k| phase(k, phases[k]));
                let first = phase(3, phases[3] + 2_600.0 * part * scene.latency);
                let fails = part * scene.errors > 0.5 && scene.sway("probe.result", n) > 0.12;
                Probe {
                    name: self.0[n].0.clone(),
                    target: self.0[n].1.clone(),
                    dns_ms: Some(dns),
                    connect_ms: Some(connect),
                    tls_ms: Some(tls),
                    first_byte_ms: Some(first),
                    total_ms: Some(dns + connect + tls + first + 1.4),
                    result: Ok(if fails { 503 } else { 200 }),
                    certificate_days: Some(*days),
                }
            });
        reading.rows.push(Rows::Probes(rows.collect()));
        Ok(())
    }
}

/// An objective: figure in calm and at the worst, unit, the limit, budget left in calm, and what an incident takes of it.
type Goal = (&'static str, f64, f64, Unit, f64, f64, f64);

const GOALS: [Goal; 4] = [
    (
        "API p95 < 500ms",
        104.0,
        2_520.0,
        Unit::Millis,
        500.0,
        97.0,
        6.0,
    ),
    (
        "API p99 < 1s",
        230.0,
        3_900.0,
        Unit::Millis,
        1000.0,
        61.0,
        9.0,
    ),
    ("Errors < 1%", 0.15, 13.4, Unit::Percent, 1.0, 3.0, 3.0),
    (
        "LLM p95 < 3s",
        2_100.0,
        2_250.0,
        Unit::Millis,
        3000.0,
        81.0,
        0.0,
    ),
];

/// Objectives and their budgets.
pub(super) struct Objectives {
    names: Vec<Arc<str>>,
    hour: Arc<str>,
}

impl Objectives {
    pub(super) fn new() -> Self {
        Self {
            names: GOALS.iter().map(|(name, ..)| (*name).into()).collect(),
            hour: "1h".into(),
        }
    }
}

impl Teller for Objectives {
    fn name(&self) -> &'static str {
        "objectives"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let rows =
            GOALS
                .iter()
                .enumerate()
                .map(|(n, (_, calm, worst, unit, limit, budget, cost))| {
                    let stage = if *unit == Unit::Percent {
                        scene.errors
                    } else {
                        scene.latency
                    };
                    let value = scene.around(grow(*calm, *worst, stage), 0.1, "objective", n);
                    let left = budget - cost * stage;
                    let state = match (value > *limit, left > 0.5) {
                        (_, false) => ObjectiveState::Spent,
                        (true, true) => ObjectiveState::Burning,
                        (false, true) => ObjectiveState::Ok,
                    };
                    Objective {
                        name: self.names[n].clone(),
                        value: Some(value),
                        unit: *unit,
                        state,
                        budget_percent: Some(left),
                        burn: (value > *limit)
                            .then(|| (blend(1.0, 14.4, stage), self.hour.clone())),
                    }
                });
        reading.rows.push(Rows::Objectives(rows.collect()));
        Ok(())
    }
}
