//! What is done to the rows chosen, and when it is not.

use super::*;

#[test]
fn nothing_is_done_before_the_second_yes() {
    let mut desk = Desk::new();
    desk.press("x enter");
    assert!(
        desk.screen().contains("Send SIGTERM to python (20)?"),
        "{}",
        desk.screen()
    );
    desk.press("enter");
    assert_eq!(desk.ordered(), [], "Enter answers No");
    desk.press("x enter n x enter esc x enter q");
    assert_eq!(desk.ordered(), []);
    desk.press("x enter down enter");
    let target = ProcessKey {
        pid: 20,
        started: 20,
    };
    assert_eq!(
        desk.ordered(),
        [Command::Signal {
            targets: vec![target],
            signal: SIGNALS[0]
        }]
    );
}

#[test]
fn marked_rows_are_meant_together() {
    let mut desk = Desk::new();
    desk.press("space space x enter");
    let screen = desk.screen();
    assert!(
        screen.contains("python (20)") && screen.contains("python (30)"),
        "{screen}"
    );
    desk.press("y");
    let [Command::Signal { targets, .. }] = &desk.ordered()[..] else {
        panic!("one order")
    };
    assert_eq!(
        targets.iter().map(|target| target.pid).collect::<Vec<_>>(),
        [20, 30]
    );
}

#[test]
fn read_only_and_the_past_change_nothing() {
    let mut desk = Desk::with(|options| options.read_only = true);
    desk.press("x enter y");
    assert_eq!(desk.ordered(), []);
    let mut desk = Desk::new();
    desk.press("[ x");
    assert!(
        desk.footer().contains("this is 14:32:06; End is live"),
        "{}",
        desk.footer()
    );
    desk.press("enter y");
    assert_eq!(desk.ordered(), []);
}
