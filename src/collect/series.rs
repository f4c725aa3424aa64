//! The series of one instance of a server, each numbered when it first has a value.

use std::collections::HashMap;

use crate::model::{Catalog, Labels, Reading, SeriesId, SourceName};

/// The series with the label `instance`.
pub(crate) struct InstanceSeries {
    catalog: Catalog,
    instance: SourceName,
    known: HashMap<(&'static str, Box<str>), SeriesId>,
}

impl InstanceSeries {
    /// None yet.
    pub fn new(catalog: &Catalog, instance: &SourceName) -> Self {
        Self {
            catalog: catalog.clone(),
            instance: instance.clone(),
            known: HashMap::new(),
        }
    }

    /// Adds the value of a metric, if it is known.
    pub fn put(&mut self, reading: &mut Reading, metric: &'static str, value: Option<f64>) {
        let Some(value) = value else { return };
        let id = *self.known.entry((metric, "".into())).or_insert_with(|| {
            let labels = Labels::one("instance", &self.instance);
            self.catalog.id(metric, labels)
        });
        reading.put(id, value);
    }

    /// Adds the value of a metric that has one more label, of which the caller bounds the values.
    pub fn put_of(
        &mut self,
        reading: &mut Reading,
        metric: &'static str,
        (label, of): (&str, &str),
        value: f64,
    ) {
        let id = *self.known.entry((metric, of.into())).or_insert_with(|| {
            let labels = Labels::of([("instance", &*self.instance), (label, of)]);
            self.catalog.id(metric, labels)
        });
        reading.put(id, value);
    }
}
