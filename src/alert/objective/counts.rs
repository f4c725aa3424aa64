//! How many requests were good, minute by minute for three days and hour by hour for thirty.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// The longest window of a burn rate, in minutes.
const MINUTES: usize = 3 * 24 * 60;
/// The longest window of a budget, in hours.
const HOURS: usize = 30 * 24;

/// Requests, and those of them that were not good.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// All.
    pub total: f64,
    /// Those that were not good. Buckets are cut where the limit lies, so that there are parts of requests.
    pub bad: f64,
}

impl Count {
    /// The share that was not good, 0 to 1.
    #[must_use]
    pub fn bad_share(self) -> Option<f64> {
        (self.total > 0.0).then(|| self.bad / self.total)
    }

    fn add(&mut self, other: Self) {
        self.total += other.total;
        self.bad += other.bad;
    }
}

/// A ring of counts by the beginning of their stretch of time; stretches without requests are not there.
#[derive(Debug)]
struct Ring {
    step: Duration,
    most: usize,
    counts: VecDeque<(Timestamp, Count)>,
}

impl Ring {
    fn new(step: Duration, most: usize) -> Self {
        let counts = VecDeque::new();
        Self { step, most, counts }
    }

    fn add(&mut self, at: Timestamp, count: Count) {
        let stretch = at.floor_to(self.step);
        // The clock was set back: what is later than it is now is forgotten.
        while self.counts.back().is_some_and(|(last, _)| *last > stretch) {
            self.counts.pop_back();
        }
        match self.counts.back_mut() {
            Some((last, sum)) if *last == stretch => sum.add(count),
            _ => self.counts.push_back((stretch, count)),
        }
        let kept = self
            .step
            .saturating_mul(u32::try_from(self.most).unwrap_or(u32::MAX));
        let oldest = stretch.minus(kept);
        while self
            .counts
            .front()
            .is_some_and(|(first, _)| *first <= oldest)
        {
            self.counts.pop_front();
        }
    }

    /// The newest stretches first, with how long before `now` each began.
    fn back_from(&self, now: Timestamp) -> impl Iterator<Item = (Duration, Count)> {
        let counts = self.counts.iter().rev();
        counts.map(move |(at, count)| (now.since(*at), *count))
    }
}

/// The requests of one objective.
#[derive(Debug)]
pub struct Counts {
    minutes: Ring,
    hours: Ring,
    /// Since when requests are counted.
    since: Option<Timestamp>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            minutes: Ring::new(MINUTE, MINUTES),
            hours: Ring::new(HOUR, HOURS),
            since: None,
        }
    }
}

impl Counts {
    /// Adds the requests of a moment.
    pub fn add(&mut self, at: Timestamp, count: Count) {
        if count.total > 0.0 {
            self.since = Some(self.since.map_or(at, |since| since.min(at)));
            self.minutes.add(at, count);
            self.hours.add(at, count);
        }
    }

    /// Since when requests are counted; `None` before the first.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// The counts of several windows that all end now, in whole minutes: those that began within the window.
    /// `windows` must rise, and the longest be no longer than three days.
    #[must_use]
    pub fn over<const N: usize>(&self, now: Timestamp, windows: [Duration; N]) -> [Count; N] {
        let mut sums = [Count::default(); N];
        let mut sum = Count::default();
        let mut window = 0;
        for (ago, count) in self.minutes.back_from(now) {
            while window < N && ago >= windows[window] {
                sums[window] = sum;
                window += 1;
            }
            sum.add(count);
        }
        sums[window..].fill(sum);
        sums
    }

    /// The count of the budget's window, in whole hours.
    #[must_use]
    pub fn within(&self, now: Timestamp, window: Duration) -> Count {
        let mut sum = Count::default();
        let hours = self.hours.back_from(now);
        for (_, count) in hours.take_while(|(ago, _)| *ago < window) {
            sum.add(count);
        }
        sum
    }
}
