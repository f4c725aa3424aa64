//! Network interfaces, mounted file systems and sensors through sysinfo.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::Duration;

use sysinfo::{Components, DiskRefreshKind, Disks, Networks};

use crate::collect::counter::{Counter, Interval};
use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::{printable, printable_bytes};
use crate::model::{Catalog, Labels, Moment, Reading};

use super::{failed, share, spec};

/// Reads the traffic of all interfaces that ever moved a byte.
pub struct Traffic {
    networks: Option<Networks>,
    catalog: Catalog,
    interval: Interval,
    counters: HashMap<OsString, [Counter; 5]>,
}

impl Traffic {
    /// Writes into `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            networks: None,
            catalog: catalog.clone(),
            interval: Interval::default(),
            counters: HashMap::new(),
        }
    }
}

impl Reader for Traffic {
    fn spec(&self) -> Spec {
        spec("network", Cadence::EveryTick)
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let interval = self.interval.next(now.mono);
        let networks = match &mut self.networks {
            Some(networks) => networks,
            none => none.insert(Networks::new().map_err(|error| failed("the network", &error))?),
        };
        networks.refresh(true);
        self.counters.retain(|name, _| networks.contains_key(name));
        for (name, data) in networks.iter() {
            let (received, sent) = (data.total_received(), data.total_transmitted());
            if received == 0 && sent == 0 {
                continue;
            }
            let errors = data.total_errors_on_received();
            let figures = [
                ("bytes_recv_per_sec", received),
                ("bytes_sent_per_sec", sent),
                ("packets_recv_per_sec", data.total_packets_received()),
                ("packets_sent_per_sec", data.total_packets_transmitted()),
                (
                    "errors_per_sec",
                    errors.saturating_add(data.total_errors_on_transmitted()),
                ),
            ];
            let label = Labels::one("interface", &printable_bytes(name.as_encoded_bytes()));
            let counters = self.counters.entry(name.clone()).or_default();
            for (counter, (metric, value)) in counters.iter_mut().zip(figures) {
                let metric = format!("system.network.{metric}");
                let series = self.catalog.id(&metric, label.clone());
                reading.put_known(series, counter.rate(value, interval));
            }
        }
        Ok(reading)
    }
}

/// Reads the space of mounted file systems.
pub struct Mounts {
    disks: Option<Disks>,
    catalog: Catalog,
}

impl Mounts {
    /// Writes into `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            disks: None,
            catalog: catalog.clone(),
        }
    }
}

impl Reader for Mounts {
    fn spec(&self) -> Spec {
        spec("mounts", Cadence::Every(Duration::from_secs(10)))
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let disks = match &mut self.disks {
            Some(disks) => disks,
            none => none.insert(Disks::new().map_err(|error| failed("the disks", &error))?),
        };
        disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage());
        for disk in disks.iter().filter(|disk| disk.total_space() > 0) {
            let (total, available) = (disk.total_space(), disk.available_space());
            let used = total.saturating_sub(available);
            let mount = printable_bytes(disk.mount_point().as_os_str().as_encoded_bytes());
            let label = Labels::one("mount", &mount);
            for (metric, value) in [
                ("total_bytes", Some(total as f64)),
                ("used_bytes", Some(used as f64)),
                ("available_bytes", Some(available as f64)),
                ("usage_percent", share(used, total)),
            ] {
                let metric = format!("system.disk.{metric}");
                reading.put_known(self.catalog.id(&metric, label.clone()), value);
            }
        }
        Ok(reading)
    }
}

/// Reads all temperatures; absent where no sensor tells one.
pub struct Sensors {
    components: Option<Components>,
    catalog: Catalog,
}

impl Sensors {
    /// Writes into `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            components: None,
            catalog: catalog.clone(),
        }
    }
}

impl Reader for Sensors {
    fn spec(&self) -> Spec {
        spec("sensors", Cadence::Every(Duration::from_secs(5)))
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let components = match &mut self.components {
            Some(components) => components,
            none => none.insert(Components::new().map_err(|_| CollectError::Absent)?),
        };
        components.refresh(true);
        for component in components.iter() {
            let Some(celsius) = component.temperature().filter(|t| t.is_finite()) else {
                continue;
            };
            let label = Labels::one("sensor", &printable(component.label()));
            let series = self.catalog.id("system.sensor.temperature_celsius", label);
            reading.put(series, f64::from(celsius));
        }
        if reading.samples.is_empty() {
            return Err(CollectError::Absent);
        }
        Ok(reading)
    }
}
