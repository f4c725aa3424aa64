//! Help, completions, the manual page, the themes.

use std::io::Write;
use std::process::{Command, Stdio};

use super::Person;

#[test]
fn the_help_is_the_one_that_is_kept() {
    let person = Person::new();
    let subcommands = [
        "",
        "snapshot",
        "doctor",
        "demo",
        "replay",
        "record",
        "config",
        "themes",
        "completions",
        "man",
    ];
    for name in subcommands {
        let arguments: Vec<&str> = [name, "--help"]
            .into_iter()
            .filter(|a| !a.is_empty())
            .collect();
        let answer = person.run(&arguments);
        assert_eq!(answer.code, Some(0));
        let kept = if name.is_empty() { "hubtop" } else { name };
        insta::assert_snapshot!(format!("help_{kept}"), answer.out);
    }
}

#[test]
fn wrong_use_names_the_right_word() {
    let person = Person::new();
    for (arguments, word) in [
        (&["snapshot", "--fromat", "json"][..], "--format"),
        (&["snapshto"], "snapshot"),
        (&["snapshot", "--wait", "-1"], "--wait"),
        (&["snapshot", "--wait", "nan"], "takes seconds"),
        (&["snapshot", "--seed", "2"], "--demo"),
    ] {
        let answer = person.run(arguments);
        assert_eq!(answer.code, Some(2), "{arguments:?}");
        assert!(answer.err.contains(word), "{arguments:?}: {}", answer.err);
        assert_eq!(answer.out, "");
    }
}

/// Whether `shell -n` can read the script; shells that are not here are left out.
fn parses(shell: &str, script: &str) -> bool {
    let child = Command::new(shell).arg("-n").stdin(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        return true;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    child.wait().unwrap().success()
}

#[test]
fn shells_can_read_their_completions() {
    let person = Person::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let answer = person.run(&["completions", shell]);
        assert_eq!(answer.code, Some(0));
        assert!(answer.out.contains("read-only"), "{shell}");
        assert!(
            shell == "powershell" || shell == "elvish" || parses(shell, &answer.out),
            "{shell}"
        );
    }
}

#[test]
fn the_manual_page_is_roff() {
    let answer = Person::new().run(&["man"]);
    assert_eq!(answer.code, Some(0));
    // What is above the title sets the apostrophe for different formatters.
    let first = answer
        .out
        .lines()
        .find(|line| line.starts_with(".T"))
        .unwrap();
    assert!(first.starts_with(".TH hubtop 1"), "{first}");
    assert!(answer.out.contains(".SH SYNOPSIS"));
    assert!(answer.out.contains("\\-\\-read\\-only"));
}

#[test]
fn themes_are_listed_one_a_line_for_scripts() {
    let answer = Person::new().run(&["themes"]);
    let names: Vec<&str> = answer.out.lines().collect();
    assert_eq!(answer.code, Some(0));
    assert!(names.len() >= 8, "{names:?}");
    assert!(names.contains(&"hubtop-dark") && names.contains(&"high-contrast"));
    assert!(!answer.out.contains('\u{1b}'));
}

#[test]
fn a_broken_theme_file_is_a_warning() {
    let person = Person::new();
    let folder = person.home.path().join("hubtop/themes");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("mine.toml"),
        "about = \"mine\"\n[roles]\nwarnign = { bold = true }\n",
    )
    .unwrap();
    let answer = person.run(&["themes"]);
    assert_eq!(answer.code, Some(0));
    assert!(
        answer.out.lines().any(|name| name == "mine"),
        "{}",
        answer.out
    );
    assert!(answer.err.contains("mine.toml:3"), "{}", answer.err);
}
