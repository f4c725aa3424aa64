//! All processes in one pass a tick. The files that are read each time stay open, which is also the proof that a number
//! still means the same process: a kept file of one that is gone answers `ESRCH`, whoever has its number now.

mod folder;
mod identity;
mod known;
mod stat;
mod users;

use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, Rows, SeriesId, SourceKind, Timestamp};

use super::files::{Roots, io_error};
use folder::{Folder, file_budget, read_kept};
use identity::Identities;
use known::{IoFile, Known, Tick};
use stat::{Stat, parse_io, parse_stat};

pub use stat::parse_stat as parse_process_stat;
pub use users::UserNames;

/// A process is identified anew after so long: it may have called `exec` without a change of its name.
const IDENTIFY_AGAIN: Duration = Duration::from_secs(30);

/// Reads all processes.
pub struct Processes {
    roots: Roots,
    count: SeriesId,
    threads: SeriesId,
    folder: Option<Folder>,
    identities: Option<Identities>,
    pids: Vec<u32>,
    known: Vec<Known>,
    spare: Vec<Known>,
    budget: usize,
    cores: usize,
}

impl Processes {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            roots: roots.clone(),
            count: catalog.plain("system.process.count"),
            threads: catalog.plain("system.process.thread_count"),
            folder: None,
            identities: None,
            pids: Vec::new(),
            known: Vec::new(),
            spare: Vec::new(),
            budget: file_budget(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Keeps no more than `files` files open; the rest is opened at each tick.
    #[must_use]
    pub fn keeping(mut self, files: usize) -> Self {
        self.budget = files;
        self
    }

    fn tick_of(&self, now: Moment) -> Tick {
        let memory = rustix::system::sysinfo();
        #[expect(
            clippy::useless_conversion,
            reason = "the width of these fields differs between systems"
        )]
        let memory_total = u64::from(memory.totalram).saturating_mul(u64::from(memory.mem_unit));
        Tick {
            now: now.mono,
            ticks_per_second: rustix::param::clock_ticks_per_second().max(1),
            page_size: rustix::param::page_size() as u64,
            memory_total,
            cores: self.cores,
        }
    }

    fn read_all(&mut self, folder: &Folder, identities: &mut Identities, tick: &Tick) {
        let mut pass = Pass {
            folder,
            identities,
            tick,
            free_files: 0,
            buffer: [0; 2048],
        };
        let kept: usize = self.known.iter().map(Known::kept_files).sum();
        // The costlier file of each process has precedence.
        let wanted = self.pids.len();
        pass.free_files = self.budget.saturating_sub(kept);
        let io_may_stay = self.budget >= wanted;

        let mut old = std::mem::take(&mut self.known);
        let mut new = std::mem::take(&mut self.spare);
        let mut rest = old.drain(..).peekable();
        for &pid in &self.pids {
            while rest.next_if(|known| known.pid < pid).is_some() {}
            let known = rest.next_if(|known| known.pid == pid);
            new.extend(pass.read_one(pid, known, io_may_stay));
        }
        drop(rest);
        self.spare = old;
        self.known = new;
    }
}

/// What one pass over all processes works with.
struct Pass<'a> {
    folder: &'a Folder,
    identities: &'a mut Identities,
    tick: &'a Tick,
    free_files: usize,
    buffer: [u8; 2048],
}

impl Pass<'_> {
    /// The process `pid` as it is now; `None` when it vanished meanwhile.
    fn read_one(&mut self, pid: u32, known: Option<Known>, io_may_stay: bool) -> Option<Known> {
        let mut stat_buffer = [0_u8; 1024];
        let Some(mut known) = known else {
            return self.meet(pid, &mut stat_buffer);
        };
        let text = match &known.stat_file {
            Some(file) => read_kept(file, &mut stat_buffer),
            None => self.folder.read(pid, "stat", &mut stat_buffer),
        };
        let Ok(text) = text else {
            // It is gone, and its number belongs to another one now or will be missing at the next tick.
            drop(known);
            return self.meet(pid, &mut [0_u8; 1024]);
        };
        let stat = parse_stat(text)?;
        if stat.started != known.started {
            drop(known);
            return self.meet(pid, &mut [0_u8; 1024]);
        }
        self.identify_again(&mut known, &stat);
        let io = if known.wants_io(&stat, self.tick) {
            self.read_io(&mut known, io_may_stay)
        } else {
            None
        };
        known.update(&stat, io, self.tick);
        Some(known)
    }

    /// A process that was not seen before.
    fn meet(&mut self, pid: u32, stat_buffer: &mut [u8]) -> Option<Known> {
        let file = self.folder.open_file(pid, "stat").ok()?;
        let stat = parse_stat(read_kept(&file, stat_buffer).ok()?)?;
        let now = self.tick.now;
        let (mark, identity) = self.identities.read(self.folder, pid, &stat, now, None)?;
        // Spread over the whole time, so that no tick has to identify all of them.
        let spread = IDENTIFY_AGAIN.mul_f64(f64::from(pid % 64) / 64.0);
        let identify_at = now + IDENTIFY_AGAIN + spread;
        let mut known = Known::new(&stat, identity, mark, identify_at, self.tick);
        if self.free_files > 0 {
            self.free_files -= 1;
            known.stat_file = Some(file);
        }
        let io = self.read_io(&mut known, true);
        known.update(&stat, io, self.tick);
        Some(known)
    }

    fn identify_again(&mut self, known: &mut Known, stat: &Stat<'_>) {
        let now = self.tick.now;
        // The threads of the kernel call no `exec`.
        let is_time = now >= known.identify_at && !stat.is_kernel;
        if !is_time && !known.was_renamed(stat) {
            return;
        }
        known.identify_at = now + IDENTIFY_AGAIN;
        if matches!(known.io_file, IoFile::Refused) {
            known.io_file = IoFile::Unkept;
        }
        let mark = Some(known.mark);
        let identified = self
            .identities
            .read(self.folder, known.pid, stat, now, mark);
        known.rename(stat, identified);
    }

    fn read_io(&mut self, known: &mut Known, may_stay: bool) -> Option<(u64, u64)> {
        if matches!(known.io_file, IoFile::Unkept) && may_stay && self.free_files > 0 {
            match self.folder.open_file(known.pid, "io") {
                Ok(file) => {
                    self.free_files -= 1;
                    known.io_file = IoFile::Kept(file);
                }
                Err(error) => known.refuse_io(error),
            }
        }
        let text = match &known.io_file {
            IoFile::Refused => return None,
            IoFile::Kept(file) => read_kept(file, &mut self.buffer),
            IoFile::Unkept => self.folder.read(known.pid, "io", &mut self.buffer),
        };
        match text {
            Ok(text) => parse_io(text),
            Err(error) => {
                known.refuse_io(error);
                None
            }
        }
    }
}

impl Known {
    fn kept_files(&self) -> usize {
        usize::from(self.stat_file.is_some()) + usize::from(matches!(self.io_file, IoFile::Kept(_)))
    }

    /// Not asked again before it is identified anew, when the right is missing or the kernel does not count.
    fn refuse_io(&mut self, error: Errno) {
        if error != Errno::SRCH {
            self.io_file = IoFile::Refused;
        }
    }
}

impl Reader for Processes {
    fn spec(&self) -> Spec {
        Spec {
            name: "processes".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(5),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let tick = self.tick_of(now);
        let mut folder = match self.folder.take() {
            Some(folder) => folder,
            None => Folder::open(&self.roots.proc)
                .map_err(|error| io_error(&self.roots.proc, error.into()))?,
        };
        let mut identities = self.identities.take().unwrap_or_else(|| {
            let passwd = self.roots.etc.join("passwd");
            Identities::new(passwd, boot_time(&self.roots, now), tick.ticks_per_second)
        });
        let listed = folder.list(&mut self.pids);
        if listed.is_ok() {
            self.read_all(&folder, &mut identities, &tick);
        }
        self.folder = Some(folder);
        self.identities = Some(identities);
        listed.map_err(|error| io_error(&self.roots.proc, error.into()))?;
        Ok(self.reading(now))
    }
}

impl Processes {
    fn reading(&self, now: Moment) -> Reading {
        let mut reading = Reading::at(now.wall);
        let rows: Vec<_> = self
            .known
            .iter()
            .map(|known| Arc::clone(&known.row))
            .collect();
        let threads: u64 = rows
            .iter()
            .filter_map(|row| row.threads)
            .map(u64::from)
            .sum();
        reading.put(self.count, rows.len() as f64);
        reading.put(self.threads, threads as f64);
        reading.rows.push(Rows::Processes(rows));
        reading
    }
}

/// When the machine was started, which the start times of processes count from.
fn boot_time(roots: &Roots, now: Moment) -> Timestamp {
    let text = std::fs::read(roots.proc.join("stat")).unwrap_or_default();
    let boot = super::bytes::value_of(&text, b"btime").and_then(|s| i64::try_from(s).ok());
    boot.map_or(now.wall, |seconds| Timestamp(seconds.saturating_mul(1000)))
}
