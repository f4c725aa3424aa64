//! The command itself: what it takes, refuses and leaves behind.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::kept::{History, TICKS, begin};

/// `hubtop export` of a file, in a home without settings.
pub fn export(history: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubtop"));
    command
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("TZ", "UTC")
        .arg("export")
        .arg(history)
        .stdin(Stdio::null());
    command
}

pub fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

fn lines(command: &mut Command) -> Vec<String> {
    let text = String::from_utf8(succeeds(command).stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn refusal(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
fn a_stretch_and_some_metrics_can_be_chosen() {
    let history = History::write();
    let end = (begin().0 / 1000 + TICKS - 1).to_string();
    let told = lines(export(&history.file()).args(["--metric", "system.load.*"]));
    assert_eq!(told.len(), 1 + TICKS as usize - 200);
    assert!(told[1..].iter().all(|line| line.contains("system.load.1m")));
    let told = lines(
        export(&history.file()).args(["--metric", "*load*", "--since", "1m", "--until", &end]),
    );
    // The ticks lie 125 ms behind the seconds: that of the last second is after its end.
    assert_eq!(told.len(), 1 + 60, "{told:?}");
    let told = lines(export(&history.file()).args(["--metric", "nothing.*"]));
    assert_eq!(told, ["timestamp,metric,labels,value,unit"]);
}

#[test]
fn what_makes_no_sense_is_refused_in_one_line() {
    let history = History::write();
    for (arguments, words) in [
        (&["--since", "soon"][..], "--since"),
        (&["--what", "incidents", "--format", "parquet"], "--format"),
        (&["--what", "processes", "--metric", "*"], "--metric"),
    ] {
        let (code, said) = refusal(export(&history.file()).args(arguments));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
    }
    let (code, said) = refusal(&mut export(Path::new("/nonexistent/history.db")));
    assert_eq!(code, Some(1));
    assert!(
        said.contains("/nonexistent/history.db") && said.lines().count() == 1,
        "{said}"
    );
}

#[test]
fn a_file_bears_its_name_only_when_it_is_whole() {
    let history = History::write();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.csv");
    std::fs::write(&file, "what was there").unwrap();
    // More than the limit of a file's size: the write fails on the way.
    let limited = format!(
        "ulimit -f 8; trap '' XFSZ; exec {} export {} --output {}",
        env!("CARGO_BIN_EXE_hubtop"),
        history.file().display(),
        file.display()
    );
    let output = Command::new("bash")
        .args(["-c", &limited])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("export.csv"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "what was there");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    succeeds(export(&history.file()).arg("--output").arg(&file));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("timestamp,metric") && text.ends_with('\n'));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let history = History::write();
    let piped = format!(
        "set -o pipefail; {} export {} | head -1",
        env!("CARGO_BIN_EXE_hubtop"),
        history.file().display()
    );
    let output = Command::new("bash").args(["-c", &piped]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"timestamp,metric,labels,value,unit\n");
}
