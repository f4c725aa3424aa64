//! A span that is still in memory: the tail of the file, until it is sealed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::times::Times;
use crate::model::Timestamp;
use crate::store::file::ids::FileId;

/// How long a span is at most; spans begin and end at multiples of it.
pub const SPAN: Duration = Duration::from_secs(15 * 60);
/// How many ticks a span has at most, however fast they come.
pub const MOST_TICKS: usize = 4096;
/// How many values a span has at most, 40 MB of them: a quarter of an hour of 5,500 series.
const MOST_VALUES: usize = 5_000_000;

/// The values of one series from the first tick on at which one was known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lane {
    begins: usize,
    values: Vec<f64>,
}

impl Lane {
    pub fn put(&mut self, tick: usize, value: f64) {
        if self.values.is_empty() {
            self.begins = tick;
        }
        let known = tick.saturating_sub(self.begins);
        self.values.resize(known, f64::NAN);
        self.values.push(value);
    }

    /// Lets the last value stand until before a tick.
    pub fn stay_until(&mut self, tick: usize) {
        if let Some(last) = self.values.last().copied() {
            let known = tick.saturating_sub(self.begins).max(self.values.len());
            self.values.resize(known, last);
        }
    }

    pub fn at(&self, tick: usize) -> f64 {
        tick.checked_sub(self.begins)
            .and_then(|index| self.values.get(index))
            .copied()
            .unwrap_or(f64::NAN)
    }
}

/// Ticks that follow each other in one quarter of an hour.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenSpan {
    pub times: Times,
    pub lanes: BTreeMap<FileId, Lane>,
}

impl OpenSpan {
    /// Whether a tick of this moment belongs to it: a clock that went back begins a new span.
    pub fn takes(&self, at: Timestamp) -> bool {
        self.times.len() < MOST_TICKS
            && self.times.len() * self.lanes.len() < MOST_VALUES
            && self
                .times
                .last()
                .is_none_or(|last| at > last && at.floor_to(SPAN) == last.floor_to(SPAN))
    }

    /// Takes a tick; what is not known of it is left out or NaN.
    pub fn push(
        &mut self,
        at: Timestamp,
        lasts: Duration,
        values: impl Iterator<Item = (FileId, f64)>,
    ) {
        let tick = self.times.len();
        self.times.push(at, lasts);
        for (series, value) in values.filter(|(_, value)| !value.is_nan()) {
            self.lanes.entry(series).or_default().put(tick, value);
        }
    }

    /// The values of a series at every tick.
    pub fn values(&self, series: FileId) -> Option<Vec<f64>> {
        let lane = self.lanes.get(&series)?;
        Some((0..self.times.len()).map(|tick| lane.at(tick)).collect())
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        /// What a lane weighs beside its values, with its place in the tree.
        const LANE: usize = size_of::<Lane>() + 24;
        let lanes = self.lanes.values();
        let held: usize = lanes
            .map(|lane| lane.values.capacity() * size_of::<f64>() + LANE)
            .sum();
        held + self.times.len() * 24
    }
}
