//! What one series holds on a page, and what was added to it between two pages.

use std::sync::Arc;

use super::meaning::Part;
use super::page::Sample;
use crate::model::Buckets;

/// So many sets of bounds are shared between series.
const MOST_BOUNDS: usize = 64;

/// What one series holds on one page.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// Upper bounds as they stand on the page, and how many were at most that.
    pub buckets: Vec<(f64, f64)>,
    /// How many there were, or the value of a counter or gauge.
    pub count: Option<f64>,
    /// The sum of all.
    pub sum: Option<f64>,
    /// Quantiles that the application reckoned itself.
    pub quantiles: Vec<(f64, f64)>,
}

/// What was added to a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Increase {
    /// How many observations, or by how much a counter rose.
    pub count: f64,
    /// What they sum up to, in the unit of the page.
    pub sum: Option<f64>,
    /// In which buckets they lie.
    pub buckets: Option<Buckets>,
}

impl Observed {
    pub fn clear(&mut self) {
        self.buckets.clear();
        self.quantiles.clear();
        self.count = None;
        self.sum = None;
    }

    /// Takes the value of a line. What is no number says nothing.
    pub fn note(&mut self, part: Part, sample: &Sample<'_, '_>) {
        let value = sample.value;
        if !value.is_finite() {
            return;
        }
        let bound = |label| sample.label(label)?.parse().ok();
        match part {
            Part::Bucket => {
                if let Some(le) = bound("le") {
                    self.buckets.push((le, value));
                }
            }
            Part::Sum => self.sum = Some(value),
            Part::Count => self.count = Some(value),
            Part::Value => match sample.label("quantile") {
                Some(_) => self.quantiles.extend(bound("quantile").map(|q| (q, value))),
                None => self.count = Some(value),
            },
        }
    }

    /// Puts the buckets in their order.
    pub fn sort(&mut self) {
        if !self.buckets.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.buckets.retain(|(le, _)| !le.is_nan());
            self.buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            self.buckets.dedup_by(|(a, _), (b, _)| a == b);
        }
    }

    /// How many there were: the last bucket says so where nothing else does.
    pub fn total(&self) -> Option<f64> {
        self.count.or(self.buckets.last().map(|(_, count)| *count))
    }

    /// Whether anything that can only rise is less than before.
    pub fn fell_below(&self, before: &Self) -> bool {
        let total = self.total().zip(before.total());
        total.is_some_and(|(now, before)| now < before)
            || self.has_bounds_of(before)
                && self
                    .buckets
                    .iter()
                    .zip(&before.buckets)
                    .any(|((_, now), (_, before))| now < before)
    }

    fn has_bounds_of(&self, other: &Self) -> bool {
        self.buckets.len() == other.buckets.len()
            && self
                .buckets
                .iter()
                .zip(&other.buckets)
                .all(|((a, _), (b, _))| a == b)
    }

    /// The quantile `q` as the application reckoned it.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let found = self
            .quantiles
            .iter()
            .find(|(known, _)| (known - q).abs() < 1e-9);
        found.map(|(_, value)| *value)
    }
}

/// What was added between two pages; a series that was not there before began at zero. `unit_ms` makes the bounds of
/// its buckets milliseconds. `bounds` are those that other series have.
pub(super) fn increase(
    before: &Observed,
    now: &Observed,
    unit_ms: f64,
    bounds: &mut Vec<Arc<[f64]>>,
) -> Option<Increase> {
    let is_new = before.total().is_none();
    let count = now.total()? - before.total().unwrap_or(0.0);
    let sum = now.sum.and_then(|now| {
        let sum = now - before.sum.or(is_new.then_some(0.0))?;
        (sum >= 0.0).then_some(sum)
    });
    let is_comparable = !now.buckets.is_empty() && (is_new || now.has_bounds_of(before));
    let buckets = is_comparable.then(|| {
        let mut counts = Vec::with_capacity(now.buckets.len() + 1);
        let mut below = 0.0;
        for (place, (_, now)) in now.buckets.iter().enumerate() {
            let before = before.buckets.get(place).map_or(0.0, |(_, before)| *before);
            // A page is written while requests end: a bucket may lag behind the one before it.
            let rise = (now - before).max(below);
            counts.push(rise - below);
            below = rise;
        }
        let ends = now.buckets.last().is_some_and(|(le, _)| le.is_infinite());
        if !ends {
            counts.push((count - below).max(0.0));
        }
        Buckets {
            bounds_ms: bounds_ms(now, unit_ms, bounds),
            counts,
            sum_ms: sum.map(|sum| sum * unit_ms),
        }
    });
    Some(Increase {
        count,
        sum,
        buckets,
    })
}

/// The bounds in milliseconds, up to infinity; those that another series has are shared.
fn bounds_ms(now: &Observed, unit_ms: f64, known: &mut Vec<Arc<[f64]>>) -> Arc<[f64]> {
    let finite = now.buckets.iter().filter(|(le, _)| le.is_finite());
    // 0.07 s are 70 ms, not 70.00000000000001.
    let in_ms = finite.map(|(le, _)| (le * unit_ms * 1e9).round() / 1e9);
    let own: Vec<f64> = in_ms.chain([f64::INFINITY]).collect();
    if let Some(shared) = known.iter().find(|known| known[..] == own[..]) {
        return shared.clone();
    }
    let own: Arc<[f64]> = own.into();
    if known.len() < MOST_BOUNDS {
        known.push(own.clone());
    }
    own
}
