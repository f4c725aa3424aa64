//! How a person says what the series of a page mean, where their names don't: `[[api]]`, `[[cache_level]]` and
//! `[[price]]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::net::FormError;

/// What is written about the series of pages.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mappings {
    /// Timings and counts of requests.
    pub apis: Vec<ApiForm>,
    /// Levels of caches.
    pub levels: Vec<LevelForm>,
    /// What models cost.
    pub prices: Vec<PriceForm>,
}

/// What work a timing is of; each kind has objectives of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// Requests to an API.
    #[default]
    Http,
    /// A skill of an agent.
    Skill,
    /// A whole turn of an agent.
    Agent,
    /// A call of a language model.
    Llm,
    /// A search among vectors.
    Vector,
    /// A question to a database, timed by who asked it.
    Database,
    /// Sessions of users: who is active, and how long they last.
    Session,
}

impl WorkKind {
    /// The word for it, as it is written in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Skill => "skill",
            Self::Agent => "agent",
            Self::Llm => "llm",
            Self::Vector => "vector",
            Self::Database => "database",
            Self::Session => "session",
        }
    }
}

/// The unit that a timing is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TimeUnit {
    /// Seconds, what Prometheus asks for.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Millis,
    /// Microseconds.
    #[serde(rename = "us")]
    Micros,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanos,
}

impl TimeUnit {
    /// What one of it is in milliseconds.
    #[must_use]
    pub fn in_ms(self) -> f64 {
        match self {
            Self::Seconds => 1e3,
            Self::Millis => 1.0,
            Self::Micros => 1e-3,
            Self::Nanos => 1e-6,
        }
    }
}

/// An `[[api]]`: a timing (histogram or summary) or a counter of requests, or a gauge of users, by its name on the page.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiForm {
    /// The name of the page's source; every page when left out.
    pub source: Option<String>,
    /// The metric without `_bucket`, `_sum` and `_count`; a counter by its whole name.
    pub metric: String,
    /// The unit of the timing; told by the end of the name when left out.
    pub unit: Option<TimeUnit>,
    /// The label with the method; the usual ones when left out.
    pub method: Option<String>,
    /// The label with the route, the skill, the model, the group of users; the usual ones when left out.
    pub route: Option<String>,
    /// The label with the status; the usual ones when left out.
    pub status: Option<String>,
    /// What work it is.
    #[serde(default)]
    pub kind: WorkKind,
    /// What it is called where no label says a route; when left out the metric's own name, and `all` for sessions, which
    /// two metrics tell of.
    pub name: Option<String>,
}

/// Series of a page: a metric and the labels that they must have.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesForm {
    /// The whole name as it stands on the page.
    pub metric: String,
    /// Labels that must have these values; others may have any.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// A `[[cache_level]]`: which series of a page count what one level of an application's caches answers.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelForm {
    /// What it is called: `L1 memory`.
    pub level: String,
    /// Its place: the level asked first has the lowest.
    #[serde(default)]
    pub order: i64,
    /// The name of the page's source; every page when left out.
    pub source: Option<String>,
    /// Counter of look-ups that it answered.
    pub hits: SeriesForm,
    /// Counter of look-ups that it passed on.
    pub misses: SeriesForm,
    /// Counter of entries that it threw out.
    pub evictions: Option<SeriesForm>,
    /// Gauge of the bytes that it holds.
    pub size: Option<SeriesForm>,
}

/// A `[[price]]`: what a model costs, dollars for a million tokens.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceForm {
    /// The model's name as the page tells it.
    pub model: String,
    /// For a million tokens that are sent to it.
    pub input: f64,
    /// For a million tokens that it answers.
    pub output: f64,
}

impl ApiForm {
    /// Whether what is written can be used.
    ///
    /// # Errors
    /// Which key is wrong, and how it should be.
    pub fn check(&self) -> Result<(), FormError> {
        for suffix in ["_bucket", "_sum", "_count"] {
            if let Some(base) = self.metric.strip_suffix(suffix) {
                return Err(FormError::of("metric", format!("write {base:?}")));
            }
        }
        filled("metric", &self.metric)
    }
}

impl LevelForm {
    /// Whether what is written can be used.
    ///
    /// # Errors
    /// Which key is wrong, and how it should be.
    pub fn check(&self) -> Result<(), FormError> {
        filled("level", &self.level)?;
        filled("hits", &self.hits.metric)?;
        filled("misses", &self.misses.metric)?;
        if self.hits == self.misses {
            let why = "the same series as hits; if look-ups in all are counted, hits and misses need labels";
            return Err(FormError::of("misses", why));
        }
        Ok(())
    }
}

fn filled(key: &'static str, value: &str) -> Result<(), FormError> {
    if value.is_empty() {
        return Err(FormError::of(key, "is empty"));
    }
    Ok(())
}
