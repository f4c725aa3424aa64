//! What goes to and from each disk: `/proc/diskstats`, of whole devices and of what is mounted.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Labels, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{fields, lines, number};
use super::files::{KeptFile, Roots};
use super::mount_table::worth_showing;
use crate::collect::counter::{Counter, Interval, per_second};

/// The unit of the kernel's counts, whatever the device's own sectors are.
const SECTOR: u64 = 512;
/// Disks come and go, and so do mounts: which devices are worth showing is looked at again after so long.
const CHOOSE_AGAIN: Duration = Duration::from_secs(30);

/// A line of `/proc/diskstats` (Documentation/admin-guide/iostats.rst).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line<'a> {
    major: u64,
    minor: u64,
    name: &'a [u8],
    reads: u64,
    sectors_read: u64,
    read_ms: u64,
    writes: u64,
    sectors_written: u64,
    write_ms: u64,
    busy_ms: u64,
    /// Time of all operations together, waiting included.
    queue_ms: u64,
}

fn parse_line(line: &[u8]) -> Option<Line<'_>> {
    let mut fields = fields(line);
    let major = number(fields.next()?)?;
    let minor = number(fields.next()?)?;
    let name = fields.next()?;
    let mut values = [0; 11];
    for value in &mut values {
        *value = number(fields.next()?)?;
    }
    let [
        reads,
        _,
        sectors_read,
        read_ms,
        writes,
        _,
        sectors_written,
        write_ms,
        _,
        busy_ms,
        queue_ms,
    ] = values;
    Some(Line {
        major,
        minor,
        name,
        reads,
        sectors_read,
        read_ms,
        writes,
        sectors_written,
        write_ms,
        busy_ms,
        queue_ms,
    })
}

struct Series {
    read_bytes: SeriesId,
    write_bytes: SeriesId,
    reads: SeriesId,
    writes: SeriesId,
    queue: SeriesId,
    busy: SeriesId,
    wait: SeriesId,
}

#[derive(Default)]
struct Counters {
    read_bytes: Counter,
    write_bytes: Counter,
    reads: Counter,
    writes: Counter,
    operation_ms: Counter,
    queue_ms: Counter,
    busy_ms: Counter,
}

struct Device {
    name: Box<[u8]>,
    series: Series,
    counters: Counters,
    is_seen: bool,
}

/// Reads what goes to and from each disk.
pub struct DiskIo {
    roots: Roots,
    catalog: Catalog,
    file: KeptFile,
    buffer: Vec<u8>,
    interval: Interval,
    devices: Vec<Device>,
    whole: HashSet<Vec<u8>>,
    mounted: HashSet<String>,
    chosen_at: Option<Duration>,
}

impl DiskIo {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            roots: roots.clone(),
            catalog: catalog.clone(),
            file: KeptFile::new(roots.proc.join("diskstats")),
            buffer: Vec::new(),
            interval: Interval::default(),
            devices: Vec::new(),
            whole: HashSet::new(),
            mounted: HashSet::new(),
            chosen_at: None,
        }
    }

    fn choose(&mut self, now: Duration) {
        let is_fresh = |at: Duration| now.saturating_sub(at) < CHOOSE_AGAIN;
        if self.chosen_at.is_some_and(is_fresh) {
            return;
        }
        self.chosen_at = Some(now);
        self.whole = names_in(&self.roots.sys.join("block"));
        let table = std::fs::read(self.roots.proc.join("self/mountinfo")).unwrap_or_default();
        let mounts = worth_showing(&table).into_iter();
        self.mounted = mounts.map(|mount| mount.device).collect();
    }

    fn take(&mut self, text: &[u8], now: Moment, reading: &mut Reading) {
        let interval = self.interval.next(now.mono);
        for device in &mut self.devices {
            device.is_seen = false;
        }
        for line in lines(text).filter_map(parse_line) {
            if let Some(device) = self.device(&line) {
                device.is_seen = true;
                device.take(&line, interval, reading);
            }
        }
        self.devices.retain(|device| device.is_seen);
    }

    fn device(&mut self, line: &Line<'_>) -> Option<&mut Device> {
        if !self.is_worth_showing(line) {
            return None;
        }
        let known = self.devices.iter().position(|d| *d.name == *line.name);
        let place = known.unwrap_or_else(|| {
            self.devices.push(Device::new(&self.catalog, line.name));
            self.devices.len() - 1
        });
        self.devices.get_mut(place)
    }

    fn is_worth_showing(&self, line: &Line<'_>) -> bool {
        let is_of_files = line.name.starts_with(b"loop") || line.name.starts_with(b"ram");
        let was_used = line.reads > 0 || line.writes > 0;
        !is_of_files
            && was_used
            && (self.whole.contains(line.name)
                || self
                    .mounted
                    .contains(&format!("{}:{}", line.major, line.minor)))
    }
}

impl Device {
    fn new(catalog: &Catalog, name: &[u8]) -> Self {
        let label = crate::model::text::printable_bytes(name);
        let label = Labels::one("device", &label);
        let of = |name: &str| catalog.id(&format!("system.disk.{name}"), label.clone());
        Self {
            name: name.into(),
            series: Series {
                read_bytes: of("read_bytes_per_sec"),
                write_bytes: of("write_bytes_per_sec"),
                reads: of("reads_per_sec"),
                writes: of("writes_per_sec"),
                queue: of("queue_length"),
                busy: of("busy_percent"),
                wait: of("await_ms"),
            },
            counters: Counters::default(),
            is_seen: true,
        }
    }

    fn take(&mut self, line: &Line<'_>, interval: Option<Duration>, reading: &mut Reading) {
        let (counters, series) = (&mut self.counters, &self.series);
        let bytes = |sectors: u64| sectors.saturating_mul(SECTOR);
        let rate = counters.read_bytes.rate(bytes(line.sectors_read), interval);
        reading.put_known(series.read_bytes, rate);
        let rate = counters
            .write_bytes
            .rate(bytes(line.sectors_written), interval);
        reading.put_known(series.write_bytes, rate);

        let reads = counters.reads.rise(line.reads);
        let writes = counters.writes.rise(line.writes);
        let a_second = |count: Option<u64>| per_second(count?, interval);
        reading.put_known(series.reads, a_second(reads));
        reading.put_known(series.writes, a_second(writes));

        let spent = line.read_ms.saturating_add(line.write_ms);
        let spent = counters.operation_ms.rise(spent);
        let operations = reads
            .zip(writes)
            .map(|(reads, writes)| reads.saturating_add(writes));
        reading.put_known(series.wait, mean(spent, operations));

        // Milliseconds a second, of which there are 1000.
        let queue = counters.queue_ms.rate(line.queue_ms, interval);
        reading.put_known(series.queue, queue.map(|ms| ms / 1e3));
        let busy = counters.busy_ms.rate(line.busy_ms, interval);
        reading.put_known(series.busy, busy.map(|ms| (ms / 10.0).min(100.0)));
    }
}

/// No operation has no mean time.
fn mean(sum: Option<u64>, count: Option<u64>) -> Option<f64> {
    let count = count.filter(|&count| count > 0)?;
    Some(sum? as f64 / count as f64)
}

fn names_in(folder: &Path) -> HashSet<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().into_encoded_bytes())
        .collect()
}

impl Reader for DiskIo {
    fn spec(&self) -> Spec {
        Spec {
            name: "disk_io".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        self.choose(now.mono);
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
    use crate::model::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn rates_are_of_the_time_between_two_readings() {
        let catalog = Catalog::new();
        let mut disks = DiskIo::new(&Roots::default(), &catalog);
        disks.whole = HashSet::from([b"vda".to_vec(), b"loop0".to_vec(), b"sr0".to_vec()]);
        disks.mounted = HashSet::from(["254:1".to_owned()]);
        let mut read = |text: &str, seconds: u64| {
            let mut reading = Reading::default();
            let now = Moment {
                wall: Timestamp(0),
                mono: Duration::from_secs(seconds),
            };
            disks.take(text.as_bytes(), now, &mut reading);
            reading.samples
        };
        let text = |n: u64| {
            format!(
                "254 0 vda {} 0 {} {} {} 0 {} {} 0 {} {} 0 0 0 0\n254 1 vda1 1 0 0 0 0 0 0 0 0 0 0\n254 2 vda2 1 0 0 0 0 0 0 0 0 0 0\n7 0 loop0 9 0 0 0 0 0 0 0 0 0 0\n11 0 sr0 0 0 0 0 0 0 0 0 0 0 0\n",
                100 + 10 * n,
                1000 + 8 * n,
                50 + 20 * n,
                200 + 30 * n,
                2000 + 16 * n,
                70 + 60 * n,
                500 + 1000 * n,
                900 + 4000 * n
            )
        };
        assert!(read(&text(0), 10).is_empty());
        let samples = read(&text(1), 12);
        let table = catalog.table();
        let of = |metric: &str, device: &str| {
            let id = table.find(
                &format!("system.disk.{metric}"),
                &Labels::one("device", device),
            );
            samples
                .iter()
                .find(|(s, _)| Some(*s) == id)
                .map(|(_, v)| *v)
        };
        assert_eq!(of("read_bytes_per_sec", "vda"), Some(2048.0));
        assert_eq!(of("write_bytes_per_sec", "vda"), Some(4096.0));
        assert_eq!(of("reads_per_sec", "vda"), Some(5.0));
        assert_eq!(of("writes_per_sec", "vda"), Some(15.0));
        assert_eq!(of("await_ms", "vda"), Some(2.0));
        assert_eq!(of("busy_percent", "vda"), Some(50.0));
        assert_eq!(of("queue_length", "vda"), Some(2.0));
        assert_eq!(of("reads_per_sec", "vda1"), Some(0.0), "it is mounted");
        assert_eq!(of("await_ms", "vda1"), None, "nothing was done");
        for left_out in ["vda2", "loop0", "sr0"] {
            assert_eq!(of("reads_per_sec", left_out), None);
        }
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_line(&line);
        }
    }
}
