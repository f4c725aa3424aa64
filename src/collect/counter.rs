//! Counters that only rise, made into rates. The first reading has no rate, and a counter that went down (a reset, a
//! device that was taken away) is a gap, never a spike.

use std::time::Duration;

/// The last value of one counter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counter(Option<u64>);

impl Counter {
    /// Takes the next value and tells by how much it rose.
    pub fn rise(&mut self, value: u64) -> Option<u64> {
        let before = self.0.replace(value)?;
        value.checked_sub(before)
    }

    /// Takes the next value and tells how fast it rose in `interval`, a second.
    pub fn rate(&mut self, value: u64, interval: Option<Duration>) -> Option<f64> {
        let rise = self.rise(value)?;
        per_second(rise, interval)
    }
}

/// `rise` within `interval` as a rate a second.
#[must_use]
pub fn per_second(rise: u64, interval: Option<Duration>) -> Option<f64> {
    Some(rise as f64 / interval?.as_secs_f64())
}

/// The time between two readings of one source.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interval(Option<Duration>);

impl Interval {
    /// The monotonic time since the last reading; `None` at the first, or when no time passed.
    pub fn next(&mut self, now: Duration) -> Option<Duration> {
        let before = self.0.replace(now)?;
        now.checked_sub(before).filter(|span| !span.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_and_a_fall_have_no_rate() {
        let mut interval = Interval::default();
        let mut counter = Counter::default();
        let mut read = |value, at| counter.rate(value, interval.next(Duration::from_millis(at)));
        assert_eq!(read(1000, 0), None);
        assert_eq!(read(1500, 500), Some(1000.0));
        assert_eq!(read(3, 1000), None, "it was reset");
        assert_eq!(read(3, 2000), Some(0.0));
        assert_eq!(read(9, 2000), None, "no time passed");
    }
}
