//! Graphics processors: NVIDIA's through NVML, loaded when it is there; AMD's from `/sys/class/drm`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nvml_wrapper::Nvml;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::printable;
use crate::model::{Catalog, Labels, Moment, Reading, SourceKind};

use super::files::{Roots, number_in};
use super::sensors::{entries_of, first_temperature};

/// What one GPU tells; `None` is what it does not.
#[derive(Debug, Clone, Default, PartialEq)]
struct Figures {
    usage: Option<f64>,
    memory_used: Option<f64>,
    memory_total: Option<f64>,
    temperature: Option<f64>,
    power: Option<f64>,
}

/// Reads all GPUs; absent without a word where there is none.
pub struct Gpu {
    cards: PathBuf,
    catalog: Catalog,
    nvml: Option<Nvml>,
}

impl Gpu {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            cards: roots.sys.join("class/drm"),
            catalog: catalog.clone(),
            nvml: None,
        }
    }

    fn read_nvidia(&mut self) -> Vec<(String, Figures)> {
        if self.nvml.is_none() {
            self.nvml = Nvml::init().ok();
        }
        let Some(nvml) = &self.nvml else {
            return Vec::new();
        };
        let count = nvml.device_count().unwrap_or(0);
        (0..count).filter_map(|index| nvidia(nvml, index)).collect()
    }

    fn read_amd(&self) -> Vec<(String, Figures)> {
        let cards = entries_of(&self.cards).into_iter();
        cards.filter_map(|card| amd(&card)).collect()
    }

    fn put(&self, name: &str, figures: &Figures, reading: &mut Reading) {
        let label = Labels::one("gpu", &printable(name));
        for (metric, value) in [
            ("usage_percent", figures.usage),
            ("memory_used_bytes", figures.memory_used),
            ("memory_total_bytes", figures.memory_total),
            ("temperature_celsius", figures.temperature),
            ("power_watts", figures.power),
        ] {
            if let Some(value) = value {
                let metric = format!("system.gpu.{metric}");
                reading.put(self.catalog.id(&metric, label.clone()), value);
            }
        }
    }
}

fn nvidia(nvml: &Nvml, index: u32) -> Option<(String, Figures)> {
    let device = nvml.device_by_index(index).ok()?;
    let name = device.name().unwrap_or_else(|_| "NVIDIA".to_owned());
    let memory = device.memory_info().ok();
    let figures = Figures {
        usage: device.utilization_rates().ok().map(|u| f64::from(u.gpu)),
        memory_used: memory.as_ref().map(|m| m.used as f64),
        memory_total: memory.as_ref().map(|m| m.total as f64),
        temperature: device
            .temperature(TemperatureSensor::Gpu)
            .ok()
            .map(f64::from),
        power: device.power_usage().ok().map(|mw| f64::from(mw) / 1e3),
    };
    Some((format!("{index} {name}"), figures))
}

/// A card of the amdgpu driver (Documentation/gpu/amdgpu/thermal.rst); others do not have the first file.
fn amd(card: &Path) -> Option<(String, Figures)> {
    let name = card.file_name()?.to_str()?;
    let device = card.join("device");
    let usage = number_in(&device.join("gpu_busy_percent"))?;
    let number = |file: &str| number_in(&device.join(file)).map(|n| n as f64);
    let power = entries_of(&device.join("hwmon"))
        .iter()
        .find_map(|chip| number_in(&chip.join("power1_average")))
        .map(|microwatts| microwatts as f64 / 1e6);
    let figures = Figures {
        usage: Some(usage as f64),
        memory_used: number("mem_info_vram_used"),
        memory_total: number("mem_info_vram_total"),
        temperature: first_temperature(&device),
        power,
    };
    Some((format!("{name} AMD"), figures))
}

impl Reader for Gpu {
    fn spec(&self) -> Spec {
        Spec {
            name: "gpu".into(),
            kind: SourceKind::Host,
            cadence: Cadence::Every(Duration::from_secs(2)),
            timeout: Duration::from_secs(5),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let mut found = self.read_nvidia();
        found.extend(self.read_amd());
        if found.is_empty() {
            return Err(CollectError::Absent);
        }
        for (name, figures) in &found {
            self.put(name, figures, &mut reading);
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_amd_tells_of_itself_and_a_plug_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let card = folder.path().join("card1");
        std::fs::create_dir_all(card.join("device/hwmon/hwmon3")).unwrap();
        std::fs::create_dir_all(folder.path().join("card1-HDMI-A-1")).unwrap();
        for (file, text) in [
            ("gpu_busy_percent", "37\n"),
            ("mem_info_vram_used", "1000\n"),
            ("hwmon/hwmon3/temp1_input", "61000\n"),
            ("hwmon/hwmon3/power1_average", "45500000\n"),
        ] {
            std::fs::write(card.join("device").join(file), text).unwrap();
        }
        let (name, figures) = amd(&card).unwrap();
        assert_eq!(name, "card1 AMD");
        let expected = Figures {
            usage: Some(37.0),
            memory_used: Some(1000.0),
            memory_total: None,
            temperature: Some(61.0),
            power: Some(45.5),
        };
        assert_eq!(figures, expected);
        assert_eq!(amd(&folder.path().join("card1-HDMI-A-1")), None);
    }
}
