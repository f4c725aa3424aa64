//! The statements: of this interval, and on the other side since the server's statistics were reset.

use std::borrow::Cow;

use super::{SERVER, unknown};
use crate::model::{Frame, Statement, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::queries::view::{statement_id, times_role, times_text, times_usual};
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::Cell;

/// Statements of the interval.
pub(in crate::ui::tabs::queries) const STATEMENTS: Kind<Statement> = Kind {
    title: "Statements",
    fields: &FIELDS,
    titles: &titles(&FIELDS),
    text_columns: &[10, 11, 12, 13],
    order: (0, true),
    rows,
    id: statement_id,
    source: Some(|row| &row.instance),
    empty: "No statement ran in this interval",
};

#[rustfmt::skip]
const FIELDS: [Field<Statement>; 15] = [
    Field::figure("TIME%", 6, 0, Unit::Percent, |s| s.time_percent),
    Field::figure("CALLS/s", 7, 2, Unit::PerSec, |s| s.calls_per_sec),
    Field::drawn("MEAN", 7, 0, Key::Number(|s: &Statement| s.mean_ms), |s, cx| mean(s.mean_ms, s.is_slow, cx)).right(),
    Field::drawn("USUAL", 6, 3, Key::Number(times_usual), usual).right(),
    Field::figure("P95*", 6, 7, Unit::Millis, |s| s.p95_ms),
    Field::figure("ROWS/c", 6, 8, Unit::Count, |s| s.rows_per_call),
    Field::figure("HIT%", 5, 4, Unit::Percent, |s| s.hit_percent),
    Field::figure("I/O/c", 6, 5, Unit::Millis, |s| s.io_ms_per_call),
    Field::figure("TEMP/c", 6, 6, Unit::Bytes, |s| s.temp_bytes_per_call),
    Field::drawn("ADVICE", 6, 1, Key::Number(|s| Some(s.advice.len() as f64)), advice),
    Field::word(SERVER, 14, 2, |s: &Statement| &s.instance).naming_source(),
    Field::word("DATABASE", 8, 9, |s| &s.database),
    Field::word("USER", 8, 10, |s| &s.user),
    Field::drawn("STATEMENT", 38, 0, Key::Text(|s: &Statement| &s.text), text).growing(),
    Field::figure("CALLS", 6, 11, Unit::Count, |s| s.calls.map(|calls| calls as f64)),
];

/// Statements since the reset.
pub(in crate::ui::tabs::queries) const STATEMENTS_SINCE_RESET: Kind<Statement> = Kind {
    title: "Statements",
    fields: &TOTAL_FIELDS,
    titles: &titles(&TOTAL_FIELDS),
    text_columns: &[8, 9, 10, 11],
    order: (0, true),
    rows,
    id: statement_id,
    source: Some(|row| &row.instance),
    empty: "No statement ran since the reset",
};

#[rustfmt::skip]
const TOTAL_FIELDS: [Field<Statement>; 12] = [
    Field::figure("TIME%", 6, 0, Unit::Percent, |s| s.since_reset.time_percent),
    Field::figure("CALLS", 7, 2, Unit::Count, |s| Some(s.since_reset.calls as f64)),
    Field::figure("TOTAL", 7, 1, Unit::Seconds, |s| Some(s.since_reset.total_ms / 1000.0)),
    Field::figure("MEAN", 7, 0, Unit::Millis, |s| s.since_reset.mean_ms),
    Field::figure("MAX", 7, 3, Unit::Millis, |s| s.since_reset.max_ms),
    Field::figure("ROWS/c", 6, 6, Unit::Count, |s| s.since_reset.rows_per_call),
    Field::figure("HIT%", 5, 4, Unit::Percent, |s| s.since_reset.hit_percent),
    Field::drawn("ADVICE", 6, 1, Key::Number(|s| Some(s.advice.len() as f64)), advice),
    Field::word(SERVER, 14, 2, |s: &Statement| &s.instance).naming_source(),
    Field::word("DATABASE", 8, 9, |s| &s.database),
    Field::word("USER", 8, 10, |s| &s.user),
    Field::drawn("STATEMENT", 38, 0, Key::Text(|s: &Statement| &s.text), text).growing(),
];

fn rows(frame: &Frame) -> Option<Cow<'_, [Statement]>> {
    let rows = frame.tables.statements.as_deref()?;
    Some(Cow::Borrowed(rows))
}

/// A slow one carries a sign, so that it is seen without colours.
fn mean(mean_ms: Option<f64>, is_slow: bool, cx: &Context<'_>) -> Cell<'static> {
    let figure = cx.look.format.value(Unit::Millis, mean_ms);
    match mean_ms {
        None => unknown(),
        Some(_) if is_slow => Cell::Text(format!("!{figure}").into(), Role::Warning),
        Some(_) => Cell::Text(figure.into(), Role::Text),
    }
}

fn usual(statement: &Statement, cx: &Context<'_>) -> Cell<'static> {
    match times_usual(statement) {
        Some(times) => {
            let text = times_text(times, cx.look.symbols == Symbols::Ascii);
            Cell::Text(text.into(), times_role(times))
        }
        None => unknown(),
    }
}

fn advice(statement: &Statement, cx: &Context<'_>) -> Cell<'static> {
    let dot = match cx.look.symbols {
        Symbols::Ascii => "*",
        _ => "●",
    };
    match statement.advice.len() {
        0 => unknown(),
        count => Cell::Text(format!("{count} {dot}").into(), Role::Warning),
    }
}

fn text(statement: &Statement, _cx: &Context<'_>) -> Cell<'static> {
    let text = statement.text.to_string();
    if statement.is_new {
        return Cell::Parts(vec![("new ".into(), Role::Info), (text.into(), Role::Text)]);
    }
    Cell::Text(text.into(), Role::Text)
}
