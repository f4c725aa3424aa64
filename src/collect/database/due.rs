//! What is asked less often than at every look.

use std::time::Duration;

/// A question with its own interval.
#[derive(Debug)]
pub(in crate::collect) struct Due {
    every: Duration,
    last: Option<Duration>,
}

impl Due {
    /// Asked every `looks` looks, but not less often than `longest`, where `interval` lies between two looks.
    pub fn every(looks: u32, interval: Duration, longest: Duration) -> Self {
        let every = interval.saturating_mul(looks).min(longest).max(interval);
        // Looks come a little early or late; half an interval is nearer to this one than to the next.
        Self {
            every: every.saturating_sub(interval / 2),
            last: None,
        }
    }

    /// Whether it is to be asked now; it counts as asked then.
    pub fn is_now(&mut self, now: Duration) -> bool {
        let is_due = self
            .last
            .is_none_or(|last| now.saturating_sub(last) >= self.every);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }

    /// It is to be asked at the next look.
    pub fn soon(&mut self) {
        self.last = None;
    }
}
