//! How long and how much of everything is kept.

use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// How long each part is kept at most, and how many bytes all of it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file; where it would be more, the finest and oldest goes first.
    pub bytes: u64,
    /// Figures at every tick.
    pub ticks: Duration,
    /// Figures and distributions by 10 s.
    pub ten_seconds: Duration,
    /// The same by a minute.
    pub minutes: Duration,
    /// The same by a quarter of an hour.
    pub quarters: Duration,
    /// Pictures of every tick.
    pub every_picture: Duration,
    /// Pictures by 10 s, and those of the moments at which an alert changed.
    pub pictures: Duration,
}

impl Limits {
    /// After so long nothing is left.
    #[must_use]
    pub fn longest(&self) -> Duration {
        let all = [
            self.ten_seconds,
            self.minutes,
            self.quarters,
            self.every_picture,
            self.pictures,
        ];
        all.into_iter().fold(self.ticks, Duration::max)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 512_000_000,
            ticks: DAY,
            ten_seconds: DAY * 7,
            minutes: DAY * 30,
            quarters: DAY * 365,
            every_picture: HOUR,
            pictures: DAY,
        }
    }
}
