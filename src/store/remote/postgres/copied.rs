//! Rows as COPY takes them, and values as JSON.

use std::fmt::Write as _;

use chrono::DateTime;
use serde_json::json;

use super::parcel::{Figure, Occurrence, Parcel, Rule, Tags};
use crate::model::{Timestamp, Unit};

/// The labels by which a figure is of a user or of an organisation.
const USER: &str = "user_id";
const ORGANISATION: &str = "organization_id";

/// Whether a figure tells of the business that is done rather than of the machine that does it.
fn is_business(figure: &Figure) -> bool {
    let of_somebody = [USER, ORGANISATION]
        .iter()
        .any(|label| figure.labels.contains_key(*label));
    of_somebody || figure.metric.starts_with("business.") || figure.metric.starts_with("app.user.")
}

/// The rows of `performance_metrics`: metric_name, value, unit, tags, timestamp.
pub(super) fn performance(parcel: &Parcel) -> String {
    let mut text = String::new();
    let at = moment(parcel.at);
    let figures = parcel.figures.iter();
    for figure in figures.filter(|figure| !is_business(figure)) {
        let mut row = Row::new(&mut text);
        row.text(&figure.metric);
        row.number(Some(figure.value));
        row.text(&unit(figure.unit));
        row.text(&tags(&parcel.tags, &figure.labels));
        row.text(&at);
        row.end();
    }
    text
}

/// The rows of `business_metrics`: metric_name, value, unit, user_id, organization_id, tags, timestamp.
pub(super) fn business(parcel: &Parcel) -> String {
    let mut text = String::new();
    let at = moment(parcel.at);
    let figures = parcel.figures.iter();
    for figure in figures.filter(|figure| is_business(figure)) {
        let mut row = Row::new(&mut text);
        row.text(&figure.metric);
        row.number(Some(figure.value));
        row.text(&unit(figure.unit));
        row.text_or_null(figure.labels.get(USER));
        row.text_or_null(figure.labels.get(ORGANISATION));
        row.text(&tags(&parcel.tags, &figure.labels));
        row.text(&at);
        row.end();
    }
    text
}

/// The row of `system_metrics`: host_name, cpu_usage, memory_usage, disk_usage, network_io, tags, timestamp.
pub(super) fn system(parcel: &Parcel) -> String {
    let mut text = String::new();
    if let Some(system) = &parcel.system {
        let mut row = Row::new(&mut text);
        row.text(&parcel.host);
        row.number(system.cpu);
        row.number(system.memory);
        row.number(system.disk);
        row.text(&json!(system.network).to_string());
        row.text(&tags(&parcel.tags, &Tags::new()));
        row.text(&moment(parcel.at));
        row.end();
    }
    text
}

/// Rules as an array of objects.
pub(super) fn rules(rules: &[Rule]) -> String {
    let rows = rules.iter().map(|rule| {
        json!({
            "name": rule.name,
            "metric": rule.metric,
            "operator": rule.operator,
            "threshold": rule.threshold,
            "unit": unit(rule.unit),
            "minutes": rule.minutes,
            "severity": rule.severity,
        })
    });
    serde_json::Value::from_iter(rows).to_string()
}

/// Incidents as an array of objects.
pub(super) fn incidents(incidents: &[Occurrence]) -> String {
    let rows = incidents.iter().map(|incident| {
        json!({
            "rule": incident.rule,
            "status": incident.status,
            "value": incident.value,
            "fired": moment(incident.fired),
            "resolved": incident.resolved.map(moment),
            "notes": incident.notes,
            "tags": incident.tags,
        })
    });
    serde_json::Value::from_iter(rows).to_string()
}

/// A moment as PostgreSQL reads it whatever its settings are.
pub(super) fn moment(at: Timestamp) -> String {
    let moment = DateTime::from_timestamp_millis(at.0).unwrap_or_default();
    moment.format("%Y-%m-%d %H:%M:%S%.3f+00").to_string()
}

/// The labels of a series with those of everything; whose host it is stands above what a label says.
fn tags(common: &Tags, own: &Tags) -> String {
    let mut all = common.clone();
    for (name, value) in own {
        if name != "host" {
            all.insert(name.clone(), value.clone());
        }
    }
    json!(all).to_string()
}

/// A unit's word, the same as in the snapshot.
fn unit(unit: Unit) -> String {
    let word = json!(unit);
    word.as_str().unwrap_or_default().to_owned()
}

/// A row in COPY's text format: tabs between the fields, `\N` for NULL, a backslash before what would be mistaken.
struct Row<'a> {
    text: &'a mut String,
    is_begun: bool,
}

impl<'a> Row<'a> {
    fn new(text: &'a mut String) -> Self {
        Self {
            text,
            is_begun: false,
        }
    }

    fn next(&mut self) {
        if self.is_begun {
            self.text.push('\t');
        }
        self.is_begun = true;
    }

    fn text(&mut self, field: &str) {
        self.next();
        for c in field.chars() {
            match c {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                c => self.text.push(c),
            }
        }
    }

    fn text_or_null(&mut self, field: Option<&String>) {
        match field {
            Some(field) => self.text(field),
            None => self.null(),
        }
    }

    /// As many digits as make the same number again.
    fn number(&mut self, field: Option<f64>) {
        match field {
            Some(field) => {
                self.next();
                let _ = write!(self.text, "{field}");
            }
            None => self.null(),
        }
    }

    fn null(&mut self) {
        self.next();
        self.text.push_str("\\N");
    }

    fn end(self) {
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_can_hold_what_stands_between_fields() {
        let mut text = String::new();
        let mut row = Row::new(&mut text);
        row.text("a\tb\\\n");
        row.number(Some(0.1));
        row.number(None);
        row.text("");
        row.end();
        assert_eq!(text, "a\\tb\\\\\\n\t0.1\t\\N\t\n");
    }

    #[test]
    fn a_label_called_host_can_not_move_a_figure_to_another_host() {
        let of = |pairs: &[(&str, &str)]| -> Tags {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let common = of(&[("host", "web1"), ("env", "test")]);
        let own = of(&[("host", "web2"), ("env", "own")]);
        assert_eq!(tags(&common, &own), r#"{"env":"own","host":"web1"}"#);
    }
}
