//! A series is a metric with labels; it is carried everywhere as a small number, its [`SeriesId`].
//!
//! The [`Catalog`] gives out the numbers; a [`SeriesTable`] is its immutable picture that travels in each frame.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::metric::{self, MetricDef};

/// The number of a series within this process. Dense from zero, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u32);

impl SeriesId {
    /// A number that no series has: what is asked of it is unknown.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self(u32::MAX)
    }

    /// The id as an index into arrays that hold one entry a series.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The labels of a series, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Labels(Vec<(Arc<str>, Arc<str>)>);

impl Labels {
    /// No labels.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One label.
    #[must_use]
    pub fn one(name: &str, value: &str) -> Self {
        Self(vec![(name.into(), value.into())])
    }

    /// Labels in any order; a name given twice keeps its last value.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut labels: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        for (name, value) in pairs {
            labels.retain(|(known, _)| &**known != name);
            labels.push((name.into(), value.into()));
        }
        labels.sort();
        Self(labels)
    }

    /// The value of the label called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| &**known == name)
            .map(|(_, value)| &**value)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The values alone, as people read them: `/` or `GET /v1/orders · 5xx`.
    #[must_use]
    pub fn values_text(&self) -> String {
        let values: Vec<&str> = self.0.iter().map(|(_, value)| &**value).collect();
        values.join(" · ")
    }
}

/// What a series is of: `system.disk.usage_percent{mount="/"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeriesKey {
    /// The metric's dotted name.
    pub metric: Arc<str>,
    /// Its labels.
    pub labels: Labels,
}

impl SeriesKey {
    /// The key of `metric` with `labels`.
    #[must_use]
    pub fn new(metric: &str, labels: Labels) -> Self {
        Self {
            metric: metric.into(),
            labels,
        }
    }

    /// What is known of the metric.
    #[must_use]
    pub fn describe(&self) -> &'static MetricDef {
        metric::describe(&self.metric)
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let pairs: Vec<String> = self
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        write!(f, "{{{}}}", pairs.join(","))
    }
}

/// Every series known at one moment.
#[derive(Debug, Clone, Default)]
pub struct SeriesTable {
    keys: Vec<Arc<SeriesKey>>,
    by_metric: HashMap<Arc<str>, Vec<SeriesId>>,
}

impl SeriesTable {
    /// How many series there are; every id below it is known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What `id` is of.
    #[must_use]
    pub fn key(&self, id: SeriesId) -> Option<&Arc<SeriesKey>> {
        self.keys.get(id.index())
    }

    /// The series of `metric`, in the order in which they appeared.
    #[must_use]
    pub fn of_metric(&self, metric: &str) -> &[SeriesId] {
        self.by_metric.get(metric).map_or(&[], Vec::as_slice)
    }

    /// The series of `metric` with exactly these labels.
    #[must_use]
    pub fn find(&self, metric: &str, labels: &Labels) -> Option<SeriesId> {
        self.of_metric(metric)
            .iter()
            .copied()
            .find(|id| self.keys[id.index()].labels == *labels)
    }

    /// Every series with its id.
    pub fn iter(&self) -> impl Iterator<Item = (SeriesId, &Arc<SeriesKey>)> {
        (0..).map(SeriesId).zip(&self.keys)
    }

    fn add(&mut self, key: SeriesKey) -> SeriesId {
        let id = SeriesId(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
        self.by_metric
            .entry(key.metric.clone())
            .or_default()
            .push(id);
        self.keys.push(Arc::new(key));
        id
    }
}

/// Gives each series its number; shared by collectors and the pipeline.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    table: Arc<RwLock<Arc<SeriesTable>>>,
}

impl Catalog {
    /// An empty catalog.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of `metric` with `labels`, given out now if it is new. Keep it: a look-up costs a hash.
    pub fn id(&self, metric: &str, labels: Labels) -> SeriesId {
        if let Some(known) = self.table().find(metric, &labels) {
            return known;
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = table.find(metric, &labels) {
            return known;
        }
        Arc::make_mut(&mut table).add(SeriesKey::new(metric, labels))
    }

    /// The number of `metric` without labels.
    pub fn plain(&self, metric: &str) -> SeriesId {
        self.id(metric, Labels::none())
    }

    /// The picture of all series as of now; cheap.
    #[must_use]
    pub fn table(&self) -> Arc<SeriesTable> {
        self.table
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_keeps_its_number() {
        let catalog = Catalog::new();
        let root = catalog.id("system.disk.usage_percent", Labels::one("mount", "/"));
        let before = catalog.table();
        let boot = catalog.id("system.disk.usage_percent", Labels::one("mount", "/boot"));
        assert_ne!(root, boot);
        assert_eq!(
            catalog.id("system.disk.usage_percent", Labels::one("mount", "/")),
            root
        );
        assert_eq!(
            before.len(),
            1,
            "a picture does not change after it was taken"
        );
        assert_eq!(
            catalog.table().of_metric("system.disk.usage_percent"),
            [root, boot]
        );
        assert_eq!(
            catalog.table().key(root).unwrap().to_string(),
            "system.disk.usage_percent{mount=\"/\"}"
        );
    }
}
