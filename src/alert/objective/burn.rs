//! How fast an error budget burns: by how many times more requests fail than may, over a long and a short window
//! (Beyer et al., The Site Reliability Workbook, 2018, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts").
//!
//! The long window says that it matters, the short one that it still goes on. What hubtop has not seen it can't count:
//! before it has watched for the whole long window, that window is what was seen (told as `over 12m`), and it takes at
//! least the short window to say anything. The factors stay the same meanwhile, so that a fault that began before
//! hubtop did is told within minutes; the least number of requests keeps a handful from doing that.

use std::time::Duration;

use super::counts::{Count, Counts};
use crate::model::Timestamp;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// A long window and a short one, and the speed from which on both together are news.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The long window.
    pub long: Duration,
    /// The short window.
    pub short: Duration,
    /// So many times as fast as the budget lasts.
    pub factor: f64,
    /// The long window as people say it, and as the label of the burn rate says it.
    pub word: &'static str,
}

/// The pairs, fastest first: two that page, two that write a ticket.
pub const PAIRS: [Pair; 4] = [
    Pair {
        long: minutes(60),
        short: minutes(5),
        factor: 14.4,
        word: "1h",
    },
    Pair {
        long: minutes(6 * 60),
        short: minutes(30),
        factor: 6.0,
        word: "6h",
    },
    Pair {
        long: minutes(24 * 60),
        short: minutes(2 * 60),
        factor: 3.0,
        word: "1d",
    },
    Pair {
        long: minutes(3 * 24 * 60),
        short: minutes(6 * 60),
        factor: 1.0,
        word: "3d",
    },
];

/// All windows of the pairs, rising.
const WINDOWS: [Duration; 7] = [
    minutes(5),
    minutes(30),
    minutes(60),
    minutes(2 * 60),
    minutes(6 * 60),
    minutes(24 * 60),
    minutes(3 * 24 * 60),
];
/// Of the least number of requests in the long window, the short one must have one in so many.
const SHORT_PART: f64 = 10.0;

/// How fast a budget burns by one pair of windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burn {
    /// Which windows.
    pub pair: Pair,
    /// The less of both rates; `None` while there is too little to say.
    pub rate: Option<f64>,
    /// How much of the long window has been seen.
    pub seen: Duration,
}

impl Burn {
    /// Whether it is news.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.rate.is_some_and(|rate| rate > self.pair.factor)
    }

    /// The long window, or what has been seen of it.
    #[must_use]
    pub fn over(&self) -> String {
        if self.seen >= self.pair.long {
            return self.pair.word.to_owned();
        }
        let minutes = self.seen.as_secs() / 60;
        match minutes {
            0..60 => format!("over {minutes}m"),
            60..2880 => format!("over {}h", minutes / 60),
            _ => format!("over {}d", minutes / 1440),
        }
    }
}

/// How fast a budget burns, by each of [`PAIRS`]. `allowed` is the share of requests that may fail, 0 to 1.
#[must_use]
pub fn burns(
    counts: &Counts,
    now: Timestamp,
    allowed: f64,
    least_requests: f64,
) -> [Burn; PAIRS.len()] {
    let watched = counts
        .since()
        .map_or(Duration::ZERO, |since| now.since(since));
    let sums = counts.over(now, WINDOWS);
    let sum = |window: Duration| -> Count {
        let place = WINDOWS.iter().position(|known| *known == window);
        place.map(|place| sums[place]).unwrap_or_default()
    };
    PAIRS.map(|pair| {
        let (long, short) = (sum(pair.long), sum(pair.short));
        let is_enough = watched >= pair.short
            && long.total >= least_requests
            && short.total >= least_requests / SHORT_PART;
        let rate = |count: Count| count.bad_share().map(|bad| bad / allowed);
        let less = rate(long)
            .zip(rate(short))
            .map(|(long, short)| long.min(short));
        Burn {
            pair,
            rate: less.filter(|_| is_enough),
            seen: watched.min(pair.long),
        }
    })
}
