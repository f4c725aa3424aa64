//! From the bytes of a page to a reading: rows and series of everything that is recognised, and what is not.

use std::collections::HashMap;
use std::sync::Arc;

use super::book::{Book, Closed};
use super::flaws::Flaws;
use super::form::{Mappings, WorkKind};
use super::levels::Levels;
use super::models::Models;
use super::page::{Line, Page};
use super::requests::{RouteKey, RouteRequests, requests};
use super::sessions::Sessions;
use crate::collect::Surroundings;
use crate::collect::counter::Interval;
use crate::collect::red::Red;
use crate::model::{Endpoint, Moment, Reading, Rows, SourceName, metric};

/// More series of a page are not looked at.
const MOST_SERIES: usize = 200_000;
/// So many of the last pages are looked at for counters that begin anew time and again.
const REMEMBERED: u32 = 8;
/// From so many of them on, several processes answer behind one address.
const MANY_RESETS: u32 = 3;

/// Reads the pages of one address, one after the other.
pub(super) struct Reader {
    book: Book,
    red: Red,
    works: Vec<OtherWork>,
    models: Models,
    levels: Levels,
    sessions: Sessions,
    interval: Interval,
    /// Which of the last pages began anew, the latest in the lowest bit.
    resets: u8,
    is_mapped: bool,
}

/// Work of other kinds than requests to an API.
struct OtherWork {
    kinds: &'static [WorkKind],
    red: Red,
}

/// What their distributions are brought under. Models have rows of their own.
const OTHER_WORK: &[(&[WorkKind], &str)] = &[
    (&[WorkKind::Agent, WorkKind::Skill], metric::AGENT_TIME),
    (&[WorkKind::Vector], metric::VECTOR_TIME),
    (&[WorkKind::Database], metric::STATEMENT_TIME),
];

/// What was found on a page beside its figures.
#[derive(Debug, Default)]
struct Found {
    samples: usize,
    recognised: usize,
    flaws: Flaws,
    is_cut: bool,
}

impl Reader {
    pub fn new(source: &SourceName, around: &Surroundings) -> Self {
        let mappings: &Arc<Mappings> = &around.mappings;
        Self {
            book: Book::new(source.clone(), mappings.clone()),
            red: Red::new(&around.catalog, source.clone(), &around.limits),
            works: other_works(source, around),
            models: Models::new(&around.catalog, source, mappings),
            levels: Levels::new(mappings, source, &around.catalog),
            sessions: Sessions::new(source, mappings),
            interval: Interval::default(),
            resets: 0,
            is_mapped: !mappings.apis.is_empty() || !mappings.levels.is_empty(),
        }
    }

    /// Reads a page; `Err` with why it is none.
    pub fn read(&mut self, bytes: &[u8], is_cut: bool, now: Moment) -> Result<Reading, String> {
        let is_page_for_people = bytes.trim_ascii_start().first() == Some(&b'<');
        if is_page_for_people {
            return Err("it is a page for people (HTML): is the path right?".to_owned());
        }
        let found = self.take(bytes, is_cut);
        if found.samples == 0 {
            let flaws = found.flaws.line(found.flaws.count());
            return Err(match flaws {
                Some(line) => format!("it is no page of metrics: {line}"),
                None if is_cut => "16 MB of it hold no line of metrics".to_owned(),
                None => "it holds no value".to_owned(),
            });
        }
        let mut reading = Reading::at(now.wall);
        self.put(&found, now, &mut reading);
        Ok(reading)
    }

    fn take(&mut self, bytes: &[u8], is_cut: bool) -> Found {
        let mut found = Found {
            is_cut,
            ..Found::default()
        };
        let mut page = Page::new(bytes);
        while let Some(line) = page.next() {
            match line {
                Ok(Line::Sample(sample)) => {
                    if found.samples == 0 {
                        // What holds no value is no page, and the next one follows the one before it.
                        self.book.begin();
                    }
                    found.samples += 1;
                    if found.samples > MOST_SERIES {
                        found.is_cut = true;
                        break;
                    }
                    found.recognised += usize::from(self.book.take(&sample));
                }
                Ok(Line::Type(family, told)) => self.book.take_type(&family, told),
                Ok(Line::Unit(family, unit)) => self.book.take_unit(&family, unit),
                Err(flaw) => {
                    let number = page.number();
                    found.flaws.add(number, flaw);
                }
            }
        }
        found
    }

    fn put(&mut self, found: &Found, now: Moment, reading: &mut Reading) {
        let is_whole = !found.is_cut && found.flaws.count() == 0;
        let closed = self.book.close(is_whole);
        let interval = self.interval.next(now.mono);
        self.resets = self.resets << 1 | u8::from(closed.fell.is_some());
        lacks(found, &closed, self.resets, self.is_mapped, reading);
        let Closed { grown, fell, .. } = closed;
        // Nothing is known of the time in which the counters began anew.
        let known = interval.filter(|_| fell.is_none());
        let routes = requests(&grown, WorkKind::Http);
        if !routes.is_empty() {
            for ((method, route), requests) in &routes {
                add(&mut self.red, method, route, requests);
            }
            self.red.close(now, known, reading);
            fill_own_quantiles(&routes, reading);
        }
        for work in &mut self.works {
            for kind in work.kinds {
                for ((_, name), requests) in &requests(&grown, *kind) {
                    add(&mut work.red, kind.word(), name, requests);
                }
            }
            work.red.close(now, known, reading);
        }
        join_endpoints(reading);
        self.models.put(&grown, now, known, reading);
        self.levels.put(&grown, known, reading);
        self.sessions.put(&grown, now, reading);
    }
}

/// Those kinds of work that anything is written about.
fn other_works(source: &SourceName, around: &Surroundings) -> Vec<OtherWork> {
    let apis = &around.mappings.apis;
    let wanted = OTHER_WORK
        .iter()
        .filter(|(kinds, _)| apis.iter().any(|api| kinds.contains(&api.kind)));
    wanted
        .map(|(kinds, metric)| OtherWork {
            kinds,
            red: Red::of_work(&around.catalog, source.clone(), &around.limits, metric),
        })
        .collect()
}

fn add(red: &mut Red, method: &str, route: &str, requests: &RouteRequests) {
    if requests.statuses.total() > 0 || requests.times.count() > 0 {
        red.add(method, route, &requests.statuses, &requests.times);
    }
}

/// Makes one table of the routes of all kinds: a table replaces the one before it.
fn join_endpoints(reading: &mut Reading) {
    let mut all: Option<Vec<Endpoint>> = None;
    reading.rows.retain_mut(|rows| match rows {
        Rows::Endpoints(endpoints) => {
            all.get_or_insert_default().append(endpoints);
            false
        }
        _ => true,
    });
    reading.rows.extend(all.map(Rows::Endpoints));
}

/// Percentiles that the application reckoned itself, where nothing better is known.
fn fill_own_quantiles(routes: &HashMap<RouteKey, RouteRequests>, reading: &mut Reading) {
    for rows in &mut reading.rows {
        let Rows::Endpoints(endpoints) = rows else {
            continue;
        };
        for endpoint in endpoints
            .iter_mut()
            .filter(|endpoint| endpoint.p50_ms.is_none())
        {
            let key = (endpoint.method.clone(), endpoint.route.clone());
            let own = routes.get(&key).and_then(|requests| requests.own_quantiles);
            if let Some([p50, p95, p99]) = own {
                endpoint.p50_ms = p50;
                endpoint.p95_ms = p95;
                endpoint.p99_ms = p99;
            }
        }
    }
}

/// Says what of a page can't be brought.
fn lacks(found: &Found, closed: &Closed<'_>, resets: u8, is_mapped: bool, reading: &mut Reading) {
    if let Some(line) = found.flaws.line(found.samples + found.flaws.count()) {
        reading.lacks("page", line);
    }
    if found.is_cut {
        reading.lacks(
            "page",
            "only the first 16 MB and 200,000 series are read: name fewer on this page",
        );
    }
    if closed.left_out > 0 {
        reading.lacks(
            "series",
            "too many to remember: fewer labels on the timings of requests would help",
        );
    }
    if found.recognised == 0 {
        let line = if is_mapped {
            "no known series on it, nor one that [[api]] or [[cache_level]] names"
        } else {
            "no known timings of requests, models or caches on it: [[api]] and [[cache_level]] map others"
        };
        reading.lacks("requests", line);
    }
    let many = resets.count_ones() >= MANY_RESETS;
    if let Some(fell) = closed.fell.as_ref().filter(|_| many) {
        let times = resets.count_ones();
        let line = format!(
            "counters began anew on {times} of the last {REMEMBERED} pages ({fell}): if several processes answer here, each needs a page of its own"
        );
        reading.lacks("requests", line);
    }
}

/// What a page holds, for whoever looks whether it is worth watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// Values on it.
    pub samples: usize,
    /// Those of them that tell of requests or models.
    pub recognised: usize,
    /// Lines that can't be read.
    pub flawed: usize,
}

/// Looks at the bytes of a page once.
#[must_use]
pub fn survey(bytes: &[u8]) -> Survey {
    let mut book = Book::new("".into(), Arc::default());
    let mut survey = Survey {
        samples: 0,
        recognised: 0,
        flawed: 0,
    };
    book.begin();
    let mut page = Page::new(bytes);
    while let Some(line) = page.next() {
        match line {
            Ok(Line::Sample(sample)) => {
                survey.samples += 1;
                survey.recognised += usize::from(book.take(&sample));
            }
            Ok(_) => {}
            Err(_) => survey.flawed += 1,
        }
    }
    survey
}
