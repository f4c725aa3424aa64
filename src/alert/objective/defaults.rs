//! The objectives in force: those that hubtop comes with, and a person's own.

use std::sync::Arc;

use super::form::{
    Good, LEAST_REQUESTS, LONGEST_WINDOW, MEAN_TARGET, Objective, ObjectiveError, ObjectiveForm,
    ObjectiveKind,
};
use crate::model::{Formatter, Unit};

/// The objectives that hubtop comes with, in force where there is something to judge by.
#[must_use]
pub fn default_objectives() -> Vec<Objective> {
    let limits = [
        (ObjectiveKind::Api, "API", 95.0, 500.0),
        (ObjectiveKind::Api, "API", 99.0, 1000.0),
        (ObjectiveKind::Agent, "Agent", 95.0, 5000.0),
        (ObjectiveKind::Database, "DB", 95.0, 100.0),
        (ObjectiveKind::Vector, "Vector", 95.0, 200.0),
        (ObjectiveKind::Llm, "LLM", 95.0, 3000.0),
    ];
    let told = |ms| {
        Formatter::default()
            .value(Unit::Millis, Some(ms))
            .replace(".0s", "s")
    };
    let mut objectives: Vec<Objective> = limits
        .map(|(kind, what, percentile, ms)| Objective {
            name: format!("{what} p{percentile} < {}", told(ms)).into(),
            ..unconfigured(kind, Good::Within(ms), percentile)
        })
        .into();
    objectives.insert(
        2,
        Objective {
            name: "Available 99.9%".into(),
            ..unconfigured(ObjectiveKind::Api, Good::Answered, 99.9)
        },
    );
    objectives.insert(
        3,
        Objective {
            name: "Agent mean < 2s".into(),
            ..unconfigured(ObjectiveKind::Agent, Good::MeanWithin(2000.0), MEAN_TARGET)
        },
    );
    objectives
}

fn unconfigured(kind: ObjectiveKind, good: Good, percent: f64) -> Objective {
    Objective {
        name: Arc::default(),
        metric: kind.metric().into(),
        endpoint: None,
        source: None,
        good,
        target: percent / 100.0,
        window: LONGEST_WINDOW,
        least_requests: LEAST_REQUESTS as f64,
        is_configured: false,
    }
}

/// The objectives in force: the default ones and a person's own; one of their own takes the place of a default one of
/// the same name.
///
/// # Errors
/// The first of their own that makes no sense.
pub fn objectives(own: &[ObjectiveForm]) -> Result<Vec<Objective>, ObjectiveError> {
    let mut all = default_objectives();
    for form in own {
        all.retain(|known| *known.name != *form.name);
        if form.enabled != Some(false) {
            all.push(Objective::try_from(form.clone())?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_objectives_that_it_comes_with() {
        let shown: Vec<String> = default_objectives()
            .iter()
            .map(|o| format!("{} ({:.1}% of {})", o.name, o.target * 100.0, o.metric))
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
API p95 < 500ms (95.0% of app.response_time.distribution_ms)
API p99 < 1s (99.0% of app.response_time.distribution_ms)
Available 99.9% (99.9% of app.response_time.distribution_ms)
Agent mean < 2s (95.0% of agent.run.distribution_ms)
Agent p95 < 5s (95.0% of agent.run.distribution_ms)
DB p95 < 100ms (95.0% of db.statement.distribution_ms)
Vector p95 < 200ms (95.0% of vector.search.distribution_ms)
LLM p95 < 3s (95.0% of ai.call.distribution_ms)
");
    }

    #[test]
    fn a_persons_own_takes_the_place_of_a_default_one() {
        let own = |text: &str| toml::from_str::<ObjectiveForm>(text).unwrap();
        let all = objectives(&[
            own("name='API p95 < 500ms'\npercentile=95\nlimit='800ms'"),
            own("name='LLM p95 < 3s'\nkind='llm'\npercentile=95\nlimit='3s'\nenabled=false"),
        ])
        .unwrap();
        let names: Vec<&str> = all.iter().map(|objective| &*objective.name).collect();
        assert_eq!(all.len(), default_objectives().len() - 1);
        assert_eq!(names.last(), Some(&"API p95 < 500ms"));
        assert!(!names.contains(&"LLM p95 < 3s"));
    }
}
