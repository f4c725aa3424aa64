//! From series to requests of routes: how many with which statuses, and how long they took.

use std::collections::HashMap;
use std::sync::Arc;

use super::book::Grown;
use super::form::WorkKind;
use super::meaning::{Meaning, Work};
use super::place::Place;
use crate::collect::red::Statuses;
use crate::model::Distribution;

/// Requests of one route since the page before.
#[derive(Debug, Default)]
pub(super) struct RouteRequests {
    pub statuses: Statuses,
    pub times: Distribution,
    /// The 50th, 95th and 99th percentile as the application itself reckoned them, milliseconds, where that is all
    /// there is: they can't be merged, so that they are told only of a route with one such series.
    pub own_quantiles: Option<[Option<f64>; 3]>,
    summaries: usize,
}

/// Method and route.
pub(super) type RouteKey = (Arc<str>, Arc<str>);

/// A series of requests.
struct Counted<'g, 'b> {
    grown: &'g Grown<'b>,
    work: &'b Work,
    method: &'b Arc<str>,
    route: &'b Arc<str>,
    is_routed: bool,
    status: Option<Option<u16>>,
}

/// The requests of one kind on a page, by route.
pub(super) fn requests(grown: &[Grown<'_>], kind: WorkKind) -> HashMap<RouteKey, RouteRequests> {
    let all: Vec<Counted<'_, '_>> = grown.iter().filter_map(counted).collect();
    let of_kind = |one: &&Counted<'_, '_>| one.work.kind == kind;
    let timings = best(all.iter().filter(of_kind).filter(|one| one.is_timing()));
    let counts = best(all.iter().filter(of_kind).filter(|one| one.is_count()));
    let mut routes = HashMap::new();
    if timings.is_empty() || counts.is_empty() || timings.iter().any(|one| one.status.is_some()) {
        let told = if timings.is_empty() {
            &counts
        } else {
            &timings
        };
        for one in told {
            one.count(key(one, true, true), &mut routes);
        }
    } else {
        // The counters know the statuses, and the timings don't.
        let has_methods = timings.iter().any(|one| !one.method.is_empty());
        let has_routes = timings.iter().any(|one| one.is_routed);
        for one in &counts {
            one.count(key(one, has_methods, has_routes), &mut routes);
        }
        for one in &timings {
            let key = key(one, true, true);
            if !routes.contains_key(&key) {
                one.count(key, &mut routes);
            }
        }
    }
    for one in &timings {
        one.time(&mut routes);
    }
    routes
}

/// A counter's requests under the key that the timings have, which may know less.
fn key(one: &Counted<'_, '_>, has_methods: bool, has_routes: bool) -> RouteKey {
    let method = if has_methods {
        one.method.clone()
    } else {
        "".into()
    };
    let route = if has_routes || !one.is_routed {
        one.route.clone()
    } else {
        one.work.name.clone()
    };
    (method, route)
}

fn counted<'g, 'b>(grown: &'g Grown<'b>) -> Option<Counted<'g, 'b>> {
    let Meaning::Work(work) = grown.meaning else {
        return None;
    };
    let Place::Work {
        method,
        route,
        is_routed,
        status,
    } = grown.place
    else {
        return None;
    };
    Some(Counted {
        grown,
        work,
        method,
        route,
        is_routed: *is_routed,
        status: *status,
    })
}

/// Those with the lowest rank: the others tell of the same requests.
fn best<'c, 'g, 'b>(
    all: impl Iterator<Item = &'c Counted<'g, 'b>> + Clone,
) -> Vec<&'c Counted<'g, 'b>> {
    let lowest = all.clone().map(|one| one.work.rank).min();
    all.filter(|one| Some(one.work.rank) == lowest).collect()
}

impl Counted<'_, '_> {
    /// Whether it tells times, and not only how many there were.
    fn is_timing(&self) -> bool {
        let now = self.grown.now;
        self.work.unit_ms.is_some()
            && (now.sum.is_some() || !now.buckets.is_empty() || !now.quantiles.is_empty())
    }

    /// Whether it is a counter. What should be a timing and holds a value alone is one only if a person said so.
    fn is_count(&self) -> bool {
        !self.is_timing() && (self.work.unit_ms.is_none() || self.work.rank == 0)
    }

    fn count(&self, key: RouteKey, routes: &mut HashMap<RouteKey, RouteRequests>) {
        let requests = routes.entry(key).or_default();
        if let Some(by) = &self.grown.by {
            let status = self.status.flatten();
            requests
                .statuses
                .count_many(status, by.count.round() as u64);
        }
    }

    fn time(&self, routes: &mut HashMap<RouteKey, RouteRequests>) {
        let key = (self.method.clone(), self.route.clone());
        let requests = routes.entry(key).or_default();
        let now = self.grown.now;
        if !now.quantiles.is_empty() {
            requests.summaries += 1;
            let unit = self.work.unit_ms.unwrap_or(1.0);
            let told = [0.5, 0.95, 0.99].map(|q| now.quantile(q).map(|value| value * unit));
            requests.own_quantiles = (requests.summaries == 1).then_some(told);
        }
        if let Some(buckets) = self.grown.by.as_ref().and_then(|by| by.buckets.clone()) {
            requests.times.merge(&Distribution::Buckets(buckets));
        }
    }
}
