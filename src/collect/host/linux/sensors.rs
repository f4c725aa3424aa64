//! Temperatures that the machine's chips tell: `/sys/class/hwmon`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Labels, Moment, Reading, SourceKind};

use super::files::{Roots, text_in};

/// Reads all temperatures; absent where no chip tells one.
pub struct Sensors {
    folder: PathBuf,
    catalog: Catalog,
}

impl Sensors {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            folder: roots.sys.join("class/hwmon"),
            catalog: catalog.clone(),
        }
    }
}

/// The entries of a folder in the order of their names.
pub fn entries_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// What a chip's inputs of one kind are called and tell, in thousandths of their unit: `("Core 0", 45000)`.
fn temperatures_of(chip: &Path) -> Vec<(String, i64)> {
    let chip_name = text_in(&chip.join("name")).unwrap_or_else(|| "chip".to_owned());
    let mut found = Vec::new();
    for input in entries_of(chip) {
        let Some(name) = input.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let Some(which) = name
            .strip_prefix("temp")
            .and_then(|name| name.strip_suffix("_input"))
        else {
            continue;
        };
        // A sensor that is switched off refuses to be read.
        let Some(value) = text_in(&input).and_then(|text| text.parse().ok()) else {
            continue;
        };
        let label = text_in(&chip.join(format!("temp{which}_label")));
        let label = label.unwrap_or_else(|| format!("temp{which}"));
        found.push((format!("{chip_name} {label}"), value));
    }
    found
}

/// The first temperature of the chips below `device`, in degrees Celsius.
pub fn first_temperature(device: &Path) -> Option<f64> {
    let chips = entries_of(&device.join("hwmon"));
    let first = chips.iter().flat_map(|chip| temperatures_of(chip)).next();
    first.map(|(_, thousandths)| thousandths as f64 / 1e3)
}

impl Reader for Sensors {
    fn spec(&self) -> Spec {
        Spec {
            name: "sensors".into(),
            kind: SourceKind::Host,
            cadence: Cadence::Every(Duration::from_secs(5)),
            timeout: Duration::from_secs(5),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let mut names: Vec<String> = Vec::new();
        for chip in entries_of(&self.folder) {
            for (name, thousandths) in temperatures_of(&chip) {
                // Two disks have chips of one name.
                let name = match names.iter().filter(|known| **known == name).count() {
                    0 => name.clone(),
                    before => format!("{name} #{}", before + 1),
                };
                let label = Labels::one("sensor", &name);
                let series = self.catalog.id("system.sensor.temperature_celsius", label);
                reading.put(series, thousandths as f64 / 1e3);
                names.push(name);
            }
        }
        if reading.samples.is_empty() {
            return Err(CollectError::Absent);
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    const NOW: Moment = Moment {
        wall: Timestamp(0),
        mono: Duration::ZERO,
    };

    #[test]
    fn temperatures_are_told_by_chip_and_label() {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots {
            sys: folder.path().to_owned(),
            ..Roots::default()
        };
        let catalog = Catalog::new();
        let mut sensors = Sensors::new(&roots, &catalog);
        assert!(matches!(sensors.read(NOW), Err(CollectError::Absent)));

        for (chip, file, text) in [
            ("hwmon0", "name", "coretemp\n"),
            ("hwmon0", "temp1_input", "45500\n"),
            ("hwmon0", "temp1_label", "Package id 0\n"),
            ("hwmon0", "fan1_input", "1200\n"),
            ("hwmon1", "name", "nvme\n"),
            ("hwmon1", "temp1_input", "-5000\n"),
            ("hwmon2", "name", "nvme\n"),
            ("hwmon2", "temp1_input", "30000\n"),
            ("hwmon2", "temp2_input", "broken\n"),
        ] {
            let chip = folder.path().join("class/hwmon").join(chip);
            std::fs::create_dir_all(&chip).unwrap();
            std::fs::write(chip.join(file), text).unwrap();
        }
        let reading = sensors.read(NOW).unwrap();
        let table = catalog.table();
        let told: Vec<(String, f64)> = reading
            .samples
            .iter()
            .map(|(id, value)| {
                let key = table.key(*id).unwrap();
                (key.labels.get("sensor").unwrap().to_owned(), *value)
            })
            .collect();
        let expected = [
            ("coretemp Package id 0", 45.5),
            ("nvme temp1", -5.0),
            ("nvme temp1 #2", 30.0),
        ];
        assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value)));
    }
}
