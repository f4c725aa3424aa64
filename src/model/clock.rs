//! Time as an argument: nothing in `store/`, `detect/`, `alert/` or a view asks the machine what time it is.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Local, TimeZone};
use serde::{Deserialize, Serialize};

/// A moment of the wall clock: milliseconds since 1970-01-01 UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment moved later by `span`; saturates at the ends of time.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// This moment moved earlier by `span`; saturates at the ends of time.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long after `earlier` this moment is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The last multiple of `step` (from the epoch) at or before this moment; saturates at the ends of time.
    #[must_use]
    pub fn floor_to(self, step: Duration) -> Self {
        let step = millis(step).max(1);
        Self(self.0.div_euclid(step).saturating_mul(step))
    }

    /// The millisecond before this moment; saturates at the beginning of time.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// This moment in the time zone of the machine, as people read it.
    #[must_use]
    pub fn local(self) -> DateTime<Local> {
        Local
            .timestamp_millis_opt(self.0)
            .single()
            .unwrap_or_default()
    }

    /// The time of day, `14:32:07`, in the time zone of the machine.
    #[must_use]
    pub fn clock_text(self) -> String {
        self.local().format("%H:%M:%S").to_string()
    }

    /// The time of day, with the date where that is another one than that of `now`: `2026-03-13 14:32:07`.
    #[must_use]
    pub fn dated_text(self, now: Self) -> String {
        let at = self.local();
        if at.date_naive() == now.local().date_naive() {
            self.clock_text()
        } else {
            at.format("%Y-%m-%d %H:%M:%S").to_string()
        }
    }

    /// The time of day without seconds, `14:32`.
    #[must_use]
    pub fn minute_text(self) -> String {
        self.local().format("%H:%M").to_string()
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// One moment told by both clocks: what people read, and what durations are measured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock; it may jump.
    pub wall: Timestamp,
    /// Time since an arbitrary start; it never goes back. `for` of a rule is measured with it.
    pub mono: Duration,
}

impl Moment {
    /// The moment `span` before this one.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self {
            wall: self.wall.minus(span),
            mono: self.mono.saturating_sub(span),
        }
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// What the monotonic side shows at the start: moments before it (a story that is played in advance) need room.
const MONO_START: Duration = Duration::from_secs(7 * 86_400);

/// The clocks of the machine. On Linux the time that it sleeps counts too, so that a suspend is seen as the gap it is.
#[derive(Debug)]
pub struct SystemClock {
    start: Running,
}

/// A reading of the clock that never goes back. CLOCK_MONOTONIC, which `Instant` reads, stands still in a suspend.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[derive(Debug, Clone, Copy)]
struct Running(Duration);

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Running {
    fn now() -> Self {
        let read = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Self(Duration::try_from(read).unwrap_or_default())
    }

    fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
use std::time::Instant as Running;

impl SystemClock {
    /// A clock whose monotonic side starts at a week.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Running::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Moment {
            wall: Timestamp(millis(wall)),
            mono: MONO_START + self.start.elapsed(),
        }
    }
}

/// A clock that stands still until it is told to move: for tests and for the scripted story of the demo.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Moment>,
}

impl ManualClock {
    /// A clock that stands at `wall`.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        Self {
            now: Mutex::new(Moment {
                wall,
                mono: Duration::ZERO,
            }),
        }
    }

    /// Moves both sides on by `span`.
    pub fn advance(&self, span: Duration) {
        let mut now = self
            .now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        now.wall = now.wall.plus(span);
        now.mono += span;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self
            .now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `/proc/uptime` counts the time asleep too, in hundredths of a second.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_clock_that_runs_counts_what_the_machine_slept() {
        let uptime = || -> f64 {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            text.split(' ').next().unwrap().parse().unwrap()
        };
        let before = uptime();
        let read = Running::now().0.as_secs_f64();
        let after = uptime();
        assert!(
            (before..=after + 0.02).contains(&read),
            "{before} {read} {after}"
        );
    }

    #[test]
    fn the_clock_that_runs_never_goes_back() {
        let clock = SystemClock::new();
        let first = clock.now().mono;
        assert!(first >= MONO_START);
        assert!(clock.now().mono >= first);
    }
}
