//! What happens in the demo and when. A deploy drops an index; a statement becomes slow, connections pile up behind it,
//! a transaction left open holds row locks, the cache is filled with results that nobody asks for twice, and the API
//! slows down and fails. Then the index is built again. It happens every ten minutes, so that whoever opens the demo
//! sees it begin, peak and end; the hours before hold two milder ones.

use super::noise::{Noise, smooth};

/// How far into the incident the story is when the live part begins, seconds: the default rules fire by then.
const IN_MEDIAS_RES: f64 = 265.0;
/// From one incident to the next, seconds.
const PERIOD: f64 = 600.0;
/// When the index is there again, seconds into the incident.
const CURE: f64 = 390.0;
/// Earlier incidents: how many seconds before the live part they begin, and their strength.
const EARLIER: [(f64, f64); 2] = [(7_700.0, 0.45), (16_900.0, 0.6)];

/// The story of one seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Story {
    noise: Noise,
}

impl Story {
    /// The story that `seed` tells; seeds differ in the noise alone.
    pub(super) fn new(seed: u64) -> Self {
        Self { noise: Noise(seed) }
    }

    /// The scene `seconds` after the live part began; negative is before.
    pub(super) fn at(self, seconds: f64) -> Scene {
        let (into, strength) = incident(seconds);
        let stage = |from: f64, rise: f64, late: f64, fall: f64| {
            let begun = smooth((into - from) / rise);
            let over = smooth((into - CURE - late) / fall);
            begun * (1.0 - over) * strength
        };
        let day = (seconds / 86_400.0 * std::f64::consts::TAU).cos();
        Scene {
            seconds,
            into,
            noise: self.noise,
            traffic: 0.86 + 0.14 * day + 0.05 * self.noise.sway("traffic", 0, seconds),
            statement: stage(10.0, 25.0, 0.0, 12.0),
            disk: stage(15.0, 40.0, 2.0, 25.0),
            latency: stage(20.0, 35.0, 2.0, 20.0),
            connections: stage(25.0, 60.0, 5.0, 40.0),
            cache: stage(30.0, 70.0, 10.0, 90.0),
            locks: stage(40.0, 60.0, 2.0, 15.0),
            errors: stage(60.0, 40.0, 4.0, 25.0),
            replica_is_down: strength >= 1.0 && (300.0..400.0).contains(&into),
        }
    }
}

/// Seconds since the latest incident began, and how strong it is.
fn incident(seconds: f64) -> (f64, f64) {
    let since_first = seconds + IN_MEDIAS_RES;
    if since_first >= 0.0 {
        return (since_first.rem_euclid(PERIOD), 1.0);
    }
    EARLIER
        .iter()
        .map(|(before, strength)| (seconds + before, *strength))
        .find(|(into, _)| *into >= 0.0)
        .unwrap_or((f64::MAX, 0.0))
}

/// One moment of the story. The stages go from 0 (calm) to 1 (the worst).
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    /// Seconds since the live part began.
    pub seconds: f64,
    /// Seconds since the latest incident began.
    pub into: f64,
    /// How busy the day is, about 1.
    pub traffic: f64,
    /// The statement that lost its index.
    pub statement: f64,
    /// Waiting for the disk.
    pub disk: f64,
    /// Slowness of the API.
    pub latency: f64,
    /// Connections piling up.
    pub connections: f64,
    /// Useless entries in the cache.
    pub cache: f64,
    /// Waits for locks.
    pub locks: f64,
    /// Failing requests.
    pub errors: f64,
    /// Whether the replica of the cache does not answer.
    pub replica_is_down: bool,
    noise: Noise,
}

impl Scene {
    /// A number from −1 to 1 that wanders with time.
    pub(super) fn sway(&self, name: &str, index: usize) -> f64 {
        self.noise.sway(name, index as u64, self.seconds)
    }

    /// `base`, give or take the share `spread` of it.
    pub(super) fn around(&self, base: f64, spread: f64, name: &str, index: usize) -> f64 {
        base * (1.0 + spread * self.sway(name, index))
    }

    /// A number from 0 to 1 that stays the same through the whole story.
    pub(super) fn fixed(&self, name: &str, index: usize) -> f64 {
        self.noise.unit(name, index as u64)
    }

    /// For how long requests piled up in the incidents of the live part, seconds.
    pub(super) fn slow_seconds(&self) -> f64 {
        /// From when to when into an incident they do.
        const FROM: f64 = 40.0;
        let since_first = self.seconds + IN_MEDIAS_RES;
        if since_first < 0.0 {
            return 0.0;
        }
        let over = (since_first / PERIOD).floor() * (CURE - FROM);
        over + (self.into.min(CURE) - FROM).max(0.0)
    }

    /// What a counter shows that has grown by `rate` a second for `since` seconds before the live part.
    pub(super) fn total(&self, rate: f64, since: f64) -> f64 {
        (rate * (self.seconds + since)).max(0.0)
    }
}

/// From `calm` to `worst` along the ratio between them, as latencies grow.
pub(super) fn grow(calm: f64, worst: f64, stage: f64) -> f64 {
    calm * (worst / calm).powf(stage)
}

/// From `calm` to `worst` in a straight line.
pub(super) fn blend(calm: f64, worst: f64, stage: f64) -> f64 {
    calm + (worst - calm) * stage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_look_is_in_the_middle_of_it_and_it_ends_and_comes_back() {
        let story = Story::new(1);
        let stages = |seconds: f64| {
            let s = story.at(seconds);
            [
                s.statement,
                s.disk,
                s.latency,
                s.connections,
                s.cache,
                s.locks,
                s.errors,
            ]
        };
        assert!(stages(0.0).iter().all(|stage| *stage > 0.99));
        assert!(stages(300.0).iter().all(|stage| *stage < 0.01));
        assert!(stages(PERIOD).iter().all(|stage| *stage > 0.99));
        assert!(stages(-3600.0).iter().all(|stage| *stage < 0.01));
        assert!(
            stages(-7500.0)
                .iter()
                .all(|stage| (0.2..0.8).contains(stage))
        );
    }

    #[test]
    fn the_cause_comes_before_what_it_causes() {
        let story = Story::new(1);
        let begins = |stage: fn(&Scene) -> f64| {
            (0..600).find(|s| stage(&story.at(f64::from(*s) - IN_MEDIAS_RES)) > 0.5)
        };
        assert!(begins(|s| s.statement) < begins(|s| s.latency));
        assert!(begins(|s| s.latency) < begins(|s| s.errors));
        assert!(begins(|s| s.statement) < begins(|s| s.locks));
    }
}
