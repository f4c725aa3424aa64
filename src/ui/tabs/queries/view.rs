//! What a frame says of the databases: which statements take the time, how much is wrong.

use crate::model::{
    DatabaseInstance, Frame, Health, Labels, SeriesId, Severity, SourceKind, SourceName, Statement,
};
use crate::ui::tabs::{Badge, source};
use crate::ui::theme::Role;
use crate::ui::widgets::text;

/// Connections above this share of those allowed are nearly all of them, percent.
const CONNECTIONS_HIGH: f64 = 80.0;
const CONNECTIONS_CRITICAL: f64 = 95.0;
/// The longest text that stands for a statement in a breadcrumb, cells.
const SHORT: usize = 40;

/// Whether any source has brought anything that the tab shows, or is there to bring it.
pub(super) fn has_source(frame: &Frame) -> bool {
    let tables = &frame.tables;
    tables.statements.is_some()
        || tables.backends.is_some()
        || tables.locks.is_some()
        || tables.table_uses.is_some()
        || tables.index_uses.is_some()
        || tables.databases.is_some()
        || source::has_kind(frame, SourceKind::Database)
}

/// The database servers, those that do not answer included.
pub(super) fn servers(frame: &Frame) -> Vec<SourceName> {
    let sources = frame.sources.iter();
    let mut names: Vec<SourceName> = sources
        .filter(|source| source.kind == SourceKind::Database && source.health != Health::Absent)
        .map(|source| source.name.clone())
        .collect();
    let tables = &frame.tables;
    let told = tables
        .databases
        .iter()
        .flat_map(|rows| rows.iter())
        .map(|row| &row.instance);
    let statements = tables
        .statements
        .iter()
        .flat_map(|rows| rows.iter())
        .map(|row| &row.instance);
    for name in told.chain(statements) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// What is known of a server as a whole.
pub(super) fn database<'a>(frame: &'a Frame, server: &str) -> Option<&'a DatabaseInstance> {
    let rows = frame.tables.databases.as_deref()?;
    rows.iter().find(|row| &*row.instance == server)
}

/// What tells a statement apart.
pub(super) fn statement_id(statement: &Statement) -> String {
    format!("{} {}", statement.instance, statement.id)
}

/// A statement as short as a breadcrumb.
pub(super) fn short(text: &str) -> String {
    text::fit(text, SHORT).into_owned()
}

/// The statement that is told apart by this.
pub(super) fn statement<'a>(frame: &'a Frame, id: &str) -> Option<&'a Statement> {
    let rows = frame.tables.statements.as_deref()?;
    rows.iter().find(|row| statement_id(row) == id)
}

/// The series of a metric of a statement.
pub(super) fn series(frame: &Frame, metric: &str, statement: &Statement) -> Option<SeriesId> {
    let label = statement.label();
    let labels = Labels::of([("instance", &*statement.instance), ("statement", &*label)]);
    frame.series.find(metric, &labels)
}

/// The statements that take most of the time of a server, at most so many.
pub(super) fn heaviest<'a>(frame: &'a Frame, server: &str, most: usize) -> Vec<&'a Statement> {
    let rows = frame.tables.statements.iter().flat_map(|rows| rows.iter());
    let mut rows: Vec<&Statement> = rows.filter(|row| &*row.instance == server).collect();
    let share = |row: &Statement| row.time_percent.unwrap_or(0.0);
    rows.sort_by(|a, b| share(b).total_cmp(&share(a)));
    rows.truncate(most);
    rows
}

/// Whether a statement ran in the interval, as far as that is known.
pub(super) fn ran(statement: &Statement) -> bool {
    statement.calls != Some(0)
}

/// How many times its usual mean a statement takes, once both are known.
pub(super) fn times_usual(statement: &Statement) -> Option<f64> {
    let usual = statement.usual_mean_ms.filter(|usual| *usual > 0.0)?;
    Some(statement.mean_ms? / usual)
}

/// The meaning of a multiple of the usual mean: a quarter more is noise.
pub(super) fn times_role(times: f64) -> Role {
    match times {
        times if times >= 3.0 => Role::Warning,
        times if times >= 1.25 => Role::Text,
        _ => Role::Dim,
    }
}

/// `7× its usual` as `7×`; `1.2×` below ten.
pub(super) fn times_text(times: f64, is_ascii: bool) -> String {
    let sign = if is_ascii { "x" } else { "×" };
    match times {
        times if times < 9.95 => format!("{times:.1}{sign}"),
        times if times < 9999.5 => format!("{times:.0}{sign}"),
        _ => format!(">9999{sign}"),
    }
}

/// The meaning of a used share of the connections allowed.
pub(super) fn connections_role(percent: f64) -> Role {
    match percent {
        p if p > CONNECTIONS_CRITICAL => Role::Critical,
        p if p > CONNECTIONS_HIGH => Role::Warning,
        _ => Role::Bright,
    }
}

/// How many statements are slow, sessions wait for a lock, and servers do not answer.
pub(super) fn badge(frame: &Frame) -> Option<Badge> {
    let heard = |instance: &str| !source::is_silent(frame, instance);
    let statements = frame.tables.statements.iter().flat_map(|rows| rows.iter());
    let slow = statements
        .filter(|row| row.is_slow && heard(&row.instance))
        .count();
    let locks = frame.tables.locks.iter().flat_map(|rows| rows.iter());
    let waiting = locks
        .filter(|lock| lock.blocked_by.is_some() && heard(&lock.instance))
        .count();
    let failing = source::failing_of_kind(frame, SourceKind::Database).count();
    let severity = match failing {
        0 => Severity::Warning,
        _ => Severity::Critical,
    };
    let count = slow + waiting + failing;
    (count > 0).then_some(Badge { count, severity })
}
