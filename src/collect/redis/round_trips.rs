//! How long the answers took lately. The least of them tells how quick the server is: hubtop's own waiting for its turn
//! is in each of them as well, but seldom in all.

use std::collections::VecDeque;
use std::time::Duration;

/// So many are kept.
const RECENT: usize = 4;

/// The last few round trips.
#[derive(Debug, Default)]
pub(super) struct RoundTrips(VecDeque<Duration>);

impl RoundTrips {
    /// Keeps one more, and tells the least of the recent ones.
    pub fn least_with(&mut self, took: Duration) -> Duration {
        if self.0.len() == RECENT {
            self.0.pop_front();
        }
        self.0.push_back(took);
        self.0.iter().copied().min().unwrap_or(took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_waited_makes_no_server_slow_and_several_do() {
        let mut trips = RoundTrips::default();
        let took = [40, 2, 60, 50, 70, 80, 90];
        let least = took.map(|ms| trips.least_with(Duration::from_millis(ms)).as_millis());
        assert_eq!(least, [40, 2, 2, 2, 2, 50, 50]);
    }
}
