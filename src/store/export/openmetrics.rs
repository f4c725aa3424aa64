//! Samples as OpenMetrics text (1.0.0), each with its time: what `promtool tsdb create-blocks-from openmetrics` takes.

use std::io::{self, Write};

use super::SampleWriter;
use crate::model::{SeriesKey, Timestamp};
use crate::store::names::{Label, NAME, labels_of, metric_name, unit_word};

/// Writes a family a metric, all of them gauges.
pub(super) struct OpenMetrics<W> {
    out: W,
    of_host: Vec<Label>,
    /// The family that is being written; what follows belongs to it until another metric comes.
    family: Option<String>,
}

impl<W: Write> OpenMetrics<W> {
    pub fn begin(out: W, of_host: &[Label]) -> Self {
        Self {
            out,
            of_host: of_host.to_vec(),
            family: None,
        }
    }

    fn begin_family(&mut self, key: &SeriesKey, name: &str) -> io::Result<()> {
        writeln!(self.out, "# TYPE {name} gauge")?;
        let described = key.describe();
        // The standard wants that a name ends with its unit.
        if let Some(unit) = unit_word(described.unit)
            && name.ends_with(&format!("_{unit}"))
        {
            writeln!(self.out, "# UNIT {name} {unit}")?;
        }
        if !described.help.is_empty() {
            writeln!(self.out, "# HELP {name} {}", escaped(described.help))?;
        }
        Ok(())
    }
}

impl<W: Write> SampleWriter for OpenMetrics<W> {
    fn put(&mut self, key: &SeriesKey, samples: &[(Timestamp, f64)]) -> io::Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        let name = metric_name(&key.metric);
        if self.family.as_ref() != Some(&name) {
            self.begin_family(key, &name)?;
        }
        let labels: Vec<String> = labels_of(key, &self.of_host)
            .into_iter()
            .filter(|(label, _)| label != NAME)
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(&value)))
            .collect();
        let labels = match labels.join(",") {
            none if none.is_empty() => none,
            some => format!("{{{some}}}"),
        };
        for (at, value) in samples {
            let value = number(*value);
            writeln!(self.out, "{name}{labels} {value} {}", seconds(*at))?;
        }
        self.family = Some(name);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.write_all(b"# EOF\n")?;
        self.out.flush()
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    value.to_string()
}

/// A moment in seconds since 1970, to the millisecond and without a detour over binary fractions.
fn seconds(at: Timestamp) -> String {
    let sign = if at.0 < 0 { "-" } else { "" };
    let millis = at.0.unsigned_abs();
    format!("{sign}{}.{:03}", millis / 1000, millis % 1000)
}
