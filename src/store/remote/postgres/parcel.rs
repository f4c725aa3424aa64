//! A batch for PostgreSQL as it waits in the queue: the figures, the rules and the incidents of a moment.

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::model::{Timestamp, Unit};

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

    /// It as bytes.
    pub fn pack(&self) -> Option<Vec<u8>> {
        let named = rmp_serde::to_vec_named(self);
        let packed = named.map(|bytes| zstd::encode_all(bytes.as_slice(), LEVEL));
        match packed {
            Ok(Ok(bytes)) => Some(bytes),
            // Neither fails on what is only memory.
            _ => None,
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.count() == 0 && self.rules.is_none()
    }

    /// How many figures, rules and incidents are in it.
    pub fn count(&self) -> u64 {
        let rules = self.rules.as_ref().map_or(0, Vec::len);
        let system = usize::from(self.system.is_some());
        (self.figures.len() + system + rules + self.incidents.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Parcel {
        Parcel {
            host: "web1".to_owned(),
            tags: Tags::from([("host".to_owned(), "web1".to_owned())]),
            at: Timestamp(1),
            is_first: true,
            system: None,
            figures: vec![Figure {
                metric: "m".to_owned(),
                labels: Tags::new(),
                unit: Unit::Percent,
                value: 0.1,
            }],
            rules: None,
            incidents: Vec::new(),
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_nothing_else_is() {
        let packed = parcel().pack().unwrap();
        assert_eq!(Parcel::unpack(&packed), Some(parcel()));
        for cut in 0..packed.len() {
            assert_eq!(Parcel::unpack(&packed[..cut]), None, "{cut} bytes of it");
        }
        assert_eq!(Parcel::unpack(b"no parcel at all"), None);
    }

    /// A few kilobytes that say that they are a gigabyte.
    #[test]
    fn a_file_can_not_fill_the_memory() {
        let huge = std::io::repeat(0).take(1 << 30);
        let packed = zstd::stream::encode_all(huge, 1).unwrap();
        assert_eq!(Parcel::unpack(&packed), None);
    }

    #[test]
    fn what_an_older_hubtop_packed_is_understood() {
        #[derive(Serialize)]
        struct Older {
            host: &'static str,
            tags: Tags,
            at: Timestamp,
        }
        let older = Older {
            host: "web1",
            tags: Tags::new(),
            at: Timestamp(7),
        };
        let bytes = rmp_serde::to_vec_named(&older).unwrap();
        let packed = zstd::encode_all(bytes.as_slice(), 1).unwrap();
        assert_eq!(Parcel::unpack(&packed).unwrap().at, Timestamp(7));
    }
}
