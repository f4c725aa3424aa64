//! The columns of the Queries tab's lists.

use std::borrow::Cow;

use super::view::{LockRow, lock_tree, mean_role, statement_id};
use crate::model::{Backend, IndexUse, Statement, TableUse, Unit, format};
use crate::ui::tabs::Context;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::Cell;

/// A share of dead rows above this asks for a vacuum, percent: the server's own default is to begin at 20.
const DEAD_HIGH: f64 = 20.0;
/// An open transaction older than this holds up vacuum and others, seconds.
const TRANSACTION_LONG: f64 = 60.0;

/// Statements.
pub(super) const STATEMENTS: Kind<Statement> = Kind {
    title: "Statements",
    fields: &STATEMENT_FIELDS,
    titles: &titles(&STATEMENT_FIELDS),
    text_columns: &[6],
    order: (0, true),
    rows: |frame| {
        frame
            .tables
            .statements
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: statement_id,
    source: Some(|row| &row.instance),
    empty: "No statement ran in this interval",
};

#[rustfmt::skip]
const STATEMENT_FIELDS: [Field<Statement>; 8] = [
    Field::figure("TIME%", 6, 0, Unit::Percent, |s| s.time_percent),
    Field::figure("CALLS/s", 7, 2, Unit::PerSec, |s| s.calls_per_sec),
    Field::figure("MEAN", 6, 0, Unit::Millis, |s: &Statement| s.mean_ms).judged(mean_role),
    Field::figure("P95*", 6, 3, Unit::Millis, |s| s.p95_ms),
    Field::figure("ROWS/c", 6, 5, Unit::Count, |s| s.rows_per_call),
    Field::figure("HIT%", 5, 4, Unit::Percent, |s| s.hit_percent),
    Field::word("STATEMENT", 20, 0, |s: &Statement| &s.text).growing(),
    Field::drawn("ADVICE", 6, 1, Key::Number(|s| Some(s.advice.len() as f64)), advice),
];

fn advice(statement: &Statement, cx: &Context<'_>) -> Cell<'static> {
    let dot = match cx.look.symbols {
        Symbols::Ascii => "*",
        _ => "●",
    };
    match statement.advice.len() {
        0 => Cell::Text(format::UNKNOWN.into(), Role::Dim),
        count => Cell::Text(format!("{count} {dot}").into(), Role::Warning),
    }
}

/// Sessions.
pub(super) const ACTIVITY: Kind<Backend> = Kind {
    title: "Activity",
    fields: &BACKEND_FIELDS,
    titles: &titles(&BACKEND_FIELDS),
    text_columns: &[1, 2, 3, 4, 7],
    order: (5, true),
    rows: |frame| {
        frame
            .tables
            .backends
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |backend| format!("{} {}", backend.instance, backend.pid),
    source: Some(|row| &row.instance),
    empty: "Nobody is connected",
};

#[rustfmt::skip]
const BACKEND_FIELDS: [Field<Backend>; 8] = [
    Field::drawn("PID", 7, 0, Key::Number(|b: &Backend| Some(b.pid as f64)), |b, _| plain(b.pid.to_string())).right(),
    Field::word("USER", 8, 5, |b| &b.user),
    Field::word("DATABASE", 8, 6, |b| &b.database),
    Field::word("STATE", 19, 0, |b: &Backend| &b.state).toned(state_role),
    Field::word("WAITS FOR", 18, 2, |b: &Backend| b.wait.as_deref().unwrap_or("")).toned(wait_role),
    Field::figure("TX", 6, 0, Unit::Seconds, |b: &Backend| b.transaction_age.map(|age| age.as_secs_f64()))
        .judged(|age| if age > TRANSACTION_LONG { Role::Warning } else { Role::Text }),
    Field::figure("STMT", 6, 3, Unit::Seconds, |b| b.statement_age.map(|age| age.as_secs_f64())),
    Field::word("STATEMENT", 20, 0, |b: &Backend| &b.text).growing().toned(|b| if &*b.state == "active" { Role::Text } else { Role::Dim }),
];

fn state_role(backend: &Backend) -> Role {
    match &*backend.state {
        "idle in transaction" => Role::Warning,
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

fn plain(text: String) -> Cell<'static> {
    Cell::Text(text.into(), Role::Text)
}

/// Locks.
pub(super) const LOCKS: Kind<LockRow> = Kind {
    title: "Locks",
    fields: &LOCK_FIELDS,
    titles: &titles(&LOCK_FIELDS),
    text_columns: &[0, 2, 3, 4],
    order: (0, false),
    rows: |frame| lock_tree(frame).map(Cow::Owned),
    id: |row| format!("{} {}", row.lock.instance, row.lock.pid),
    source: Some(|row| &row.lock.instance),
    empty: "Nobody waits for a lock",
};

#[rustfmt::skip]
const LOCK_FIELDS: [Field<LockRow>; 5] = [
    Field::drawn("WHO WAITS FOR WHOM", 26, 0, Key::Number(|r| Some(r.place as f64)), branch),
    Field::figure("WAITED", 6, 0, Unit::Seconds, |r| r.lock.waiting.map(|span| span.as_secs_f64())),
    Field::word("OBJECT", 12, 2, |r| &r.lock.object),
    Field::word("MODE", 14, 3, |r| &r.lock.mode),
    Field::word("STATEMENT", 20, 0, |r: &LockRow| &r.lock.text).growing(),
];

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
    Cell::Parts(vec![
        (indent.into(), Role::Dim),
        (format!("{pid}").into(), Role::Warning),
        (" waits".into(), Role::Dim),
    ])
}

/// Tables.
pub(super) const TABLES: Kind<TableUse> = Kind {
    title: "Tables",
    fields: &TABLE_FIELDS,
    titles: &titles(&TABLE_FIELDS),
    text_columns: &[0],
    order: (5, true),
    rows: |frame| {
        frame
            .tables
            .table_uses
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |table| format!("{} {}", table.instance, table.table),
    source: Some(|row| &row.instance),
    empty: "There is no table",
};

#[rustfmt::skip]
const TABLE_FIELDS: [Field<TableUse>; 7] = [
    Field::word("TABLE", 20, 0, |t: &TableUse| &t.table).growing(),
    Field::figure("ROWS", 6, 0, Unit::Count, |t| t.rows.map(|rows| rows as f64)),
    Field::<TableUse>::figure("DEAD%", 6, 1, Unit::Percent, dead_percent)
        .judged(|dead| if dead > DEAD_HIGH { Role::Warning } else { Role::Text }),
    Field::figure("SEQ/s", 6, 0, Unit::PerSec, |t| t.seq_scans_per_sec),
    Field::figure("INDEX/s", 7, 2, Unit::PerSec, |t| t.index_scans_per_sec),
    Field::figure("SIZE", 6, 0, Unit::Bytes, |t| t.bytes.map(|bytes| bytes as f64)),
    Field::figure("VACUUMED", 8, 3, Unit::Seconds, |t| t.vacuum_age.map(|age| age.as_secs_f64())),
];

fn dead_percent(table: &TableUse) -> Option<f64> {
    let (live, dead) = (table.rows? as f64, table.dead_rows? as f64);
    (live + dead > 0.0).then(|| dead / (live + dead) * 100.0)
}

/// Indexes.
pub(super) const INDEXES: Kind<IndexUse> = Kind {
    title: "Indexes",
    fields: &INDEX_FIELDS,
    titles: &titles(&INDEX_FIELDS),
    text_columns: &[0, 1, 4],
    order: (3, true),
    rows: |frame| {
        frame
            .tables
            .index_uses
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |index| format!("{} {}", index.instance, index.index),
    source: Some(|row| &row.instance),
    empty: "There is no index",
};

#[rustfmt::skip]
const INDEX_FIELDS: [Field<IndexUse>; 5] = [
    Field::word("INDEX", 24, 0, |i| &i.index),
    Field::word("TABLE", 20, 2, |i: &IndexUse| &i.table).toned(|_| Role::Dim),
    Field::figure("SCANS", 7, 0, Unit::Count, |i| i.scans.map(|scans| scans as f64)),
    Field::figure("SIZE", 6, 0, Unit::Bytes, |i| i.bytes.map(|bytes| bytes as f64)),
    Field::word("FINDING", 16, 0, |i: &IndexUse| i.finding.as_deref().unwrap_or("")).growing().toned(|_| Role::Warning),
];
