//! What is made of the requests of one tick: their distributions go into the history, the figures of the whole API and of
//! all caches into the values, and what the services are held to is judged.

use std::sync::Arc;
use std::time::Duration;

use super::totals::{LAST, Totals, counted_sources};
use crate::alert::{Came, Objective, Objectives};
use crate::model::{
    self, Catalog, Distribution, Moment, SeriesId, SeriesTable, SourceStatus, Tables,
};
use crate::store::hot::HotHistory;

/// The values of one tick.
pub struct Snapshot {
    /// What each is of.
    pub series: Arc<SeriesTable>,
    /// By the series' id; NaN is unknown.
    pub values: Vec<f64>,
}

impl Snapshot {
    /// Takes the series in that were added since it was made.
    pub(super) fn renew(&mut self, catalog: &Catalog) {
        self.series = catalog.table();
        let most = self.series.len().max(self.values.len());
        self.values.resize(most, f64::NAN);
    }

    /// Rounds every value as its unit says, so that what is shown, judged and kept is the same number.
    pub(super) fn round(&mut self) {
        for (value, (_, key)) in self.values.iter_mut().zip(self.series.iter()) {
            *value = key.describe().unit.rounded(*value);
        }
    }

    /// Sets a value that is made of others.
    pub(super) fn set(&mut self, id: SeriesId, value: Option<f64>) {
        if let Some(place) = self.values.get_mut(id.index()) {
            *place = value.unwrap_or(f64::NAN);
        }
    }
}

/// What is known at a tick beside the values.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// How often there are ticks.
    pub tick: Duration,
    /// The tables.
    pub tables: &'a Tables,
    /// How the sources are doing.
    pub statuses: &'a [SourceStatus],
}

/// What is made of requests.
pub struct Requests {
    catalog: Catalog,
    totals: Totals,
    objectives: Objectives,
    /// When requests were last counted, on the clock that never jumps.
    last: Option<Duration>,
}

impl Requests {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(objectives: Vec<Objective>, catalog: &Catalog) -> Self {
        Self {
            catalog: catalog.clone(),
            totals: Totals::new(catalog),
            objectives: Objectives::new(objectives, catalog),
            last: None,
        }
    }

    /// Takes what came at a tick, and adds the totals to it; how the objectives stand.
    pub fn take(
        &mut self,
        now: Moment,
        came: &mut Vec<(SeriesId, Distribution)>,
        told: &Told<'_>,
        history: &mut HotHistory,
        snapshot: &mut Snapshot,
    ) -> Vec<model::Objective> {
        snapshot.renew(&self.catalog);
        let Told {
            tick,
            tables,
            statuses,
        } = *told;
        let counted = counted_sources(tables, statuses);
        self.totals.add_times(&counted, &snapshot.series, came);
        history.append_distributions(now.wall, came);
        let end = now.wall.plus(Duration::from_millis(1));
        let times = history.distribution(self.totals.times, now.wall.minus(LAST), end);
        self.totals
            .set_api(&counted, tables, times.as_ref(), snapshot);
        self.totals.set_caches(snapshot);
        let lasted = self.passed(now, tick);
        let came = Came {
            times: came,
            series: &snapshot.series,
            counted: &counted,
            routes: tables.endpoints.as_deref().map_or(&[], Vec::as_slice),
            lasted,
        };
        self.objectives.take(now.wall, came);
        let rates = self.objectives.burn_rates(now.wall);
        snapshot.renew(&self.catalog);
        for (id, rate) in rates {
            snapshot.set(id, rate);
        }
        self.objectives.rows(now.wall)
    }

    /// The time since the last tick; what happened in a longer pause is not known.
    fn passed(&mut self, now: Moment, tick: Duration) -> Duration {
        let last = self.last.replace(now.mono);
        let passed = last.map_or(Duration::ZERO, |last| now.mono.saturating_sub(last));
        if passed > tick * 3 { tick } else { passed }
    }
}
