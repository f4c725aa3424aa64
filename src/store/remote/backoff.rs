//! How long to leave an engine alone that is away.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// After the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// However often it failed: what is back should not have to wait for long.
const LONGEST: Duration = Duration::from_secs(30);
/// However long an engine wants to be left alone.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// Waits that double, each up to a quarter shorter or longer, so that many who lost the same engine do not come back to
/// it at once.
#[derive(Debug, Default)]
pub(super) struct BackOff {
    failures: u32,
}

impl BackOff {
    /// It works again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed once more: how long to wait now, at least as long as it asks for.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let doubled = FIRST
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures += 1;
        // The one source of chance in the standard library.
        let chance = RandomState::new().hash_one(self.failures) % 1024;
        let wait = doubled.mul_f64(0.75 + chance as f64 / 2048.0);
        wait.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_begin_anew() {
        let mut waits = BackOff::default();
        let first = waits.next(None);
        assert!(
            (FIRST * 3 / 4..=FIRST * 5 / 4).contains(&first),
            "{first:?}"
        );
        for _ in 0..40 {
            let wait = waits.next(None);
            assert!(wait > FIRST / 2 && wait <= LONGEST * 5 / 4, "{wait:?}");
        }
        assert!(waits.next(None) >= LONGEST * 3 / 4);
        waits.reset();
        assert!(waits.next(None) <= FIRST * 5 / 4);
    }

    #[test]
    fn an_engine_that_asks_for_a_pause_gets_it_within_reason() {
        let mut waits = BackOff::default();
        let minute = Duration::from_secs(60);
        assert_eq!(waits.next(Some(minute)), minute);
        let endless = waits.next(Some(Duration::from_secs(1 << 40)));
        assert_eq!(endless, LONGEST_ASKED);
    }
}
