//! How long each statement usually takes: the median of its means over the earlier intervals.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// So many intervals with calls must lie behind before anything is called usual.
const ENOUGH: usize = 10;

/// So many are remembered of a statement.
const MOST_INTERVALS: usize = 61;

/// Of so many statements.
const MOST_STATEMENTS: usize = 2000;

/// The earlier means of the statements that were listed, by what the server tells them apart by.
#[derive(Debug)]
pub(in crate::collect) struct Usual<Key>(HashMap<Key, VecDeque<f32>>);

impl<Key> Default for Usual<Key> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<Key: Eq + Hash + Clone> Usual<Key> {
    /// What the statement's mean usually is, milliseconds. The mean of this interval, if it was called, is remembered
    /// for the next time.
    pub fn told_and_taught(&mut self, key: &Key, mean_ms: Option<f64>) -> Option<f64> {
        let usual = self.0.get(key).and_then(median);
        if let Some(mean) = mean_ms {
            if !self.0.contains_key(key) && self.0.len() >= MOST_STATEMENTS {
                self.forget_one();
            }
            let means = self.0.entry(key.clone()).or_default();
            if means.len() >= MOST_INTERVALS {
                means.pop_front();
            }
            means.push_back(mean as f32);
        }
        usual
    }

    /// The one of which least is known makes room.
    fn forget_one(&mut self) {
        let least = self.0.iter().min_by_key(|(_, means)| means.len());
        if let Some(key) = least.map(|(key, _)| key.clone()) {
            self.0.remove(&key);
        }
    }
}

fn median(means: &VecDeque<f32>) -> Option<f64> {
    if means.len() < ENOUGH {
        return None;
    }
    let mut sorted: Vec<f32> = means.iter().copied().collect();
    let middle = sorted.len() / 2;
    let (_, median, _) = sorted.select_nth_unstable_by(middle, f32::total_cmp);
    Some(f64::from(*median))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_is_told_once_there_is_enough_and_without_the_present() {
        let mut usual = Usual::default();
        for _ in 0..10 {
            assert_eq!(usual.told_and_taught(&1, Some(4.0)), None);
            assert_eq!(
                usual.told_and_taught(&1, None),
                usual.0.get(&1).and_then(median)
            );
        }
        assert_eq!(usual.told_and_taught(&1, Some(900.0)), Some(4.0));
        assert_eq!(
            usual.told_and_taught(&1, Some(900.0)),
            Some(4.0),
            "one outlier changes nothing"
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut usual = Usual::default();
        for query in 0..5_000 {
            usual.told_and_taught(&query, Some(1.0));
        }
        assert_eq!(usual.0.len(), MOST_STATEMENTS);
    }
}
