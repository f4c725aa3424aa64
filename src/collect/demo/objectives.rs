//! What the demo's application is held to.

use std::sync::Arc;

use crate::model::{Objective, ObjectiveState, Reading, Rows, SourceKind, Unit};

use super::story::{Scene, blend, grow};
use super::{CollectError, Teller};

/// The name of the source.
const SOURCE: &str = "objectives";

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
    metrics: [Option<Arc<str>>; GOALS.len()],
    hour: Arc<str>,
}

impl Objectives {
    pub(super) fn new() -> Self {
        Self {
            names: GOALS.iter().map(|(name, ..)| (*name).into()).collect(),
            metrics: [
                Some("app.response_time.p95_ms".into()),
                Some("app.response_time.p99_ms".into()),
                Some("app.errors.rate_percent".into()),
                None,
            ],
            hour: "1h".into(),
        }
    }
}

impl Teller for Objectives {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
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
                        source: SOURCE.into(),
                        name: self.names[n].clone(),
                        metric: self.metrics[n].clone(),
                        limit: Some(*limit),
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
