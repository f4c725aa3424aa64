//! How long each statement usually takes: the median of its means over the earlier intervals.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// So many intervals with calls must lie behind before anything is called usual.
const ENOUGH: usize = 10;

/// So many are remembered of a statement.
const MOST_INTERVALS: usize = 61;

/// Of so many statements.
const MOST_STATEMENTS: usize = 2_000;

/// The earlier means of the statements that were listed, by their ids.
#[derive(Debug, Default)]
pub(super) struct Usual(HashMap<Arc<str>, VecDeque<f32>>);

impl Usual {
    /// What the mean of a statement usually is, milliseconds; the mean of this interval counts from the next time on.
    pub fn told_and_taught(&mut self, id: &Arc<str>, mean_ms: Option<f64>) -> Option<f64> {
        let usual = self.0.get(id).and_then(median);
        if let Some(mean) = mean_ms {
            if self.0.len() >= MOST_STATEMENTS && !self.0.contains_key(id) {
                self.0.clear();
            }
            let means = self.0.entry(id.clone()).or_default();
            if means.len() >= MOST_INTERVALS {
                means.pop_front();
            }
            means.push_back(mean as f32);
        }
        usual
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
    fn the_usual_is_told_once_there_is_enough_and_one_outlier_changes_nothing() {
        let mut usual = Usual::default();
        let id = "shop.1".into();
        for _ in 0..10 {
            assert_eq!(usual.told_and_taught(&id, Some(4.0)), None);
        }
        assert_eq!(usual.told_and_taught(&id, Some(900.0)), Some(4.0));
        assert_eq!(usual.told_and_taught(&id, None), Some(4.0));
    }
}
