//! The last minute, in six parts of ten seconds: the oldest part goes as a new one begins.

use std::collections::VecDeque;
use std::time::Duration;

use super::Statuses;
use crate::model::{Distribution, Sketch};

/// Length of a part, seconds.
const PART_SECONDS: u64 = 10;
/// So many parts make the last minute; the last one is being filled.
const PARTS: u64 = 6;

/// The number of the part that a moment of the monotonic clock lies in.
pub(in crate::collect) fn part_of(moment: Duration) -> u64 {
    moment.as_secs() / PART_SECONDS
}

/// Since when the rows count, at a moment of the monotonic clock.
pub(in crate::collect) fn window_start(moment: Duration) -> Duration {
    let first = part_of(moment).saturating_sub(PARTS - 1);
    Duration::from_secs(first * PART_SECONDS)
}

/// Requests of some time.
#[derive(Debug, Clone, Default)]
pub(in crate::collect) struct Requests {
    pub statuses: Statuses,
    pub times: Distribution,
}

impl Requests {
    /// Adds one time, milliseconds. Beside buckets it is counted into them.
    pub fn observe(&mut self, ms: f64) {
        if let Distribution::Sketch(sketch) = &mut self.times {
            sketch.add(ms);
            return;
        }
        let mut one = Sketch::default();
        one.add(ms);
        self.times.merge(&Distribution::Sketch(one));
    }
}

/// What the last minute is kept of.
pub(in crate::collect) trait Merge: Default {
    fn merge(&mut self, other: &Self);
}

impl Merge for Requests {
    fn merge(&mut self, other: &Self) {
        self.statuses.add(&other.statuses);
        self.times.merge(&other.times);
    }
}

impl Merge for Duration {
    fn merge(&mut self, other: &Self) {
        *self += *other;
    }
}

/// The last minute of something.
#[derive(Debug, Clone, Default)]
pub(in crate::collect) struct Window<T>(VecDeque<(u64, T)>);

impl<T: Merge> Window<T> {
    /// Adds to a part; parts come in their order.
    pub fn add(&mut self, part: u64, value: T) {
        match self.0.back_mut() {
            Some((last, sum)) if *last >= part => sum.merge(&value),
            _ => self.0.push_back((part, value)),
        }
    }

    /// Lets go what is older than the minute that ends with `part`.
    pub fn forget(&mut self, part: u64) {
        while self
            .0
            .front()
            .is_some_and(|(first, _)| first + PARTS <= part)
        {
            self.0.pop_front();
        }
    }

    /// Everything of the minute.
    pub fn sum(&self) -> T {
        let mut sum = T::default();
        for (_, value) in &self.0 {
            sum.merge(value);
        }
        sum
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_leaves_after_a_minute() {
        let mut window = Window::default();
        let second = Duration::from_secs(1);
        for at in 0..120 {
            let part = part_of(second * at);
            window.add(part, second);
            window.forget(part);
        }
        assert_eq!(window.sum(), second * 60);
        assert_eq!(window_start(second * 119), second * 60);
        window.forget(part_of(second * 169));
        assert_eq!(window.sum(), second * 10);
        window.forget(part_of(second * 170));
        assert!(window.is_empty());
    }
}
