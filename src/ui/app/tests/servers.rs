//! What is done on watched servers, by keys.

use super::Desk;
use crate::model::{Command, Focus, ServerDeed};

/// The newest focus that was ordered.
fn focus(desk: &Desk) -> Option<Focus> {
    let orders = desk.orders.lock().unwrap();
    orders.iter().rev().find_map(|order| match order {
        Command::Focus(focus) => Some(focus.clone()),
        _ => None,
    })
}

#[test]
fn a_session_is_ended_only_after_its_question() {
    let mut desk = Desk::new();
    desk.press("4 tab tab x");
    assert!(desk.screen().contains("end session"));
    desk.press("down enter");
    assert!(desk.screen().contains("Sure?") && desk.ordered().is_empty());
    desk.press("enter");
    assert!(desk.ordered().is_empty(), "the default answer is No");
    desk.press("x down enter y");
    let ordered = desk.ordered();
    let [
        Command::Server {
            source,
            deed: ServerDeed::EndSessions(keys),
        },
    ] = &ordered[..]
    else {
        panic!("{ordered:?}");
    };
    assert_eq!((&**source, keys.len()), ("pg@5432/shop", 1));
}

#[test]
fn what_is_open_is_asked_for_and_nothing_else() {
    let mut desk = Desk::new();
    desk.press("4 enter");
    assert!(matches!(focus(&desk), Some(Focus::Statement(..))));
    desk.press("x enter y");
    let ordered = desk.ordered();
    assert!(
        matches!(
            &ordered[..],
            [Command::Server {
                deed: ServerDeed::MeasurePlan(_),
                ..
            }]
        ),
        "{ordered:?}"
    );
    desk.press("esc");
    assert_eq!(focus(&desk), Some(Focus::None));
    desk.press("3 enter");
    assert!(matches!(focus(&desk), Some(Focus::Cache(_))));
    desk.press("1");
    assert_eq!(focus(&desk), Some(Focus::None));
}

#[test]
fn nothing_is_done_in_the_past_or_read_only() {
    let mut desk = Desk::new();
    desk.press("4 tab tab p x");
    assert!(desk.footer().contains("paused"), "{}", desk.footer());
    let mut desk = Desk::with(|options| options.read_only = true);
    desk.press("3 enter x");
    assert!(desk.footer().contains("read-only"), "{}", desk.footer());
    assert!(desk.ordered().is_empty());
}

#[test]
fn words_that_are_scrolled_have_no_columns() {
    let mut desk = Desk::new();
    desk.press("4 enter tab");
    assert!(!desk.footer().contains("sort"), "{}", desk.footer());
    desk.press("s");
    assert!(
        desk.footer().contains("sort does not work here"),
        "{}",
        desk.footer()
    );
    desk.press("esc i");
    assert!(desk.screen().contains("since the statistics were reset"));
}
