//! Since when an engine has samples of this host: found in a few coarse looks back, each finer than the one before.

use std::time::{Duration, Instant};

use super::query::{Row, moment, span};
use crate::model::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// So far back is looked: more than engines keep of fine samples. A multiple of the first step.
pub(super) const LOOK_BACK: Duration = DAY.saturating_mul(731);
/// The steps of the looks: each looks through one step of the one before, of which it is a part.
pub(super) const STEPS: [Duration; 3] = [DAY, Duration::from_secs(600), Duration::from_secs(1)];
/// When it is looked for again: an engine drops its oldest samples.
const FRESH: Duration = Duration::from_secs(3600);

/// What is known of the beginning.
#[derive(Debug, Default)]
pub(super) struct Begin {
    at: Option<Timestamp>,
    told: Option<Instant>,
    is_asked: bool,
}

impl Begin {
    /// The beginning, where there is one, and whether it is time to look for it.
    pub fn get(&self) -> (Option<Timestamp>, bool) {
        let is_fresh = self.told.is_some_and(|told| told.elapsed() < FRESH);
        (self.at, !self.is_asked && !is_fresh)
    }

    pub fn asked(&mut self) {
        self.is_asked = true;
    }

    pub fn put(&mut self, at: Option<Timestamp>) {
        *self = Self {
            at,
            told: Some(Instant::now()),
            is_asked: false,
        };
    }

    pub fn forget(&mut self) {
        self.is_asked = false;
    }
}

/// Whether any of some series has a sample within each step.
pub(super) fn promql(selectors: &[String], step: Duration) -> String {
    let step = span(step);
    let counts = selectors
        .iter()
        .map(|selector| format!("count_over_time({selector}[{step}])"));
    Vec::from_iter(counts).join(" or ")
}

/// The end of the first step in which there is a sample.
pub(super) fn first(rows: &[Row]) -> Option<Timestamp> {
    let firsts = rows.iter().filter_map(|row| row.values.first());
    firsts.map(|(at, _)| moment(*at)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_covers_a_step_of_the_one_before() {
        let spans = std::iter::once(LOOK_BACK).chain(STEPS);
        for (span, step) in spans.zip(STEPS) {
            assert_eq!(span.as_millis() % step.as_millis(), 0);
            // More points Prometheus does not answer with.
            assert!(span.as_millis() / step.as_millis() <= 11_000);
        }
    }

    #[test]
    fn it_is_looked_for_once() {
        let mut begin = Begin::default();
        assert_eq!(begin.get(), (None, true));
        begin.asked();
        assert_eq!(begin.get(), (None, false));
        begin.forget();
        assert_eq!(begin.get(), (None, true));
        begin.put(Some(Timestamp(7)));
        assert_eq!(begin.get(), (Some(Timestamp(7)), false));
    }
}
