//! The real program in a real pseudo-terminal, as a person uses it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where and why"
)]
#![cfg(unix)]

mod common;

use std::os::unix::process::ExitStatusExt;

use common::{HUBTOP, Session, Sleeper, wait};
use portable_pty::CommandBuilder;

#[test]
fn it_starts_paints_resizes_switches_and_quits() {
    let mut session = Session::hubtop(&[]);
    session.wait_for("LIVE");
    session.wait_for("Processes");
    session.resize(80, 24);
    session.wait_until("the footer at the bottom of 80x24", |screen| {
        screen
            .rows(0, 80)
            .nth(23)
            .is_some_and(|row| row.contains("? help"))
    });
    session.resize(20, 5);
    session.wait_for("needs");
    session.resize(200, 60);
    session.wait_for("Network");
    for (key, shown) in [
        ("2", "API"),
        ("3", "Cache"),
        ("4", "Queries"),
        ("5", "Alerts"),
        ("1", "Processes"),
    ] {
        session.type_in(key);
        session.wait_until(shown, |screen| {
            let contents = screen.contents();
            contents
                .lines()
                .last()
                .is_some_and(|footer| footer.contains(shown))
                || contents.contains(shown)
        });
    }
    session.type_in("q");
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.assert_given_back();
}

#[test]
fn every_key_is_shown_at_once_and_not_with_the_next_frame() {
    // Frames are further apart than the test waits.
    let mut session = Session::hubtop(&["--tick", "60s"]);
    session.wait_for("Processes");
    for _ in 0..4 {
        for (key, footer) in [("5", "› Alerts"), ("1", "› Host")] {
            session.type_in(key);
            session.wait_for(footer);
        }
    }
    session.type_in("q");
    assert_eq!(session.wait_exit().exit_code(), 0);
}

#[test]
fn it_kills_what_was_confirmed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("victim{}", std::process::id());
    let mut victim = Sleeper::called(&name, folder.path());
    let mut session = Session::hubtop(&[]);
    session.wait_for("Processes");
    session.type_in(&format!("/{name}\r"));
    session.wait_for(&victim.0.id().to_string());
    session.wait_for("1 of");
    // The answer that is selected is No.
    session.type_in("x");
    session.wait_for("SIGTERM");
    session.type_in("\r");
    session.wait_for("No, do nothing");
    assert!(
        session.contents().contains(&format!("({})", victim.0.id())),
        "the question names the target"
    );
    session.type_in("\r");
    session.wait_gone("No, do nothing");
    assert!(victim.0.try_wait().unwrap().is_none(), "nothing was done");
    session.type_in("x");
    session.wait_for("SIGTERM");
    session.type_in("\r");
    session.wait_for("No, do nothing");
    session.type_in("y");
    let mut status = None;
    wait("the victim's end", || {
        status = victim.0.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().signal(), Some(15));
    // The first Esc clears the filter and does not quit.
    session.type_in("\x1b");
    session.wait_for("filter: –");
    session.type_in("q");
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.assert_given_back();
}

#[test]
fn nothing_can_be_done_in_read_only_mode() {
    let mut session = Session::hubtop(&["--read-only"]);
    session.wait_for("READ-ONLY");
    session.wait_for("Processes");
    session.type_in("x");
    session.wait_for("read-only: nothing can be killed or changed");
    session.type_in("\x03");
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.assert_given_back();
}

#[test]
fn a_pasted_line_presses_no_keys() {
    let mut session = Session::hubtop(&[]);
    session.wait_for("Processes");
    session.type_in("\x1b[200~q\n5q\x1b[201~");
    session.wait_for("pasted text is only taken where something is typed");
    session.type_in("q");
    assert_eq!(session.wait_exit().exit_code(), 0);
}

#[test]
fn names_from_outside_reach_the_terminal_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let id = std::process::id();
    let _evil = Sleeper::called(&format!("x{id}\x1b]0;owned\x07日本🚀"), folder.path());
    let mut session = Session::sized(&[], 200, 40);
    session.wait_for("Processes");
    session.type_in(&format!("/x{id}\r"));
    session.wait_for(&format!("x{id}␛]0;owned␇"));
    let raw = session.raw();
    assert!(
        !raw.windows(9).any(|bytes| bytes == b"\x1b]0;owned"),
        "the sequence was written raw"
    );
    session.type_in("\x03");
    session.wait_exit();
}

#[test]
fn signals_end_it_with_the_terminal_given_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut session = Session::hubtop(&[]);
        session.wait_for("Processes");
        kill(signal, session.pid());
        assert_eq!(session.wait_exit().exit_code(), code, "SIG{signal}");
        session.assert_given_back();
    }
}

#[test]
fn a_lost_terminal_ends_it() {
    let mut session = Session::hubtop(&[]);
    session.wait_for("Processes");
    session.hang_up();
    session.wait_exit();
}

#[test]
fn a_lost_terminal_ends_it_when_hangups_are_ignored() {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\"", HUBTOP]);
    let mut session = Session::start(command, 120, 40);
    session.wait_for("Processes");
    session.hang_up();
    session.wait_exit();
}

#[test]
fn it_can_be_suspended_and_comes_back() {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.env("PS1", "shell> ");
    let mut session = Session::start(command, 120, 40);
    session.wait_for("shell>");
    // The shell's own would be taken for hubtop's.
    session.type_in("bind 'set enable-bracketed-paste off'\n");
    session.type_in(&format!("{HUBTOP}\n"));
    session.wait_for("Processes");
    session.type_in("\x1a");
    session.wait_for("Stopped");
    session.assert_given_back();
    session.type_in("fg\n");
    session.wait_for("Processes");
    session.type_in("5");
    session.wait_for("› Alerts");
    session.type_in("q");
    session.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    session.type_in("echo status $?\n");
    session.wait_for("status 0");
    session.assert_given_back();
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "panics_on_purpose", "--ignored", "--nocapture"]);
    let mut session = Session::start(command, 120, 40);
    session.wait_exit();
    session.assert_given_back();
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    assert!(raw.contains("\x1b[?1049h"), "it took the terminal");
    let report = raw.rfind("on purpose").expect("the report is printed");
    assert!(
        raw.rfind("\x1b[?1049l").is_some_and(|left| left < report),
        "the report is readable afterwards"
    );
}

#[test]
#[ignore = "started in a pseudo-terminal of its own by a_panic_gives_the_terminal_back"]
fn panics_on_purpose() {
    let _terminal = hubtop::ui::term::Terminal::take(true).unwrap();
    panic!("on purpose");
}

#[test]
fn the_past_can_be_visited() {
    let mut session = Session::hubtop(&[]);
    session.wait_for("LIVE");
    session.wait_for("Processes");
    // There is a tick to go back to once two seconds were held.
    session.type_in("p");
    session.wait_for("PAUSED 00:02");
    session.type_in("p");
    session.wait_for("LIVE");
    session.type_in("[");
    session.wait_for("REWIND");
    session.type_in("x");
    session.wait_for("; End is live");
    session.type_in("\x1b[F");
    session.wait_for("LIVE");
    session.type_in("p");
    session.wait_for("PAUSED");
    session.type_in("p");
    session.wait_for("LIVE");
    session.type_in("\x03");
    assert_eq!(session.wait_exit().exit_code(), 0);
}

#[test]
fn hours_of_a_past_are_gone_through() {
    let mut session = Session::hubtop(&["demo"]);
    session.wait_for("LIVE");
    session.wait_for("Processes");
    session.type_in("{{{{{");
    session.wait_for("(−5m)");
    session.wait_for(" now");
    session.type_in("@-2h");
    session.wait_for("2h00m ago");
    session.type_in("\r");
    session.wait_for("(−2h00m)");
    session.type_in("n");
    session.wait_for("fired at");
    session.wait_gone("(−2h00m)");
    session.type_in("\x1b[F");
    session.wait_for("LIVE");
    session.type_in("q");
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.assert_given_back();
}

#[test]
fn themes_are_worn_while_they_are_chosen() {
    let mut session = Session::hubtop(&["demo"]);
    session.wait_for("LIVE");
    session.type_in(":theme nord");
    session.wait_for("theme nord");
    session.type_in("\r");
    session.wait_gone("Find anything");
    session.type_in("T");
    session.wait_for("worn now");
    session.type_in("\x1b");
    session.wait_gone("worn now");
    session.type_in("q");
    assert_eq!(session.wait_exit().exit_code(), 0);
}

#[test]
fn the_mouse_chooses_tabs_and_columns() {
    let mut session = Session::hubtop(&["demo"]);
    session.wait_for("3 Cache");
    let (row, column) = find(&session, "3 Cache");
    session.type_in(&format!("\x1b[<0;{};{}M", column + 2, row + 1));
    session.wait_for("Instances");
    session.type_in("\x1b[<0;2;3M");
    session.wait_for("Processes");
    let (row, column) = find(&session, "MEM%");
    session.type_in(&format!("\x1b[<0;{};{}M", column + 2, row + 1));
    session.wait_for("sort MEM▼");
    session.type_in("\x03");
    session.wait_exit();
}

#[test]
fn dumb_terminals_and_pipes_get_the_text() {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "TERM=dumb \"$0\"", HUBTOP]);
    let mut session = Session::start(command, 120, 200);
    assert_eq!(session.wait_exit().exit_code(), 0);
    let contents = String::from_utf8_lossy(&session.raw()).into_owned();
    assert!(contents.contains("TERM is dumb"), "{contents}");
    assert!(!contents.contains('\x1b'), "no escape sequence is written");
}

fn find(session: &Session, text: &str) -> (usize, usize) {
    session.wait_for(text);
    let contents = session.contents();
    let (row, line) = contents
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(text))
        .expect("it is on the screen");
    let before = &line[..line.find(text).unwrap()];
    (row, before.chars().count())
}

fn kill(signal: &str, pid: u32) {
    let done = std::process::Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}
