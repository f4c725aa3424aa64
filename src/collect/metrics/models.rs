//! AI models: calls, tokens, cost and times of each, from whatever client, proxy or server counts them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::book::Grown;
use super::form::Mappings;
use super::model_use::{Totals, Use, uses};
use crate::model::metric::MODEL_TIME;
use crate::model::{
    Catalog, Distribution, Labels, ModelUse, Moment, Reading, Rows, SeriesId, SourceName,
};

/// What the rows tell of.
const WINDOW: Duration = Duration::from_secs(60);
/// So many models are listed.
const MOST_MODELS: usize = 200;
/// So many models have series.
const MOST_CHARTED: usize = 20;

/// All models that a page tells of.
pub(super) struct Models {
    catalog: Catalog,
    source: SourceName,
    mappings: Arc<Mappings>,
    models: BTreeMap<Arc<str>, Model>,
    charted: HashMap<Arc<str>, Charted>,
    all_times: Option<SeriesId>,
}

#[derive(Default)]
struct Model {
    /// What came in the last minute: when, in how long, what.
    parts: VecDeque<(Duration, Duration, Use)>,
}

#[derive(Clone, Copy)]
struct Charted {
    input: SeriesId,
    output: SeriesId,
    spend: SeriesId,
    times: SeriesId,
}

impl Models {
    pub fn new(catalog: &Catalog, source: &SourceName, mappings: &Arc<Mappings>) -> Self {
        Self {
            catalog: catalog.clone(),
            source: source.clone(),
            mappings: mappings.clone(),
            models: BTreeMap::new(),
            charted: HashMap::new(),
            all_times: None,
        }
    }

    /// Takes what a page tells, and puts rows of the last minute, totals and the times of this interval.
    pub fn put(
        &mut self,
        grown: &[Grown<'_>],
        now: Moment,
        interval: Option<Duration>,
        reading: &mut Reading,
    ) {
        let uses = uses(grown);
        if uses.is_empty() && self.models.is_empty() {
            return;
        }
        let mut all_times = Distribution::default();
        for (name, (used, totals)) in uses {
            let price = self
                .mappings
                .prices
                .iter()
                .find(|price| *price.model == *name);
            let priced = |input: Option<f64>, output: Option<f64>| {
                let price = price?;
                let (input, output) = (input?, output.unwrap_or_default());
                Some((input * price.input + output * price.output) / 1e6)
            };
            let used = used.map(|used| Use {
                spend: used.spend.or_else(|| priced(used.input, used.output)),
                ..used
            });
            let totals = Totals {
                spend: totals.spend.or_else(|| priced(totals.input, totals.output)),
                ..totals
            };
            self.chart(&name, &totals, used.as_ref(), reading);
            if let Some(used) = &used {
                all_times.merge(&used.times);
            }
            self.remember(name, now, interval, used);
        }
        if all_times.count() > 0 {
            let id = *self.all_times.get_or_insert_with(|| {
                self.catalog
                    .id(MODEL_TIME, Labels::one("source", &self.source))
            });
            reading.distributions.push((id, all_times));
        }
        let rows = self.rows(now);
        reading.rows.push(Rows::Models(rows));
    }

    fn remember(
        &mut self,
        name: Arc<str>,
        now: Moment,
        interval: Option<Duration>,
        used: Option<Use>,
    ) {
        if self.models.len() >= MOST_MODELS && !self.models.contains_key(&name) {
            return;
        }
        let model = self.models.entry(name).or_default();
        if let Some((interval, used)) = interval.zip(used) {
            model.parts.push_back((now.mono, interval, used));
        }
    }

    fn chart(
        &mut self,
        name: &Arc<str>,
        totals: &Totals,
        used: Option<&Use>,
        reading: &mut Reading,
    ) {
        let Some(charted) = self.charted_as(name) else {
            return;
        };
        reading.put_known(charted.input, totals.input);
        reading.put_known(charted.output, totals.output);
        reading.put_known(charted.spend, totals.spend);
        if let Some(used) = used.filter(|used| used.times.count() > 0) {
            reading
                .distributions
                .push((charted.times, used.times.clone()));
        }
    }

    fn charted_as(&mut self, name: &Arc<str>) -> Option<Charted> {
        if let Some(known) = self.charted.get(name) {
            return Some(*known);
        }
        if self.charted.len() >= MOST_CHARTED {
            return None;
        }
        let source = &*self.source;
        let tokens = |kind| Labels::of([("model", &**name), ("type", kind), ("source", source)]);
        let own = || Labels::of([("model", &**name), ("source", source)]);
        let charted = Charted {
            input: self.catalog.id("ai.tokens.total", tokens("input")),
            output: self.catalog.id("ai.tokens.total", tokens("output")),
            spend: self.catalog.id("ai.cost.usd_total", own()),
            times: self.catalog.id(MODEL_TIME, own()),
        };
        self.charted.insert(name.clone(), charted);
        Some(charted)
    }

    /// The models of the last minute, and those that are known but were not asked.
    fn rows(&mut self, now: Moment) -> Vec<ModelUse> {
        let source = &self.source;
        let rows = self.models.iter_mut().map(|(name, model)| {
            let first = now.mono.saturating_sub(WINDOW);
            model.parts.retain(|(at, ..)| *at > first);
            model.row(name, source)
        });
        rows.collect()
    }
}

impl Model {
    fn row(&self, name: &Arc<str>, source: &SourceName) -> ModelUse {
        let mut seconds = 0.0;
        let mut sum = Use::default();
        for (_, interval, used) in &self.parts {
            seconds += interval.as_secs_f64();
            sum.add(used);
        }
        let rate =
            |value: Option<f64>| value.filter(|_| seconds > 0.0).map(|value| value / seconds);
        let judged = sum.succeeded + sum.failed;
        let p95 = |times: &Distribution| times.quantile(0.95).map(|p95| p95.ms);
        ModelUse {
            model: name.clone(),
            calls_per_sec: rate(Some(sum.calls)).unwrap_or_default(),
            input_tokens_per_sec: rate(sum.input),
            output_tokens_per_sec: rate(sum.output),
            cost_per_hour_usd: rate(sum.spend).map(|spend| spend * 3600.0),
            first_token_p95_ms: p95(&sum.first_token),
            p95_ms: p95(&sum.times),
            success_percent: (judged > 0.0).then(|| sum.succeeded * 100.0 / judged),
            source: source.clone(),
        }
    }
}
