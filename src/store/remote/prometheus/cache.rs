//! What an engine answered, for as long as it is drawn: bounded, the longest unused goes first.

use std::time::{Duration, Instant};

use crate::model::{SeriesKey, Timestamp};
use crate::store::{Points, Window};

/// Points of all that is held, three figures of 8 bytes each: 6 MB.
const MOST_POINTS: usize = 1 << 18;
/// Parts that are held or asked for.
const MOST_PARTS: usize = 1024;
/// What is older is asked for anew while it is shown: a queue may have brought what was missing.
const FRESH: Duration = Duration::from_secs(300);

/// A window of one series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    key: SeriesKey,
    pub window: Window,
}

impl Part {
    pub fn new(key: &SeriesKey, window: Window) -> Self {
        // What lies after the window makes no difference.
        let until = window.until.min(window.end());
        Self {
            key: key.clone(),
            window: Window { until, ..window },
        }
    }

    /// Which bucket of this part is the first of another, if it holds all of it.
    fn offset_of(&self, other: &Self) -> Option<usize> {
        let (own, asked) = (self.window, other.window);
        let is_same = self.key == other.key && own.step == asked.step;
        let first = own.bucket_of(asked.start).filter(|_| is_same)?;
        let is_aligned = begin_of(&own, first) == asked.start;
        let is_covered = first + asked.count <= own.count;
        let is_cut_alike =
            asked.until == own.until || asked.until == asked.end() && own.until >= asked.until;
        (is_aligned && is_covered && is_cut_alike).then_some(first)
    }
}

fn begin_of(window: &Window, bucket: usize) -> Timestamp {
    let buckets = u32::try_from(bucket).unwrap_or(u32::MAX);
    window.start.plus(window.step.saturating_mul(buckets))
}

/// What there is of a part.
#[derive(Debug, PartialEq)]
pub(super) enum Held {
    /// Its points.
    Fresh(Points),
    /// Its points as they were a while ago; it is time to ask again.
    Old(Points),
    /// It has been asked for.
    Asked,
}

#[derive(Debug)]
struct Entry {
    part: Part,
    points: Option<Points>,
    since: Instant,
    /// Asked for, be it again.
    is_asked: bool,
}

/// Parts, the last used at the end.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
}

impl Cache {
    /// What there is of a part, be it within a larger one.
    pub fn get(&mut self, part: &Part) -> Option<Held> {
        let holds = |entry: &Entry| entry.part.offset_of(part);
        let with_points = self
            .entries
            .iter()
            .rposition(|entry| entry.points.is_some() && holds(entry).is_some());
        let index = with_points.or_else(|| {
            let mut entries = self.entries.iter();
            entries.rposition(|entry| holds(entry).is_some())
        })?;
        let entry = self.entries.remove(index);
        let held = entry.tell(part);
        self.entries.push(entry);
        held
    }

    /// Notes that a part is being asked for.
    pub fn asked(&mut self, part: Part) {
        self.mark(&part, true);
        if self.entries.iter().all(|entry| entry.part != part) {
            self.entries.push(Entry {
                part,
                points: None,
                since: Instant::now(),
                is_asked: true,
            });
        }
        self.bound();
    }

    /// Takes what came for a part.
    pub fn put(&mut self, part: Part, points: Points) {
        self.mark(&part, false);
        self.entries.retain(|entry| entry.part != part);
        self.entries.push(Entry {
            part,
            points: Some(points),
            since: Instant::now(),
            is_asked: false,
        });
        self.bound();
    }

    /// Notes that nothing came for a part; what was held before stays.
    pub fn forget(&mut self, part: &Part) {
        self.mark(part, false);
        self.entries
            .retain(|entry| entry.is_asked || entry.points.is_some());
    }

    /// What holds a part is asked for with it: the newer answer is found first.
    fn mark(&mut self, part: &Part, is_asked: bool) {
        for entry in &mut self.entries {
            if entry.part.offset_of(part).is_some() {
                entry.is_asked = is_asked;
            }
        }
    }

    fn bound(&mut self) {
        let mut points = 0;
        let kept = self
            .entries
            .iter()
            .rev()
            .take(MOST_PARTS)
            .take_while(|entry| {
                points += entry.points.as_ref().map_or(0, |held| held.avg.len());
                points <= MOST_POINTS
            });
        let gone = self.entries.len() - kept.count();
        self.entries.drain(..gone);
    }
}

impl Entry {
    fn tell(&self, part: &Part) -> Option<Held> {
        let Some(points) = &self.points else {
            return Some(Held::Asked);
        };
        let first = self.part.offset_of(part)?;
        let cut = |values: &[f64]| -> Vec<f64> {
            let after = values.iter().skip(first);
            after.take(part.window.count).copied().collect()
        };
        let points = Points {
            window: part.window,
            avg: cut(&points.avg),
            min: cut(&points.min),
            max: cut(&points.max),
        };
        let is_fresh = self.since.elapsed() < FRESH || self.is_asked;
        Some(if is_fresh {
            Held::Fresh(points)
        } else {
            Held::Old(points)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Labels;

    const STEP: Duration = Duration::from_secs(10);

    fn part(metric: &str, start: i64, count: usize) -> Part {
        let key = SeriesKey::new(metric, Labels::none());
        Part::new(&key, Window::whole(Timestamp(start), STEP, count))
    }

    fn points(part: &Part) -> Points {
        let mut points = Points::unknown(part.window);
        for (bucket, value) in points.avg.iter_mut().enumerate() {
            *value = (begin_of(&part.window, bucket).0 / 10_000) as f64;
        }
        points
    }

    #[test]
    fn a_window_that_moved_on_is_cut_from_what_is_held() {
        let mut cache = Cache::default();
        let whole = part("a", 10_000, 5);
        cache.put(whole.clone(), points(&whole));
        let Some(Held::Fresh(cut)) = cache.get(&part("a", 30_000, 2)) else {
            panic!("it lies within");
        };
        assert_eq!(cut.avg, [3.0, 4.0]);
        for other in [
            part("a", 30_000, 4),
            part("a", 0, 2),
            part("a", 12_000, 2),
            part("b", 30_000, 2),
        ] {
            assert_eq!(cache.get(&other), None);
        }
    }

    #[test]
    fn what_is_cut_at_a_moment_is_no_answer_for_another() {
        let mut cache = Cache::default();
        let window = Window::whole(Timestamp(10_000), STEP, 3);
        let key = SeriesKey::new("a", Labels::none());
        let cut = |until| {
            Part::new(
                &key,
                Window {
                    until: Timestamp(until),
                    ..window
                },
            )
        };
        cache.put(cut(34_000), points(&cut(34_000)));
        assert!(cache.get(&cut(34_000)).is_some());
        assert_eq!(cache.get(&cut(35_000)), None);
        assert_eq!(cache.get(&cut(99_000)), None);
        // The buckets before the cut are whole.
        assert!(cache.get(&part("a", 10_000, 2)).is_some());
    }

    #[test]
    fn what_is_asked_is_not_asked_twice_and_may_be_after_it_failed() {
        let mut cache = Cache::default();
        let asked = part("a", 0, 3);
        cache.asked(asked.clone());
        assert_eq!(cache.get(&asked), Some(Held::Asked));
        cache.forget(&asked);
        assert_eq!(cache.get(&asked), None);
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let mut cache = Cache::default();
        let large = |start: i64| part("a", start * 1_000_000_000, MOST_POINTS / 2);
        for start in 0..2 {
            cache.put(large(start), points(&large(start)));
        }
        assert!(cache.get(&large(0)).is_some());
        cache.put(large(2), points(&large(2)));
        assert!(cache.get(&large(0)).is_some());
        assert_eq!(cache.get(&large(1)), None);
        let held: usize = cache
            .entries
            .iter()
            .map(|entry| entry.part.window.count)
            .sum();
        assert!(held <= MOST_POINTS);
    }
}
