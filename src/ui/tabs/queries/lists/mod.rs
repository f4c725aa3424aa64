//! The columns of the Queries tab's lists.

mod schema;
mod sessions;
mod statements;

use crate::model::format;
use crate::ui::theme::Role;
use crate::ui::widgets::Cell;

pub(super) use schema::{INDEXES, TABLES};
pub(super) use sessions::{ACTIVITY, LOCKS, backend_id, lock_id};
pub(super) use statements::{STATEMENTS, STATEMENTS_SINCE_RESET};

/// The head of the column that names the server, where there are several.
const SERVER: &str = "SERVER";

fn plain(text: String) -> Cell<'static> {
    Cell::Text(text.into(), Role::Text)
}

fn unknown() -> Cell<'static> {
    Cell::Text(format::UNKNOWN.into(), Role::Dim)
}
