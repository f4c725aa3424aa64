//! How long things took, many of them at once: what percentiles are read from, for any range, by merging.
//!
//! Single observations go into a [`Sketch`]; where a source has counted them into buckets already, its [`Buckets`] are
//! kept with their bounds, because nothing finer can be known.

use std::sync::Arc;

use sketches_ddsketch::Config;

/// The relative error of a [`Sketch`]: a percentile is at most 1% off.
pub const RELATIVE_ERROR: f64 = 0.01;

/// What is shorter counts as this, milliseconds.
const SHORTEST_MS: f64 = 1e-4;

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

/// Single observations, counted in bins that grow by 2% each, after the DDSketch of Masson, Rim and Lee (VLDB 2019):
/// the mapping is that of the `sketches-ddsketch` crate; the bins are kept as sorted pairs, because most routes fill
/// few of them and thousands are remembered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sketch {
    bins: Vec<(i32, u32)>,
    count: u64,
    sum_ms: f64,
    max_ms: f64,
}

fn mapping() -> &'static Config {
    static MAPPING: std::sync::OnceLock<Config> = std::sync::OnceLock::new();
    MAPPING.get_or_init(|| Config::new(RELATIVE_ERROR, 4096, SHORTEST_MS))
}

impl Sketch {
    /// Adds one observation, milliseconds. What is no time (negative, NaN) is left out.
    pub fn add(&mut self, ms: f64) {
        if !ms.is_finite() || ms < 0.0 {
            return;
        }
        self.add_bin(mapping().key(ms.max(SHORTEST_MS)), 1);
        self.count += 1;
        self.sum_ms += ms;
        self.max_ms = self.max_ms.max(ms);
    }

    /// Adds everything that is in another.
    pub fn merge(&mut self, other: &Self) {
        if self.bins.is_empty() {
            self.bins.clone_from(&other.bins);
        } else {
            self.bins = merged(&self.bins, &other.bins);
        }
        self.count += other.count;
        self.sum_ms += other.sum_ms;
        self.max_ms = self.max_ms.max(other.max_ms);
    }

    /// How many observations there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    fn add_bin(&mut self, key: i32, count: u32) {
        match self.bins.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(place) => self.bins[place].1 = self.bins[place].1.saturating_add(count),
            Err(place) => self.bins.insert(place, (key, count)),
        }
    }

    /// The value below which the share `q` (0 to 1) lies.
    fn quantile(&self, q: f64) -> Option<f64> {
        let rank = (q * (self.count.checked_sub(1)? as f64)) as u64;
        let mut below = 0;
        for (key, count) in &self.bins {
            below += u64::from(*count);
            if below > rank {
                return Some(mapping().value(*key).min(self.max_ms));
            }
        }
        Some(self.max_ms)
    }

    fn count_above(&self, limit_ms: f64) -> f64 {
        let limit = mapping().key(limit_ms.max(SHORTEST_MS));
        let above = self.bins.iter().filter(|(key, _)| *key > limit);
        above.map(|(_, count)| f64::from(*count)).sum()
    }

    fn bytes(&self) -> usize {
        self.bins.capacity() * size_of::<(i32, u32)>()
    }
}

fn merged(a: &[(i32, u32)], b: &[(i32, u32)]) -> Vec<(i32, u32)> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(&&(x, n)), Some(&&(y, m))) = (a.peek(), b.peek()) {
        if x <= y {
            a.next();
        }
        if y <= x {
            b.next();
        }
        all.push(match x.cmp(&y) {
            std::cmp::Ordering::Less => (x, n),
            std::cmp::Ordering::Greater => (y, m),
            std::cmp::Ordering::Equal => (x, n.saturating_add(m)),
        });
    }
    all.extend(a);
    all.extend(b);
    all
}

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
    fn count(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Adds another whose bounds may differ: a bound that only one of them has can't be told apart in the other, so
    /// that only the common ones stay.
    fn merge(&mut self, other: &Self) {
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
    fn quantile(&self, q: f64) -> Option<Quantile> {
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
    fn count_above(&self, limit_ms: f64) -> f64 {
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
            Self::Sketch(sketch) => sketch.count,
            Self::Buckets(buckets) => buckets.count().round() as u64,
        }
    }

    /// Adds everything that is in another. A sketch and buckets can't be told as finely as the sketch any more: the
    /// sketch is counted into the buckets.
    pub fn merge(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Sketch(a), Self::Sketch(b)) => a.merge(b),
            (Self::Buckets(a), Self::Buckets(b)) => a.merge(b),
            (_, other) if other.count() == 0 => {}
            (this, other) if this.count() == 0 => *this = other.clone(),
            (Self::Buckets(a), Self::Sketch(b)) => a.merge(&counted(b, &a.bounds_ms.clone())),
            (Self::Sketch(a), Self::Buckets(b)) => {
                let mut all = counted(a, &b.bounds_ms);
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
            Self::Sketch(sketch) => (sketch.count > 0).then_some(sketch.max_ms),
            Self::Buckets(_) => None,
        }
    }

    /// The mean, milliseconds.
    #[must_use]
    pub fn mean_ms(&self) -> Option<f64> {
        let (sum, count) = match self {
            Self::Sketch(sketch) => (sketch.sum_ms, sketch.count as f64),
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
            Self::Sketch(sketch) => sketch.count as f64,
            Self::Buckets(buckets) => buckets.count(),
        };
        let slow = self.count_above(target_ms);
        let frustrated = self.count_above(4.0 * target_ms);
        (total > 0.0).then(|| (total - slow + (slow - frustrated) / 2.0) / total)
    }

    /// Counts by the upper bound of their bin, milliseconds, rising: what a heat-map is made of.
    pub fn bins(&self) -> Vec<(f64, f64)> {
        match self {
            Self::Sketch(sketch) => {
                let bins = sketch.bins.iter();
                bins.map(|(key, count)| (mapping().value(*key), f64::from(*count)))
                    .collect()
            }
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

/// A sketch counted into buckets.
fn counted(sketch: &Sketch, bounds_ms: &Arc<[f64]>) -> Buckets {
    let mut counts = vec![0.0; bounds_ms.len()];
    for (key, count) in &sketch.bins {
        let value = mapping().value(*key);
        let place = bounds_ms.partition_point(|bound| *bound < value);
        if let Some(sum) = counts.get_mut(place) {
            *sum += f64::from(*count);
        }
    }
    Buckets {
        bounds_ms: bounds_ms.clone(),
        counts,
        sum_ms: Some(sketch.sum_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(values: impl IntoIterator<Item = f64>) -> Sketch {
        let mut sketch = Sketch::default();
        values.into_iter().for_each(|value| sketch.add(value));
        sketch
    }

    #[test]
    fn percentiles_are_within_one_percent_also_after_merging() {
        // 1 to 10,000 ms in two halves that interleave.
        let odd = sketch((0..5000).map(|n| f64::from(2 * n + 1)));
        let even = sketch((1..=5000).map(|n| f64::from(2 * n)));
        let mut all = Distribution::Sketch(odd);
        all.merge(&Distribution::Sketch(even));
        assert_eq!(all.count(), 10_000);
        for (q, exact) in [(0.5, 5000.0), (0.95, 9500.0), (0.99, 9900.0)] {
            let told = all.quantile(q).unwrap().ms;
            assert!((told - exact).abs() / exact <= 0.0101, "{q}: {told}");
        }
        assert_eq!(all.max_ms(), Some(10_000.0));
        let over = all.count_above(5000.0) / 10_000.0;
        assert!((over - 0.5).abs() < 0.01, "{over}");
    }

    #[test]
    fn buckets_tell_their_bounds() {
        let buckets = Distribution::Buckets(Buckets {
            bounds_ms: [100.0, 500.0, 1000.0, f64::INFINITY].into(),
            counts: vec![90.0, 5.0, 4.0, 1.0],
            sum_ms: None,
        });
        let p99 = buckets.quantile(0.99).unwrap();
        assert_eq!((p99.ms, p99.bounds_ms), (1000.0, Some((500.0, 1000.0))));
        let p999 = buckets.quantile(0.999).unwrap();
        assert_eq!(p999.bounds_ms, Some((1000.0, f64::INFINITY)));
        assert_eq!(buckets.count_above(500.0), 5.0);
        assert_eq!(buckets.max_ms(), None);
    }

    #[test]
    fn other_bounds_leave_the_common_ones() {
        let of = |bounds: &[f64], counts: &[f64]| Buckets {
            bounds_ms: bounds.into(),
            counts: counts.to_vec(),
            sum_ms: None,
        };
        let mut all = of(&[10.0, 100.0, f64::INFINITY], &[1.0, 2.0, 3.0]);
        all.merge(&of(&[50.0, 100.0, f64::INFINITY], &[10.0, 20.0, 30.0]));
        assert_eq!(all.bounds_ms[..], [100.0, f64::INFINITY]);
        assert_eq!(all.counts, [33.0, 33.0]);
    }

    #[test]
    fn apdex_counts_the_tolerating_half() {
        let times = [100.0, 100.0, 1000.0, 3000.0];
        let apdex = Distribution::Sketch(sketch(times)).apdex(500.0);
        assert_eq!(apdex, Some(0.625));
        assert_eq!(Distribution::default().apdex(500.0), None);
    }
}
