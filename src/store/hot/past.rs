//! The past of an earlier run, taken from a file into an empty history, so that a restart shows the charts that there were.

use std::time::Duration;

use super::HotHistory;
use super::buckets::PastBucket;
use crate::model::{SeriesId, Timestamp};

impl HotHistory {
    /// Begins to fill an empty history: it was written since `began`, and its last tick is not later than `until`.
    pub(in crate::store) fn begin_past(&mut self, began: Timestamp, until: Timestamp) {
        self.began = Some(began);
        for tier in &mut self.coarse {
            tier.begin_past(began, until);
        }
    }

    /// The values of a series at each of the past moments that are young enough; missing ones at the end are unknown.
    pub(in crate::store) fn fill_ticks(
        &mut self,
        series: SeriesId,
        moments: &[(Timestamp, Duration)],
        values: Vec<f64>,
    ) {
        if values.iter().any(|value| !value.is_nan()) && self.has_room_for(series) {
            self.ticks.fill(series, moments.len(), values);
        }
    }

    /// The past buckets of a series in the tier of this width, oldest first.
    pub(in crate::store) fn fill_buckets(
        &mut self,
        series: SeriesId,
        step: Duration,
        buckets: &[PastBucket],
    ) {
        if buckets.is_empty() || !self.has_room_for(series) {
            return;
        }
        let mut tiers = self.coarse.iter_mut();
        if let Some(tier) = tiers.find(|tier| tier.step() == step) {
            tier.fill(series, buckets);
        }
    }

    /// Ends the filling: these were the moments of the ticks.
    pub(in crate::store) fn end_past(&mut self, moments: &[(Timestamp, Duration)]) {
        self.ticks.end_past(moments);
    }

    fn has_room_for(&mut self, series: SeriesId) -> bool {
        let (admitted, count) = &mut self.admitted;
        if admitted.len() <= series.index() {
            admitted.resize(series.index() + 1, false);
        }
        if !admitted[series.index()] && *count < self.series_limit {
            admitted[series.index()] = true;
            *count += 1;
        }
        admitted[series.index()]
    }
}
