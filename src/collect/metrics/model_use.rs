//! From series to use of models: what each family of names tells, and which of them counts where several tell of the same
//! calls.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::book::Grown;
use super::form::WorkKind;
use super::known::ModelPart;
use super::place::Place;
use super::requests::requests;
use crate::model::Distribution;

/// Use of a model in one interval.
#[derive(Default, Clone)]
pub(super) struct Use {
    pub calls: f64,
    pub succeeded: f64,
    pub failed: f64,
    pub input: Option<f64>,
    pub output: Option<f64>,
    pub spend: Option<f64>,
    pub times: Distribution,
    pub first_token: Distribution,
}

/// What the page has counted in all.
#[derive(Default, Clone, Copy)]
pub(super) struct Totals {
    pub input: Option<f64>,
    pub output: Option<f64>,
    pub spend: Option<f64>,
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

impl Use {
    /// Adds everything that is in another.
    pub fn add(&mut self, other: &Self) {
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
pub(super) fn uses(grown: &[Grown<'_>]) -> BTreeMap<Arc<str>, (Option<Use>, Totals)> {
    let mut told: BTreeMap<Arc<str>, (Told, Judged)> = BTreeMap::new();
    for one in grown {
        let Place::Model {
            model,
            part,
            failed,
        } = one.place
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
        if let Some(buckets) = by.buckets.as_ref().filter(|_| !is_tokens) {
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
