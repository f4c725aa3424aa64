//! What memory is used for: `/proc/meminfo`, and swapping from `/proc/vmstat`.

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, SeriesId};

use super::bytes::{fields, lines, number, value_of};
use super::counter::{Counter, Interval};
use super::files::{KeptFile, Roots, malformed};

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

/// Reads what memory is used for.
pub struct Memory {
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

    fn put_memory(&self, info: &Meminfo, reading: &mut Reading) {
        let available = info.available();
        let used = info.total - available;
        reading.put(self.series.total, info.total as f64);
        reading.put(self.series.used, used as f64);
        reading.put(self.series.available, available as f64);
        reading.put(self.series.free, info.free as f64);
        reading.put(self.series.buffers, info.buffers as f64);
        let cached = info.cached.saturating_add(info.reclaimable);
        reading.put(self.series.cached, cached as f64);
        reading.put(self.series.usage, used as f64 * 100.0 / info.total as f64);
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
            name: "memory",
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
        self.put_memory(&info, &mut reading);
        self.put_swap(&info, now, &mut reading);
        Ok(reading)
    }
}
