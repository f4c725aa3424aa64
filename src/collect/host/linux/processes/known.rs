//! One process from tick to tick: its open files, its last figures, and the row made of them.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Process, ProcessIdentity, ProcessState};

use super::identity::Mark;
use super::stat::Stat;

/// The `io` file of a process that stands still is read after so long only: it can't have read or written much without
/// having used time, touched memory or waited for storage.
const IO_REST: Duration = Duration::from_secs(4);
/// Processes rest for up to so much longer, so that they are not all read at the same tick.
const IO_SPREAD: Duration = Duration::from_secs(4);

/// The `io` file of a process.
pub enum IoFile {
    /// Not looked at yet, or opened anew each time.
    Unkept,
    /// Kept open.
    Kept(OwnedFd),
    /// The right to read it is missing, or it is a thread of the kernel.
    Refused,
}

/// Bytes read and written, and when.
#[derive(Debug, Clone, Copy)]
struct IoCount {
    read: u64,
    written: u64,
    at: Duration,
}

/// One process from tick to tick.
pub struct Known {
    pub pid: u32,
    pub started: u64,
    /// Its `stat` file, if it is kept open.
    pub stat_file: Option<OwnedFd>,
    pub io_file: IoFile,
    /// When it is identified anew.
    pub identify_at: Duration,
    pub mark: Mark,
    pub row: Arc<Process>,
    name: u64,
    cpu_ticks: u64,
    faults: u64,
    read_at: Duration,
    io: Option<IoCount>,
}

/// What all processes of one tick have in common.
#[derive(Debug, Clone, Copy)]
pub struct Tick {
    pub now: Duration,
    pub ticks_per_second: u64,
    pub page_size: u64,
    pub memory_total: u64,
    pub cores: usize,
}

impl Known {
    /// A process seen for the first time: it has no rates yet.
    pub fn new(
        stat: &Stat<'_>,
        identity: ProcessIdentity,
        mark: Mark,
        identify_at: Duration,
        tick: &Tick,
    ) -> Self {
        let key = identity.key;
        let row = Process {
            identity: Arc::new(identity),
            parent: stat.parent,
            state: stat.state,
            cpu_percent: None,
            memory_percent: 0.0,
            resident_bytes: 0,
            threads: None,
            read_bytes_per_sec: None,
            write_bytes_per_sec: None,
            cpu_time: Duration::ZERO,
            nice: Some(stat.nice),
        };
        let io_file = if stat.is_kernel {
            IoFile::Refused
        } else {
            IoFile::Unkept
        };
        let mut known = Self {
            pid: key.pid,
            started: key.started,
            stat_file: None,
            io_file,
            identify_at,
            mark,
            row: Arc::new(row),
            name: short_hash(stat.name),
            cpu_ticks: stat.cpu_ticks,
            faults: stat.faults,
            read_at: tick.now,
            io: None,
        };
        known.set_figures(stat, None, (None, None), tick);
        known
    }

    /// Whether its name changed since it was identified: it called `exec`, most likely.
    pub fn was_renamed(&self, stat: &Stat<'_>) -> bool {
        !stat.is_kernel && self.name != short_hash(stat.name)
    }

    /// Takes over a new identity.
    pub fn rename(&mut self, stat: &Stat<'_>, identified: Option<(Mark, ProcessIdentity)>) {
        self.name = short_hash(stat.name);
        if let Some((mark, identity)) = identified {
            self.mark = mark;
            Arc::make_mut(&mut self.row).identity = Arc::new(identity);
        }
    }

    /// Whether its `io` file is worth reading at this tick.
    pub fn wants_io(&self, stat: &Stat<'_>, tick: &Tick) -> bool {
        if matches!(self.io_file, IoFile::Refused) {
            return false;
        }
        let is_moving = self.cpu_ticks != stat.cpu_ticks
            || self.faults != stat.faults
            || matches!(stat.state, ProcessState::Running | ProcessState::Blocked);
        let has_rate = |rate: Option<f64>| rate.is_some_and(|rate| rate > 0.0);
        let spread = IO_SPREAD * (self.pid % 8) / 8;
        let has_rested = self
            .io
            .is_none_or(|io| tick.now.saturating_sub(io.at) >= IO_REST + spread);
        is_moving
            || has_rested
            || self.row.read_bytes_per_sec.is_none()
            || has_rate(self.row.read_bytes_per_sec)
            || has_rate(self.row.write_bytes_per_sec)
    }

    /// Takes the figures of a tick. `io` is what its `io` file held, if that was read.
    pub fn update(&mut self, stat: &Stat<'_>, io: Option<(u64, u64)>, tick: &Tick) {
        let cpu = self.cpu_percent(stat, tick);
        let rates = match (io, &self.io_file) {
            (_, IoFile::Refused) => (None, None),
            (Some(counts), _) => self.io_rates(counts, tick.now),
            (None, _) => (self.row.read_bytes_per_sec, self.row.write_bytes_per_sec),
        };
        self.cpu_ticks = stat.cpu_ticks;
        self.faults = stat.faults;
        self.read_at = tick.now;
        self.set_figures(stat, cpu, rates, tick);
    }

    /// The share of one core since the last tick. The kernel counts in ticks of mostly 10 ms, so that a short interval
    /// may seem to hold more time than it has: never more than its threads and the cores allow.
    fn cpu_percent(&self, stat: &Stat<'_>, tick: &Tick) -> Option<f64> {
        let interval = tick.now.checked_sub(self.read_at)?.as_secs_f64();
        if interval <= 0.0 {
            return self.row.cpu_percent;
        }
        let used = stat.cpu_ticks.checked_sub(self.cpu_ticks)? as f64;
        let at_most = tick.cores.min(stat.threads.max(1) as usize) as f64 * 100.0;
        Some((used * 100.0 / tick.ticks_per_second as f64 / interval).min(at_most))
    }

    fn io_rates(
        &mut self,
        (read, written): (u64, u64),
        now: Duration,
    ) -> (Option<f64>, Option<f64>) {
        let count = IoCount {
            read,
            written,
            at: now,
        };
        let Some(before) = self.io.replace(count) else {
            return (None, None);
        };
        let interval = now.saturating_sub(before.at);
        if interval.is_zero() {
            return (self.row.read_bytes_per_sec, self.row.write_bytes_per_sec);
        }
        let rate = |now: u64, before: u64| {
            let rise = now.checked_sub(before)?;
            Some(rise as f64 / interval.as_secs_f64())
        };
        (rate(read, before.read), rate(written, before.written))
    }

    /// Makes a new row only when a figure differs from the old one.
    fn set_figures(
        &mut self,
        stat: &Stat<'_>,
        cpu_percent: Option<f64>,
        (read_bytes_per_sec, write_bytes_per_sec): (Option<f64>, Option<f64>),
        tick: &Tick,
    ) {
        let resident_bytes = stat.resident_pages.saturating_mul(tick.page_size);
        let new = Process {
            identity: self.row.identity.clone(),
            parent: stat.parent,
            state: stat.state,
            cpu_percent,
            memory_percent: share(resident_bytes, tick.memory_total),
            resident_bytes,
            threads: Some(stat.threads),
            read_bytes_per_sec,
            write_bytes_per_sec,
            cpu_time: ticks_as_time(stat.cpu_ticks, tick.ticks_per_second),
            nice: Some(stat.nice),
        };
        if !has_same_figures(&self.row, &new) {
            self.row = Arc::new(new);
        }
    }
}

fn has_same_figures(a: &Process, b: &Process) -> bool {
    a.cpu_percent == b.cpu_percent
        && a.cpu_time == b.cpu_time
        && a.state == b.state
        && a.resident_bytes == b.resident_bytes
        && a.memory_percent == b.memory_percent
        && a.threads == b.threads
        && a.read_bytes_per_sec == b.read_bytes_per_sec
        && a.write_bytes_per_sec == b.write_bytes_per_sec
        && a.parent == b.parent
        && a.nice == b.nice
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 * 100.0 / whole as f64
}

fn ticks_as_time(ticks: u64, per_second: u64) -> Duration {
    Duration::from_millis(ticks.saturating_mul(1000) / per_second)
}

/// FNV-1a: names are a few bytes, and only a change is to be seen.
fn short_hash(name: &[u8]) -> u64 {
    name.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &b| {
        (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}
