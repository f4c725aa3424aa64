//! Samples as comma-separated values, a line each (RFC 4180, with plain line feeds).

use std::borrow::Cow;
use std::io::{self, Write};

use super::{SampleWriter, labels_text, moment_text};
use crate::model::{SeriesKey, Timestamp};

/// Writes lines of five fields.
pub(super) struct Csv<W> {
    out: W,
}

impl<W: Write> Csv<W> {
    /// Writes the names of the fields.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"timestamp,metric,labels,value,unit\n")?;
        Ok(Self { out })
    }
}

impl<W: Write> SampleWriter for Csv<W> {
    fn put(&mut self, key: &SeriesKey, samples: &[(Timestamp, f64)]) -> io::Result<()> {
        let labels = labels_text(key);
        let (metric, labels) = (field(&key.metric), field(&labels));
        let unit = key.describe().unit.word();
        for (at, value) in samples {
            let at = moment_text(*at);
            writeln!(self.out, "{at},{metric},{labels},{value},{unit}")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// A field, in quotes where it needs them.
pub(super) fn field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")));
    }
    Cow::Borrowed(text)
}
