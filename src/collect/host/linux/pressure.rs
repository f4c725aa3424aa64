//! Pressure stall information: the share of the last 10 s in which somebody waited (Documentation/accounting/psi.rst).

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::{Catalog, Moment, Reading, SeriesId, SourceKind};

use super::bytes::{decimal, fields, lines};
use super::files::{KeptFile, Roots};

struct Resource {
    file: KeptFile,
    some: SeriesId,
    full: Option<SeriesId>,
}

/// Reads the three files of `/proc/pressure`; absent where the kernel does not have them.
pub struct Pressure {
    resources: [Resource; 3],
    buffer: Vec<u8>,
}

impl Pressure {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots, catalog: &Catalog) -> Self {
        let resource = |name: &str, has_full: bool| Resource {
            file: KeptFile::new(roots.proc.join("pressure").join(name)),
            some: catalog.plain(&format!("system.pressure.{name}_some_percent")),
            full: has_full.then(|| catalog.plain(&format!("system.pressure.{name}_full_percent"))),
        };
        Self {
            // For the machine as a whole, "every task waited for a CPU" has no meaning.
            resources: [
                resource("cpu", false),
                resource("memory", true),
                resource("io", true),
            ],
            buffer: Vec::new(),
        }
    }
}

/// The mean over 10 s of the line that begins with `kind`.
fn mean_10s(text: &[u8], kind: &[u8]) -> Option<f64> {
    lines(text).find_map(|line| {
        let mut fields = fields(line);
        if fields.next() != Some(kind) {
            return None;
        }
        fields
            .find_map(|field| field.strip_prefix(b"avg10="))
            .and_then(decimal)
    })
}

impl Reader for Pressure {
    fn spec(&self) -> Spec {
        Spec {
            name: "pressure".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        for resource in &mut self.resources {
            // Missing, or compiled in but switched off (then reading says "not supported").
            let Ok(text) = resource.file.read(&mut self.buffer) else {
                return Err(CollectError::Absent);
            };
            reading.put_known(resource.some, mean_10s(text, b"some"));
            if let Some(full) = resource.full {
                reading.put_known(full, mean_10s(text, b"full"));
            }
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_over_10_seconds_is_taken() {
        let text = b"some avg10=1.53 avg60=1.20 avg300=0.44 total=1\nfull avg10=0.25 avg60=0 avg300=0 total=2\n";
        assert_eq!(mean_10s(text, b"some"), Some(1.53));
        assert_eq!(mean_10s(text, b"full"), Some(0.25));
        assert_eq!(mean_10s(b"some avg60=1\n", b"some"), None);
        assert_eq!(mean_10s(b"", b"some"), None);
    }
}
