//! Observations that a source has counted into buckets itself, as Prometheus' histograms are.

use std::sync::Arc;

use super::Quantile;

/// Observations that a source counted into buckets: how many were at most each bound and more than the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets {
    /// The upper bounds, rising, milliseconds; the last one is infinite.
    pub bounds_ms: Arc<[f64]>,
    /// How many lie in each bucket (not cumulated), as many as there are bounds.
    pub counts: Vec<f64>,
    /// The sum of all, milliseconds, where it is told.
    pub sum_ms: Option<f64>,
}

impl Buckets {
    pub(super) fn count(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Adds another whose bounds may differ: a bound that only one of them has can't be told apart in the other, so
    /// that only the common ones stay.
    pub(super) fn merge(&mut self, other: &Self) {
        self.sum_ms = self.sum_ms.zip(other.sum_ms).map(|(a, b)| a + b);
        if self.bounds_ms == other.bounds_ms {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count += more;
            }
            return;
        }
        let common: Arc<[f64]> = self
            .bounds_ms
            .iter()
            .copied()
            .filter(|bound| other.bounds_ms.contains(bound))
            .collect();
        let (a, b) = (self.within(&common), other.within(&common));
        self.counts = a.iter().zip(&b).map(|(a, b)| a + b).collect();
        self.bounds_ms = common;
    }

    /// The counts in coarser buckets.
    fn within(&self, bounds: &[f64]) -> Vec<f64> {
        let mut counts = vec![0.0; bounds.len()];
        for (bound, count) in self.bounds_ms.iter().zip(&self.counts) {
            let place = bounds.partition_point(|coarse| coarse < bound);
            if let Some(sum) = counts.get_mut(place) {
                *sum += count;
            }
        }
        counts
    }

    /// Interpolated within its bucket as Prometheus' `histogram_quantile` does; in the last one its lower bound.
    pub(super) fn quantile(&self, q: f64) -> Option<Quantile> {
        let total = self.count();
        if total <= 0.0 {
            return None;
        }
        let rank = q * total;
        let mut below = 0.0;
        let mut lower = 0.0;
        for (&upper, &count) in self.bounds_ms.iter().zip(&self.counts) {
            if below + count >= rank && count > 0.0 {
                let ms = if upper.is_finite() {
                    lower + (upper - lower) * ((rank - below) / count).clamp(0.0, 1.0)
                } else {
                    lower
                };
                let bounds_ms = Some((lower, upper));
                return Some(Quantile { ms, bounds_ms });
            }
            below += count;
            lower = upper;
        }
        None
    }

    /// How many were over a limit: all buckets beyond it, and the part of its own that interpolation gives.
    pub(super) fn count_above(&self, limit_ms: f64) -> f64 {
        let mut lower = 0.0;
        let mut above = 0.0;
        for (&upper, &count) in self.bounds_ms.iter().zip(&self.counts) {
            if lower >= limit_ms {
                above += count;
            } else if upper > limit_ms && upper.is_finite() {
                above += count * (upper - limit_ms) / (upper - lower);
            } else if upper > limit_ms {
                // Beyond the last bound nothing is known: what lies there may all be over the limit.
                above += count;
            }
            lower = upper;
        }
        above
    }
}
