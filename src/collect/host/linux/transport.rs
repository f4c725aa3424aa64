//! TCP and UDP of the machine: `/proc/net/snmp` at every tick, the longer `/proc/net/netstat` every 5 s.

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{fields, lines, number};
use super::files::{KeptFile, Roots};
use crate::collect::counter::{Counter, Interval};

/// The value of `column` in the group `Group:`, which is written as a line of names and a line of values.
fn value(text: &[u8], group: &[u8], column: &[u8]) -> Option<u64> {
    let mut of_group = lines(text).filter_map(|line| line.strip_prefix(group));
    let names = of_group.next()?;
    let place = fields(names).position(|name| name == column)?;
    number(fields(of_group.next()?).nth(place)?)
}

/// Reads connections, segments sent again and errors of datagrams. Of IPv4 and, for TCP, of both: the kernel counts
/// TCP once.
pub struct Transport {
    file: KeptFile,
    buffer: Vec<u8>,
    interval: Interval,
    established: SeriesId,
    retransmits: SeriesId,
    udp_errors: SeriesId,
    sent_again: Counter,
    udp_failed: Counter,
}

impl Transport {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            file: KeptFile::new(roots.proc.join("net/snmp")),
            buffer: Vec::new(),
            interval: Interval::default(),
            established: catalog.plain("system.tcp.established_count"),
            retransmits: catalog.plain("system.tcp.retransmits_per_sec"),
            udp_errors: catalog.plain("system.udp.errors_per_sec"),
            sent_again: Counter::default(),
            udp_failed: Counter::default(),
        }
    }
}

impl Reader for Transport {
    fn spec(&self) -> Spec {
        Spec {
            name: "tcp_udp".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let text = self.file.read(&mut self.buffer)?;
        let mut reading = Reading::at(now.wall);
        let interval = self.interval.next(now.mono);
        let established = value(text, b"Tcp:", b"CurrEstab").map(|n| n as f64);
        reading.put_known(self.established, established);
        let sent_again = value(text, b"Tcp:", b"RetransSegs")
            .and_then(|count| self.sent_again.rate(count, interval));
        reading.put_known(self.retransmits, sent_again);
        // InErrors holds what did not fit into a receive buffer; NoPorts is what scanners do, no fault of ours.
        let failed = value(text, b"Udp:", b"InErrors")
            .map(|n| n.saturating_add(value(text, b"Udp:", b"SndbufErrors").unwrap_or(0)))
            .and_then(|count| self.udp_failed.rate(count, interval));
        reading.put_known(self.udp_errors, failed);
        Ok(reading)
    }
}

/// Reads connections that were dropped because nobody accepted them in time.
pub struct ListenQueues {
    file: KeptFile,
    buffer: Vec<u8>,
    interval: Interval,
    series: SeriesId,
    overflows: Counter,
}

impl ListenQueues {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            file: KeptFile::new(roots.proc.join("net/netstat")),
            buffer: Vec::new(),
            interval: Interval::default(),
            series: catalog.plain("system.tcp.listen_overflows_per_sec"),
            overflows: Counter::default(),
        }
    }
}

impl Reader for ListenQueues {
    fn spec(&self) -> Spec {
        Spec {
            name: "listen_queues".into(),
            kind: SourceKind::Host,
            cadence: Cadence::Every(Duration::from_secs(5)),
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let text = self.file.read(&mut self.buffer)?;
        let mut reading = Reading::at(now.wall);
        let interval = self.interval.next(now.mono);
        let overflows = value(text, b"TcpExt:", b"ListenOverflows")
            .and_then(|count| self.overflows.rate(count, interval));
        reading.put_known(self.series, overflows);
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_is_found_by_its_column() {
        let text = b"Ip: A B\nIp: 1 2\nTcp: MaxConn CurrEstab RetransSegs\nTcp: -1 17 42\nUdp: InErrors\nUdp: 3\nUdpLite: InErrors\nUdpLite: 9\n";
        assert_eq!(value(text, b"Tcp:", b"CurrEstab"), Some(17));
        assert_eq!(value(text, b"Tcp:", b"RetransSegs"), Some(42));
        assert_eq!(
            value(text, b"Tcp:", b"MaxConn"),
            None,
            "no limit is no number"
        );
        assert_eq!(value(text, b"Udp:", b"InErrors"), Some(3));
        assert_eq!(value(text, b"Tcp:", b"New"), None);
        assert_eq!(value(b"Tcp: CurrEstab", b"Tcp:", b"CurrEstab"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(Tcp:|Udp:)?[ A-Za-z0-9\n]{0,80}") {
            let _ = value(text.as_bytes(), b"Tcp:", b"A");
        }
    }
}
