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
        "Hold the picture; figures are still collected",
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
        |app| {
            app.step_back(app.tick());
        },
    ),
    everywhere(
        "step-forward",
        "A tick forward in time",
        &["]"],
        Some((2, "forward")),
        |app| app.step_forward(app.tick()),
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
        "live",
        "Back to the present",
        &["end"],
        Some((2, "live")),
        |app| app.go_live(),
    ),
];
