//! Recordings: written by one hubtop, opened by another, and what is no recording.

use std::io::Read;
use std::process::Stdio;

use super::Person;

#[test]
fn a_recording_is_one_file_that_replay_prints() {
    let person = Person::new();
    let path = person.home.path().join("ticket.db");
    let file = path.to_str().unwrap();
    let answer = person.run(&["record", file, "--for", "2s", "--no-discover"]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(answer.err.starts_with("recorded "), "{}", answer.err);
    assert!(
        answer.err.contains("`hubtop replay ~/ticket.db`"),
        "{}",
        answer.err
    );
    let beside = std::fs::read_dir(person.home.path()).unwrap();
    let names: Vec<_> = beside
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("ticket"))
        .collect();
    assert_eq!(names, ["ticket.db"], "one file and nothing beside it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let shown = person.run(&["replay", file]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    assert!(
        shown.err.contains("the output is no terminal"),
        "{}",
        shown.err
    );
    let live = person.run(&["snapshot", "--no-discover"]);
    let host = |page: &str| page.split_whitespace().nth(1).unwrap().to_owned();
    assert_eq!(host(&shown.out), host(&live.out));
    assert!(shown.out.contains("\nProcesses: "), "{}", shown.out);
    // Of the time of the recording, however late it is now.
    let again = person.run(&["replay", file]);
    assert_eq!(shown.out, again.out);

    let second = person.run(&["record", file, "--for", "1s"]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains("is there already"), "{}", second.err);
}

#[cfg(unix)]
#[test]
fn a_recording_ends_whole_when_it_is_told_to_end() {
    let person = Person::new();
    let path = person.home.path().join("ticket.db");
    let mut command = person.command(&["record", path.to_str().unwrap(), "--no-discover"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    while !std::fs::metadata(&path).is_ok_and(|file| file.len() > 0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    let shown = person.run(&["replay", path.to_str().unwrap()]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
}

#[test]
fn what_is_no_recording_ends_in_one_line() {
    let person = Person::new();
    let words = person.home.path().join("words.db");
    std::fs::write(&words, "no history, only words".repeat(100)).unwrap();
    let absent = person.home.path().join("absent.db");
    for (arguments, code, word) in [
        (&["replay"][..], 1, "nothing has been kept yet"),
        (&["replay", absent.to_str().unwrap()], 1, "absent.db"),
        (&["replay", words.to_str().unwrap()], 1, "words.db"),
        (&["replay", "--speed", "0"], 2, "0.1 to 3600"),
        (&["replay", "--at", "14:28", "--speed", "2"], 2, "--speed"),
        (&["record", "x.db", "--last", "soon"], 2, "30s, 10m or 1h"),
        (
            &["record", "x.db", "--last", "1h", "--for", "1m"],
            2,
            "--for",
        ),
    ] {
        let answer = person.run(arguments);
        assert_eq!(answer.code, Some(code), "{arguments:?}: {}", answer.err);
        assert!(answer.err.contains(word), "{arguments:?}: {}", answer.err);
        assert_eq!(answer.out, "");
        if code == 1 {
            assert_eq!(answer.err.lines().count(), 1, "{}", answer.err);
        }
    }
}
