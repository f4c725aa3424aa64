//! Names of series as Prometheus and OpenMetrics write them. hubtop's own are dotted: `system.cpu.usage_percent` is
//! called `system_cpu_usage_percent` there.

use crate::model::{SeriesKey, Unit};

/// The label that holds the metric's name.
pub const NAME: &str = "__name__";

/// A name and a value.
pub type Label = (String, String);

/// The name of a metric: letters, digits, `_` and `:`, and no digit first.
#[must_use]
pub fn metric_name(dotted: &str) -> String {
    plain(dotted, |c| {
        c.is_ascii_alphanumeric() || c == '_' || c == ':'
    })
}

/// The name of a label: letters, digits and `_`, no digit first. Those that begin with `__` are the server's own.
#[must_use]
pub fn label_name(name: &str) -> String {
    let name = plain(name, |c| c.is_ascii_alphanumeric() || c == '_');
    match name.strip_prefix("__") {
        Some(rest) => format!("_{}", rest.trim_start_matches('_')),
        None => name,
    }
}

fn plain(name: &str, is_allowed: impl Fn(char) -> bool) -> String {
    let allowed = |c| if is_allowed(c) { c } else { '_' };
    let plain: String = name.chars().map(allowed).collect();
    if plain.is_empty() || plain.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("_{plain}");
    }
    plain
}

/// What a series is called: the metric's name as [`NAME`], its labels, and those `of_host` that all series of a host
/// bear. In the order of their names, none twice, none empty. Where a series has a label that the host bears, its own is
/// called `exported_…`, as Prometheus does it.
#[must_use]
pub fn labels_of(key: &SeriesKey, of_host: &[Label]) -> Vec<Label> {
    let mut labels = vec![(NAME.to_owned(), metric_name(&key.metric))];
    let of_host = of_host
        .iter()
        .map(|(name, value)| (label_name(name), value.as_str()));
    let own = key
        .labels
        .iter()
        .map(|(name, value)| (label_name(name), value));
    for (mut name, value) in of_host.chain(own).filter(|(_, value)| !value.is_empty()) {
        while labels.iter().any(|(taken, _)| *taken == name) {
            name = format!("exported_{name}");
        }
        labels.push((name, value.to_owned()));
    }
    labels.sort();
    labels
}

/// The unit as the name of a metric ends with it, where there is one.
#[must_use]
pub fn unit_word(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Percent => Some("percent"),
        Unit::Bytes => Some("bytes"),
        Unit::BytesPerSec => Some("bytes_per_sec"),
        Unit::PerSec => Some("per_sec"),
        Unit::Millis => Some("ms"),
        Unit::Seconds => Some("seconds"),
        Unit::Celsius => Some("celsius"),
        Unit::Megahertz => Some("mhz"),
        Unit::Watts => Some("watts"),
        Unit::Usd => Some("usd"),
        Unit::Count | Unit::Ratio => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Labels;
    use crate::model::metric::METRICS;

    fn label(name: &str, value: &str) -> Label {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn labels_are_sorted_unique_and_never_empty() {
        let labels = Labels::of([
            ("route", "GET /v1"),
            ("host", "other"),
            ("Zone", "b"),
            ("a.b", "1"),
            ("a-b", "2"),
            ("__x", "3"),
            ("nothing", ""),
            ("9", "digit"),
        ]);
        let key = SeriesKey::new("app.requests.per_sec", labels);
        let told = labels_of(&key, &[label("host", "web-1"), label("env", "")]);
        let expected = [
            ("Zone", "b"),
            ("_9", "digit"),
            ("__name__", "app_requests_per_sec"),
            ("_x", "3"),
            ("a_b", "2"),
            ("exported_a_b", "1"),
            ("exported_host", "other"),
            ("host", "web-1"),
            ("route", "GET /v1"),
        ];
        assert_eq!(told, expected.map(|(name, value)| label(name, value)));
    }

    #[test]
    fn a_name_is_made_of_what_is_allowed_in_one() {
        assert_eq!(metric_name("system.load.1m"), "system_load_1m");
        assert_eq!(metric_name("1st-übel"), "_1st__bel");
        assert_eq!(metric_name("job:rate:5m"), "job:rate:5m");
        assert_eq!(label_name("job:rate"), "job_rate");
    }

    #[test]
    fn no_two_metrics_share_a_name() {
        let mut names: Vec<String> = METRICS.iter().map(|def| metric_name(def.name)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), METRICS.len());
    }
}
