//! Single observations as a sketch of bins that grow by 2% each.

use std::cmp::Ordering;
use std::sync::OnceLock;

use sketches_ddsketch::Config;

use super::Buckets;

/// The relative error of a [`Sketch`]: a percentile is at most 1% off.
pub const RELATIVE_ERROR: f64 = 0.01;

/// What is shorter counts as this, milliseconds.
const SHORTEST_MS: f64 = 1e-4;

/// A bin: its key in the mapping, and how many observations lie in it.
pub type Bin = (i32, u32);

/// Single observations, counted in bins that grow by 2% each, after the DDSketch of Masson, Rim and Lee (VLDB 2019):
/// the mapping is that of the `sketches-ddsketch` crate; the bins are kept as sorted pairs, because most routes fill
/// few of them and thousands are remembered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sketch {
    bins: Vec<Bin>,
    count: u64,
    sum_ms: f64,
    max_ms: f64,
}

fn mapping() -> &'static Config {
    static MAPPING: OnceLock<Config> = OnceLock::new();
    MAPPING.get_or_init(|| Config::new(RELATIVE_ERROR, 4096, SHORTEST_MS))
}

impl Sketch {
    /// Adds one observation, milliseconds. What is no time (negative, NaN) is left out.
    pub fn add(&mut self, ms: f64) {
        self.add_times(ms, 1);
    }

    /// Adds the same observation so many times.
    pub fn add_times(&mut self, ms: f64, times: u32) {
        if !ms.is_finite() || ms < 0.0 || times == 0 {
            return;
        }
        self.add_bin(mapping().key(ms.max(SHORTEST_MS)), times);
        self.count += u64::from(times);
        self.sum_ms += ms * f64::from(times);
        self.max_ms = self.max_ms.max(ms);
    }

    /// Adds everything that is in another.
    pub fn merge(&mut self, other: &Self) {
        self.merge_parts(&other.bins, other.sum_ms, other.max_ms);
    }

    /// Adds what was taken apart before: bins by rising keys, the sum and the largest of what is in them.
    pub fn merge_parts(&mut self, bins: &[Bin], sum_ms: f64, max_ms: f64) {
        merge_bins(&mut self.bins, bins);
        self.count += bins.iter().map(|(_, count)| u64::from(*count)).sum::<u64>();
        self.sum_ms += sum_ms;
        self.max_ms = self.max_ms.max(max_ms);
    }

    /// How many observations there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of all, milliseconds.
    #[must_use]
    pub fn sum_ms(&self) -> f64 {
        self.sum_ms
    }

    /// The slowest, milliseconds; 0 without observations.
    #[must_use]
    pub fn max_ms(&self) -> f64 {
        self.max_ms
    }

    /// The bins that hold anything, by rising keys.
    #[must_use]
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// What the bins stand for, milliseconds, with their counts, rising.
    pub(super) fn values(&self) -> impl Iterator<Item = (f64, f64)> {
        let bins = self.bins.iter();
        bins.map(|(key, count)| (mapping().value(*key), f64::from(*count)))
    }

    fn add_bin(&mut self, key: i32, count: u32) {
        // What comes in order, as from another sketch, goes to the end at once.
        if self.bins.last().is_none_or(|(last, _)| *last < key) {
            self.bins.push((key, count));
            return;
        }
        match self.bins.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(place) => self.bins[place].1 = self.bins[place].1.saturating_add(count),
            Err(place) => self.bins.insert(place, (key, count)),
        }
    }

    /// The value below which the share `q` (0 to 1) lies.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
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

    pub(super) fn count_above(&self, limit_ms: f64) -> f64 {
        let limit = mapping().key(limit_ms.max(SHORTEST_MS));
        let from = self.bins.partition_point(|(key, _)| *key <= limit);
        let above = self.bins[from..].iter();
        above.map(|(_, count)| f64::from(*count)).sum()
    }

    /// The same observations counted into the buckets of others.
    pub(super) fn counted(&self, bounds_ms: &std::sync::Arc<[f64]>) -> Buckets {
        let mut counts = vec![0.0; bounds_ms.len()];
        for (value, count) in self.values() {
            let place = bounds_ms.partition_point(|bound| *bound < value);
            if let Some(sum) = counts.get_mut(place) {
                *sum += count;
            }
        }
        Buckets {
            bounds_ms: bounds_ms.clone(),
            counts,
            sum_ms: Some(self.sum_ms),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bins.capacity() * size_of::<Bin>()
    }
}

/// Adds sorted bins to sorted bins in one pass and without a second list: room is made at the end, and both are merged
/// into it from behind.
fn merge_bins(into: &mut Vec<Bin>, from: &[Bin]) {
    let (old, new) = (into.len(), count_new(into, from));
    into.resize(old + new, (0, 0));
    let (mut left, mut right, mut place) = (old, from.len(), old + new);
    while right > 0 {
        let (key, count) = from[right - 1];
        let order = match left.checked_sub(1) {
            Some(last) => into[last].0.cmp(&key),
            None => Ordering::Less,
        };
        place -= 1;
        match order {
            Ordering::Greater => into[place] = into[left - 1],
            Ordering::Equal => into[place] = (key, into[left - 1].1.saturating_add(count)),
            Ordering::Less => into[place] = (key, count),
        }
        left -= usize::from(order != Ordering::Less);
        right -= usize::from(order != Ordering::Greater);
    }
}

/// How many keys of the second list are not in the first.
fn count_new(known: &[Bin], other: &[Bin]) -> usize {
    let mut at = 0;
    let is_new = |(key, _): &&Bin| {
        while known.get(at).is_some_and(|(known, _)| known < key) {
            at += 1;
        }
        known.get(at).is_none_or(|(known, _)| known != key)
    };
    other.iter().filter(is_new).count()
}
