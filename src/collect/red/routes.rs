//! The routes that are told apart, in a bounded number.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::route::start_of;
use super::window::{Requests, Window};
use crate::model::text::printable;
use crate::model::{Catalog, Distribution, Endpoint, Labels, SeriesId};

/// What the routes are called together that are too many to be told apart.
const OTHER: &str = "other";
/// A route is forgotten after so many parts without a request.
const IDLE_PARTS: u64 = 60;
/// The same where there is no room for another one.
const IDLE_PARTS_WHEN_FULL: u64 = 12;
/// Series are never given back. A source may name so many times the routes that it tells apart at one moment.
const NAMED_TIMES: usize = 4;
/// What is longer of a route is not looked at, bytes.
const LONGEST: usize = 256;

/// One route.
pub(super) struct Route {
    pub method: Arc<str>,
    pub route: Arc<str>,
    /// The value of its `endpoint` label.
    pub label: Arc<str>,
    /// Since the last reading.
    pub interval: Requests,
    /// Since the last reading, but older than a minute.
    pub aside: Distribution,
    /// The last minute, without what came since the last reading.
    pub window: Window<Requests>,
    last_part: Option<u64>,
    times: Option<SeriesId>,
}

impl Route {
    fn new(method: &str, route: &str) -> Self {
        let named = Endpoint {
            method: printable(method).into(),
            route: printable(route).into(),
            ..Endpoint::default()
        };
        Self {
            label: named.label().into(),
            method: named.method,
            route: named.route,
            interval: Requests::default(),
            aside: Distribution::default(),
            window: Window::default(),
            last_part: None,
            times: None,
        }
    }

    /// Ends the interval: its requests go into the last minute, its times are returned.
    pub fn close(&mut self, part: u64) -> Distribution {
        let fresh = std::mem::take(&mut self.interval);
        let mut times = std::mem::take(&mut self.aside);
        times.merge(&fresh.times);
        if fresh.statuses.total() > 0 {
            self.window.add(part, fresh);
            self.last_part = Some(part);
        }
        self.window.forget(part);
        times
    }

    /// The series of its distribution, interned once.
    pub fn times_id(&mut self, catalog: &Catalog, metric: &str, source: &str) -> SeriesId {
        let label = &self.label;
        let labels = || Labels::of([("endpoint", &**label), ("source", source)]);
        *self
            .times
            .get_or_insert_with(|| catalog.id(metric, labels()))
    }
}

/// All routes of a source.
pub(super) struct Routes {
    routes: Vec<Route>,
    /// Where a route with its methods stands among them.
    places: HashMap<Box<str>, Vec<(Arc<str>, usize)>>,
    named: HashSet<Arc<str>>,
    most: usize,
}

impl Routes {
    pub fn new(most: usize) -> Self {
        Self {
            routes: Vec::new(),
            places: HashMap::new(),
            named: HashSet::new(),
            most,
        }
    }

    /// The route, told apart from now on; `other` when there are too many.
    pub fn get(&mut self, method: &str, route: &str) -> &mut Route {
        let (method, route) = (start_of(method, LONGEST), start_of(route, LONGEST));
        let place = match self.place(method, route) {
            Some(place) => place,
            None if self.has_room(method, route) => self.insert(method, route),
            None => self
                .place("", OTHER)
                .unwrap_or_else(|| self.insert("", OTHER)),
        };
        &mut self.routes[place]
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Route> {
        self.routes.iter_mut()
    }

    /// Forgets the routes that had no request for long.
    pub fn forget_idle(&mut self, part: u64) {
        let idle = if self.routes.len() >= self.most {
            IDLE_PARTS_WHEN_FULL
        } else {
            IDLE_PARTS
        };
        let before = self.routes.len();
        self.routes.retain(|route| {
            let waits = route.interval.statuses.total() > 0;
            waits || route.last_part.is_some_and(|last| last + idle > part)
        });
        if self.routes.len() < before {
            self.places.clear();
            for place in 0..self.routes.len() {
                self.keep_place(place);
            }
        }
    }

    fn place(&self, method: &str, route: &str) -> Option<usize> {
        let methods = self.places.get(route)?;
        let found = methods.iter().find(|(known, _)| &**known == method)?;
        Some(found.1)
    }

    fn has_room(&self, method: &str, route: &str) -> bool {
        let is_named = || {
            let named = Route::new(method, route).label;
            self.named.contains(&named)
        };
        let may_be_named = self.named.len() < self.most.saturating_mul(NAMED_TIMES) || is_named();
        self.routes.len() < self.most && may_be_named
    }

    fn insert(&mut self, method: &str, route: &str) -> usize {
        let new = Route::new(method, route);
        self.named.insert(new.label.clone());
        self.routes.push(new);
        let place = self.routes.len() - 1;
        self.places
            .entry(route.into())
            .or_default()
            .push((method.into(), place));
        place
    }

    fn keep_place(&mut self, place: usize) {
        let route = &self.routes[place];
        self.places
            .entry((*route.route).into())
            .or_default()
            .push((route.method.clone(), place));
    }
}
