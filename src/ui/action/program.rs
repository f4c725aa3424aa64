//! Actions of the program as a whole.

use super::{Action, Scope};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "help",
        doc: "The keys that work here",
        keys: &["?", "f1"],
        scope: Scope::Everywhere,
        footer: Some((1, "help")),
        run: |app| app.open_help(),
    },
    Action {
        name: "palette",
        doc: "Find any action, place or theme by a few letters",
        keys: &[":", "ctrl-p"],
        scope: Scope::Everywhere,
        footer: Some((6, "command")),
        run: |app| app.open_palette(),
    },
    Action {
        name: "back",
        doc: "Back: leave a detail, a zoom or the past; at the root, quit",
        keys: &["q"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.back_or_quit(),
    },
    Action {
        name: "escape",
        doc: "Back: clear a filter or marks, leave a detail or a zoom; never quits",
        keys: &["esc"],
        scope: Scope::Everywhere,
        footer: Some((2, "back")),
        run: |app| {
            app.escape();
        },
    },
    Action {
        name: "quit",
        doc: "Quit, wherever you are",
        keys: &["ctrl-c"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.quit(),
    },
    Action {
        name: "suspend",
        doc: "Give the terminal back to the shell until `fg`",
        keys: &["ctrl-z"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.suspend(),
    },
    Action {
        name: "redraw",
        doc: "Draw the whole screen anew",
        keys: &["ctrl-l"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.redraw(),
    },
    Action {
        name: "tab-host",
        doc: "Go to Host: this machine: CPU, memory, disks, network, processes",
        keys: &["1"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.show_tab(0),
    },
    Action {
        name: "tab-api",
        doc: "Go to API: latency and errors by route",
        keys: &["2"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.show_tab(1),
    },
    Action {
        name: "tab-cache",
        doc: "Go to Cache: hit rates, memory and latency of caches",
        keys: &["3"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.show_tab(2),
    },
    Action {
        name: "tab-queries",
        doc: "Go to Queries: statements, activity and locks of databases",
        keys: &["4"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.show_tab(3),
    },
    Action {
        name: "tab-alerts",
        doc: "Go to Alerts: what fires, what fired, and the rules",
        keys: &["5"],
        scope: Scope::Everywhere,
        footer: None,
        run: |app| app.show_tab(4),
    },
];
