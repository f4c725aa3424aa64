//! What memory is used for: `/proc/meminfo`, and swapping from `/proc/vmstat`.

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{fields, lines, number, value_of};
use super::container::own_group;
use super::files::{KeptFile, Roots, malformed};
use super::group_files::GroupFiles;
use crate::collect::counter::{Counter, Interval};

/// Whether a limit is set around hubtop is looked at again after so long.
const LIMIT_AGAIN: Duration = Duration::from_secs(10);

/// The lines of `/proc/meminfo` that are used, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Meminfo {
    total: u64,
    free: u64,
    available: Option<u64>,
    buffers: u64,
    cached: u64,
    reclaimable: u64,
    swap_total: u64,
    swap_free: u64,
    huge_total: u64,
    huge_free: u64,
    huge_size: u64,
}

impl Meminfo {
    fn parse(text: &[u8]) -> Self {
        let mut info = Self::default();
        for line in lines(text) {
            let mut fields = fields(line);
            let (Some(name), Some(value)) = (fields.next(), fields.next().and_then(number)) else {
                continue;
            };
            // All but the counts of huge pages are in units of 1024 bytes, called kB.
            let bytes = value.saturating_mul(1024);
            match name {
                b"MemTotal:" => info.total = bytes,
                b"MemFree:" => info.free = bytes,
                b"MemAvailable:" => info.available = Some(bytes),
                b"Buffers:" => info.buffers = bytes,
                b"Cached:" => info.cached = bytes,
                b"SReclaimable:" => info.reclaimable = bytes,
                b"SwapTotal:" => info.swap_total = bytes,
                b"SwapFree:" => info.swap_free = bytes,
                b"HugePages_Total:" => info.huge_total = value,
                b"HugePages_Free:" => info.huge_free = value,
                b"Hugepagesize:" => info.huge_size = bytes,
                _ => {}
            }
        }
        info
    }

    /// What a new program could have. Kernels before 3.14 do not tell; then what is free or can be dropped.
    fn available(&self) -> u64 {
        let parts = [self.free, self.buffers, self.cached, self.reclaimable];
        let droppable = parts.into_iter().fold(0, u64::saturating_add);
        self.available.unwrap_or(droppable).min(self.total)
    }
}

struct Series {
    total: SeriesId,
    used: SeriesId,
    available: SeriesId,
    cached: SeriesId,
    buffers: SeriesId,
    free: SeriesId,
    usage: SeriesId,
    swap_total: SeriesId,
    swap_used: SeriesId,
    swap_usage: SeriesId,
    swap_in: SeriesId,
    swap_out: SeriesId,
    huge_total: SeriesId,
    huge_used: SeriesId,
}

/// The control group around hubtop, if it limits memory.
#[derive(Default)]
struct Limit {
    looked_at: Option<Duration>,
    limited: Option<(GroupFiles, u64)>,
}

impl Limit {
    /// The used share of the limit, if there is one below what the machine has.
    fn usage_percent(&mut self, roots: &Roots, total: u64, now: Duration) -> Option<f64> {
        let is_fresh = |at: Duration| now.saturating_sub(at) < LIMIT_AGAIN;
        if !self.looked_at.is_some_and(is_fresh) {
            self.looked_at = Some(now);
            let group = own_group(roots);
            let limit = group.memory_limit().filter(|&limit| limit < total);
            self.limited = limit.map(|limit| (group, limit));
        }
        let (group, limit) = self.limited.as_ref()?;
        Some(group.memory_used()? as f64 * 100.0 / (*limit).max(1) as f64)
    }
}

/// Reads what memory is used for.
pub struct Memory {
    roots: Roots,
    limit: Limit,
    series: Series,
    meminfo: KeptFile,
    vmstat: KeptFile,
    buffer: Vec<u8>,
    interval: Interval,
    swapped_in: Counter,
    swapped_out: Counter,
    page_size: u64,
}

impl Memory {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        let of = |name: &str| catalog.plain(&format!("system.{name}"));
        Self {
            roots: roots.clone(),
            limit: Limit::default(),
            series: Series {
                total: of("memory.total_bytes"),
                used: of("memory.used_bytes"),
                available: of("memory.available_bytes"),
                cached: of("memory.cached_bytes"),
                buffers: of("memory.buffers_bytes"),
                free: of("memory.free_bytes"),
                usage: of("memory.usage_percent"),
                swap_total: of("swap.total_bytes"),
                swap_used: of("swap.used_bytes"),
                swap_usage: of("swap.usage_percent"),
                swap_in: of("swap.in_bytes_per_sec"),
                swap_out: of("swap.out_bytes_per_sec"),
                huge_total: of("hugepages.total_bytes"),
                huge_used: of("hugepages.used_bytes"),
            },
            meminfo: KeptFile::new(roots.proc.join("meminfo")),
            vmstat: KeptFile::new(roots.proc.join("vmstat")),
            buffer: Vec::new(),
            interval: Interval::default(),
            swapped_in: Counter::default(),
            swapped_out: Counter::default(),
            page_size: rustix::param::page_size() as u64,
        }
    }

    fn put_memory(&mut self, info: &Meminfo, now: Moment, reading: &mut Reading) {
        let available = info.available();
        let used = info.total - available;
        reading.put(self.series.total, info.total as f64);
        reading.put(self.series.used, used as f64);
        reading.put(self.series.available, available as f64);
        reading.put(self.series.free, info.free as f64);
        reading.put(self.series.buffers, info.buffers as f64);
        let cached = info.cached.saturating_add(info.reclaimable);
        reading.put(self.series.cached, cached as f64);
        let of_limit = self.limit.usage_percent(&self.roots, info.total, now.mono);
        let of_machine = used as f64 * 100.0 / info.total as f64;
        reading.put(self.series.usage, of_limit.unwrap_or(of_machine));
        let huge_used = info.huge_total.saturating_sub(info.huge_free);
        let huge_bytes = |pages: u64| pages.saturating_mul(info.huge_size) as f64;
        reading.put(self.series.huge_total, huge_bytes(info.huge_total));
        reading.put(self.series.huge_used, huge_bytes(huge_used));
    }

    fn put_swap(&mut self, info: &Meminfo, now: Moment, reading: &mut Reading) {
        let used = info.swap_total.saturating_sub(info.swap_free);
        reading.put(self.series.swap_total, info.swap_total as f64);
        reading.put(self.series.swap_used, used as f64);
        // Without swap space there is nothing to be read of it, and /proc/vmstat is the dearest file of all.
        if info.swap_total == 0 {
            return;
        }
        let usage = used as f64 * 100.0 / info.swap_total as f64;
        reading.put(self.series.swap_usage, usage);
        let interval = self.interval.next(now.mono);
        let Ok(text) = self.vmstat.read(&mut self.buffer) else {
            return;
        };
        for (name, counter, series) in [
            (&b"pswpin"[..], &mut self.swapped_in, self.series.swap_in),
            (b"pswpout", &mut self.swapped_out, self.series.swap_out),
        ] {
            let rate = value_of(text, name)
                .map(|pages| pages.saturating_mul(self.page_size))
                .and_then(|bytes| counter.rate(bytes, interval));
            reading.put_known(series, rate);
        }
    }
}

impl Reader for Memory {
    fn spec(&self) -> Spec {
        Spec {
            name: "memory".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let info = Meminfo::parse(self.meminfo.read(&mut self.buffer)?);
        if info.total == 0 {
            return Err(malformed("/proc/meminfo", "it does not tell MemTotal"));
        }
        let mut reading = Reading::at(now.wall);
        self.put_memory(&info, now, &mut reading);
        self.put_swap(&info, now, &mut reading);
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    const MEMINFO: &str = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nBuffers: 10 kB\nCached: 200 kB\nSReclaimable: 30 kB\nSwapTotal: 500 kB\nSwapFree: 400 kB\nHugePages_Total: 4\nHugePages_Free: 1\nHugepagesize: 2 kB\n";

    fn write(folder: &std::path::Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn machine() -> (tempfile::TempDir, Roots) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "proc/meminfo", MEMINFO);
        let roots = Roots {
            proc: folder.path().join("proc"),
            sys: folder.path().join("sys"),
            ..Roots::default()
        };
        (folder, roots)
    }

    fn read(memory: &mut Memory, seconds: u64) -> Result<Reading, CollectError> {
        memory.read(Moment {
            wall: Timestamp(0),
            mono: Duration::from_secs(seconds),
        })
    }

    fn value(catalog: &Catalog, reading: &Reading, metric: &str) -> Option<f64> {
        let id = catalog.plain(metric);
        let found = reading.samples.iter().find(|(series, _)| *series == id);
        found.map(|(_, value)| *value)
    }

    #[test]
    fn used_is_what_is_not_available_and_swapping_is_a_rate() {
        let (folder, roots) = machine();
        write(folder.path(), "proc/vmstat", "pswpin 10\npswpout 20\n");
        let catalog = Catalog::new();
        let mut memory = Memory::new(&roots, &catalog);
        let first = read(&mut memory, 0).unwrap();
        let of = |metric| value(&catalog, &first, metric);
        assert_eq!(of("system.memory.used_bytes"), Some(600.0 * 1024.0));
        assert_eq!(of("system.memory.usage_percent"), Some(60.0));
        assert_eq!(of("system.memory.cached_bytes"), Some(230.0 * 1024.0));
        assert_eq!(of("system.swap.usage_percent"), Some(20.0));
        assert_eq!(of("system.hugepages.used_bytes"), Some(3.0 * 2048.0));
        assert_eq!(of("system.swap.in_bytes_per_sec"), None);

        write(folder.path(), "proc/vmstat", "pswpin 14\npswpout 20\n");
        let second = read(&mut memory, 2).unwrap();
        let page = rustix::param::page_size() as f64;
        let of = |metric| value(&catalog, &second, metric);
        assert_eq!(of("system.swap.in_bytes_per_sec"), Some(2.0 * page));
        assert_eq!(of("system.swap.out_bytes_per_sec"), Some(0.0));
    }

    #[test]
    fn in_a_container_the_share_is_of_its_limit() {
        let (folder, roots) = machine();
        write(folder.path(), "proc/self/cgroup", "0::/\n");
        write(folder.path(), "sys/fs/cgroup/cgroup.controllers", "memory");
        write(folder.path(), "sys/fs/cgroup/memory.max", "102400");
        write(folder.path(), "sys/fs/cgroup/memory.current", "92160");
        let catalog = Catalog::new();
        let mut memory = Memory::new(&roots, &catalog);
        let reading = read(&mut memory, 0).unwrap();
        let usage = value(&catalog, &reading, "system.memory.usage_percent");
        assert_eq!(usage, Some(90.0));
        // A limit above what the machine has limits nothing.
        write(folder.path(), "sys/fs/cgroup/memory.max", "99999999999");
        let reading = read(&mut memory, 60).unwrap();
        let usage = value(&catalog, &reading, "system.memory.usage_percent");
        assert_eq!(usage, Some(60.0));
    }

    #[test]
    fn a_file_without_a_total_is_not_understood() {
        let (folder, roots) = machine();
        write(folder.path(), "proc/meminfo", "MemFree: 1 kB\n");
        let mut memory = Memory::new(&roots, &Catalog::new());
        assert!(matches!(
            read(&mut memory, 0),
            Err(CollectError::Malformed { .. })
        ));
    }
}
