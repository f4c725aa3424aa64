//! Every series of this host at one moment as one PromQL question, and the answer as values by the series' numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use serde::Deserialize;

use super::query::{quoted, span};
use crate::model::{Labels, SeriesId, SeriesKey, SeriesTable};
use crate::store::names::{Label, NAME, labels_of, metric_name};

/// The series that are known here, by the names they have there.
#[derive(Debug)]
pub(super) struct Every<'a> {
    table: &'a SeriesTable,
    of_host: Vec<Label>,
    by_labels: HashMap<Vec<Label>, SeriesId>,
    /// The labels that the series of a metric bear, all of them together.
    borne: HashMap<String, BTreeSet<String>>,
}

/// A series of what `/api/v1/query` answers.
#[derive(Debug, Deserialize)]
pub(super) struct Sample {
    metric: BTreeMap<String, String>,
    value: (f64, String),
}

impl<'a> Every<'a> {
    /// All series of a table, which bear the labels `of_host` besides their own.
    pub fn of(table: &'a SeriesTable, of_host: &[Label]) -> Self {
        let mut by_labels = HashMap::new();
        let mut borne: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (id, key) in table.iter() {
            let labels = labels_of(key, of_host);
            let of_metric = borne.entry(metric_name(&key.metric)).or_default();
            of_metric.extend(labels.iter().map(|(name, _)| name.clone()));
            // Of two that have one name there, the first was sent.
            by_labels.entry(labels).or_insert(id);
        }
        let mut of_host = labels_of(&SeriesKey::new("", Labels::none()), of_host);
        of_host.retain(|(name, _)| name != NAME);
        Self {
            table,
            of_host,
            by_labels,
            borne,
        }
    }

    /// What every series was last, and no longer ago than a sample `stands`. What had been ended by then is not among
    /// them: a look back over a range alone would step over the end.
    pub fn promql(&self, stands: Duration) -> String {
        let selector = self.selector();
        let names: BTreeSet<&str> = self.borne.values().flatten().map(String::as_str).collect();
        let names = Vec::from_iter(names).join(",");
        let stands = span(stands);
        format!("last_over_time({selector}[{stands}]) and on({names}) {selector}")
    }

    /// The host's series of those families of metrics (`system_…`, `app_…`) that are known here: others may write with
    /// the same labels.
    fn selector(&self) -> String {
        let families = self.borne.keys().filter_map(|name| name.split('_').next());
        let families: BTreeSet<&str> = families.collect();
        let families = Vec::from_iter(families).join("|");
        let of_host = self
            .of_host
            .iter()
            .map(|(name, value)| format!(",{name}={}", quoted(value)));
        let of_host = String::from_iter(of_host);
        format!("{{{NAME}=~\"(?:{families})(?:_.*)?\"{of_host}}}")
    }

    /// The value of each series, NaN where there is none. Of several rows of one series (an engine may add labels of its
    /// own, such as the replica's) that with the fewest labels counts.
    ///
    /// # Errors
    /// That what the engine said is no number.
    pub fn values(&self, rows: &[Sample]) -> Result<Vec<f64>, String> {
        let mut values = vec![f64::NAN; self.table.len()];
        let mut fewest = vec![usize::MAX; values.len()];
        for row in rows {
            let Some((id, key)) = self.series_of(&row.metric) else {
                continue;
            };
            let (_, text) = &row.value;
            let value: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
            if row.metric.len() < fewest[id.index()] {
                fewest[id.index()] = row.metric.len();
                // Some engines keep a few bits less than a float has; figures have five digits.
                values[id.index()] = key.describe().unit.rounded(value);
            }
        }
        Ok(values)
    }

    fn series_of(&self, there: &BTreeMap<String, String>) -> Option<(SeriesId, &SeriesKey)> {
        let borne = self.borne.get(there.get(NAME)?)?;
        let own = there.iter().filter(|(name, _)| borne.contains(*name));
        let labels: Vec<Label> = own
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let id = *self.by_labels.get(&labels)?;
        Some((id, self.table.key(id)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::rows;
    use super::*;
    use crate::model::Catalog;

    fn catalog() -> Catalog {
        let catalog = Catalog::new();
        catalog.plain("system.load.1m");
        catalog.id("app.requests.per_sec", Labels::none());
        catalog.id("app.requests.per_sec", Labels::one("a.route", "GET /\"x\""));
        catalog.id("app.requests.per_sec", Labels::one("host", "other"));
        catalog
    }

    fn of_host() -> Vec<Label> {
        [("host", "web-\"1\""), ("env", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn what_is_asked_for_is_of_this_host_and_of_the_families_known_here() {
        let table = catalog().table();
        let selector = r#"{__name__=~"(?:app|system)(?:_.*)?",host="web-\"1\""}"#;
        let names = "__name__,a_route,exported_host,host";
        assert_eq!(
            Every::of(&table, &of_host()).promql(Duration::from_secs(30)),
            format!("last_over_time({selector}[30000ms]) and on({names}) {selector}")
        );
    }

    #[test]
    fn names_and_labels_lead_back_to_the_series() {
        let table = catalog().table();
        let body = br#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"__name__":"system_load_1m","host":"web-\"1\"","replica":"b"},"value":[1,"9"]},
            {"metric":{"__name__":"system_load_1m","host":"web-\"1\""},"value":[1,"1.25"]},
            {"metric":{"__name__":"system_load_1m","host":"web-2"},"value":[1,"7"]},
            {"metric":{"__name__":"system_load_5m","host":"web-\"1\""},"value":[1,"7"]},
            {"metric":{"__name__":"app_requests_per_sec","host":"web-\"1\"","a_route":"GET /\"x\""},"value":[1,"2"]},
            {"metric":{"__name__":"app_requests_per_sec","host":"web-\"1\"","a_route":"gone"},"value":[1,"7"]},
            {"metric":{"__name__":"app_requests_per_sec","host":"web-\"1\"","exported_host":"other","job":"x"},"value":[1,"3"]}
        ]}}"#;
        let rows: Vec<Sample> = rows(body).unwrap();
        let values = Every::of(&table, &of_host()).values(&rows).unwrap();
        assert!(values[1].is_nan());
        assert_eq!([values[0], values[2], values[3]], [1.25, 2.0, 3.0]);
    }

    #[test]
    fn what_is_no_number_is_told() {
        let table = catalog().table();
        let body = br#"{"status":"success","data":{"result":[
            {"metric":{"__name__":"system_load_1m","host":"web-\"1\""},"value":[1,"many"]}]}}"#;
        let rows: Vec<Sample> = rows(body).unwrap();
        let told = Every::of(&table, &of_host()).values(&rows);
        assert_eq!(told, Err("\"many\" is no number".to_owned()));
    }
}
