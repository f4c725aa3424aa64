//! The models that the demo's application asks.

use std::sync::Arc;

use crate::model::metric::MODEL_TIME;
use crate::model::{
    Catalog, Distribution, Labels, ModelUse, Reading, Rows, SeriesId, Sketch, SourceKind,
};

use super::story::Scene;
use super::times::{Curve, Pace};
use super::{CollectError, Teller};

/// The name of the source.
const SOURCE: &str = "ai";

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
    times: Vec<SeriesId>,
    whole_times: SeriesId,
    pace: Pace,
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
        let times = |model| Labels::of([("model", model), ("source", SOURCE)]);
        Self {
            times: MODELS
                .iter()
                .map(|(model, ..)| catalog.id(MODEL_TIME, times(model)))
                .collect(),
            whole_times: catalog.id(MODEL_TIME, Labels::one("source", SOURCE)),
            pace: Pace::default(),
            series: series.collect(),
            names: MODELS.iter().map(|(model, ..)| (*model).into()).collect(),
        }
    }
}

impl Teller for Ai {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let mut rows = Vec::with_capacity(MODELS.len());
        let seconds = self.pace.since_last(scene);
        let mut all = Sketch::default();
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
            let p95 = scene.around(time.1, 0.25, "ai.p95", n);
            let curve = Curve([0.45 * p95, p95, 1.5 * p95, 2.1 * p95]);
            let called = curve.sketch(calls * seconds, scene, n);
            all.merge(&called);
            let called = (self.times[n], Distribution::Sketch(called));
            reading.distributions.push(called);
            rows.push(ModelUse {
                source: SOURCE.into(),
                model: self.names[n].clone(),
                calls_per_sec: calls,
                input_tokens_per_sec: Some(tokens.0),
                output_tokens_per_sec: (tokens.1 > 0.0).then_some(tokens.1),
                cost_per_hour_usd: priced.then_some(dollars_a_second * 3600.0),
                first_token_p95_ms: (tokens.1 > 0.0)
                    .then(|| scene.around(time.0, 0.3, "ai.first", n)),
                p95_ms: Some(p95),
                success_percent: Some((99.6 + 0.6 * scene.sway("ai.success", n)).min(100.0)),
            });
        }
        let all = (self.whole_times, Distribution::Sketch(all));
        reading.distributions.push(all);
        reading.rows.push(Rows::Models(rows));
        Ok(())
    }
}
