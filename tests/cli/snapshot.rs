//! `hubtop snapshot` against what `/proc` says.

use std::collections::BTreeSet;
use std::fs;
use std::io::pipe;

use hubtop::model::Formatter;
use serde_json::Value;

use super::Person;
use super::schema::violations;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../assets/snapshot.schema.json")).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let mut all = vec!["snapshot", "--format", "json"];
    all.extend(arguments);
    let answer = Person::new().run(&all);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    serde_json::from_str(&answer.out).unwrap()
}

fn metric(snapshot: &Value, name: &str) -> Option<f64> {
    let metrics = snapshot["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["metric"] == name)?["value"].as_f64()
}

/// The numbers of the processes that `/proc` lists now.
#[cfg(target_os = "linux")]
fn process_numbers() -> BTreeSet<u64> {
    let names = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.parse().ok()).collect()
}

#[cfg(target_os = "linux")]
fn memory_total() -> f64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("MemTotal:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        * 1024.0
}

#[cfg(target_os = "linux")]
#[test]
fn json_says_what_proc_says() {
    let before = process_numbers();
    let snapshot = json(&[]);
    let after = process_numbers();

    assert_eq!(
        metric(&snapshot, "system.memory.total_bytes"),
        Some(memory_total())
    );
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap();
    let cores = cpuinfo
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let by_core = snapshot["metrics"].as_array().unwrap().iter();
    let by_core = by_core
        .filter(|m| m["metric"] == "system.cpu.core.usage_percent" && m["value"].is_number());
    assert_eq!(by_core.count(), cores);

    let listed = snapshot["processes"].as_array().unwrap().iter();
    let listed: BTreeSet<u64> = listed
        .map(|process| process["pid"].as_u64().unwrap())
        .collect();
    let throughout: BTreeSet<u64> = before.intersection(&after).copied().collect();
    assert!(
        throughout.is_subset(&listed),
        "missing: {:?}",
        &throughout - &listed
    );
    assert_eq!(
        metric(&snapshot, "system.process.count"),
        Some(listed.len() as f64)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn json_names_the_host() {
    let snapshot = json(&["--wait", "0.3"]);
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(snapshot["host"]["name"], name.trim());
    assert_eq!(snapshot["demo"], false);
    let at = snapshot["at"].as_str().unwrap();
    let parsed = chrono::DateTime::parse_from_rfc3339(at).unwrap();
    assert_eq!(snapshot["at_ms"], parsed.timestamp_millis());
}

#[test]
fn json_has_exactly_the_documented_keys() {
    let schema = schema();
    for arguments in [&[][..], &["--demo", "--wait", "0"]] {
        let snapshot = json(arguments);
        let wrong = violations(&schema, &snapshot, "$");
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:#?}");
    }
}

#[test]
fn every_table_of_the_story_is_in_the_json() {
    let snapshot = json(&["--demo", "--wait", "0"]);
    assert_eq!(snapshot["demo"], true);
    let tables = schema()["properties"].as_object().unwrap().clone();
    for (name, _) in tables
        .iter()
        .filter(|(_, of)| of["type"] == serde_json::json!(["array", "null"]))
    {
        let rows = snapshot[name].as_array().map_or(0, Vec::len);
        assert!(rows > 0, "{name} is empty");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn text_has_the_same_figures() {
    let text = Person::new().run(&["snapshot"]);
    assert_eq!((text.code, text.err.as_str()), (Some(0), ""));
    let total = format!("of {}", Formatter::default().bytes(memory_total()));
    assert!(text.out.contains(&total), "{total} in {}", text.out);
    for part in [
        "hubtop  ",
        "\nHost\n",
        "\nProcesses: ",
        "\nAlerts: ",
        "\nSources: ",
    ] {
        assert!(text.out.contains(part), "{part:?} in {}", text.out);
    }
    let si = Person::new().run(&["snapshot", "--wait", "0", "--si"]).out;
    let total = format!("of {}", Formatter { si: true }.bytes(memory_total()));
    assert!(si.contains(&total), "{total} in {si}");
}

#[test]
fn text_is_ascii_where_the_locale_is() {
    let plain = Person::new().run_with("LC_ALL", "C", &["snapshot", "--demo", "--wait", "0"]);
    assert!(plain.out.is_ascii(), "{}", plain.out);
    let fine = Person::new().run(&["snapshot", "--demo", "--wait", "0"]);
    assert!(
        fine.out.contains('µ') || fine.out.contains('°'),
        "{}",
        fine.out
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = Person::new().command(&["snapshot", "--wait", "0"]);
    let output = command.stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = Person::new().command(&["snapshot", "--wait", "0"]);
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.starts_with("hubtop: the output can't be written: "),
        "{said}"
    );
}
