//! The series of one server.

use crate::model::{Catalog, Labels, Reading, SeriesId};

/// One figure of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Meter(SeriesId);

impl Meter {
    /// The figure called `metric` of `instance`.
    pub fn of(catalog: &Catalog, metric: &str, instance: &str) -> Self {
        Self(catalog.id(metric, Labels::one("instance", instance)))
    }

    /// Puts the value into a reading if it is known.
    pub fn put(self, reading: &mut Reading, value: Option<f64>) {
        reading.put_known(self.0, value);
    }
}
