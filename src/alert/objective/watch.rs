//! All objectives and what they are judged by, tick by tick.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::burn::{Burn, PAIRS, burns};
use super::counts::{Count, Counts};
use super::form::{Good, Objective};
use crate::model::metric::RESPONSE_TIME;
use crate::model::{
    self, Catalog, Distribution, Endpoint, Labels, ObjectiveState, SeriesId, SeriesKey,
    SeriesTable, SourceName, Timestamp,
};

const MINUTE: Duration = Duration::from_secs(60);
/// The figure of an objective is that of so many minutes.
const FIGURE_MINUTES: usize = 2;
/// What the burn rates are called as series.
const BURN_RATE: &str = "slo.burn_rate";
/// The name of the source of the rows.
const SOURCE: &str = "objectives";
/// More objectives than this are not judged: each keeps three days of minutes.
const MOST: usize = 100;

/// What came at one tick.
#[derive(Debug, Clone, Copy)]
pub struct Came<'a> {
    /// How long things took, by their series.
    pub times: &'a [(SeriesId, Distribution)],
    /// What the series are of.
    pub series: &'a SeriesTable,
    /// The sources whose requests are those of the API.
    pub counted: &'a [SourceName],
    /// The routes, with requests a second and the share that failed.
    pub routes: &'a [Endpoint],
    /// How much time the tick covers.
    pub lasted: Duration,
}

/// All objectives.
#[derive(Debug)]
pub struct Objectives {
    catalog: Catalog,
    watched: Vec<Watched>,
}

impl Objectives {
    /// Nothing counted yet. The first hundred are judged.
    #[must_use]
    pub fn new(objectives: Vec<Objective>, catalog: &Catalog) -> Self {
        let first = objectives.into_iter().take(MOST);
        Self {
            catalog: catalog.clone(),
            watched: first.map(Watched::new).collect(),
        }
    }

    /// Counts what came at a tick.
    pub fn take(&mut self, now: Timestamp, came: Came<'_>) {
        for watched in &mut self.watched {
            watched.take(now, came);
        }
    }

    /// How fast each budget burns, for the rules: by objective and long window; `None` while there is too little to say.
    pub fn burn_rates(&mut self, now: Timestamp) -> Vec<(SeriesId, Option<f64>)> {
        let catalog = &self.catalog;
        let watched = self.watched.iter_mut();
        watched
            .filter(|watched| watched.counts.since().is_some())
            .flat_map(|watched| watched.burn_rates(now, catalog))
            .collect()
    }

    /// How each stands; those that nobody asked for only where there is something to judge by.
    #[must_use]
    pub fn rows(&self, now: Timestamp) -> Vec<model::Objective> {
        let known = |it: &&Watched| it.objective.is_configured || it.counts.since().is_some();
        self.watched
            .iter()
            .filter(known)
            .map(|it| it.row(now))
            .collect()
    }
}

/// One objective.
#[derive(Debug)]
struct Watched {
    objective: Objective,
    metric: Arc<str>,
    counts: Counts,
    /// The last minutes, for the figure.
    recent: VecDeque<(Timestamp, Distribution, Count)>,
    series: Option<[SeriesId; PAIRS.len()]>,
    burns: Option<[Burn; PAIRS.len()]>,
}

impl Watched {
    fn new(objective: Objective) -> Self {
        Self {
            metric: figure_of(&objective).into(),
            objective,
            counts: Counts::default(),
            recent: VecDeque::new(),
            series: None,
            burns: None,
        }
    }

    fn take(&mut self, now: Timestamp, came: Came<'_>) {
        let minute = now.floor_to(MINUTE);
        // The clock was set back: what is later than it is now is forgotten.
        while self.recent.back().is_some_and(|(last, ..)| *last > minute) {
            self.recent.pop_back();
        }
        if self.recent.back().is_none_or(|(last, ..)| *last < minute) {
            self.end_minute();
            let fresh = (minute, Distribution::default(), Count::default());
            self.recent.push_back(fresh);
            let oldest = minute.minus(MINUTE * FIGURE_MINUTES as u32);
            while self
                .recent
                .front()
                .is_some_and(|(first, ..)| *first <= oldest)
            {
                self.recent.pop_front();
            }
        }
        if self.objective.good == Good::Answered {
            self.take_answers(now, came);
        } else {
            self.take_times(now, came);
        }
    }

    fn take_answers(&mut self, now: Timestamp, came: Came<'_>) {
        let routes = came
            .routes
            .iter()
            .filter(|route| self.is_about(route, came.counted));
        let mut count = Count::default();
        for route in routes {
            let requests = route.requests_per_sec * came.lasted.as_secs_f64();
            if let Some(failed) = route.error_percent {
                count.total += requests;
                count.bad += requests * failed / 100.0;
            }
        }
        if let Some((_, _, recent)) = self.recent.back_mut() {
            recent.total += count.total;
            recent.bad += count.bad;
        }
        self.counts.add(now, count);
    }

    fn is_about(&self, route: &Endpoint, counted: &[SourceName]) -> bool {
        let pattern = self.objective.endpoint.as_ref();
        let is_source = match &self.objective.source {
            Some(source) => **source == *route.source,
            None => counted.contains(&route.source),
        };
        is_source && pattern.is_none_or(|pattern| pattern.matches(&route.label()))
    }

    fn take_times(&mut self, now: Timestamp, came: Came<'_>) {
        let mut count = Count::default();
        for (id, times) in came.times {
            let key = came.series.key(*id);
            if !key.is_some_and(|key| self.is_judged_by(key, came.counted)) {
                continue;
            }
            count.total += times.count() as f64;
            if let Good::Within(limit_ms) = self.objective.good {
                count.bad += times.count_above(limit_ms);
            }
            if let Some((_, recent, _)) = self.recent.back_mut() {
                recent.merge(times);
            }
        }
        // A mean is known when its minute is over.
        if matches!(self.objective.good, Good::Within(_)) {
            self.counts.add(now, count);
        }
    }

    /// Whether a series' distributions are those that the objective is about. The one of all routes of a source, or of
    /// the whole API, stands for the single ones.
    fn is_judged_by(&self, key: &SeriesKey, counted: &[SourceName]) -> bool {
        let Objective {
            metric,
            endpoint,
            source,
            ..
        } = &self.objective;
        if key.metric != *metric {
            return false;
        }
        let labels = &key.labels;
        let of_source = labels.get("source").or_else(|| labels.get("instance"));
        let is_part = labels
            .iter()
            .any(|(name, _)| !matches!(name, "source" | "instance"));
        let is_source = match (source, of_source) {
            (Some(wanted), Some(source)) => **wanted == *source,
            (Some(_), None) => false,
            // All requests of the API are one distribution already.
            (None, None) => true,
            (None, Some(source)) if &**metric == RESPONSE_TIME => {
                endpoint.is_some() && counted.iter().any(|name| **name == *source)
            }
            (None, Some(_)) => true,
        };
        let is_place = match endpoint {
            None => !is_part,
            Some(pattern) => {
                let of_part = labels.get("endpoint").or_else(|| labels.get("model"));
                of_part.is_some_and(|name| pattern.matches(name))
            }
        };
        is_source && is_place
    }

    /// Counts the requests of the minute that is over as good or not by their mean.
    fn end_minute(&mut self) {
        let Good::MeanWithin(limit_ms) = self.objective.good else {
            return;
        };
        let Some((at, times, _)) = self.recent.back() else {
            return;
        };
        if let Some(mean) = times.mean_ms() {
            let total = times.count() as f64;
            let bad = if mean > limit_ms { total } else { 0.0 };
            self.counts.add(*at, Count { total, bad });
        }
    }

    fn burn_rates(
        &mut self,
        now: Timestamp,
        catalog: &Catalog,
    ) -> [(SeriesId, Option<f64>); PAIRS.len()] {
        let Objective {
            name,
            target,
            least_requests,
            ..
        } = &self.objective;
        let burns = burns(&self.counts, now, 1.0 - target, *least_requests);
        let series = self.series.get_or_insert_with(|| {
            PAIRS.map(|pair| {
                let labels = Labels::of([("objective", &**name), ("window", pair.word)]);
                catalog.id(BURN_RATE, labels)
            })
        });
        self.burns = Some(burns);
        let mut rates = series.map(|id| (id, None));
        for ((_, rate), burn) in rates.iter_mut().zip(burns) {
            *rate = burn.rate;
        }
        rates
    }

    fn row(&self, now: Timestamp) -> model::Objective {
        let Objective {
            name,
            target,
            window,
            ..
        } = &self.objective;
        let (limit, unit) = self.objective.limit();
        let count = self.counts.within(now, *window);
        let left = count
            .bad_share()
            .map(|bad| 100.0 * (1.0 - bad / (1.0 - target)));
        let value = self.figure();
        let burn = self.worst_burn();
        let is_known = value.is_some() && count.total >= self.objective.least_requests;
        let state = match (is_known, left.is_some_and(|left| left <= 0.0), burn) {
            (false, ..) => ObjectiveState::NoData,
            (_, true, _) => ObjectiveState::Spent,
            (_, _, Some(burn)) if burn.is_news() => ObjectiveState::Burning,
            _ => ObjectiveState::Ok,
        };
        model::Objective {
            name: name.clone(),
            metric: Some(self.metric.clone()),
            limit: Some(limit),
            value,
            unit,
            state,
            budget_percent: left,
            since: self
                .counts
                .since()
                .map(|since| since.max(now.minus(*window))),
            requests: count.total.round() as u64,
            burn: burn.and_then(|burn| Some((burn.rate?, burn.over().into()))),
            source: SOURCE.into(),
        }
    }

    /// The pair of windows that is nearest to being news, or furthest beyond it.
    fn worst_burn(&self) -> Option<Burn> {
        let how_far = |burn: &Burn| burn.rate.map_or(-1.0, |rate| rate / burn.pair.factor);
        let burns = self.burns.as_ref()?.iter();
        let worst = burns.max_by(|a, b| how_far(a).total_cmp(&how_far(b)));
        worst.copied().filter(|burn| burn.rate.is_some())
    }

    /// The percentile, the mean or the share of good answers of the last minutes.
    fn figure(&self) -> Option<f64> {
        let mut times = Distribution::default();
        let mut count = Count::default();
        for (_, recent, counted) in &self.recent {
            times.merge(recent);
            count.total += counted.total;
            count.bad += counted.bad;
        }
        match self.objective.good {
            Good::Within(_) => times.quantile(self.objective.target).map(|it| it.ms),
            Good::MeanWithin(_) => times.mean_ms(),
            Good::Answered => count.bad_share().map(|bad| 100.0 * (1.0 - bad)),
        }
    }
}

/// The metric whose value is the nearest to what an objective judges, for charts.
fn figure_of(objective: &Objective) -> String {
    match objective.good {
        Good::Answered => "app.errors.rate_percent".to_owned(),
        _ if &*objective.metric != RESPONSE_TIME => objective.metric.to_string(),
        Good::MeanWithin(_) => "app.response_time.p50_ms".to_owned(),
        Good::Within(_) => format!("app.response_time.p{}_ms", objective.target * 100.0),
    }
}
