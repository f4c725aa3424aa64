//! Each form by a reader of its own.

use std::path::Path;
use std::process::Command;

use crate::command::{export, succeeds};
use crate::kept::{History, Sample, begin};
use crate::servers::fetched;
use crate::servers::prometheus::{Engine, Kind, promtool};

/// What a reader of Python's finds in a file.
fn read(form: &str, file: &Path) -> Vec<Sample> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/read.py");
    let libraries = ["pages-python", "pyarrow"].map(|name| {
        let place = fetched().join(name);
        assert!(
            place.is_dir(),
            "{} is missing: `scripts/servers` fetches it",
            place.display()
        );
        place.display().to_string()
    });
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .args([form.as_ref(), file.as_os_str()])
        .env("PYTHONPATH", libraries.join(":"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{form}: {said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let sample = |line: &str| {
        let (at, metric, labels, value): (i64, String, serde_json::Map<_, _>, String) =
            serde_json::from_str(line).unwrap();
        let labels = labels.into_iter();
        let labels = labels.map(|(name, value): (String, serde_json::Value)| {
            (name, value.as_str().unwrap().to_owned())
        });
        let value: f64 = value.parse().unwrap();
        (at, metric, labels.collect(), value.to_bits())
    };
    let mut samples: Vec<Sample> = text.lines().map(sample).collect();
    samples.sort();
    samples
}

#[test]
fn every_form_holds_what_was_kept_to_the_bit() {
    let history = History::write();
    for form in ["csv", "json", "openmetrics", "parquet"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("export");
        succeeds(
            export(&history.file())
                .args(["--format", form, "--output"])
                .arg(&file),
        );
        let mut expected = history.samples.clone();
        if form == "openmetrics" {
            // The reader can't tell which of its underscores were dots.
            for (_, metric, _, _) in &mut expected {
                *metric = metric.replace('_', ".");
            }
            expected.sort();
        }
        let told = read(form, &file);
        assert_eq!(told.len(), expected.len(), "{form}");
        for (told, expected) in told.iter().zip(&expected) {
            assert_eq!(told, expected, "{form}");
        }
    }
}

#[test]
fn prometheus_takes_an_export_as_blocks_of_its_own() {
    let history = History::write();
    let folder = crate::servers::folder();
    let file = folder.path().join("export.om");
    succeeds(
        export(&history.file())
            .args(["--format", "openmetrics", "--output"])
            .arg(&file),
    );
    let mut engine = Engine::start(Kind::Prometheus);
    engine.stop();
    let blocks = engine.data().join("data");
    let made = Command::new(promtool())
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([&file, &blocks])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    engine.own_data();
    engine.go_on();
    let at = (begin().0 + 100_000) as f64 / 1000.0;
    let answer = engine.query_at("count({host=\"web-1\"})", at);
    assert_eq!(answer["data"]["result"][0]["value"][1], "13");
}
