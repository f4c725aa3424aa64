//! Actions that move through time.

use std::time::Duration;

use super::{Action, Scope};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

const fn everywhere(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    footer: Option<(u8, &'static str)>,
    run: fn(&mut crate::ui::app::App),
) -> Action {
    Action {
        name,
        doc,
        keys,
        scope: Scope::Everywhere,
        footer,
        run,
    }
}

pub(super) const ACTIONS: &[Action] = &[
    everywhere(
        "pause",
        "Hold the picture, figures are still collected; a recording plays on",
        &["p"],
        Some((8, "pause")),
        |app| {
            app.toggle_pause();
        },
    ),
    everywhere(
        "step-back",
        "A tick back in time, the whole screen with it",
        &["["],
        Some((9, "rewind")),
        |app| app.tick_back(),
    ),
    everywhere(
        "step-forward",
        "A tick forward in time",
        &["]"],
        Some((2, "forward")),
        |app| app.tick_forward(),
    ),
    everywhere(
        "minute-back",
        "A minute back in time",
        &["{"],
        None,
        |app| app.step_back(MINUTE),
    ),
    everywhere(
        "minute-forward",
        "A minute forward in time",
        &["}"],
        None,
        |app| app.step_forward(MINUTE),
    ),
    everywhere("hour-back", "An hour back in time", &["("], None, |app| {
        app.step_back(HOUR)
    }),
    everywhere(
        "hour-forward",
        "An hour forward in time",
        &[")"],
        None,
        |app| app.step_forward(HOUR),
    ),
    everywhere(
        "go-to-moment",
        "Go to a time: 14:28, -34m, yesterday 9:00",
        &["@"],
        Some((3, "time")),
        |app| app.open_moment(),
    ),
    everywhere(
        "next-alert",
        "To the moment when the next alert fired",
        &["n"],
        Some((3, "next alert")),
        |app| app.jump_to_alert(true),
    ),
    everywhere(
        "previous-alert",
        "To the moment when the alert before fired; from the present, the last one",
        &["N"],
        None,
        |app| app.jump_to_alert(false),
    ),
    everywhere(
        "live",
        "Back to the present; of a recording, to its end",
        &["end"],
        Some((2, "live")),
        |app| app.go_live(),
    ),
];

/// Whether an action goes to another moment and does nothing else.
pub(in crate::ui) fn is_step(action: &Action) -> bool {
    const STEPS: [&str; 8] = [
        "step-back",
        "step-forward",
        "minute-back",
        "minute-forward",
        "hour-back",
        "hour-forward",
        "next-alert",
        "previous-alert",
    ];
    STEPS.contains(&action.name)
}
