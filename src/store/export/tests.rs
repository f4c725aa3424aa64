//! What the forms look like to the byte, and that nothing is lost in the one that bytes don't show.

use parquet_reader::rows;
use serde::Serialize;

use super::*;
use crate::model::Labels;

const AT: i64 = 1_700_000_000_125;

/// A place that can be looked into after the writer is gone.
fn written(form: Form, put: impl FnOnce(&mut dyn SampleWriter)) -> Vec<u8> {
    let mut out = Vec::new();
    let of_host = [("host".to_owned(), "web-1".to_owned())];
    let mut writer = sample_writer(form, &mut out, &of_host).unwrap();
    put(&mut *writer);
    writer.finish().unwrap();
    out
}

fn text(form: Form) -> String {
    let bytes = written(form, |writer| {
        let mount = Labels::of([("mount", "/a, \"b\"\\\n"), ("device", "sda")]);
        let disk = SeriesKey::new("system.disk.usage_percent", mount);
        let load = SeriesKey::new("system.load.1m", Labels::none());
        writer
            .put(
                &disk,
                &[(Timestamp(AT), 80.5), (Timestamp(AT + 1000), 81.0)],
            )
            .unwrap();
        writer.put(&load, &[]).unwrap();
        writer.put(&load, &[(Timestamp(AT), 0.1 + 0.2)]).unwrap();
    });
    String::from_utf8(bytes).unwrap()
}

#[test]
fn csv_is_quoted_where_it_must_be() {
    let labels = r#""{""device"":""sda"",""mount"":""/a, \""b\""\\\n""}""#;
    let expected = format!(
        "timestamp,metric,labels,value,unit\n\
         2023-11-14T22:13:20.125Z,system.disk.usage_percent,{labels},80.5,percent\n\
         2023-11-14T22:13:21.125Z,system.disk.usage_percent,{labels},81,percent\n\
         2023-11-14T22:13:20.125Z,system.load.1m,{{}},0.30000000000000004,ratio\n"
    );
    assert_eq!(text(Form::Csv), expected);
}

#[test]
fn json_is_an_object_a_line() {
    let text = text(Form::Json);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = serde_json::json!({
        "timestamp": "2023-11-14T22:13:20.125Z",
        "metric": "system.disk.usage_percent",
        "labels": { "device": "sda", "mount": "/a, \"b\"\\\n" },
        "value": 80.5,
        "unit": "percent",
    });
    assert_eq!(lines[0], expected);
    assert_eq!(lines[2]["value"].as_f64(), Some(0.1 + 0.2));
    assert_eq!(lines.len(), 3);
}

#[test]
fn openmetrics_has_its_families_times_and_end() {
    let expected = r##"# TYPE system_disk_usage_percent gauge
# UNIT system_disk_usage_percent percent
# HELP system_disk_usage_percent Used share of the space an ordinary user may fill (as df counts), by mount
system_disk_usage_percent{device="sda",host="web-1",mount="/a, \"b\"\\\n"} 80.5 1700000000.125
system_disk_usage_percent{device="sda",host="web-1",mount="/a, \"b\"\\\n"} 81 1700000001.125
# TYPE system_load_1m gauge
# HELP system_load_1m Load average over 1 minute
system_load_1m{host="web-1"} 0.30000000000000004 1700000000.125
# EOF
"##;
    assert_eq!(text(Form::OpenMetrics), expected);
}

#[test]
fn parquet_holds_every_row_in_groups_that_are_bounded() {
    const ROWS: usize = 300_000;
    let key = |name: &str| SeriesKey::new("system.disk.usage_percent", Labels::one("mount", name));
    let samples: Vec<(Timestamp, f64)> = (0..ROWS)
        .map(|n| (Timestamp(AT + n as i64 * 1000), (n % 1000) as f64 / 8.0))
        .collect();
    let bytes = written(Form::Parquet, |writer| {
        for mount in ["/", "/boot"] {
            for piece in samples.chunks(7000) {
                writer.put(&key(mount), piece).unwrap();
            }
        }
    });
    let (groups, told) = rows(bytes);
    assert_eq!(told.len(), 2 * ROWS);
    assert!(groups.iter().all(|rows| *rows <= 131_072), "{groups:?}");
    for (n, row) in told.iter().enumerate() {
        let (at, value) = samples[n % ROWS];
        let mount = if n < ROWS { "/" } else { "/boot" };
        let expected = (
            at.0,
            "system.disk.usage_percent".to_owned(),
            format!("{{\"mount\":\"{mount}\"}}"),
            value,
            "percent".to_owned(),
        );
        assert_eq!(*row, expected);
    }
}

#[test]
fn nothing_to_write_is_a_whole_file_of_nothing() {
    let (groups, told) = rows(written(Form::Parquet, |_| {}));
    assert!(groups.is_empty() && told.is_empty());
    assert_eq!(written(Form::OpenMetrics, |_| {}), b"# EOF\n");
}

/// A disk that is full from some byte on.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        match taken {
            0 => Err(io::ErrorKind::StorageFull.into()),
            taken => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_the_disk_says_is_told_by_every_form() {
    for form in [Form::Csv, Form::Json, Form::OpenMetrics, Form::Parquet] {
        let write = || {
            let mut writer = sample_writer(form, Full(100), &[])?;
            let key = SeriesKey::new("system.load.1m", Labels::none());
            writer.put(&key, &[(Timestamp(AT), 1.0); 50])?;
            writer.finish()
        };
        let error = write().unwrap_err();
        assert_eq!(
            error.kind(),
            io::ErrorKind::StorageFull,
            "{form:?}: {error}"
        );
    }
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    use_percent: Option<f64>,
    parts: Vec<u32>,
}

#[test]
fn rows_of_tables_have_their_moment_and_their_columns() {
    let rows = [
        Row {
            name: "a,b",
            use_percent: Some(1.5),
            parts: vec![1, 2],
        },
        Row {
            name: "c",
            use_percent: None,
            parts: Vec::new(),
        },
    ];
    let write = |make: fn(Vec<u8>) -> TableWriter<Vec<u8>>| {
        let mut writer = make(Vec::new());
        for row in &rows {
            writer.row(Timestamp(AT), row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    let csv = "timestamp,name,parts,use_percent\n\
               2023-11-14T22:13:20.125Z,\"a,b\",\"[1,2]\",1.5\n\
               2023-11-14T22:13:20.125Z,c,[],\n";
    assert_eq!(write(TableWriter::csv), csv);
    let json = "{\"timestamp\":\"2023-11-14T22:13:20.125Z\",\"name\":\"a,b\",\"parts\":[1,2],\"use_percent\":1.5}\n\
                {\"timestamp\":\"2023-11-14T22:13:20.125Z\",\"name\":\"c\",\"parts\":[],\"use_percent\":null}\n";
    assert_eq!(write(TableWriter::json), json);
}

mod parquet_reader {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    type Row = (i64, String, String, f64, String);

    /// The rows of each group, and all rows.
    pub fn rows(file: Vec<u8>) -> (Vec<i64>, Vec<Row>) {
        let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
        let groups = reader.metadata().row_groups().iter();
        let groups = groups.map(|group| group.num_rows()).collect();
        let rows = reader.get_row_iter(None).unwrap().map(|row| {
            let row = row.unwrap();
            let text = |column| row.get_string(column).unwrap().clone();
            (
                row.get_timestamp_millis(0).unwrap(),
                text(1),
                text(2),
                row.get_double(3).unwrap(),
                text(4),
            )
        });
        (groups, rows.collect())
    }
}
