//! Actions on the selected row, and those that only some tabs have.

use super::{Action, Scope};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "open",
        doc: "Go deeper into the selected row",
        keys: &["enter"],
        scope: Scope::List,
        footer: Some((2, "open")),
        run: |app| app.open_row(),
    },
    Action {
        name: "act",
        doc: "What can be done to the selected or marked rows; asks before it does anything",
        keys: &["x"],
        scope: Scope::List,
        footer: Some((5, "act")),
        run: |app| app.open_deeds(),
    },
    Action {
        name: "copy",
        doc: "Send the row to the terminal's clipboard (OSC 52)",
        keys: &["c", "y"],
        scope: Scope::List,
        footer: None,
        run: |app| app.copy_row(),
    },
    Action {
        name: "tree",
        doc: "Children under their parents, or a flat list",
        keys: &["t"],
        scope: Scope::Tab,
        footer: Some((7, "tree")),
        run: |app| app.tab_action("tree"),
    },
    Action {
        name: "heat-map",
        doc: "Latency as a heat-map: how many took how long, or as percentiles",
        keys: &["m"],
        scope: Scope::Tab,
        footer: Some((7, "heat-map")),
        run: |app| app.tab_action("heat-map"),
    },
    Action {
        name: "sort-by-cpu",
        doc: "Sort by CPU",
        keys: &["P"],
        scope: Scope::Tab,
        footer: None,
        run: |app| app.tab_action("sort-by-cpu"),
    },
    Action {
        name: "sort-by-memory",
        doc: "Sort by memory",
        keys: &["M"],
        scope: Scope::Tab,
        footer: None,
        run: |app| app.tab_action("sort-by-memory"),
    },
    Action {
        name: "since-reset",
        doc: "Statements of this interval, or since the server's statistics were reset",
        keys: &["i"],
        scope: Scope::Tab,
        footer: Some((7, "since reset")),
        run: |app| app.tab_action("since-reset"),
    },
    Action {
        name: "next-server",
        doc: "The next database server alone, or all of them",
        keys: &["v"],
        scope: Scope::Tab,
        footer: Some((8, "server")),
        run: |app| app.tab_action("next-server"),
    },
];
