//! The sessions of the servers, and the locks between them.

use std::borrow::Cow;
use std::time::Duration;

use super::{SERVER, plain};
use crate::model::{Backend, BackendLock, Timestamp, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::queries::locks::{IDLE_IN_TRANSACTION, LockRow, lock_tree};
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::Cell;

/// An open transaction older than this holds up vacuum and others, seconds.
const TRANSACTION_LONG: f64 = 60.0;

/// Sessions.
pub(in crate::ui::tabs::queries) const ACTIVITY: Kind<Backend> = Kind {
    title: "Activity",
    fields: &BACKEND_FIELDS,
    titles: &titles(&BACKEND_FIELDS),
    text_columns: &[1, 2, 3, 4, 8, 9, 10, 11],
    order: (5, true),
    rows: |frame| {
        let rows = frame.tables.backends.as_deref()?;
        Some(Cow::Borrowed(rows))
    },
    id: backend_id,
    source: Some(|row| &row.instance),
    empty: "Nobody is connected",
};

/// What tells a session apart.
pub(in crate::ui::tabs::queries) fn backend_id(backend: &Backend) -> String {
    session_id(&backend.instance, backend.pid, backend.started)
}

/// What tells a session in the locks apart: the same as in the activity.
pub(in crate::ui::tabs::queries) fn lock_id(lock: &BackendLock) -> String {
    session_id(&lock.instance, lock.pid, lock.started)
}

fn session_id(server: &str, pid: u64, started: Option<Timestamp>) -> String {
    let started = started.map_or(0, |started| started.0);
    format!("{server} {pid} {started}")
}

fn seconds(age: Option<Duration>) -> Option<f64> {
    age.map(|age| age.as_secs_f64())
}

#[rustfmt::skip]
const BACKEND_FIELDS: [Field<Backend>; 12] = [
    Field::drawn("PID", 7, 0, Key::Number(|b: &Backend| Some(b.pid as f64)), |b, _| plain(b.pid.to_string())).right(),
    Field::word("USER", 8, 5, |b| &b.user),
    Field::word("DATABASE", 8, 6, |b| &b.database),
    Field::word("STATE", 19, 0, |b: &Backend| &b.state).toned(state_role),
    Field::word("WAITS FOR", 18, 2, |b: &Backend| b.wait.as_deref().unwrap_or("")).toned(wait_role),
    Field::figure("TX", 6, 0, Unit::Seconds, |b: &Backend| seconds(b.transaction_age)).judged(transaction_role),
    Field::figure("STMT", 6, 3, Unit::Seconds, |b| seconds(b.statement_age)),
    Field::figure("STATE", 6, 9, Unit::Seconds, |b| seconds(b.state_age)),
    Field::word(SERVER, 14, 2, |b: &Backend| &b.instance).naming_source(),
    Field::word("APPLICATION", 12, 7, |b| &b.application),
    Field::word("CLIENT", 15, 8, |b| &b.client),
    Field::word("STATEMENT", 28, 0, |b: &Backend| &b.text).growing().toned(|b| if &*b.state == "active" { Role::Text } else { Role::Dim }),
];

fn transaction_role(age: f64) -> Role {
    if age > TRANSACTION_LONG {
        Role::Warning
    } else {
        Role::Text
    }
}

fn state_role(backend: &Backend) -> Role {
    match &*backend.state {
        state if state.starts_with(IDLE_IN_TRANSACTION) => Role::Warning,
        "idle" => Role::Dim,
        _ => Role::Text,
    }
}

fn wait_role(backend: &Backend) -> Role {
    match backend.wait.as_deref() {
        Some(wait) if wait.starts_with("Lock") => Role::Warning,
        _ => Role::Text,
    }
}

/// Locks.
pub(in crate::ui::tabs::queries) const LOCKS: Kind<LockRow> = Kind {
    title: "Locks",
    fields: &LOCK_FIELDS,
    titles: &titles(&LOCK_FIELDS),
    text_columns: &[0, 3, 4, 5, 6, 7],
    order: (0, false),
    rows: |frame| lock_tree(frame).map(Cow::Owned),
    id: |row| lock_id(&row.lock),
    source: Some(|row| &row.lock.instance),
    empty: "Nobody waits for a lock",
};

#[rustfmt::skip]
const LOCK_FIELDS: [Field<LockRow>; 9] = [
    Field::drawn("WHO WAITS FOR WHOM", 30, 0, Key::Number(|r| Some(r.place as f64)), branch),
    Field::figure("WAITED", 6, 0, Unit::Seconds, |r: &LockRow| seconds(r.lock.waiting)).judged(waited_role),
    Field::figure("TX", 6, 3, Unit::Seconds, |r: &LockRow| seconds(r.lock.transaction_age)).judged(transaction_role),
    Field::word("STATE", 19, 2, |r: &LockRow| &r.lock.state).toned(lock_state_role),
    Field::word("USER", 8, 6, |r| &r.lock.user),
    Field::word("OBJECT", 20, 4, |r| &r.lock.object),
    Field::word("MODE", 14, 5, |r| &r.lock.mode),
    Field::word(SERVER, 14, 2, |r: &LockRow| &r.lock.instance).naming_source(),
    Field::word("STATEMENT", 22, 0, |r: &LockRow| &r.lock.text).growing().toned(|r| if r.is_idle_holder() { Role::Dim } else { Role::Text }),
];

/// A wait that is over before anybody looks is no trouble.
fn waited_role(seconds: f64) -> Role {
    if seconds < 1.0 { Role::Dim } else { Role::Text }
}

fn lock_state_role(row: &LockRow) -> Role {
    if row.is_idle_holder() {
        Role::Warning
    } else {
        Role::Text
    }
}

/// The root with how many it holds up, its victims below it.
fn branch(row: &LockRow, cx: &Context<'_>) -> Cell<'static> {
    let pid = row.lock.pid;
    if row.depth == 0 {
        let holds_up = match row.victims {
            0 => String::new(),
            victims => format!(" holds up {victims}"),
        };
        return Cell::Parts(vec![
            (format!("{pid}").into(), Role::Critical),
            (holds_up.into(), Role::Critical),
        ]);
    }
    let twig = match cx.look.symbols {
        Symbols::Ascii => "`- ",
        _ => "└ ",
    };
    let indent = format!("{:width$}{twig}", "", width = (row.depth - 1) * 2);
    let behind = match row.victims {
        0 => " waits".to_owned(),
        victims => format!(" waits, {victims} behind"),
    };
    Cell::Parts(vec![
        (indent.into(), Role::Dim),
        (format!("{pid}").into(), Role::Warning),
        (behind.into(), Role::Dim),
    ])
}
