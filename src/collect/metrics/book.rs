//! What was seen of each series, so that counters and histograms become what was added since the page before.
//!
//! A counter that fell, another process, or a series that was gone for a while make a gap, never a spike.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use super::form::Mappings;
use super::increase::{Increase, Observed, increase};
use super::meaning::{self, Meaning, Part};
use super::page::{Sample, Type};
use super::place::{Place, place_of};
use crate::model::SourceName;

/// So many names of a page are remembered with what they mean.
const MOST_NAMES: usize = 20_000;
/// So many series are remembered; a histogram with its buckets is one.
const MOST_SERIES: usize = 50_000;

/// A family of series that is read for something.
#[derive(Debug)]
pub(super) struct Family {
    /// Its name on the page.
    pub name: String,
    /// What it is read for.
    pub meaning: Meaning,
}

/// One use of the series of a name.
#[derive(Clone, Copy)]
struct Use {
    family: usize,
    part: Part,
}

struct Series {
    family: usize,
    place: Place,
    before: Observed,
    now: Observed,
    /// The page on which it was last seen.
    seen: u64,
    /// The page on which it was seen before that.
    seen_before: Option<u64>,
}

/// A series that is on the page.
pub(super) struct Grown<'b> {
    /// The place of its family among those known.
    pub family: usize,
    /// What its family is read for.
    pub meaning: &'b Meaning,
    /// What its labels say.
    pub place: &'b Place,
    /// What it holds now.
    pub now: &'b Observed,
    /// What was added since the page before; `None` where that can't be known.
    pub by: Option<Increase>,
}

/// All that is known of the series of one page.
pub(super) struct Book {
    source: SourceName,
    mappings: Arc<Mappings>,
    families: Vec<Family>,
    names: HashMap<Box<str>, Arc<[Use]>>,
    /// The name that was asked for last: lines of one family stand together.
    last: Option<(Box<str>, Arc<[Use]>)>,
    told: Option<(String, Type)>,
    unit: Option<(String, String)>,
    series: HashMap<u64, Series>,
    hasher: RandomState,
    page: u64,
    /// Whether the page before was read to its end and without a flaw, so that a new series began at zero after it.
    was_whole: bool,
    started: [Option<f64>; 2],
    left_out: usize,
    bounds: Vec<Arc<[f64]>>,
}

impl Book {
    pub fn new(source: SourceName, mappings: Arc<Mappings>) -> Self {
        Self {
            source,
            mappings,
            families: Vec::new(),
            names: HashMap::new(),
            last: None,
            told: None,
            unit: None,
            series: HashMap::new(),
            hasher: RandomState::new(),
            page: 0,
            was_whole: false,
            started: [None; 2],
            left_out: 0,
            bounds: Vec::new(),
        }
    }

    /// A new page begins.
    pub fn begin(&mut self) {
        self.page += 1;
        self.started = [self.started[1], None];
        self.left_out = 0;
    }

    /// What the page says of a family, before its series.
    pub fn take_type(&mut self, family: &str, told: Type) {
        self.told = Some((family.to_owned(), told));
    }

    /// The unit that the page says a family has, before its series.
    pub fn take_unit(&mut self, family: &str, unit: &str) {
        self.unit = Some((family.to_owned(), unit.to_owned()));
    }

    /// Takes a value, and tells whether it tells of requests, models or caches.
    pub fn take(&mut self, sample: &Sample<'_, '_>) -> bool {
        let uses = match &self.last {
            Some((name, uses)) if **name == *sample.name => uses.clone(),
            _ => {
                let uses = self.uses(&sample.name);
                self.last = Some(((*sample.name).into(), uses.clone()));
                uses
            }
        };
        let mut tells = false;
        for one in uses.iter() {
            tells |= self.families[one.family].meaning != Meaning::Started;
            self.note(*one, sample);
        }
        tells
    }

    fn uses(&mut self, name: &str) -> Arc<[Use]> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        if self.names.len() >= MOST_NAMES {
            self.names.clear();
        }
        let (base, _) = meaning::split(name);
        let is_of = |family: &str| family == base || family == name;
        let told = self.told.as_ref().filter(|(family, _)| is_of(family));
        let unit = self.unit.as_ref().filter(|(family, _)| is_of(family));
        let meanings = meaning::of(
            name,
            told.map(|(_, told)| *told),
            unit.map(|(_, unit)| &**unit),
            &self.mappings,
            &self.source,
        );
        let uses: Vec<Use> = meanings
            .into_iter()
            .map(|(name, part, meaning)| Use {
                family: self.family(name, meaning),
                part,
            })
            .collect();
        let uses: Arc<[Use]> = uses.into();
        self.names.insert(name.into(), uses.clone());
        uses
    }

    fn family(&mut self, name: String, meaning: Meaning) -> usize {
        let new = Family { name, meaning };
        let known = self
            .families
            .iter()
            .position(|family| family.name == new.name && family.meaning == new.meaning);
        known.unwrap_or_else(|| {
            self.families.push(new);
            self.families.len() - 1
        })
    }

    fn note(&mut self, one: Use, sample: &Sample<'_, '_>) {
        let meaning = &self.families[one.family].meaning;
        if *meaning == Meaning::Started {
            self.started[1] = Some(sample.value);
            return;
        }
        let key = self.key(one.family, sample);
        let is_full = self.series.len() >= MOST_SERIES;
        let series = match self.series.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if is_full => {
                self.left_out += 1;
                return;
            }
            Entry::Vacant(new) => new.insert(Series {
                family: one.family,
                place: place_of(meaning, sample),
                before: Observed::default(),
                now: Observed::default(),
                seen: 0,
                seen_before: None,
            }),
        };
        series.turn_to(self.page);
        series.now.note(one.part, sample);
    }

    /// The series that a line belongs to: all labels but the one that tells its buckets or quantiles apart.
    fn key(&self, family: usize, sample: &Sample<'_, '_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        family.hash(&mut hasher);
        for (name, value) in sample.labels {
            if name != "le" && name != "quantile" {
                name.hash(&mut hasher);
                value.hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Ends the page: every series on it with what was added to it. `is_whole` tells whether all of the page was read.
    pub fn close(&mut self, is_whole: bool) -> Closed<'_> {
        for series in self.series.values_mut() {
            series.now.sort();
        }
        let fell = self.fell();
        let began_at_zero = std::mem::replace(&mut self.was_whole, is_whole);
        let (page, bounds, families) = (self.page, &mut self.bounds, &self.families);
        let mut grown = Vec::new();
        for series in self.series.values().filter(|series| series.seen == page) {
            let meaning = &families[series.family].meaning;
            let may_tell = match series.seen_before {
                None => page > 1 && began_at_zero,
                Some(before) => before + 1 == page,
            };
            let by = (may_tell && fell.is_none())
                .then(|| increase(&series.before, &series.now, meaning.unit_ms(), bounds));
            grown.push(Grown {
                family: series.family,
                meaning,
                place: &series.place,
                now: &series.now,
                by: by.flatten(),
            });
        }
        Closed {
            grown,
            fell,
            left_out: self.left_out,
        }
    }

    /// What shows that the counters began anew since the page before.
    fn fell(&self) -> Option<String> {
        if let [Some(before), Some(now)] = self.started
            && is_another_start(before, now)
        {
            return Some("the process is another one".to_owned());
        }
        let both = |series: &&Series| {
            series.seen == self.page
                && series
                    .seen_before
                    .is_some_and(|before| before + 1 == self.page)
        };
        let mut known = self.series.values().filter(both);
        let fallen = known.find(|series| {
            let meaning = &self.families[series.family].meaning;
            meaning.only_rises() && series.now.fell_below(&series.before)
        })?;
        Some(format!("{} fell", self.families[fallen.family].name))
    }
}

/// Whether two times of start are of two processes. Many reckon theirs from the kernel's time of boot, which may come a
/// second later or earlier when the clock is set right.
fn is_another_start(before: f64, now: f64) -> bool {
    const SAME: f64 = 1e-3;
    let apart = (now - before).abs();
    apart > SAME && (apart - 1.0).abs() > SAME
}

impl Series {
    /// The first line of it on a page: what was known is what was before.
    fn turn_to(&mut self, page: u64) {
        if self.seen == page {
            return;
        }
        std::mem::swap(&mut self.before, &mut self.now);
        self.now.clear();
        self.seen_before = (self.seen > 0).then_some(self.seen);
        self.seen = page;
    }
}

/// What a page brought.
pub(super) struct Closed<'b> {
    /// Every series that is read for something.
    pub grown: Vec<Grown<'b>>,
    /// Why nothing can be said of this interval: the counters began anew.
    pub fell: Option<String>,
    /// Lines that had no room.
    pub left_out: usize,
}
