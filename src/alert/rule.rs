//! A rule: when a value is news, and how bad. Rules are data, embedded ones and a person's own in the same form.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::alert::RuleSummary;
use crate::model::{Formatter, Labels, Severity, Unit, format, metric};

/// How a value is held against a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// `>`
    #[serde(rename = ">", alias = "gt")]
    Above,
    /// `>=`
    #[serde(rename = ">=", alias = "ge", alias = "gte")]
    AtLeast,
    /// `<`
    #[serde(rename = "<", alias = "lt")]
    Below,
    /// `<=`
    #[serde(rename = "<=", alias = "le", alias = "lte")]
    AtMost,
}

impl Operator {
    /// Whether the condition holds.
    #[must_use]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Above => value > threshold,
            Self::AtLeast => value >= threshold,
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
        }
    }

    /// Of two values the one that is further on the wrong side.
    #[must_use]
    pub fn worse(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Above | Self::AtLeast => a.max(b),
            Self::Below | Self::AtMost => a.min(b),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

/// A rule as it is written in TOML.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleForm {
    /// Its name; unique.
    pub name: String,
    /// The metric, by its full or its short name.
    pub metric: String,
    /// Labels that a series must have; without any, every series of the metric is watched.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How the value is held against the threshold.
    pub condition_operator: Operator,
    /// In the unit of the metric.
    pub threshold: f64,
    /// What the value must come back to before the incident is over; the threshold itself when left out.
    #[serde(default)]
    pub clear_threshold: Option<f64>,
    /// How long the condition must hold, `5m`.
    #[serde(rename = "for")]
    pub hold: String,
    /// How long it must not hold before the incident is over; at once when left out.
    #[serde(default)]
    pub clear_for: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// `false` switches it off.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleError {
    /// It is not TOML, or not of the form.
    #[error("{0}")]
    Form(String),
    /// A value makes no sense.
    #[error("rule {rule}: {key}: {why}")]
    Value {
        /// Which rule.
        rule: String,
        /// Which of its keys.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// A rule that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: Arc<str>,
    /// The metric's full name.
    pub metric: Arc<str>,
    /// Labels that a series must have.
    pub labels: Vec<(String, String)>,
    /// How the value is held against the threshold.
    pub operator: Operator,
    /// In the unit of the metric.
    pub threshold: f64,
    /// What the value must come back to.
    pub clear_threshold: f64,
    /// How long the condition must hold.
    pub hold: Duration,
    /// How long it must not hold before the incident is over.
    pub clear_for: Duration,
    /// How bad.
    pub severity: Severity,
}

impl Rule {
    /// Whether a series with these labels is watched.
    #[must_use]
    pub fn watches(&self, labels: &Labels) -> bool {
        self.labels
            .iter()
            .all(|(name, value)| labels.get(name) == Some(value))
    }

    /// The unit of its metric.
    #[must_use]
    pub fn unit(&self) -> Unit {
        metric::describe(&self.metric).unit
    }

    /// The condition as people read it: `> 80%`.
    #[must_use]
    pub fn condition(&self) -> String {
        format!(
            "{} {}",
            self.operator.sign(),
            Formatter::default().value(self.unit(), Some(self.threshold))
        )
    }

    /// How long the condition holds before the rule fires: ` for 5m00s`; nothing when it fires at once.
    fn held(&self) -> String {
        if self.hold.is_zero() {
            return String::new();
        }
        format!(" for {}", format::duration(self.hold))
    }

    /// How it is shown in a list.
    #[must_use]
    pub fn summary(&self, series: usize) -> RuleSummary {
        RuleSummary {
            name: self.name.clone(),
            severity: self.severity,
            condition: format!("{} {}{}", self.metric, self.condition(), self.held()),
            metric: self.metric.clone(),
            threshold: self.threshold,
            operator: self.operator.sign().to_owned(),
            hold_seconds: self.hold.as_secs_f64(),
            above: matches!(self.operator, Operator::Above | Operator::AtLeast),
            series,
        }
    }
}

impl TryFrom<RuleForm> for Rule {
    type Error = RuleError;

    fn try_from(form: RuleForm) -> Result<Self, RuleError> {
        let wrong = |key, why| RuleError::Value {
            rule: form.name.clone(),
            key,
            why,
        };
        let span = |key, text: &str| {
            crate::model::span::parse(text)
                .ok_or_else(|| wrong(key, format!("{text:?} is no time; write 30s, 5m or 1h")))
        };
        if !form.threshold.is_finite() {
            return Err(wrong("threshold", "must be a number".to_owned()));
        }
        let clear = form.clear_threshold.unwrap_or(form.threshold);
        if form.operator_would_hold(clear) && clear != form.threshold {
            return Err(wrong(
                "clear_threshold",
                format!(
                    "{clear} lies on the wrong side of the threshold {}",
                    form.threshold
                ),
            ));
        }
        Ok(Self {
            hold: span("for", &form.hold)?,
            clear_for: form
                .clear_for
                .as_deref()
                .map_or(Ok(Duration::ZERO), |text| span("clear_for", text))?,
            metric: metric::full_name(&form.metric).into(),
            labels: form.labels.into_iter().collect(),
            operator: form.condition_operator,
            threshold: form.threshold,
            clear_threshold: clear,
            severity: form.severity,
            name: form.name.into(),
        })
    }
}

impl RuleForm {
    fn operator_would_hold(&self, value: f64) -> bool {
        self.condition_operator.holds(value, self.threshold)
    }
}

/// The rules of a TOML text, those that are switched off left out.
///
/// # Errors
/// The first mistake in it.
pub fn parse_rules(text: &str) -> Result<Vec<Rule>, RuleError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        rule: Vec<RuleForm>,
    }
    let file: File = toml::from_str(text).map_err(|error| RuleError::Form(error.to_string()))?;
    file.rule
        .into_iter()
        .filter(|form| form.enabled)
        .map(Rule::try_from)
        .collect()
}

/// The TOML of the rules that hubtop comes with.
pub const DEFAULT_RULES: &str = include_str!("../../assets/rules/default.toml");

/// The rules that hubtop comes with.
///
/// # Errors
/// None as long as the tests pass: they load this text.
pub fn default_rules() -> Result<Vec<Rule>, RuleError> {
    parse_rules(DEFAULT_RULES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_it_comes_with() {
        let rules = default_rules().unwrap();
        let shown: Vec<String> = rules
            .iter()
            .map(|r| {
                format!(
                    "{} {} {}",
                    r.name,
                    r.severity.word(),
                    r.summary(0).condition
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "high_cpu_usage warning system.cpu.usage_percent > 80% for 5m00s",
                "critical_cpu_usage critical system.cpu.usage_percent > 95% for 2m00s",
                "high_memory_usage warning system.memory.usage_percent > 85% for 5m00s",
                "critical_memory_usage critical system.memory.usage_percent > 95% for 2m00s",
                "disk_space_low warning system.disk.usage_percent > 90% for 5m00s",
                "disk_space_critical critical system.disk.usage_percent > 95% for 1m00s",
                "high_response_time warning app.response_time.p95_ms > 2.0s for 3m00s",
                "critical_response_time critical app.response_time.p95_ms > 5.0s for 1m00s",
                "high_error_rate warning app.errors.rate_percent > 5.0% for 2m00s",
                "critical_error_rate critical app.errors.rate_percent > 10% for 1m00s",
                "slo_burn_1h critical slo.burn_rate > 14.40",
                "slo_burn_6h critical slo.burn_rate > 6.00",
                "slo_burn_1d warning slo.burn_rate > 3.00",
                "slo_burn_3d warning slo.burn_rate > 1.00",
            ]
        );
    }

    #[test]
    fn mistakes_name_the_rule_and_the_key() {
        let rule = |line: &str| {
            format!(
                "[[rule]]\nname='r'\nmetric='cpu_usage'\ncondition_operator='>'\nthreshold=80\nseverity='warning'\n{line}"
            )
        };
        let error = |line: &str| parse_rules(&rule(line)).unwrap_err().to_string();
        assert_eq!(
            error("for='5 min'"),
            "rule r: for: \"5 min\" is no time; write 30s, 5m or 1h"
        );
        assert_eq!(
            error("for='5m'\nclear_threshold=90"),
            "rule r: clear_threshold: 90 lies on the wrong side of the threshold 80"
        );
        assert!(error("for='5m'\nfro='x'").contains("unknown field `fro`"));
        assert_eq!(parse_rules(&rule("for='5m'\nenabled=false")).unwrap(), []);
    }
}
