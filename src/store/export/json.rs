//! Samples as JSON, an object a line and one a sample: `jq 'select(.value > 90)'` needs no more than that.

use std::io::{self, Write};

use super::{SampleWriter, labels_text, moment_text, quoted};
use crate::model::{SeriesKey, Timestamp};

/// Writes lines of `{"timestamp":…,"metric":…,"labels":{…},"value":…,"unit":…}`.
pub(super) struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    pub fn begin(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> SampleWriter for Json<W> {
    fn put(&mut self, key: &SeriesKey, samples: &[(Timestamp, f64)]) -> io::Result<()> {
        let (metric, labels) = (quoted(&key.metric), labels_text(key));
        let unit = key.describe().unit.word();
        for (at, value) in samples {
            let at = moment_text(*at);
            // JSON has no word for infinity; the value is written as not known.
            let value = serde_json::Value::from(*value);
            writeln!(
                self.out,
                r#"{{"timestamp":"{at}","metric":{metric},"labels":{labels},"value":{value},"unit":"{unit}"}}"#
            )?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
