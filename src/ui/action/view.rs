//! Actions that change how things are shown.

use super::{Action, Scope};

const fn everywhere(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    run: fn(&mut crate::ui::app::App),
) -> Action {
    Action {
        name,
        doc,
        keys,
        scope: Scope::Everywhere,
        footer: None,
        run,
    }
}

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "next-list",
        doc: "Next list or panel",
        keys: &["tab"],
        scope: Scope::Everywhere,
        footer: Some((5, "next list")),
        run: |app| app.next_list(1),
    },
    everywhere(
        "previous-list",
        "List or panel before",
        &["shift-tab"],
        |app| app.next_list(-1),
    ),
    everywhere("next-panel", "Panel to the right", &["l", "right"], |app| {
        app.focus_panel(1)
    }),
    everywhere(
        "previous-panel",
        "Panel to the left",
        &["h", "left"],
        |app| app.focus_panel(-1),
    ),
    everywhere("zoom", "This panel full screen, and back", &["z"], |app| {
        app.toggle_zoom()
    }),
    everywhere(
        "longer-range",
        "Charts show more time: 5m, 1h, 6h, 24h",
        &[">", "."],
        |app| app.change_range(1),
    ),
    everywhere(
        "shorter-range",
        "Charts show less time",
        &["<", ","],
        |app| app.change_range(-1),
    ),
    everywhere("faster", "Shorter tick, down to 250 ms", &["-"], |app| {
        app.change_tick(false)
    }),
    everywhere("slower", "Longer tick, up to 60 s", &["+", "="], |app| {
        app.change_tick(true)
    }),
    everywhere("themes", "Choose a theme, seeing each", &["T"], |app| {
        app.open_themes()
    }),
    everywhere(
        "export",
        "Write what is on the screen to a file",
        &["e"],
        |app| app.export_screen(),
    ),
];
