//! The rules of the house: who may import whom, how long a file may be, and what stands at its head.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says where and why"
)]

mod source;

use std::collections::BTreeSet;

use source::{File, all_files, root};

/// The folders of `src/`, and what each may import besides itself. An arrow of the path never runs back.
const MAY_IMPORT: [(&str, &[&str]); 13] = [
    ("model", &[]),
    // Beside the path: how connections are secured.
    ("net", &["model"]),
    ("collect", &["model", "net"]),
    ("store", &["model", "net"]),
    ("detect", &["model", "store"]),
    ("alert", &["model"]),
    ("notify", &["model", "net"]),
    (
        "pipeline",
        &["model", "collect", "store", "detect", "alert", "notify"],
    ),
    ("feed", &["model", "collect", "store", "alert", "pipeline"]),
    ("serve", &["model", "net", "feed"]),
    // What it shows of the store, it takes from the words that feed/ passes on.
    ("ui", &["model", "feed"]),
    ("config", &["model", "net", "collect", "store", "alert"]),
    (
        "cli",
        &[
            "model", "net", "collect", "store", "detect", "alert", "notify", "pipeline", "feed",
            "serve", "ui", "config",
        ],
    ),
];

/// Crates of the terminal, and the folders that may name them.
const TERMINAL_CRATES: [&str; 2] = ["ratatui", "crossterm"];
const MAY_NAME_THE_TERMINAL: [&str; 2] = ["ui", "cli"];

/// A file is read in one sitting.
const LONGEST_FILE: usize = 450;

#[test]
fn nobody_imports_what_stands_later_on_the_path() {
    let mut wrong = Vec::new();
    for file in all_files().iter().filter(|file| !file.is_test) {
        let Some(folder) = file.folder() else {
            continue;
        };
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| *name == folder)
            .unwrap_or_else(|| panic!("src/{folder}/ has no place on the path: give it one here"));
        for import in file.imports() {
            let whole = import.path.split("::").next().unwrap_or_default();
            if whole != folder && !allowed.contains(&whole) {
                wrong.push(format!(
                    "{}:{}: {folder}/ may not import crate::{}",
                    file.path, import.line, import.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_screen_knows_that_there_is_a_terminal() {
    let mut wrong = Vec::new();
    for file in all_files() {
        let folder = file.folder().unwrap_or_default();
        if MAY_NAME_THE_TERMINAL.contains(&folder) {
            continue;
        }
        for (line, word) in file.words() {
            if TERMINAL_CRATES.contains(&&*word) {
                wrong.push(format!("{}:{line}: names {word}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_file_is_read_in_one_sitting() {
    let long: Vec<String> = all_files()
        .iter()
        .map(|file| (&file.path, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(
        long.is_empty(),
        "over {LONGEST_FILE} lines:\n{}",
        long.join("\n")
    );
}

#[test]
fn a_module_begins_with_its_place() {
    let silent: Vec<String> = all_files()
        .into_iter()
        .filter(|file| !file.is_test && !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "without `//! …`:\n{}", silent.join("\n"));
}

#[test]
fn the_default_rules_are_those_known_by_name() {
    let text = std::fs::read_to_string(root().join("assets/rules/default.toml")).unwrap();
    let rules: toml::Table = text.parse().unwrap();
    let names: BTreeSet<&str> = rules["rule"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["name"].as_str().unwrap())
        .collect();
    let known = BTreeSet::from([
        "high_cpu_usage",
        "critical_cpu_usage",
        "high_memory_usage",
        "critical_memory_usage",
        "disk_space_low",
        "disk_space_critical",
        "high_response_time",
        "critical_response_time",
        "high_error_rate",
        "critical_error_rate",
        // Of objectives, by the window of their burn rate.
        "slo_burn_1h",
        "slo_burn_6h",
        "slo_burn_1d",
        "slo_burn_3d",
    ]);
    assert_eq!(names, known);
    assert_eq!(rules["rule"].as_array().unwrap().len(), known.len());
}

/// What the tests above rest on: that an import is seen however it is written.
#[test]
fn imports_are_found_however_they_are_written() {
    let text = r#"
//! [`crate::serve`] in a comment is no import.
use crate::model::Frame;
use crate::{store::hot, feed::{Feed, Link}};
pub(crate) fn f() -> crate::alert::Rule { g("crate::cli"); super::super::super::pipeline::start() }
#[cfg(test)]
mod tests { use crate::collect::Source; }
#[cfg(test)]
use crate::notify;
fn h() { let _ = crate::detect::Verdict; }
"#;
    let file = File::of("src/ui/tabs/x.rs", text);
    let found: Vec<(usize, String)> = file
        .imports()
        .into_iter()
        .map(|import| (import.line, import.path))
        .collect();
    let expected = [
        (3, "model::Frame"),
        (4, "store::hot"),
        (4, "feed"),
        (5, "alert::Rule"),
        (5, "pipeline::start"),
        (10, "detect::Verdict"),
    ];
    assert_eq!(
        found,
        expected
            .map(|(line, path)| (line, path.to_owned()))
            .to_vec()
    );
}
