//! Which routes are charted: the busiest ones, chosen so that they seldom change, because a series is dear and never
//! given back.

use std::collections::HashSet;
use std::sync::Arc;

use super::Figures;
use crate::model::{Catalog, Endpoint, Labels, Reading};

/// So many routes of a source are charted at one moment.
const MOST: usize = 20;
/// So many routes of a source are ever charted.
const MOST_EVER: usize = 60;
/// A route takes the place of a charted one when it had so many times its requests in the last minute…
const TIMES: u64 = 2;
/// …and so many more.
const MORE: u64 = 20;

/// A route with its requests of the last minute.
pub(super) struct Row {
    pub label: Arc<str>,
    pub endpoint: Endpoint,
}

/// The routes that are charted.
#[derive(Default)]
pub(super) struct Busiest {
    charted: Vec<(Arc<str>, Figures)>,
    ever: HashSet<Arc<str>>,
}

impl Busiest {
    /// Chooses by the requests of the last minute, and puts the figures of the chosen.
    pub fn put(&mut self, rows: &[Row], catalog: &Catalog, source: &str, reading: &mut Reading) {
        self.choose(rows, catalog, source);
        for row in rows {
            if let Some(figures) = self.figures(&row.label) {
                figures.put(&row.endpoint, reading);
            }
        }
    }

    fn figures(&self, label: &str) -> Option<&Figures> {
        let found = self.charted.iter().find(|(known, _)| &**known == label)?;
        Some(&found.1)
    }

    fn choose(&mut self, rows: &[Row], catalog: &Catalog, source: &str) {
        let mut others: Vec<&Row> = rows
            .iter()
            .filter(|row| self.figures(&row.label).is_none())
            .collect();
        if others.len() > MOST {
            others.select_nth_unstable_by_key(MOST, |row| std::cmp::Reverse(row.endpoint.requests));
            others.truncate(MOST);
        }
        others.sort_by_key(|row| std::cmp::Reverse(row.endpoint.requests));
        for row in others {
            if !self.may_chart(&row.label) || !self.make_room(row, rows) {
                continue;
            }
            let labels = Labels::of([("endpoint", &*row.label), ("source", source)]);
            self.ever.insert(row.label.clone());
            self.charted
                .push((row.label.clone(), Figures::of(catalog, &labels)));
        }
    }

    fn may_chart(&self, label: &Arc<str>) -> bool {
        self.ever.len() < MOST_EVER || self.ever.contains(label)
    }

    /// Whether there is room for one more, if need be in the place of the one with the fewest requests.
    fn make_room(&mut self, row: &Row, rows: &[Row]) -> bool {
        if self.charted.len() < MOST {
            return true;
        }
        let requests = |label: &str| {
            let found = rows.iter().find(|row| &*row.label == label);
            found.map_or(0, |row| row.endpoint.requests)
        };
        let counts = self.charted.iter().map(|(label, _)| requests(label));
        let Some((place, fewest)) = counts.enumerate().min_by_key(|(_, count)| *count) else {
            return false;
        };
        let is_busier = row.endpoint.requests >= fewest * TIMES + MORE;
        if is_busier {
            self.charted.swap_remove(place);
        }
        is_busier
    }
}
