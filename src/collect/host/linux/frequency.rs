//! How fast the cores run: cpufreq below `/sys`, or `/proc/cpuinfo` where that is missing. Dear on large machines
//! (each core is asked), so it is read seldom.

use std::path::Path;
use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{decimal, lines};
use super::files::{Roots, number_in};
use super::sensors::entries_of;

/// Reads the mean frequency of the cores; absent where it is not told.
pub struct Frequency {
    roots: Roots,
    series: SeriesId,
}

impl Frequency {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        Self {
            roots: roots.clone(),
            series: catalog.plain("system.cpu.frequency_mhz"),
        }
    }
}

/// Megahertz of each core that tells.
fn of_cores(folder: &Path) -> Vec<f64> {
    let files = entries_of(folder).into_iter();
    files
        .filter_map(|core| number_in(&core.join("cpufreq/scaling_cur_freq")))
        .map(|kilohertz| kilohertz as f64 / 1e3)
        .collect()
}

/// The lines `cpu MHz : 2400.000`.
fn in_cpuinfo(text: &[u8]) -> Vec<f64> {
    lines(text)
        .filter_map(|line| line.strip_prefix(b"cpu MHz"))
        .filter_map(|rest| rest.trim_ascii_start().strip_prefix(b":"))
        .filter_map(|value| decimal(value.trim_ascii()))
        .collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

impl Reader for Frequency {
    fn spec(&self) -> Spec {
        Spec {
            name: "frequency".into(),
            kind: SourceKind::Host,
            cadence: Cadence::Every(Duration::from_secs(10)),
            timeout: Duration::from_secs(5),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let of_cores = of_cores(&self.roots.sys.join("devices/system/cpu"));
        let told = mean(&of_cores).or_else(|| {
            let text = std::fs::read(self.roots.proc.join("cpuinfo")).unwrap_or_default();
            mean(&in_cpuinfo(&text))
        });
        let megahertz = told.ok_or(CollectError::Absent)?;
        let mut reading = Reading::at(now.wall);
        reading.put(self.series, megahertz);
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpuinfo_tells_each_core() {
        let text = b"processor\t: 0\ncpu MHz\t\t: 2400.500\n\nprocessor\t: 1\ncpu MHz\t\t: 2600.500\nbogomips : 4\n";
        assert_eq!(mean(&in_cpuinfo(text)), Some(2500.5));
        assert_eq!(mean(&in_cpuinfo(b"")), None);
    }
}
