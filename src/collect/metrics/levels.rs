//! Levels of an application's caches: which share of the look-ups that reach it each one answers.

use std::sync::Arc;
use std::time::Duration;

use super::book::Grown;
use super::form::Mappings;
use super::meaning::{LevelPart, is_of};
use super::place::Place;
use crate::model::text::printable;
use crate::model::{CacheLevel, Catalog, Labels, Reading, Rows, SeriesId, SourceName};

/// The levels that a page tells of, the one asked first before the others.
pub(super) struct Levels {
    levels: Vec<Level>,
    source: SourceName,
}

struct Level {
    /// Its place among the forms.
    form: usize,
    name: Arc<str>,
    hit_rate: SeriesId,
    evictions: SeriesId,
    size: SeriesId,
}

/// What was added to a level's counters.
#[derive(Default)]
struct Figures {
    hits: Option<f64>,
    misses: Option<f64>,
    evictions: Option<f64>,
    size: Option<f64>,
}

impl Levels {
    pub fn new(mappings: &Mappings, source: &SourceName, catalog: &Catalog) -> Self {
        let forms = mappings.levels.iter().enumerate();
        let mut forms: Vec<_> = forms
            .filter(|(_, form)| is_of(form.source.as_deref(), source))
            .collect();
        forms.sort_by_key(|(_, form)| form.order);
        let level = |(place, form): (usize, &super::LevelForm)| {
            let labels = Labels::of([("instance", &**source), ("level", &*form.level)]);
            Level {
                form: place,
                name: printable(&form.level).into(),
                hit_rate: catalog.id("cache.hit_rate_percent", labels.clone()),
                evictions: catalog.id("cache.evictions_per_sec", labels.clone()),
                size: catalog.id("cache.memory.used_bytes", labels),
            }
        };
        Self {
            levels: forms.into_iter().map(level).collect(),
            source: source.clone(),
        }
    }

    /// Puts what a page tells of the levels, and what it does not.
    pub fn put(&self, grown: &[Grown<'_>], interval: Option<Duration>, reading: &mut Reading) {
        if self.levels.is_empty() {
            return;
        }
        let rows = self.levels.iter().map(|level| {
            let (figures, is_there) = level.figures(grown);
            if !is_there {
                let line = format!("no series of level {:?} on this page: look at hits and misses of its [[cache_level]]", &*level.name);
                reading.lacks("cache levels", line);
            }
            let seconds = interval.map(|interval| interval.as_secs_f64());
            let evictions = figures.evictions.zip(seconds);
            let hit_percent = figures.hit_percent();
            reading.put_known(level.hit_rate, hit_percent);
            reading.put_known(level.evictions, evictions.map(|(rise, seconds)| rise / seconds));
            reading.put_known(level.size, figures.size);
            CacheLevel {
                level: level.name.clone(),
                hit_percent,
                source: self.source.clone(),
            }
        });
        let rows = rows.collect();
        reading.rows.push(Rows::CacheLevels(rows));
    }
}

impl Level {
    /// The sums over all series of the level, and whether there is any of its look-ups.
    fn figures(&self, grown: &[Grown<'_>]) -> (Figures, bool) {
        let mut figures = Figures::default();
        let mut is_there = false;
        for one in grown {
            let Place::Level(form, part) = *one.place else {
                continue;
            };
            if form != self.form {
                continue;
            }
            let rise = one.by.as_ref().map(|by| by.count);
            let (sum, value) = match part {
                LevelPart::Hits => (&mut figures.hits, rise),
                LevelPart::Misses => (&mut figures.misses, rise),
                LevelPart::Evictions => (&mut figures.evictions, rise),
                LevelPart::Size => (&mut figures.size, one.now.count),
            };
            is_there |= matches!(part, LevelPart::Hits | LevelPart::Misses);
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or_default() + value);
            }
        }
        (figures, is_there)
    }
}

impl Figures {
    /// Unknown while nothing was asked. A counter that has no series yet has not counted anything yet.
    fn hit_percent(&self) -> Option<f64> {
        let asked = self.hits.unwrap_or_default() + self.misses.unwrap_or_default();
        (asked > 0.0).then(|| self.hits.unwrap_or_default() * 100.0 / asked)
    }
}
