//! The four tiers in which figures are kept, from every tick to quarters of an hour.

use std::time::Duration;

use crate::model::Timestamp;
use crate::store::file::Limits;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// How fine figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Every tick.
    Ticks,
    /// Buckets of 10 s.
    TenSeconds,
    /// Buckets of a minute.
    Minutes,
    /// Buckets of a quarter of an hour.
    Quarters,
}

impl Tier {
    pub const ALL: [Self; 4] = [Self::Ticks, Self::TenSeconds, Self::Minutes, Self::Quarters];
    pub const COARSE: [Self; 3] = [Self::TenSeconds, Self::Minutes, Self::Quarters];

    pub fn number(self) -> i64 {
        self as i64
    }

    pub fn of_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.number() == number)
    }

    /// The width of a bucket; a tick is a moment.
    pub fn width(self) -> Duration {
        match self {
            Self::Ticks => Duration::from_millis(1),
            Self::TenSeconds => Duration::from_secs(10),
            Self::Minutes => MINUTE,
            Self::Quarters => MINUTE * 15,
        }
    }

    pub fn next_coarser(self) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| *tier > self)
    }

    /// Into how long blocks the small ones of its beginning are folded, one after the other.
    pub fn folds(self) -> &'static [Duration] {
        const FOUR_HOURS: Duration = Duration::from_secs(4 * 3600);
        const MONTH: Duration = Duration::from_secs(30 * 86_400);
        match self {
            Self::Ticks => &[FOUR_HOURS],
            Self::TenSeconds | Self::Minutes => &[FOUR_HOURS, DAY],
            Self::Quarters => &[FOUR_HOURS, DAY, MONTH],
        }
    }

    pub fn kept(self, limits: &Limits) -> Duration {
        match self {
            Self::Ticks => limits.ticks,
            Self::TenSeconds => limits.ten_seconds,
            Self::Minutes => limits.minutes,
            Self::Quarters => limits.quarters,
        }
    }

    /// Which of the buckets that begin with that of `first` holds `at`.
    pub fn bucket_of(self, first: Timestamp, at: Timestamp) -> usize {
        let width = self.width();
        let passed = at.floor_to(width).since(first.floor_to(width));
        usize::try_from(passed.as_millis() / width.as_millis()).unwrap_or(usize::MAX)
    }

    /// The coarsest tier whose buckets make up those of this width exactly. Quarters of an hour are for what is longer
    /// than a day: within one, charts that are live are made of minutes, and those of a moment of the past look the same.
    pub fn for_window(step: Duration, span: Duration) -> Self {
        let nests = |tier: &Self| {
            step.as_millis().is_multiple_of(tier.width().as_millis())
                && (*tier != Self::Quarters || span > DAY + HOUR)
        };
        Self::COARSE
            .into_iter()
            .rev()
            .find(nests)
            .unwrap_or(Self::Ticks)
    }
}
