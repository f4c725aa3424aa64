//! Actions that walk, order and filter a list.

use super::{Action, Scope};
use crate::ui::tabs::List;

/// Rows that one turn of the wheel or a half page moves.
const fn list(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    run: fn(&mut crate::ui::app::App),
) -> Action {
    Action {
        name,
        doc,
        keys,
        scope: Scope::List,
        footer: None,
        run,
    }
}

pub(super) const ACTIONS: &[Action] = &[
    list("down", "Next row", &["j", "down"], |app| {
        app.with_list(|list, _| list.move_by(1))
    }),
    list("up", "Row before", &["k", "up"], |app| {
        app.with_list(|list, _| list.move_by(-1))
    }),
    list("page-down", "A page down", &["pgdn", "ctrl-f"], |app| {
        app.with_list(|list, page| list.move_by(page))
    }),
    list("page-up", "A page up", &["pgup", "ctrl-b"], |app| {
        app.with_list(|list, page| list.move_by(-page))
    }),
    list("first", "First row", &["g", "home"], |app| {
        app.with_list(|list, _| list.select_index(0))
    }),
    list("last", "Last row", &["G"], |app| {
        app.with_list(|list, _| List::select_last(list))
    }),
    Action {
        name: "filter",
        doc: "Show only rows that match: text, !not, ~regex",
        keys: &["/"],
        scope: Scope::List,
        footer: Some((3, "filter")),
        run: |app| app.open_filter(),
    },
    Action {
        name: "sort",
        doc: "Choose the column to sort by",
        keys: &["s"],
        scope: Scope::List,
        footer: Some((4, "sort")),
        run: |app| app.open_sort(),
    },
    list("reverse", "Turn the order round", &["r"], |app| {
        app.with_list(|list, _| List::reverse(list))
    }),
    list(
        "mark",
        "Mark the row, for one action on several",
        &["space"],
        |app| {
            app.with_list(|list, _| List::toggle_mark(list));
        },
    ),
];
