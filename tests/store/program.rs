//! The program itself: it keeps while the screen is open, and tells what it has.

use std::path::Path;
use std::process::{Command, Output};

use portable_pty::CommandBuilder;

use super::common::{HUBTOP, Session};

fn hubtop(state: &Path, arguments: &[&str]) -> Output {
    Command::new(HUBTOP)
        .args(arguments)
        .env("XDG_STATE_HOME", state)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

fn screen(state: &Path, arguments: &[&str]) -> Session {
    let mut command = CommandBuilder::new(HUBTOP);
    command.args(arguments);
    command.env("XDG_STATE_HOME", state);
    command.env("HUBTOP_HISTORY_ENABLED", "true");
    Session::start(command, 120, 40)
}

#[test]
fn the_screen_keeps_and_the_store_tells() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let absent = hubtop(state, &["store", "info"]);
    assert_eq!(absent.status.code(), Some(1));
    assert!(
        said(&absent).contains("nothing has been kept yet"),
        "{}",
        said(&absent)
    );

    let mut session = screen(state, &["--no-discover"]);
    session.wait_for("LIVE");
    super::wait_for("something is kept", || {
        said(&hubtop(state, &["store", "info"])).contains("every tick")
            && said(&hubtop(state, &["store", "info"])).contains("last seen")
    });
    let info = said(&hubtop(state, &["store", "info"]));
    assert!(info.contains("PID "), "{info}");
    let refused = hubtop(state, &["store", "compact"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("quit it first"),
        "{}",
        said(&refused)
    );
    session.type_in("\x03");
    session.wait_exit();

    let info = said(&hubtop(state, &["store", "info"]));
    assert!(info.contains("nobody now"), "{info}");
    assert!(!info.contains("last seen"), "it ended well: {info}");
    let checked = hubtop(state, &["store", "check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    assert_eq!(hubtop(state, &["store", "compact"]).status.code(), Some(0));
    let copy = folder.path().join("copy.db");
    let exported = hubtop(
        state,
        &["store", "export", copy.to_str().unwrap(), "--since", "1h"],
    );
    assert_eq!(exported.status.code(), Some(0), "{}", said(&exported));
    let checked = hubtop(state, &["store", "check", copy.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}

#[test]
fn nothing_is_kept_where_that_is_not_wished_nor_of_a_story() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--no-discover", "--no-history"][..], &["demo"]] {
        let mut session = screen(folder.path(), arguments);
        session.wait_for("LIVE");
        session.type_in("\x03");
        session.wait_exit();
        assert!(!folder.path().join("hubtop").exists(), "{arguments:?}");
    }
}
