//! What all series were at moments that were gone to, bounded: the longest unused goes first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::Timestamp;

/// Moments that are held or asked for: those that a person goes to and fro between.
const MOST_MOMENTS: usize = 32;
/// Values of all that is held: 4 MB.
const MOST_VALUES: usize = 1 << 19;
/// What is older is asked for anew while it is shown: a queue may have brought what was missing.
const FRESH: Duration = Duration::from_secs(300);

/// The value of each series by its number; NaN is unknown.
pub(super) type Values = Arc<Vec<f64>>;

#[derive(Debug)]
struct Entry {
    at: Timestamp,
    values: Option<Values>,
    since: Instant,
    /// Asked for, be it again.
    is_asked: bool,
}

/// Moments, the last used at the end.
#[derive(Debug, Default)]
pub(super) struct Moments {
    entries: Vec<Entry>,
    /// The one that was gone to last: nobody waits for another.
    wanted: Option<Timestamp>,
}

impl Moments {
    /// The values of a moment that is gone to, and whether it is time to ask for them. Those of fewer series than there
    /// are by now are not the last word.
    pub fn get(&mut self, at: Timestamp, series: usize) -> (Option<Values>, bool) {
        self.wanted = Some(at);
        let Some(index) = self.entries.iter().position(|entry| entry.at == at) else {
            return (None, true);
        };
        let entry = self.entries.remove(index);
        let values = entry.values.clone();
        let is_whole = values.as_ref().is_some_and(|values| values.len() >= series);
        let is_known = is_whole && entry.since.elapsed() < FRESH;
        let is_due = !(entry.is_asked || is_known);
        self.entries.push(entry);
        (values, is_due)
    }

    /// Whether the values of a moment are held.
    pub fn knows(&self, at: Timestamp) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.at == at && entry.values.is_some())
    }

    /// Whether somebody still waits for a moment.
    pub fn is_wanted(&self, at: Timestamp) -> bool {
        self.wanted == Some(at)
    }

    /// Notes that a moment is being asked for.
    pub fn asked(&mut self, at: Timestamp) {
        let mut entries = self.entries.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.at == at) {
            entry.is_asked = true;
        } else {
            self.push(at, None);
        }
    }

    /// Takes what came for a moment.
    pub fn put(&mut self, at: Timestamp, values: Values) {
        self.entries.retain(|entry| entry.at != at);
        self.push(at, Some(values));
    }

    /// Notes that nothing came for a moment; what was held before stays.
    pub fn forget(&mut self, at: Timestamp) {
        let mut entries = self.entries.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.at == at) {
            entry.is_asked = false;
        }
        self.entries
            .retain(|entry| entry.is_asked || entry.values.is_some());
    }

    fn push(&mut self, at: Timestamp, values: Option<Values>) {
        self.entries.push(Entry {
            at,
            is_asked: values.is_none(),
            values,
            since: Instant::now(),
        });
        let mut held = 0;
        let newest_first = self.entries.iter().rev().take(MOST_MOMENTS);
        let kept = newest_first.take_while(|entry| {
            held += entry.values.as_ref().map_or(0, |values| values.len());
            held <= MOST_VALUES
        });
        // The newest stays, however large it is.
        let gone = self.entries.len() - kept.count().max(1);
        self.entries.drain(..gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: usize) -> Values {
        Arc::new(vec![1.0; count])
    }

    #[test]
    fn a_moment_is_asked_for_once_and_again_after_it_failed() {
        let (mut moments, at) = (Moments::default(), Timestamp(5));
        assert_eq!(moments.get(at, 2), (None, true));
        moments.asked(at);
        assert_eq!(moments.get(at, 2), (None, false));
        moments.forget(at);
        assert_eq!(moments.get(at, 2), (None, true));
        moments.put(at, values(2));
        assert_eq!(moments.get(at, 2), (Some(values(2)), false));
        assert!(moments.knows(at));
    }

    #[test]
    fn new_series_are_asked_for_and_what_is_known_stands_until_then() {
        let (mut moments, at) = (Moments::default(), Timestamp(5));
        moments.put(at, values(2));
        assert_eq!(moments.get(at, 3), (Some(values(2)), true));
        moments.asked(at);
        assert_eq!(moments.get(at, 3), (Some(values(2)), false));
        moments.forget(at);
        assert!(moments.knows(at));
    }

    #[test]
    fn nobody_waits_for_a_moment_that_was_left() {
        let mut moments = Moments::default();
        moments.get(Timestamp(1), 0);
        moments.get(Timestamp(2), 0);
        assert!(!moments.is_wanted(Timestamp(1)) && moments.is_wanted(Timestamp(2)));
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let mut moments = Moments::default();
        let half = MOST_VALUES / 2;
        moments.put(Timestamp(1), values(half));
        moments.put(Timestamp(2), values(half));
        moments.get(Timestamp(1), half);
        moments.put(Timestamp(3), values(half));
        assert!(moments.knows(Timestamp(1)) && !moments.knows(Timestamp(2)));
        moments.put(Timestamp(4), values(MOST_VALUES + 1));
        assert!(moments.knows(Timestamp(4)) && !moments.knows(Timestamp(1)));
        for at in 10..100 {
            moments.put(Timestamp(at), values(1));
        }
        assert_eq!(moments.entries.len(), MOST_MOMENTS);
    }
}
