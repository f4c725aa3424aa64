//! How long things took, many of them at once: what percentiles are read from, for any range, by merging.
//!
//! Single observations go into a [`Sketch`]; where a source has counted them into buckets already, its [`Buckets`] are
//! kept with their bounds, because nothing finer can be known.

mod buckets;
mod sketch;
#[cfg(test)]
mod tests;

pub use buckets::Buckets;
pub use sketch::{Bin, RELATIVE_ERROR, Sketch};

/// From so few observations a percentile says nothing.
pub const FEW: u64 = 20;

/// A percentile with what is known of its exactness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The best guess, milliseconds.
    pub ms: f64,
    /// The bounds of the bucket that it lies in, milliseconds, where buckets are all there is; the upper one of the
    /// last bucket is infinite.
    pub bounds_ms: Option<(f64, f64)>,
}

/// How long many things took.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// From single observations: percentiles within 1%.
    Sketch(Sketch),
    /// From buckets: percentiles within the bounds of one.
    Buckets(Buckets),
}

impl Default for Distribution {
    fn default() -> Self {
        Self::Sketch(Sketch::default())
    }
}

impl Distribution {
    /// How many observations there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Sketch(sketch) => sketch.count(),
            Self::Buckets(buckets) => buckets.count().round() as u64,
        }
    }

    /// Adds everything that is in another. A sketch and buckets can't be told as finely as the sketch any more: the
    /// sketch is counted into the buckets.
    pub fn merge(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Sketch(a), Self::Sketch(b)) => a.merge(b),
            (_, other) if other.count() == 0 => {}
            (this, other) if this.count() == 0 => *this = other.clone(),
            (Self::Buckets(a), Self::Buckets(b)) => a.merge(b),
            (Self::Buckets(a), Self::Sketch(b)) => a.merge(&b.counted(&a.bounds_ms.clone())),
            (Self::Sketch(a), Self::Buckets(b)) => {
                let mut all = a.counted(&b.bounds_ms);
                all.merge(b);
                *self = Self::Buckets(all);
            }
        }
    }

    /// The value below which the share `q` (0 to 1) lies; `None` without observations.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Quantile> {
        match self {
            Self::Sketch(sketch) => sketch.quantile(q).map(|ms| Quantile {
                ms,
                bounds_ms: None,
            }),
            Self::Buckets(buckets) => buckets.quantile(q),
        }
    }

    /// The slowest, milliseconds; unknown where there are only buckets.
    #[must_use]
    pub fn max_ms(&self) -> Option<f64> {
        match self {
            Self::Sketch(sketch) => (sketch.count() > 0).then_some(sketch.max_ms()),
            Self::Buckets(_) => None,
        }
    }

    /// The mean, milliseconds.
    #[must_use]
    pub fn mean_ms(&self) -> Option<f64> {
        let (sum, count) = match self {
            Self::Sketch(sketch) => (sketch.sum_ms(), sketch.count() as f64),
            Self::Buckets(buckets) => (buckets.sum_ms?, buckets.count()),
        };
        (count > 0.0).then(|| sum / count)
    }

    /// How many were over a limit.
    #[must_use]
    pub fn count_above(&self, limit_ms: f64) -> f64 {
        match self {
            Self::Sketch(sketch) => sketch.count_above(limit_ms),
            Self::Buckets(buckets) => buckets.count_above(limit_ms),
        }
    }

    /// Apdex: satisfied up to `target_ms`, tolerating up to four times that (Apdex Alliance, technical specification
    /// 1.1); `None` without observations.
    #[must_use]
    pub fn apdex(&self, target_ms: f64) -> Option<f64> {
        let total = match self {
            Self::Sketch(sketch) => sketch.count() as f64,
            Self::Buckets(buckets) => buckets.count(),
        };
        let slow = self.count_above(target_ms);
        let frustrated = self.count_above(4.0 * target_ms);
        (total > 0.0).then(|| (total - slow + (slow - frustrated) / 2.0) / total)
    }

    /// Counts by what their bin stands for, milliseconds, rising: the middle of a sketch's bin, the upper bound of a
    /// bucket. What a heat-map is made of.
    #[must_use]
    pub fn bins(&self) -> Vec<(f64, f64)> {
        match self {
            Self::Sketch(sketch) => sketch.values().collect(),
            Self::Buckets(buckets) => {
                let bounds = buckets.bounds_ms.iter().copied();
                bounds.zip(buckets.counts.iter().copied()).collect()
            }
        }
    }

    /// Bytes that it takes beyond itself.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Sketch(sketch) => sketch.bytes(),
            Self::Buckets(buckets) => buckets.counts.capacity() * size_of::<f64>(),
        }
    }
}
