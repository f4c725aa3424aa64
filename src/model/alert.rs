//! Alerts as they stand in a frame.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::series::SeriesId;
use super::unit::Unit;

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Look at it today.
    Warning,
    /// Look at it now.
    Critical,
}

impl Severity {
    /// The severity as one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Where an incident stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The condition holds, but not yet for long enough.
    Pending,
    /// It has held for long enough.
    Firing,
    /// Somebody has said that they are on it.
    Acknowledged,
    /// It is over.
    Resolved,
}

impl AlertState {
    /// The state as it stands in the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Firing => "FIRING",
            Self::Acknowledged => "ACKED",
            Self::Resolved => "RESOLVED",
        }
    }
}

/// The number of an incident within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

/// One time that one rule held for one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// The rule's name.
    pub rule: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// Where it stands.
    pub state: AlertState,
    /// The metric.
    pub metric: Arc<str>,
    /// The series.
    #[serde(skip, default = "SeriesId::nowhere")]
    pub series: SeriesId,
    /// Where: the values of the series' labels, or the host's name.
    pub place: String,
    /// Unit of value and threshold.
    pub unit: Unit,
    /// The newest value; `None` while there is no data.
    pub value: Option<f64>,
    /// The worst value so far.
    pub worst: f64,
    /// The condition as people read it: `> 80%`.
    pub condition: String,
    /// The threshold alone.
    pub threshold: f64,
    /// Since when the condition has held.
    pub began: Timestamp,
    /// When it began to fire.
    pub fired: Option<Timestamp>,
    /// When it was over.
    pub resolved: Option<Timestamp>,
    /// Since when there has been no data to judge by.
    pub stale_since: Option<Timestamp>,
}

impl Incident {
    /// Whether it calls for attention now.
    #[must_use]
    pub fn is_firing(&self) -> bool {
        matches!(self.state, AlertState::Firing | AlertState::Acknowledged)
    }
}

/// A rule as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSummary {
    /// Its name.
    pub name: Arc<str>,
    /// How bad it is when it holds.
    pub severity: Severity,
    /// What it watches and when it holds: `system.cpu.usage_percent > 80% for 5m00s`.
    pub condition: String,
    /// The metric alone.
    pub metric: Arc<str>,
    /// The threshold alone.
    pub threshold: f64,
    /// How a value is held against the threshold: `>`, `>=`, `<` or `<=`.
    pub operator: String,
    /// For how long it must hold, seconds.
    pub hold_seconds: f64,
    /// Whether values over the threshold are news; else those under it.
    pub above: bool,
    /// How many series it watches now; none means that it can't be evaluated.
    pub series: usize,
}

impl RuleSummary {
    /// Whether a value is on the wrong side of the threshold now, however long.
    #[must_use]
    pub fn is_crossed_by(&self, value: f64) -> bool {
        if self.above {
            value > self.threshold
        } else {
            value < self.threshold
        }
    }
}

/// Every incident that is open, and the last ones that are over.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AlertBoard {
    /// Pending and firing, worst first.
    pub open: Vec<Incident>,
    /// Resolved, newest first, at most [`AlertBoard::KEPT`]; shared from tick to tick, for most resolve nothing.
    pub resolved: Arc<Vec<Incident>>,
    /// The rules in force.
    pub rules: Arc<Vec<RuleSummary>>,
}

impl AlertBoard {
    /// How many resolved incidents are remembered.
    pub const KEPT: usize = 200;

    /// How many fire with this severity.
    #[must_use]
    pub fn firing(&self, severity: Severity) -> usize {
        self.open
            .iter()
            .filter(|i| i.is_firing() && i.severity == severity)
            .count()
    }

    /// How bad a value of `metric` is now by the rules that watch it, however long it has been so.
    #[must_use]
    pub fn judge(&self, metric: &str, value: f64) -> Option<Severity> {
        let crossed = self
            .rules
            .iter()
            .filter(|rule| &*rule.metric == metric && rule.is_crossed_by(value));
        crossed.map(|rule| rule.severity).max()
    }

    /// How many fire in all.
    #[must_use]
    pub fn firing_count(&self) -> usize {
        self.open.iter().filter(|i| i.is_firing()).count()
    }

    /// The worst severity that fires.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.open
            .iter()
            .filter(|i| i.is_firing())
            .map(|i| i.severity)
            .max()
    }
}
