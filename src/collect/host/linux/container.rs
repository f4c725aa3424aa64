//! The limits around hubtop itself: in a container, what the machine may use is what its control group may use.

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, SeriesId, SourceKind};

use super::files::Roots;
use super::group_files::GroupFiles;
use crate::collect::counter::{Counter, Interval};

/// The control group of hubtop itself.
#[must_use]
pub fn own_group(roots: &Roots) -> GroupFiles {
    let text = std::fs::read(roots.proc.join("self/cgroup")).unwrap_or_default();
    GroupFiles::of_process(roots, &text)
}

struct Series {
    memory_limit: SeriesId,
    memory_used: SeriesId,
    memory_usage: SeriesId,
    cpu_limit: SeriesId,
    cpu_usage: SeriesId,
    throttled: SeriesId,
}

/// Reads use and limits of the control group that hubtop runs in; absent where nothing limits it.
pub struct ContainerLimits {
    roots: Roots,
    series: Series,
    interval: Interval,
    cpu_micros: Counter,
    periods: Counter,
    throttled: Counter,
}

impl ContainerLimits {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        let of = |name: &str| catalog.plain(&format!("container.{name}"));
        Self {
            roots: roots.clone(),
            series: Series {
                memory_limit: of("memory.limit_bytes"),
                memory_used: of("memory.used_bytes"),
                memory_usage: of("memory.usage_percent"),
                cpu_limit: of("cpu.limit_cores"),
                cpu_usage: of("cpu.usage_percent"),
                throttled: of("cpu.throttled_percent"),
            },
            interval: Interval::default(),
            cpu_micros: Counter::default(),
            periods: Counter::default(),
            throttled: Counter::default(),
        }
    }

    fn put_memory(&self, group: &GroupFiles, limit: u64, reading: &mut Reading) {
        reading.put(self.series.memory_limit, limit as f64);
        if let Some(used) = group.memory_used() {
            reading.put(self.series.memory_used, used as f64);
            reading.put(
                self.series.memory_usage,
                used as f64 * 100.0 / limit.max(1) as f64,
            );
        }
    }

    fn put_cpu(&mut self, group: &GroupFiles, limit: f64, now: Moment, reading: &mut Reading) {
        reading.put(self.series.cpu_limit, limit);
        let interval = self.interval.next(now.mono);
        let usage = group
            .cpu_time()
            .and_then(|time| u64::try_from(time.as_micros()).ok())
            .and_then(|micros| self.cpu_micros.rate(micros, interval))
            .map(|micros_a_second| micros_a_second / 1e4 / limit);
        reading.put_known(self.series.cpu_usage, usage);
        let throttling = group.throttling();
        let periods = throttling.periods.and_then(|n| self.periods.rise(n));
        let throttled = throttling
            .throttled_periods
            .and_then(|n| self.throttled.rise(n));
        if let (Some(periods), Some(throttled)) = (periods, throttled) {
            // No period passed: nothing wanted to run, so nothing was held back.
            let share = throttled as f64 * 100.0 / periods.max(1) as f64;
            reading.put(self.series.throttled, share.min(100.0));
        }
    }
}

impl Reader for ContainerLimits {
    fn spec(&self) -> Spec {
        Spec {
            name: "container".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let group = own_group(&self.roots);
        let (memory, cpu) = (group.memory_limit(), group.cpu_limit());
        if memory.is_none() && cpu.is_none() {
            return Err(CollectError::Absent);
        }
        let mut reading = Reading::at(now.wall);
        if let Some(limit) = memory {
            self.put_memory(&group, limit, &mut reading);
        }
        if let Some(limit) = cpu {
            self.put_cpu(&group, limit, now, &mut reading);
        }
        Ok(reading)
    }
}
