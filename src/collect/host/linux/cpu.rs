//! What the processors do: `/proc/stat` and `/proc/loadavg`.

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Labels, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{decimal, fields, lines, number};
use super::files::{KeptFile, Roots, malformed};
use crate::collect::counter::{Counter, Interval};

/// Time of one core or of all, in the kernel's clock ticks, by what it was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    user: u64,
    system: u64,
    idle: u64,
    io_wait: u64,
    steal: u64,
}

/// Shares of an interval, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shares {
    busy: f64,
    user: f64,
    system: f64,
    io_wait: f64,
    steal: f64,
}

/// The fields behind `cpu` or `cpuN` (proc_stat(5)); those that old kernels do not write are zero. Guest time is part
/// of user time.
fn parse_times<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> Option<Times> {
    let mut required = || number(fields.next()?);
    let (user, nice, system, idle) = (required()?, required()?, required()?, required()?);
    let mut optional = || required().unwrap_or(0);
    let (io_wait, irq, soft_irq, steal) = (optional(), optional(), optional(), optional());
    Some(Times {
        user: user.saturating_add(nice),
        system: system.saturating_add(irq).saturating_add(soft_irq),
        idle,
        io_wait,
        steal,
    })
}

impl Times {
    /// What became of the time since `before`. Busy is all that is neither idle nor waiting for I/O; what the
    /// hypervisor took counts as busy, since nobody here could use it.
    fn since(&self, before: &Self) -> Option<Shares> {
        let user = self.user.checked_sub(before.user)?;
        let system = self.system.checked_sub(before.system)?;
        let steal = self.steal.checked_sub(before.steal)?;
        // These two are known to go down a little by themselves (proc_stat(5) on iowait).
        let idle = self.idle.saturating_sub(before.idle);
        let io_wait = self.io_wait.saturating_sub(before.io_wait);
        let busy = user.saturating_add(system).saturating_add(steal);
        let all = busy.saturating_add(idle).saturating_add(io_wait);
        if all == 0 {
            return None;
        }
        let share = |ticks: u64| ticks as f64 * 100.0 / all as f64;
        Some(Shares {
            busy: share(busy),
            user: share(user),
            system: share(system),
            io_wait: share(io_wait),
            steal: share(steal),
        })
    }
}

struct Core {
    number: u32,
    series: SeriesId,
    last: Times,
}

struct Series {
    usage: SeriesId,
    user: SeriesId,
    system: SeriesId,
    io_wait: SeriesId,
    steal: SeriesId,
    context_switches: SeriesId,
    running: SeriesId,
    blocked: SeriesId,
    loads: [SeriesId; 3],
    uptime: SeriesId,
}

/// Reads what the processors do.
pub struct Cpu {
    catalog: Catalog,
    series: Series,
    stat: KeptFile,
    load: KeptFile,
    buffer: Vec<u8>,
    interval: Interval,
    last: Option<Times>,
    cores: Vec<Core>,
    context_switches: Counter,
}

impl Cpu {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        let series = Series {
            usage: catalog.plain("system.cpu.usage_percent"),
            user: catalog.plain("system.cpu.user_percent"),
            system: catalog.plain("system.cpu.system_percent"),
            io_wait: catalog.plain("system.cpu.io_wait_percent"),
            steal: catalog.plain("system.cpu.steal_percent"),
            context_switches: catalog.plain("system.cpu.context_switches_per_sec"),
            running: catalog.plain("system.process.running_count"),
            blocked: catalog.plain("system.process.blocked_count"),
            loads: ["1m", "5m", "15m"].map(|over| catalog.plain(&format!("system.load.{over}"))),
            uptime: catalog.plain("system.uptime_seconds"),
        };
        Self {
            catalog: catalog.clone(),
            series,
            stat: KeptFile::new(roots.proc.join("stat")),
            load: KeptFile::new(roots.proc.join("loadavg")),
            buffer: Vec::new(),
            interval: Interval::default(),
            last: None,
            cores: Vec::new(),
            context_switches: Counter::default(),
        }
    }

    fn take_stat(
        &mut self,
        text: &[u8],
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        let interval = self.interval.next(now.mono);
        let mut seen_all = false;
        for line in lines(text) {
            let mut rest = fields(line);
            let Some(name) = rest.next() else { continue };
            match name {
                b"cpu" => {
                    seen_all = parse_times(rest)
                        .map(|times| self.take_all(times, reading))
                        .is_some();
                }
                b"ctxt" => self.take_switches(rest.next(), interval, reading),
                b"btime" => self.take_boot(rest.next(), now, reading),
                b"procs_running" => {
                    reading.put_known(self.series.running, whole(rest.next()));
                }
                b"procs_blocked" => {
                    reading.put_known(self.series.blocked, whole(rest.next()));
                }
                // The longest line of all; nothing of it is used.
                b"intr" | b"softirq" => {}
                _ => {
                    let core = name.strip_prefix(b"cpu").and_then(number);
                    if let (Some(core), Some(times)) = (core, parse_times(rest)) {
                        self.take_core(u32::try_from(core).unwrap_or(u32::MAX), times, reading);
                    }
                }
            }
        }
        if seen_all {
            Ok(())
        } else {
            Err(malformed("/proc/stat", "it has no line for all processors"))
        }
    }

    fn take_all(&mut self, times: Times, reading: &mut Reading) {
        let before = self.last.replace(times);
        if let Some(shares) = before.and_then(|before| times.since(&before)) {
            reading.put(self.series.usage, shares.busy);
            reading.put(self.series.user, shares.user);
            reading.put(self.series.system, shares.system);
            reading.put(self.series.io_wait, shares.io_wait);
            reading.put(self.series.steal, shares.steal);
        }
    }

    fn take_core(&mut self, number: u32, times: Times, reading: &mut Reading) {
        match self.cores.iter_mut().find(|core| core.number == number) {
            Some(core) => {
                let busy = times.since(&core.last).map(|shares| shares.busy);
                reading.put_known(core.series, busy);
                core.last = times;
            }
            None => {
                let label = Labels::one("core", &number.to_string());
                let series = self.catalog.id("system.cpu.core.usage_percent", label);
                self.cores.push(Core {
                    number,
                    series,
                    last: times,
                });
            }
        }
    }

    fn take_switches(
        &mut self,
        field: Option<&[u8]>,
        interval: Option<Duration>,
        reading: &mut Reading,
    ) {
        let rate = field
            .and_then(number)
            .and_then(|count| self.context_switches.rate(count, interval));
        reading.put_known(self.series.context_switches, rate);
    }

    fn take_boot(&mut self, field: Option<&[u8]>, now: Moment, reading: &mut Reading) {
        let uptime = field
            .and_then(number)
            .map(|boot| now.wall.0 as f64 / 1e3 - boot as f64)
            .filter(|&uptime| uptime >= 0.0);
        reading.put_known(self.series.uptime, uptime);
    }

    fn take_loads(&self, text: &[u8], reading: &mut Reading) {
        for (series, field) in self.series.loads.iter().zip(fields(text)) {
            reading.put_known(*series, decimal(field));
        }
    }
}

fn whole(field: Option<&[u8]>) -> Option<f64> {
    field.and_then(number).map(|n| n as f64)
}

impl Reader for Cpu {
    fn spec(&self) -> Spec {
        Spec {
            name: "cpu".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let mut buffer = std::mem::take(&mut self.buffer);
        let taken = match self.stat.read(&mut buffer) {
            Ok(text) => self.take_stat(text, now, &mut reading),
            Err(error) => Err(error),
        };
        if self.load.read(&mut buffer).is_ok() {
            self.take_loads(&buffer, &mut reading);
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

    fn moment(millis: u64) -> Moment {
        Moment {
            wall: Timestamp(1_700_000_000_000 + millis as i64),
            mono: Duration::from_millis(millis),
        }
    }

    fn value(catalog: &Catalog, reading: &Reading, metric: &str) -> Option<f64> {
        let id = catalog.plain(metric);
        let found = reading.samples.iter().find(|(series, _)| *series == id);
        found.map(|(_, value)| *value)
    }

    const FIRST: &str = "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 50 0 50 400 0 0 0 0 0 0\ncpu2 50 0 50 400 0 0 0 0\nintr 1 2 3\nctxt 1000\nbtime 1699999000\nprocs_running 3\nprocs_blocked 1\n";
    const SECOND: &str = "cpu  110 5 110 860 10 2 3 0 9 9\ncpu0 60 0 50 400 0 0 0 0 0 0\ncpu2 50 0 50 410 0 0 0 0\nintr 1 2 3\nctxt 1500\nbtime 1699999000\nprocs_running 1\nprocs_blocked 0\n";

    fn cpu_of(folder: &std::path::Path, catalog: &Catalog) -> Cpu {
        let roots = Roots {
            proc: folder.to_owned(),
            ..Roots::default()
        };
        std::fs::write(folder.join("loadavg"), "0.50 1.25 2.00 1/80 4242\n").unwrap();
        Cpu::new(&roots, catalog)
    }

    #[test]
    fn shares_are_of_the_time_between_two_readings() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new();
        let mut cpu = cpu_of(folder.path(), &catalog);
        std::fs::write(folder.path().join("stat"), FIRST).unwrap();
        let first = cpu.read(moment(0)).unwrap();
        assert_eq!(value(&catalog, &first, "system.cpu.usage_percent"), None);
        assert_eq!(value(&catalog, &first, "system.load.5m"), Some(1.25));
        assert_eq!(
            value(&catalog, &first, "system.uptime_seconds"),
            Some(1000.0)
        );
        assert_eq!(
            value(&catalog, &first, "system.process.running_count"),
            Some(3.0)
        );

        std::fs::write(folder.path().join("stat"), SECOND).unwrap();
        let second = cpu.read(moment(500)).unwrap();
        let of = |metric| value(&catalog, &second, metric);
        assert_eq!(of("system.cpu.usage_percent"), Some(30.0));
        assert_eq!(of("system.cpu.user_percent"), Some(15.0));
        assert_eq!(of("system.cpu.system_percent"), Some(15.0));
        assert_eq!(of("system.cpu.io_wait_percent"), Some(10.0));
        assert_eq!(of("system.cpu.context_switches_per_sec"), Some(1000.0));
        let cores = catalog.table();
        let core = |n| {
            let id = cores.find("system.cpu.core.usage_percent", &Labels::one("core", n));
            let found = second
                .samples
                .iter()
                .find(|(series, _)| Some(*series) == id);
            found.map(|(_, value)| *value)
        };
        assert_eq!(core("0"), Some(100.0));
        assert_eq!(core("2"), Some(0.0));
        assert_eq!(core("1"), None, "it is off");

        std::fs::write(folder.path().join("stat"), FIRST).unwrap();
        let after_reset = cpu.read(moment(1000)).unwrap();
        assert_eq!(
            value(&catalog, &after_reset, "system.cpu.usage_percent"),
            None
        );
    }

    #[test]
    fn a_file_that_is_not_understood_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut cpu = cpu_of(folder.path(), &Catalog::new());
        std::fs::write(folder.path().join("stat"), "cpu 1 x\n").unwrap();
        let error = cpu.read(moment(0)).unwrap_err();
        assert!(error.to_string().contains("/proc/stat can't be read"));
    }

    proptest! {
        #[test]
        fn no_text_panics(first in "(cpu[0-9]{0,3}|ctxt|btime|[a-z]{0,4})( [0-9]{0,21}){0,11}\n?", second in ".{0,80}") {
            let mut cpu = Cpu::new(&Roots::default(), &Catalog::new());
            let mut reading = Reading::default();
            for (text, at) in [(&first, 0), (&second, 1), (&first, 2)] {
                let _ = cpu.take_stat(text.as_bytes(), moment(at), &mut reading);
            }
            for (_, value) in reading.samples {
                prop_assert!(value.is_finite());
            }
        }
    }
}
