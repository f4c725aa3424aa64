//! When a probe should have begun. A request that is held up by the one before it, because the server was slow, would
//! have been slow too: leaving that out makes a stalled server look fast (coordinated omission, Gil Tene).

use std::time::Duration;

/// The fixed schedule of a probe, on the monotonic clock.
#[derive(Debug)]
pub(super) struct Timetable {
    interval: Duration,
    next: Option<Duration>,
    free_since: Duration,
}

impl Timetable {
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            next: None,
            free_since: Duration::ZERO,
        }
    }

    /// A request begins: by how much too late, because the one before it was still going on. That hubtop itself looks
    /// only once a tick is not the server's doing and does not count.
    pub fn begin(&mut self, now: Duration) -> Duration {
        let intended = self.next.unwrap_or(now).min(now);
        let missed = now.saturating_sub(intended).as_nanos() / self.interval.as_nanos().max(1);
        let missed = u32::try_from(missed).unwrap_or(u32::MAX);
        self.next = Some(intended + self.interval.saturating_mul(missed.saturating_add(1)));
        if self.free_since > intended {
            now - intended
        } else {
            Duration::ZERO
        }
    }

    /// The request that began at `begun` took so long.
    pub fn end(&mut self, begun: Duration, took: Duration) {
        self.free_since = begun + took;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_a_slow_answer_holds_up_counts_from_its_intended_start() {
        let mut timetable = Timetable::new(ms(1000));
        assert_eq!(timetable.begin(ms(10_000)), Duration::ZERO);
        timetable.end(ms(10_000), ms(100));
        assert_eq!(
            timetable.begin(ms(11_300)),
            Duration::ZERO,
            "only the tick was late"
        );
        timetable.end(ms(11_300), ms(3_500));
        // Intended at 12 s, held up until 14.8 s.
        assert_eq!(timetable.begin(ms(15_000)), ms(3_000));
        timetable.end(ms(15_000), ms(10));
        assert_eq!(timetable.begin(ms(16_000)), Duration::ZERO);
    }
}
