//! How long things took in the story: as many times as there were requests, spread as a few percentiles say.

use crate::model::Sketch;

use super::story::Scene;

/// So many points of a curve stand for all requests of an interval.
const POINTS: u32 = 20;
/// After a longer pause it is not told how many requests there were in it, seconds.
const LONGEST: f64 = 60.0;
/// What an interval is taken for then, seconds.
const TICK: f64 = 1.0;

/// p50, p95, p99 and the slowest, milliseconds.
pub(super) struct Curve(pub [f64; 4]);

impl Curve {
    /// So many times; which points of the curve stand for them moves with the scene.
    pub(super) fn sketch(&self, requests: f64, scene: &Scene, n: usize) -> Sketch {
        let mut sketch = Sketch::default();
        let shift = (scene.seconds * 0.618 + n as f64 * 0.37).rem_euclid(1.0);
        let requests = (requests.max(0.0) + shift).floor() as u32;
        let points = requests.min(POINTS);
        for point in 0..points {
            let share = (f64::from(point) + shift) / f64::from(points);
            let (from, to) = (requests * point / points, requests * (point + 1) / points);
            sketch.add_times(self.at(share), to - from);
        }
        sketch
    }

    /// The time below which the share `q` lies.
    fn at(&self, q: f64) -> f64 {
        let [p50, p95, p99, slowest] = self.0;
        let knots = [
            (0.0, 0.4 * p50),
            (0.5, p50),
            (0.95, p95),
            (0.99, p99),
            (1.0, slowest),
        ];
        for pair in knots.windows(2) {
            let ((low, from), (high, to)) = (pair[0], pair[1]);
            if q <= high {
                return from * (to / from).powf((q - low) / (high - low));
            }
        }
        slowest
    }
}

/// How much of the story lies between one telling and the next.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<f64>,
}

impl Pace {
    /// Seconds since the last telling.
    pub(super) fn since_last(&mut self, scene: &Scene) -> f64 {
        let last = self.last.replace(scene.seconds);
        let passed = last.map(|last| scene.seconds - last);
        passed
            .filter(|s| (0.0..=LONGEST).contains(s))
            .unwrap_or(TICK)
    }
}
