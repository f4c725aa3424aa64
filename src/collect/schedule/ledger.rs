//! What is remembered of a source's answers: its health, its successes, and when it is asked again.

use std::time::Duration;

use crate::collect::CollectError;
use crate::model::{Health, Moment, Timestamp};

/// A failing source is never left alone for longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);
/// After so long the machine may have what it had not.
const ABSENT_AGAIN: Duration = Duration::from_secs(600);
/// After so long somebody may have granted the right.
const DENIED_AGAIN: Duration = Duration::from_secs(60);
/// Failing sources are not asked all at the same moment: the wait varies by so much both ways.
const JITTER: f64 = 0.2;
/// How many collections the share of successes is taken over.
const REMEMBERED: u32 = 100;

/// Numbers that look random and are the same for the same seed (splitmix64, Steele et al. 2014).
pub(super) struct Jitter(u64);

impl Jitter {
    /// Starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `span` changed by up to 20% both ways.
    pub fn around(&mut self, span: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let unit = (z >> 11) as f64 / (1_u64 << 53) as f64;
        span.mul_f64(1.0 - JITTER + 2.0 * JITTER * unit)
    }
}

/// What is remembered of a source's answers.
pub(super) struct Ledger {
    /// How it is doing.
    pub health: Health,
    /// When it last brought something.
    pub last_answer: Option<Timestamp>,
    /// How long its last answer took.
    pub took: Option<Duration>,
    /// Not to be asked before this, because it failed.
    pub not_before: Option<Duration>,
    failures: u32,
    outcomes: u128,
    counted: u32,
}

impl Ledger {
    /// Of a source that was never asked.
    pub fn new() -> Self {
        Self {
            health: Health::Starting,
            last_answer: None,
            took: None,
            not_before: None,
            failures: 0,
            outcomes: 0,
            counted: 0,
        }
    }

    /// It answered. `in_time` is false for an answer after its timeout, which was counted as a failure before.
    pub fn succeeded(&mut self, took: Duration, timeout: Duration, now: Moment, in_time: bool) {
        if in_time {
            self.count(true);
        }
        self.failures = 0;
        self.not_before = None;
        self.last_answer = Some(now.wall);
        self.took = Some(took);
        self.health = if took > timeout / 2 {
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            Health::Slow { took_ms }
        } else {
            Health::Up
        };
    }

    /// It did not answer. `interval` is what the waiting doubles from.
    pub fn failed(
        &mut self,
        error: &CollectError,
        interval: Duration,
        now: Moment,
        jitter: &mut Jitter,
    ) {
        match error {
            CollectError::Absent => {
                self.failures = 0;
                self.health = Health::Absent;
                self.not_before = Some(now.mono + ABSENT_AGAIN);
            }
            CollectError::Denied { grant } => {
                self.count(false);
                let grant = grant.clone();
                self.health = Health::Denied { grant };
                self.not_before = Some(now.mono + DENIED_AGAIN);
            }
            _ => {
                self.count(false);
                let wait = jitter.around(back_off(interval, self.failures));
                self.failures = self.failures.saturating_add(1);
                self.not_before = Some(now.mono + wait);
                self.health = Health::Failing {
                    since: self.failing_since().unwrap_or(now.wall),
                    because: error.to_string(),
                    next_try: now.wall.plus(wait),
                };
            }
        }
    }

    /// Share of the last 100 collections that succeeded, 0 to 100.
    pub fn success_percent(&self) -> Option<f64> {
        let good = (self.outcomes & ((1 << REMEMBERED) - 1)).count_ones();
        (self.counted > 0).then(|| f64::from(good) * 100.0 / f64::from(self.counted))
    }

    fn failing_since(&self) -> Option<Timestamp> {
        match self.health {
            Health::Failing { since, .. } => Some(since),
            _ => None,
        }
    }

    fn count(&mut self, good: bool) {
        self.outcomes = (self.outcomes << 1) | u128::from(good);
        self.counted = (self.counted + 1).min(REMEMBERED);
    }
}

/// The wait after `failures` earlier failures in a row: the interval, doubled each time, never over a minute.
fn back_off(interval: Duration, failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.min(16));
    interval.saturating_mul(doubled).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_the_interval_and_ends_at_a_minute() {
        let second = Duration::from_secs(1);
        let waits: Vec<u64> = (0..8).map(|n| back_off(second, n).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(back_off(second, u32::MAX), LONGEST_BACK_OFF);
        assert_eq!(back_off(Duration::MAX, 3), LONGEST_BACK_OFF);
    }

    #[test]
    fn jitter_stays_within_a_fifth_and_repeats_with_its_seed() {
        let span = Duration::from_secs(10);
        let draw = |seed| {
            let mut jitter = Jitter::new(seed);
            (0..1000).map(|_| jitter.around(span)).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        assert!(
            drawn
                .iter()
                .all(|d| (8.0..=12.0).contains(&d.as_secs_f64()))
        );
        assert!(drawn.iter().any(|d| d.as_secs_f64() < 8.5));
        assert!(drawn.iter().any(|d| d.as_secs_f64() > 11.5));
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
    }

    #[test]
    fn only_the_last_hundred_collections_count() {
        let mut ledger = Ledger::new();
        assert_eq!(ledger.success_percent(), None);
        (0..50).for_each(|_| ledger.count(false));
        (0..75).for_each(|_| ledger.count(true));
        assert_eq!(ledger.success_percent(), Some(75.0));
        (0..300).for_each(|_| ledger.count(true));
        assert_eq!(ledger.success_percent(), Some(100.0));
    }
}
