//! An objective as it is written in the settings: one `[[slo]]` each, checked into an [`Objective`].

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use super::pattern::Pattern;
use crate::model::{Unit, metric, span};

/// The longest window of an error budget, and the one that it has unless another is given.
pub(super) const LONGEST_WINDOW: Duration = Duration::from_secs(30 * 86_400);
/// The shortest: an hour is what the fastest burn rate looks at.
const SHORTEST_WINDOW: Duration = Duration::from_secs(3600);
/// With fewer requests than this in the long window nothing is said of how fast the budget burns.
pub(super) const LEAST_REQUESTS: u64 = 100;
/// The share of the requests that must lie in minutes with a good mean, unless another is given, percent.
pub(super) const MEAN_TARGET: f64 = 95.0;

/// What an objective is about: each kind stands for the distributions of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveKind {
    /// Requests to the API: all of them, or those of an endpoint.
    Api,
    /// Runs of agents and their skills.
    Agent,
    /// Calls of language models.
    Llm,
    /// Searches of vector stores.
    Vector,
    /// Statements of databases, each call counted with the mean time of its statement.
    Database,
}

impl ObjectiveKind {
    /// The metric whose distributions are judged.
    #[must_use]
    pub fn metric(self) -> &'static str {
        match self {
            Self::Api => metric::RESPONSE_TIME,
            Self::Agent => metric::AGENT_TIME,
            Self::Llm => metric::MODEL_TIME,
            Self::Vector => metric::VECTOR_TIME,
            Self::Database => metric::STATEMENT_TIME,
        }
    }
}

/// A `[[slo]]` as it is written.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveForm {
    /// As people say it, unique: `API p95 < 500ms`. One of a default objective replaces that one.
    pub name: String,
    /// What it is about; `api` when neither this nor a metric is given.
    pub kind: Option<ObjectiveKind>,
    /// The metric whose distributions are judged, where no kind stands for it.
    pub metric: Option<String>,
    /// The endpoints it is about: `GET /v1/orders`, with `*` for any part. All when left out.
    pub endpoint: Option<String>,
    /// The one source whose figures are judged.
    pub source: Option<String>,
    /// With `limit`: so many percent of the requests must take no longer.
    pub percentile: Option<f64>,
    /// The time that must not be passed.
    #[serde(default, deserialize_with = "span::optional")]
    pub limit: Option<Duration>,
    /// The mean that must not be passed, minute by minute.
    #[serde(default, deserialize_with = "span::optional")]
    pub mean_limit: Option<Duration>,
    /// So many percent of the requests must be answered without a 5xx.
    pub availability: Option<f64>,
    /// With `mean_limit`: so many percent of the requests must lie in minutes with a good mean; 95 when left out.
    pub target: Option<f64>,
    /// What the error budget is for, 1h to 30d; 30d when left out.
    #[serde(default, deserialize_with = "span::optional")]
    pub window: Option<Duration>,
    /// With fewer requests than this in the long window of a burn rate nothing fires; 100 when left out.
    pub least_requests: Option<u64>,
    /// `false` switches it off, a default one by its name too.
    pub enabled: Option<bool>,
}

/// What is wrong with an objective that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("objective {objective}: {key}: {why}")]
pub struct ObjectiveError {
    /// Which objective.
    pub objective: String,
    /// The key whose value is wrong, or that is missing.
    pub key: &'static str,
    /// What is wrong, with the mend, in one line.
    pub why: String,
}

/// What makes a request a good one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Good {
    /// It took no longer than so many milliseconds.
    Within(f64),
    /// The mean of its minute was no more than so many milliseconds.
    MeanWithin(f64),
    /// It was not answered with a 5xx.
    Answered,
}

/// An objective that can be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// As people say it.
    pub name: Arc<str>,
    /// The metric whose distributions are judged.
    pub metric: Arc<str>,
    /// The endpoints it is about.
    pub endpoint: Option<Pattern>,
    /// The one source whose figures are judged.
    pub source: Option<Arc<str>>,
    /// What makes a request a good one.
    pub good: Good,
    /// The share of the requests that must be good, 0 to 1.
    pub target: f64,
    /// What the error budget is for.
    pub window: Duration,
    /// With fewer requests nothing fires.
    pub least_requests: f64,
    /// Whether it is listed before there are any requests: somebody has asked for it.
    pub is_configured: bool,
}

impl Objective {
    /// Whether it is about all requests of the API.
    #[must_use]
    pub fn is_of_all_requests(&self) -> bool {
        &*self.metric == metric::RESPONSE_TIME && self.endpoint.is_none() && self.source.is_none()
    }

    /// The figure that must not be passed, and its unit: milliseconds or percent.
    #[must_use]
    pub fn limit(&self) -> (f64, Unit) {
        match self.good {
            Good::Within(ms) | Good::MeanWithin(ms) => (ms, Unit::Millis),
            Good::Answered => (self.target * 100.0, Unit::Percent),
        }
    }
}

impl TryFrom<ObjectiveForm> for Objective {
    type Error = ObjectiveError;

    fn try_from(form: ObjectiveForm) -> Result<Self, ObjectiveError> {
        let wrong = |key, why: &str| ObjectiveError {
            objective: form.name.clone(),
            key,
            why: why.to_owned(),
        };
        if form.name.trim().is_empty() {
            return Err(wrong("name", "needs some words"));
        }
        if form.kind.is_some() && form.metric.is_some() {
            return Err(wrong("metric", "give either a kind or a metric, not both"));
        }
        let (good, target) = form.goal()?;
        let window = form.window.unwrap_or(LONGEST_WINDOW);
        if !(SHORTEST_WINDOW..=LONGEST_WINDOW).contains(&window) {
            return Err(wrong("window", "must be 1h to 30d"));
        }
        let metric = form.metric.as_deref().map(metric::full_name);
        let metric = metric.unwrap_or_else(|| form.kind.unwrap_or(ObjectiveKind::Api).metric());
        if good == Good::Answered && metric != metric::RESPONSE_TIME {
            return Err(wrong("availability", "is known of kind \"api\" alone"));
        }
        Ok(Self {
            metric: metric.into(),
            endpoint: form.endpoint.as_deref().map(Pattern::new),
            source: form.source.as_deref().map(Into::into),
            good,
            target: target / 100.0,
            window,
            least_requests: form.least_requests.unwrap_or(LEAST_REQUESTS) as f64,
            is_configured: true,
            name: form.name.into(),
        })
    }
}

impl ObjectiveForm {
    /// What makes a request a good one, and how many percent must be.
    fn goal(&self) -> Result<(Good, f64), ObjectiveError> {
        let wrong = |key, why: &str| ObjectiveError {
            objective: self.name.clone(),
            key,
            why: why.to_owned(),
        };
        let share = |key, percent: f64| {
            let is_share = percent > 0.0 && percent < 100.0;
            let why = "must be more than 0 and less than 100: a budget of nothing is always spent";
            if is_share {
                Ok(percent)
            } else {
                Err(wrong(key, why))
            }
        };
        let ms = |limit: Duration| limit.as_secs_f64() * 1000.0;
        if self.target.is_some() && self.mean_limit.is_none() {
            let why = "goes with mean_limit; percentile and availability are targets themselves";
            return Err(wrong("target", why));
        }
        match (
            self.percentile,
            self.limit,
            self.mean_limit,
            self.availability,
        ) {
            (Some(percentile), Some(limit), None, None) => {
                Ok((Good::Within(ms(limit)), share("percentile", percentile)?))
            }
            (Some(_), None, ..) => Err(wrong(
                "limit",
                "is missing: percentile = 95, limit = \"500ms\"",
            )),
            (None, Some(_), ..) => Err(wrong(
                "percentile",
                "is missing: percentile = 95, limit = \"500ms\"",
            )),
            (None, None, Some(limit), None) => {
                let target = share("target", self.target.unwrap_or(MEAN_TARGET))?;
                Ok((Good::MeanWithin(ms(limit)), target))
            }
            (None, None, None, Some(percent)) => {
                Ok((Good::Answered, share("availability", percent)?))
            }
            _ => {
                let why = "give one goal: percentile and limit, or mean_limit, or availability";
                Err(wrong("percentile", why))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Objective, String> {
        let form: ObjectiveForm = toml::from_str(text).map_err(|error| error.to_string())?;
        Objective::try_from(form).map_err(|error| error.to_string())
    }

    #[test]
    fn goals_are_read_as_people_write_them() {
        let p95 = read("name='a'\npercentile=95\nlimit='500ms'\nendpoint='GET /v1/*'").unwrap();
        assert_eq!((p95.good, p95.target), (Good::Within(500.0), 0.95));
        assert!(p95.endpoint.unwrap().matches("GET /v1/orders"));
        let mean = read("name='a'\nkind='agent'\nmean_limit='2s'\nwindow='7d'").unwrap();
        assert_eq!((mean.good, mean.target), (Good::MeanWithin(2000.0), 0.95));
        assert_eq!(mean.window, Duration::from_secs(7 * 86_400));
        let up = read("name='a'\navailability=99.5").unwrap();
        assert_eq!(
            (up.good, up.limit()),
            (Good::Answered, (99.5, Unit::Percent))
        );
    }

    #[test]
    fn mistakes_name_the_objective_the_key_and_the_mend() {
        let wrong = |text: &str| read(text).unwrap_err();
        let cases = [
            "name='a'",
            "name='a'\npercentile=95",
            "name='a'\nlimit='1s'",
            "name='a'\npercentile=100\nlimit='1s'",
            "name='a'\navailability=99\ntarget=99",
            "name='a'\navailability=99\npercentile=99\nlimit='1s'",
            "name='a'\nkind='llm'\navailability=99",
            "name='a'\nkind='llm'\nmetric='x'\navailability=99",
            "name='a'\navailability=99\nwindow='60d'",
            "name=' '\navailability=99",
        ];
        let told: Vec<String> = cases.iter().map(|text| wrong(text)).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
objective a: percentile: give one goal: percentile and limit, or mean_limit, or availability
objective a: limit: is missing: percentile = 95, limit = "500ms"
objective a: percentile: is missing: percentile = 95, limit = "500ms"
objective a: percentile: must be more than 0 and less than 100: a budget of nothing is always spent
objective a: target: goes with mean_limit; percentile and availability are targets themselves
objective a: percentile: give one goal: percentile and limit, or mean_limit, or availability
objective a: availability: is known of kind "api" alone
objective a: metric: give either a kind or a metric, not both
objective a: window: must be 1h to 30d
objective  : name: needs some words
"#);
        assert!(wrong("name='a'\npercentil=95").contains("unknown field `percentil`"));
        assert!(wrong("name='a'\nlimit='5 mn'").contains("is no time"));
    }
}
