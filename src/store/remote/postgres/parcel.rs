//! A batch for PostgreSQL as it waits in the queue: the figures, the rules and the incidents of a moment.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::alert::RuleSummary;
use crate::model::{AlertState, Frame, Incident, IncidentId, SeriesKey, Timestamp, Unit};
use crate::store::remote::engine::{Encode, Encoded, Occasion};

/// How hard the bytes are packed: level 3 halves what level 1 leaves, in a millisecond.
const LEVEL: i32 = 3;

/// The longest parcel that is unpacked again, bytes: a file is outside, and may say that it holds the world.
const LONGEST: u64 = 64 << 20;

/// Everything that is written in one transaction. What a newer hubtop adds has a default, for an older one's queue may
/// still be full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Parcel {
    /// The host's name.
    pub host: String,
    /// The labels of everything in it: the host and what the settings add.
    pub tags: Tags,
    /// When it was.
    pub at: Timestamp,
    /// It is the first since hubtop was started.
    #[serde(default)]
    pub is_first: bool,
    /// The row of the host; none when only alerts are told.
    #[serde(default)]
    pub system: Option<System>,
    /// Every series whose value is known.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// All rules, when they are told.
    #[serde(default)]
    pub rules: Option<Vec<Rule>>,
    /// The incidents that have changed.
    #[serde(default)]
    pub incidents: Vec<Occurrence>,
}

/// Names and values of labels.
pub(super) type Tags = BTreeMap<String, String>;

/// The host in one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct System {
    /// Share of all cores that was busy, percent.
    pub cpu: Option<f64>,
    /// Used share of the memory, percent.
    pub memory: Option<f64>,
    /// Used share of the fullest mount, percent.
    pub disk: Option<f64>,
    /// Bytes a second by interface.
    pub network: BTreeMap<String, Traffic>,
}

/// What goes over an interface, bytes a second.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Traffic {
    /// Received.
    #[serde(rename = "in")]
    pub received: Option<f64>,
    /// Sent.
    #[serde(rename = "out")]
    pub sent: Option<f64>,
}

/// A series and its newest value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Figure {
    /// The metric.
    pub metric: String,
    /// Its labels.
    pub labels: Tags,
    /// The unit.
    pub unit: Unit,
    /// The value.
    pub value: f64,
}

/// A rule in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rule {
    /// Its name.
    pub name: String,
    /// What it watches.
    pub metric: String,
    /// `>`, `>=`, `<` or `<=`.
    pub operator: String,
    /// In the unit of the metric.
    pub threshold: f64,
    /// The unit of the metric.
    pub unit: Unit,
    /// How long it must hold.
    pub minutes: f64,
    /// How bad.
    pub severity: String,
}

/// An incident as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Occurrence {
    /// Its rule's name.
    pub rule: String,
    /// `firing`, `acknowledged` or `resolved`.
    pub status: String,
    /// The value that it fired with, or the worst where that is not known any more.
    pub value: f64,
    /// When it fired.
    pub fired: Timestamp,
    /// When it was over.
    pub resolved: Option<Timestamp>,
    /// What and where, for people.
    pub notes: String,
    /// The labels of its series, with those of the host.
    pub tags: Tags,
}

impl Parcel {
    /// The parcel that these bytes hold; none when they can't be what was written.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut unpacked = Vec::new();
        let reader = zstd::stream::read::Decoder::new(bytes).ok()?;
        reader.take(LONGEST).read_to_end(&mut unpacked).ok()?;
        rmp_serde::from_slice(&unpacked).ok()
    }

    fn pack(&self) -> Option<Vec<u8>> {
        let named = rmp_serde::to_vec_named(self);
        let packed = named.map(|bytes| zstd::encode_all(bytes.as_slice(), LEVEL));
        match packed {
            Ok(Ok(bytes)) => Some(bytes),
            // Neither fails on what is only memory.
            _ => None,
        }
    }

    fn count(&self) -> u64 {
        let rules = self.rules.as_ref().map_or(0, Vec::len);
        let system = usize::from(self.system.is_some());
        (self.figures.len() + system + rules + self.incidents.len()) as u64
    }
}

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
            figures: occasion
                .is_whole
                .then(|| figures(frame))
                .unwrap_or_default(),
            rules,
            incidents,
        };
        (parcel.count() > 0).then_some(parcel)
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
        unit: crate::model::metric::describe(&rule.metric).unit,
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
