//! Processors, memory and facts of the machine through sysinfo.

use std::time::Duration;

use sysinfo::{CpuRefreshKind, System};

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::printable;
use crate::model::{Catalog, HostFacts, Labels, Moment, Reading, Rows, SeriesId, Timestamp};

use super::{failed, share, spec};

/// Reads what the processors do.
pub struct Processors {
    system: Option<System>,
    catalog: Catalog,
    cores: Vec<SeriesId>,
    was_read: bool,
}

impl Processors {
    /// Writes into `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            system: None,
            catalog: catalog.clone(),
            cores: Vec::new(),
            was_read: false,
        }
    }
}

impl Reader for Processors {
    fn spec(&self) -> Spec {
        spec("cpu", Cadence::EveryTick)
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let system = match &mut self.system {
            Some(system) => system,
            none => none.insert(System::new().map_err(|error| failed("the processors", &error))?),
        };
        let refresh = CpuRefreshKind::nothing().with_usage().with_frequency();
        system.refresh_cpu_specifics(refresh);
        // A share needs two readings.
        if self.was_read {
            let usage = self.catalog.plain("system.cpu.usage_percent");
            reading.put(usage, f64::from(system.global_cpu_usage()));
            for (number, cpu) in system.cpus().iter().enumerate() {
                if self.cores.len() <= number {
                    let label = Labels::one("core", &number.to_string());
                    let id = self.catalog.id("system.cpu.core.usage_percent", label);
                    self.cores.push(id);
                }
                reading.put(self.cores[number], f64::from(cpu.usage()));
            }
        }
        self.was_read = true;
        let told = system.cpus().iter().map(sysinfo::Cpu::frequency);
        let told: Vec<u64> = told.filter(|&megahertz| megahertz > 0).collect();
        if !told.is_empty() {
            let mean = told.iter().sum::<u64>() as f64 / told.len() as f64;
            reading.put(self.catalog.plain("system.cpu.frequency_mhz"), mean);
        }
        // Windows has no load average.
        if let Ok(load) = System::load_average() {
            for (over, value) in [("1m", load.one), ("5m", load.five), ("15m", load.fifteen)] {
                let series = self.catalog.plain(&format!("system.load.{over}"));
                reading.put(series, value);
            }
        }
        if let Ok(uptime) = System::uptime() {
            let series = self.catalog.plain("system.uptime_seconds");
            reading.put(series, uptime as f64);
        }
        Ok(reading)
    }
}

/// Reads what memory is used for.
pub struct Memory {
    system: Option<System>,
    catalog: Catalog,
}

impl Memory {
    /// Writes into `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            system: None,
            catalog: catalog.clone(),
        }
    }
}

impl Reader for Memory {
    fn spec(&self) -> Spec {
        spec("memory", Cadence::EveryTick)
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let system = match &mut self.system {
            Some(system) => system,
            none => none.insert(System::new().map_err(|error| failed("the memory", &error))?),
        };
        system.refresh_memory();
        let total = system.total_memory();
        let available = system.available_memory().min(total);
        let used = total - available;
        let (swap, swap_used) = (system.total_swap(), system.used_swap());
        for (metric, value) in [
            ("memory.total_bytes", Some(total as f64)),
            ("memory.used_bytes", Some(used as f64)),
            ("memory.available_bytes", Some(available as f64)),
            ("memory.free_bytes", Some(system.free_memory() as f64)),
            ("memory.usage_percent", share(used, total)),
            ("swap.total_bytes", Some(swap as f64)),
            ("swap.used_bytes", Some(swap_used as f64)),
            ("swap.usage_percent", share(swap_used, swap)),
        ] {
            if let Some(value) = value {
                let series = self.catalog.plain(&format!("system.{metric}"));
                reading.put(series, value);
            }
        }
        Ok(reading)
    }
}

/// Reads what stays the same of the machine.
pub struct Facts;

impl Reader for Facts {
    fn spec(&self) -> Spec {
        spec("host", Cadence::Every(Duration::from_secs(60)))
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let safe = |text: String| printable(&text).into_owned();
        let model = System::new().ok().and_then(|mut system| {
            system.refresh_cpu_list(CpuRefreshKind::nothing());
            Some(system.cpus().first()?.brand().trim().to_owned())
        });
        let boot = System::boot_time().ok().and_then(|s| i64::try_from(s).ok());
        let mut reading = Reading::at(now.wall);
        reading.rows.push(Rows::Host(HostFacts {
            name: System::host_name().map(safe).unwrap_or_default(),
            os: System::long_os_version().ok().map(safe),
            kernel: System::kernel_version().ok().map(safe),
            cpu_model: model.filter(|model| !model.is_empty()).map(safe),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            boot: boot.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
            container: None,
        }));
        Ok(reading)
    }
}
