//! The API tab's rows: endpoints, models, sessions, pages, probes, objectives.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::source::SourceName;

/// One route of an API over the last minute.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// `GET`, `POST`…; empty where the source does not tell.
    pub method: Arc<str>,
    /// The route, safe to show: `/v1/orders/{id}`.
    pub route: Arc<str>,
    /// Requests a second.
    pub requests_per_sec: f64,
    /// Share of 5xx, 0 to 100.
    pub error_percent: Option<f64>,
    /// Median, milliseconds.
    pub p50_ms: Option<f64>,
    /// 95th percentile, milliseconds.
    pub p95_ms: Option<f64>,
    /// 99th percentile, milliseconds.
    pub p99_ms: Option<f64>,
    /// The slowest, milliseconds.
    pub max_ms: Option<f64>,
    /// Apdex, 0 to 1.
    pub apdex: Option<f64>,
    /// The bounds of the bucket that the median lies in, milliseconds, where buckets are all there is; the upper one may
    /// be infinite.
    pub p50_bounds_ms: Option<(f64, f64)>,
    /// The same of the 95th percentile.
    pub p95_bounds_ms: Option<(f64, f64)>,
    /// The same of the 99th percentile.
    pub p99_bounds_ms: Option<(f64, f64)>,
    /// How many requests the percentiles rest on.
    pub requests: u64,
    /// Shares of the statuses 2xx, 3xx, 4xx and 5xx, 0 to 100.
    pub status_percent: Option<[f64; 4]>,
    /// Where the figures come from.
    pub source: SourceName,
}

impl Endpoint {
    /// `GET /v1/orders`: how it is called everywhere, and the value of its `endpoint` label.
    #[must_use]
    pub fn label(&self) -> String {
        if self.method.is_empty() {
            self.route.to_string()
        } else {
            format!("{} {}", self.method, self.route)
        }
    }
}

/// Use of one AI model over the last interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelUse {
    /// The model's name.
    pub model: Arc<str>,
    /// Calls a second.
    pub calls_per_sec: f64,
    /// Tokens a second sent to it.
    pub input_tokens_per_sec: Option<f64>,
    /// Tokens a second that it answered.
    pub output_tokens_per_sec: Option<f64>,
    /// Dollars an hour at the present rate.
    pub cost_per_hour_usd: Option<f64>,
    /// Time to the first token, 95th percentile, milliseconds.
    pub first_token_p95_ms: Option<f64>,
    /// Whole call, 95th percentile, milliseconds.
    pub p95_ms: Option<f64>,
    /// Share of calls that succeeded, 0 to 100.
    pub success_percent: Option<f64>,
    /// The source that brought it.
    pub source: SourceName,
}

/// Sessions of users of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionGroup {
    /// What they have in common: an application, a plan.
    pub group: Arc<str>,
    /// Users active now.
    pub active_users: u64,
    /// Mean length, seconds.
    pub mean_length_seconds: Option<f64>,
    /// Requests a minute and session.
    pub requests_per_minute: Option<f64>,
    /// The source that brought it.
    pub source: SourceName,
}

/// Timings of a page as browsers measured them, medians in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The page's path.
    pub path: Arc<str>,
    /// Views a minute.
    pub views_per_minute: f64,
    /// First byte.
    pub first_byte_ms: Option<f64>,
    /// Largest contentful paint.
    pub largest_paint_ms: Option<f64>,
    /// Interaction to next paint.
    pub interaction_ms: Option<f64>,
    /// Share of views with a script error, 0 to 100.
    pub error_percent: Option<f64>,
    /// The source that brought it.
    pub source: SourceName,
}

/// A request that hubtop itself makes on a schedule, and how its last one went, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// What it is called.
    pub name: Arc<str>,
    /// Where it goes, without secrets.
    pub target: Arc<str>,
    /// Looking up the name.
    pub dns_ms: Option<f64>,
    /// Connecting.
    pub connect_ms: Option<f64>,
    /// Securing the connection.
    pub tls_ms: Option<f64>,
    /// To the first byte of the answer.
    pub first_byte_ms: Option<f64>,
    /// In all, from the intended start.
    pub total_ms: Option<f64>,
    /// Status of the answer, or why there was none.
    pub result: Result<u16, String>,
    /// Days until the certificate ends.
    pub certificate_days: Option<f64>,
    /// The source that brought it.
    pub source: SourceName,
}

/// How an objective stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveState {
    /// Nothing to judge by.
    NoData,
    /// Within its budget.
    Ok,
    /// Spending its budget faster than it may.
    Burning,
    /// Nothing left of the budget.
    Spent,
}

/// A service level objective and its error budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// As people say it: `API p95 < 500ms`.
    pub name: Arc<str>,
    /// The metric that it judges, where there is one.
    pub metric: Option<Arc<str>>,
    /// The figure that must not be passed, in the unit of the value.
    pub limit: Option<f64>,
    /// The figure it judges, as of now, milliseconds or percent.
    pub value: Option<f64>,
    /// Unit of the figure.
    pub unit: super::Unit,
    /// How it stands.
    pub state: ObjectiveState,
    /// Share of the error budget that is left, 0 to 100.
    pub budget_percent: Option<f64>,
    /// Since when requests are counted for the budget: for as long as it is for, or since they were first seen.
    pub since: Option<Timestamp>,
    /// How many there were since then.
    pub requests: u64,
    /// How many times too fast the budget is being spent, over the window named.
    pub burn: Option<(f64, Arc<str>)>,
    /// The source that brought it.
    pub source: SourceName,
}
