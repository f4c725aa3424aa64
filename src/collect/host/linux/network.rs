//! What goes over each network interface: `/proc/net/dev`.

use std::collections::HashMap;
use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::printable_bytes;
use crate::model::{Catalog, Labels, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{fields, lines, number};
use super::files::{KeptFile, Roots};
use crate::collect::counter::{Counter, Interval};

/// The figures of one interface in the order of [`METRICS`].
type Figures = [u64; 6];

const METRICS: [&str; 6] = [
    "bytes_recv_per_sec",
    "bytes_sent_per_sec",
    "packets_recv_per_sec",
    "packets_sent_per_sec",
    "errors_per_sec",
    "drops_per_sec",
];

struct Interface {
    series: [SeriesId; 6],
    counters: [Counter; 6],
    is_seen: bool,
}

/// Reads the traffic of all interfaces that ever moved a byte.
pub struct Network {
    catalog: Catalog,
    file: KeptFile,
    buffer: Vec<u8>,
    interval: Interval,
    interfaces: HashMap<Box<[u8]>, Interface>,
}

impl Network {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            catalog: catalog.clone(),
            file: KeptFile::new(roots.proc.join("net/dev")),
            buffer: Vec::new(),
            interval: Interval::default(),
            interfaces: HashMap::new(),
        }
    }

    fn take(&mut self, text: &[u8], now: Moment, reading: &mut Reading) {
        let interval = self.interval.next(now.mono);
        for interface in self.interfaces.values_mut() {
            interface.is_seen = false;
        }
        for (name, figures) in lines(text).filter_map(parse_interface) {
            if !self.interfaces.contains_key(name) {
                if figures[0] == 0 && figures[1] == 0 {
                    continue;
                }
                let interface = Interface::new(&self.catalog, name);
                self.interfaces.insert(name.into(), interface);
            }
            if let Some(interface) = self.interfaces.get_mut(name) {
                interface.take(&figures, interval, reading);
            }
        }
        // One that is gone and comes back under its name begins anew.
        self.interfaces.retain(|_, interface| interface.is_seen);
    }
}

impl Interface {
    fn new(catalog: &Catalog, name: &[u8]) -> Self {
        let label = Labels::one("interface", &printable_bytes(name));
        Self {
            series: METRICS
                .map(|metric| catalog.id(&format!("system.network.{metric}"), label.clone())),
            counters: [Counter::default(); 6],
            is_seen: true,
        }
    }

    fn take(&mut self, figures: &Figures, interval: Option<Duration>, reading: &mut Reading) {
        self.is_seen = true;
        for ((counter, series), value) in self.counters.iter_mut().zip(self.series).zip(figures) {
            reading.put_known(series, counter.rate(*value, interval));
        }
    }
}

/// A line of `/proc/net/dev`; its two lines of heads are none.
fn parse_interface(line: &[u8]) -> Option<(&[u8], Figures)> {
    let colon = line.iter().rposition(|&b| b == b':')?;
    let name = line.get(..colon)?.trim_ascii();
    let mut values = [0_u64; 12];
    let mut fields = fields(line.get(colon + 1..)?);
    for value in &mut values {
        *value = number(fields.next()?)?;
    }
    // Received: bytes packets errs drop fifo frame compressed multicast; sent: bytes packets errs drop.
    let [rb, rp, re, rd, _, _, _, _, sb, sp, se, sd] = values;
    let sum = |a: u64, b: u64| a.saturating_add(b);
    Some((name, [rb, sb, rp, sp, sum(re, se), sum(rd, sd)]))
}

impl Reader for Network {
    fn spec(&self) -> Spec {
        Spec {
            name: "network".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let mut buffer = std::mem::take(&mut self.buffer);
        let taken = self.file.read(&mut buffer).map(drop);
        if taken.is_ok() {
            self.take(&buffer, now, &mut reading);
        }
        self.buffer = buffer;
        taken.map(|()| reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_read_and_a_head_is_not() {
        let line = b"  eth0: 100 2 3 4 0 0 0 0 200 5 6 7 0 0 0 0";
        assert_eq!(
            parse_interface(line),
            Some((&b"eth0"[..], [100, 200, 2, 5, 9, 11]))
        );
        assert_eq!(
            parse_interface(b" face |bytes    packets errs drop fifo frame"),
            None
        );
        assert_eq!(parse_interface(b"eth0: 1 2"), None);
    }

    #[test]
    fn one_that_never_moved_a_byte_is_left_out_and_one_that_came_back_begins_anew() {
        let catalog = Catalog::new();
        let mut network = Network::new(&Roots::default(), &catalog);
        let mut read = |text: &str, seconds: u64| {
            let mut reading = Reading::default();
            let now = Moment {
                wall: crate::model::Timestamp(0),
                mono: Duration::from_secs(seconds),
            };
            network.take(text.as_bytes(), now, &mut reading);
            reading.samples
        };
        let eth = |bytes: u64| {
            format!("eth0: {bytes} 1 0 0 0 0 0 0 0 0 0 0\ndummy0: 0 0 0 0 0 0 0 0 0 0 0 0\n")
        };
        assert!(read(&eth(1000), 0).is_empty());
        let second = read(&eth(3000), 2);
        assert_eq!(second.len(), METRICS.len());
        assert_eq!(second[0].1, 1000.0);
        assert!(read("", 3).is_empty());
        assert!(read(&eth(9_000_000), 4).is_empty());
        assert_eq!(catalog.table().len(), METRICS.len());
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_interface(&line);
        }
    }
}
