//! Makes parcels of moments: which series, rules and incidents are told, and when.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::parcel::{Figure, Occurrence, Parcel, Rule, System, Tags, Traffic};
use crate::model::alert::RuleSummary;
use crate::model::{AlertState, Frame, Incident, IncidentId, SeriesKey, metric};
use crate::store::remote::engine::{Encode, Encoded, Occasion};

/// Makes parcels of moments. Rules and incidents are told when they have changed.
#[derive(Debug, Default)]
pub(super) struct Packer {
    labels: Tags,
    rules: Option<Arc<Vec<RuleSummary>>>,
    incidents: HashMap<IncidentId, AlertState>,
}

impl Packer {
    /// Every figure gets these labels too.
    pub fn new(labels: &Tags) -> Self {
        let labels = labels
            .iter()
            .map(|(name, value)| (clean(name), clean(value)));
        Self {
            labels: labels.collect(),
            ..Self::default()
        }
    }

    fn parcel(&mut self, occasion: &Occasion<'_>) -> Option<Parcel> {
        let frame = occasion.frame;
        let host = clean(&frame.host.name);
        if host.is_empty() {
            // It is known with the second frame at the latest; without it nobody could tell whose rows these are.
            return None;
        }
        let mut tags = self.labels.clone();
        tags.insert("host".to_owned(), host.clone());
        let incidents = self.changed(frame, &tags);
        let are_rules_due = occasion.is_first || !incidents.is_empty();
        let rules = self.rules(frame, are_rules_due);
        let parcel = Parcel {
            host,
            tags,
            at: frame.at,
            is_first: occasion.is_first,
            system: occasion.is_whole.then(|| system(frame)),
            figures: if occasion.is_whole {
                figures(frame)
            } else {
                Vec::new()
            },
            rules,
            incidents,
        };
        (!parcel.is_empty()).then_some(parcel)
    }

    /// The rules, when they are due or have changed since they were told.
    fn rules(&mut self, frame: &Frame, are_due: bool) -> Option<Vec<Rule>> {
        let now = &frame.alerts.rules;
        let is_same = |told: &Arc<Vec<RuleSummary>>| {
            let pairs = told.iter().zip(now.iter());
            Arc::ptr_eq(told, now)
                || (told.len() == now.len() && pairs.into_iter().all(|(a, b)| says_the_same(a, b)))
        };
        if !are_due && self.rules.as_ref().is_some_and(is_same) {
            return None;
        }
        self.rules = Some(now.clone());
        Some(now.iter().map(rule).collect())
    }

    /// The incidents that have fired and whose state is not what was told last.
    fn changed(&mut self, frame: &Frame, tags: &Tags) -> Vec<Occurrence> {
        let board = &frame.alerts;
        let fired = || {
            let all = board.open.iter().chain(board.resolved.iter());
            all.filter(|incident| incident.fired.is_some())
        };
        let changed = fired()
            .filter(|incident| self.incidents.get(&incident.id) != Some(&incident.state))
            .filter_map(|incident| occurrence(frame, incident, tags))
            .collect();
        self.incidents = fired()
            .map(|incident| (incident.id, incident.state))
            .collect();
        changed
    }
}

impl Encode for Packer {
    fn encode(&mut self, occasion: &Occasion<'_>) -> Option<Encoded> {
        let parcel = self.parcel(occasion)?;
        Some(Encoded {
            count: parcel.count(),
            bytes: parcel.pack()?,
        })
    }

    fn forget(&mut self) {
        self.rules = None;
        self.incidents.clear();
    }
}

/// The host's four figures.
fn system(frame: &Frame) -> System {
    let disks = frame.each("system.disk.usage_percent");
    let mut network: BTreeMap<String, Traffic> = BTreeMap::new();
    let mut take = |metric, set: fn(&mut Traffic, f64)| {
        for (_, key, value) in frame.each(metric) {
            let interface = clean(key.labels.get("interface").unwrap_or_default());
            set(network.entry(interface).or_default(), value);
        }
    };
    take("system.network.bytes_recv_per_sec", |traffic, value| {
        traffic.received = Some(value);
    });
    take("system.network.bytes_sent_per_sec", |traffic, value| {
        traffic.sent = Some(value);
    });
    System {
        cpu: frame.value("system.cpu.usage_percent"),
        memory: frame.value("system.memory.usage_percent"),
        disk: disks.map(|(_, _, value)| value).reduce(f64::max),
        network,
    }
}

/// Every series whose value is known.
fn figures(frame: &Frame) -> Vec<Figure> {
    let known = frame.series.iter().filter_map(|(id, key)| {
        let value = frame.value_of(id).filter(|value| value.is_finite())?;
        Some((key, value))
    });
    known
        .map(|(key, value)| Figure {
            metric: clean(&key.metric),
            labels: tags_of(key),
            unit: key.describe().unit,
            value,
        })
        .collect()
}

fn tags_of(key: &SeriesKey) -> Tags {
    let labels = key.labels.iter();
    labels
        .map(|(name, value)| (clean(name), clean(value)))
        .collect()
}

/// Whether two rules are the same to whoever reads them, however many series they watch.
fn says_the_same(a: &RuleSummary, b: &RuleSummary) -> bool {
    a.name == b.name && a.condition == b.condition && a.severity == b.severity
}

fn rule(rule: &RuleSummary) -> Rule {
    Rule {
        name: clean(&rule.name),
        metric: clean(&rule.metric),
        operator: rule.operator.clone(),
        threshold: rule.threshold,
        unit: metric::describe(&rule.metric).unit,
        minutes: rule.hold_seconds / 60.0,
        severity: rule.severity.word().to_owned(),
    }
}

fn occurrence(frame: &Frame, incident: &Incident, tags: &Tags) -> Option<Occurrence> {
    let mut labels = frame
        .series
        .key(incident.series)
        .map(|key| tags_of(key))
        .unwrap_or_default();
    labels.extend(tags.clone());
    let status = match incident.state {
        AlertState::Pending => return None,
        AlertState::Firing => "firing",
        AlertState::Acknowledged => "acknowledged",
        AlertState::Resolved => "resolved",
    };
    let just_fired = incident.fired == Some(frame.at);
    Some(Occurrence {
        rule: clean(&incident.rule),
        status: status.to_owned(),
        value: incident
            .value
            .filter(|_| just_fired)
            .unwrap_or(incident.worst),
        fired: incident.fired?,
        resolved: incident.resolved,
        notes: clean(&format!(
            "{} {} at {}",
            incident.metric, incident.condition, incident.place
        )),
        tags: labels,
    })
}

/// PostgreSQL's texts hold any character but this one.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}
