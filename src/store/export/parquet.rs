//! Samples as a Parquet table: `timestamp` (milliseconds, UTC), `metric`, `labels` (a JSON object), `value`, `unit`.
//!
//! Rows are held for one row group and no longer; of the texts, which repeat, each is held once.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::{SampleWriter, labels_text};
use crate::model::{SeriesKey, Timestamp};

const SCHEMA: &str = "message hubtop {
    REQUIRED INT64 timestamp (TIMESTAMP(MILLIS, true));
    REQUIRED BYTE_ARRAY metric (STRING);
    REQUIRED BYTE_ARRAY labels (STRING);
    REQUIRED DOUBLE value;
    REQUIRED BYTE_ARRAY unit (STRING);
}";

/// What a column holds; in the order of the schema.
#[derive(Debug, Clone, Copy)]
enum Column {
    Times,
    /// Which of the texts of a run.
    Text(usize),
    Values,
}

const COLUMNS: [Column; 5] = [
    Column::Times,
    Column::Text(0),
    Column::Text(1),
    Column::Values,
    Column::Text(2),
];

/// Rows of a group: 2 MB of times and values in memory, and long enough to be packed well.
const ROWS_OF_A_GROUP: usize = 131_072;
/// So many values of a repeated text are handed on at once.
const AT_ONCE: usize = 1024;

/// Gathers rows and writes them a group at a time.
pub(super) struct Parquet<W: Write> {
    file: SerializedFileWriter<W>,
    rows: Rows,
}

#[derive(Default)]
struct Rows {
    times: Vec<i64>,
    values: Vec<f64>,
    runs: Vec<Run>,
}

/// Rows one after the other that are of the same series.
struct Run {
    /// Metric, labels, unit.
    texts: [ByteArray; 3],
    rows: usize,
}

impl<W: Write + Send> Parquet<W> {
    /// Writes the head.
    pub fn begin(out: W) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(failed)?;
        let times = ColumnPath::from("timestamp");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("hubtop ", env!("CARGO_PKG_VERSION")).to_owned())
            // Times rise by much the same: what is left of them after that is nearly nothing.
            .set_column_dictionary_enabled(times.clone(), false)
            .set_column_encoding(times, Encoding::DELTA_BINARY_PACKED)
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
            .map_err(failed)?;
        Ok(Self {
            file,
            rows: Rows::default(),
        })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        if rows.times.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in COLUMNS {
            if let Some(mut writer) = group.next_column()? {
                rows.write(column, &mut writer)?;
                writer.close()?;
            }
        }
        group.close().map(drop)
    }
}

impl<W: Write + Send> SampleWriter for Parquet<W> {
    fn put(&mut self, key: &SeriesKey, samples: &[(Timestamp, f64)]) -> io::Result<()> {
        let texts = [
            key.metric.to_string(),
            labels_text(key),
            key.describe().unit.word().to_owned(),
        ]
        .map(|text| ByteArray::from(Bytes::from(text)));
        let mut left = samples;
        while !left.is_empty() {
            let room = ROWS_OF_A_GROUP - self.rows.times.len();
            let (now, later) = left.split_at(left.len().min(room));
            self.rows.add(&texts, now);
            if self.rows.times.len() == ROWS_OF_A_GROUP {
                self.write_group().map_err(failed)?;
            }
            left = later;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_group().map_err(failed)?;
        let mut out = self.file.into_inner().map_err(failed)?;
        out.flush()
    }
}

impl Rows {
    fn add(&mut self, texts: &[ByteArray; 3], samples: &[(Timestamp, f64)]) {
        self.times.extend(samples.iter().map(|(at, _)| at.0));
        self.values.extend(samples.iter().map(|(_, value)| value));
        self.runs.push(Run {
            texts: texts.clone(),
            rows: samples.len(),
        });
    }

    fn write(
        &self,
        column: Column,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        match column {
            Column::Times => {
                let writer = writer.typed::<Int64Type>();
                writer.write_batch(&self.times, None, None).map(drop)
            }
            Column::Values => {
                let writer = writer.typed::<DoubleType>();
                writer.write_batch(&self.values, None, None).map(drop)
            }
            Column::Text(text) => {
                let mut runs = self.runs.iter();
                runs.try_for_each(|run| run.write(text, writer))
            }
        }
    }
}

impl Run {
    fn write(
        &self,
        text: usize,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        let writer = writer.typed::<ByteArrayType>();
        let repeated = vec![self.texts[text].clone(); self.rows.min(AT_ONCE)];
        let mut left = self.rows;
        while left > 0 {
            let now = left.min(AT_ONCE);
            writer.write_batch(&repeated[..now], None, None)?;
            left -= now;
        }
        Ok(())
    }
}

/// What the place that is written to said is told as it said it.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}
