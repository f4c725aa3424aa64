//! AI models: calls, tokens, cost and times of each, from whatever client, proxy or server counts them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::book::Grown;
use super::form::{Mappings, WorkKind};
use super::known::ModelPart;
use super::meaning::Meaning;
use super::place::Place;
use super::requests::requests;
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
/// Times of whole calls, by model and source, and of all together by source alone.

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
    totals: Totals,
}

/// Use of a model in one interval.
#[derive(Default, Clone)]
struct Use {
    calls: f64,
    succeeded: f64,
    failed: f64,
    input: Option<f64>,
    output: Option<f64>,
    spend: Option<f64>,
    times: Distribution,
    first_token: Distribution,
}

/// What the page has counted in all.
#[derive(Default, Clone, Copy)]
struct Totals {
    input: Option<f64>,
    output: Option<f64>,
    spend: Option<f64>,
}

#[derive(Clone, Copy)]
struct Charted {
    input: SeriesId,
    output: SeriesId,
    spend: SeriesId,
    times: SeriesId,
}

/// What several families tell of the same calls: the one that saw most of them counts.
#[derive(Default)]
struct Told {
    by_family: HashMap<(ModelPart, usize), (f64, f64, Distribution)>,
    is_known: bool,
}

impl Told {
    /// Increase, total and times of a part, from the family that tells most.
    fn of(&self, part: ModelPart) -> Option<&(f64, f64, Distribution)> {
        let families = self
            .by_family
            .iter()
            .filter(|((known, _), _)| *known == part);
        families
            .map(|(_, told)| told)
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
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
            self.remember(name, now, interval, used, totals);
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
        totals: Totals,
    ) {
        if self.models.len() >= MOST_MODELS && !self.models.contains_key(&name) {
            return;
        }
        let model = self.models.entry(name).or_default();
        model.totals = totals;
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

impl Use {
    fn add(&mut self, other: &Self) {
        let add = |sum: &mut Option<f64>, more: Option<f64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or_default() + more);
            }
        };
        self.calls += other.calls;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        add(&mut self.input, other.input);
        add(&mut self.output, other.output);
        add(&mut self.spend, other.spend);
        self.times.merge(&other.times);
        self.first_token.merge(&other.first_token);
    }
}

/// What a page tells of each model: what was added (unknown in a gap), and what it has counted in all.
fn uses(grown: &[Grown<'_>]) -> BTreeMap<Arc<str>, (Option<Use>, Totals)> {
    let mut told: BTreeMap<Arc<str>, (Told, Judged)> = BTreeMap::new();
    for one in grown {
        let (
            Place::Model {
                model,
                part,
                failed,
            },
            Meaning::Model(_, unit_ms),
        ) = (one.place, one.meaning)
        else {
            continue;
        };
        let (told, judged) = told.entry(model.clone()).or_default();
        let is_tokens = matches!(part, ModelPart::Input | ModelPart::Output);
        // A histogram of tokens has the tokens in its sum and the calls in its count.
        let is_sum = is_tokens && one.now.sum.is_some();
        let total = if is_sum { one.now.sum } else { one.now.total() };
        let entry = told.by_family.entry((*part, one.family)).or_default();
        entry.1 += total.unwrap_or_default();
        let Some(by) = &one.by else {
            continue;
        };
        told.is_known = true;
        entry.0 += if is_sum {
            by.sum.unwrap_or_default()
        } else {
            by.count
        };
        if let Some(buckets) = by.buckets.as_ref().filter(|_| *unit_ms > 0.0 && !is_tokens) {
            entry.2.merge(&Distribution::Buckets(buckets.clone()));
        }
        judged.add(*part, *failed, by.count);
    }
    let mut uses: BTreeMap<_, _> = told
        .into_iter()
        .map(|(model, (told, judged))| {
            (
                model,
                (told.is_known.then(|| told.used(&judged)), told.totals()),
            )
        })
        .collect();
    // Timings that a person has mapped.
    for ((_, model), mapped) in requests(grown, WorkKind::Llm) {
        let (used, _) = uses
            .entry(model)
            .or_insert_with(|| (None, Totals::default()));
        let [ok, moved, refused, failed] = mapped.statuses.classes.map(|count| count as f64);
        used.get_or_insert_default().add(&Use {
            calls: mapped.statuses.total() as f64,
            succeeded: ok + moved,
            failed: refused + failed,
            times: mapped.times,
            ..Use::default()
        });
    }
    uses
}

/// Calls that are known to have succeeded or failed, by what tells it.
#[derive(Default)]
struct Judged {
    /// From the labels of timings and counters of calls.
    labelled: (f64, f64),
    /// From counters of their own.
    counted: (f64, f64),
}

impl Judged {
    fn add(&mut self, part: ModelPart, failed: Option<bool>, count: f64) {
        let own = matches!(part, ModelPart::Success | ModelPart::Failure);
        let (succeeded, missed) = if own {
            &mut self.counted
        } else {
            &mut self.labelled
        };
        match failed {
            Some(true) => *missed += count,
            Some(false) => *succeeded += count,
            None => {}
        }
    }
}

impl Told {
    fn used(&self, judged: &Judged) -> Use {
        let by = |part| self.of(part).map(|told| told.0);
        let times = |part| self.of(part).map(|told| told.2.clone()).unwrap_or_default();
        let counted = judged.counted.0 + judged.counted.1;
        let (succeeded, failed) = if counted > 0.0 {
            judged.counted
        } else {
            judged.labelled
        };
        Use {
            calls: by(ModelPart::Duration)
                .or_else(|| by(ModelPart::Calls))
                .unwrap_or(counted),
            succeeded,
            failed,
            input: by(ModelPart::Input),
            output: by(ModelPart::Output),
            spend: by(ModelPart::Spend),
            times: times(ModelPart::Duration),
            first_token: times(ModelPart::FirstToken),
        }
    }

    fn totals(&self) -> Totals {
        let total = |part| self.of(part).map(|told| told.1);
        Totals {
            input: total(ModelPart::Input),
            output: total(ModelPart::Output),
            spend: total(ModelPart::Spend),
        }
    }
}
