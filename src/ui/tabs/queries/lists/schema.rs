//! Tables and indexes: how they are read and kept, and what to make of that.

use std::borrow::Cow;

use super::{SERVER, unknown};
use crate::model::{IndexUse, TableUse, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::Role;
use crate::ui::widgets::Cell;

/// A share of dead rows above this asks for a vacuum, percent: the server's own default is to begin at 20.
const DEAD_HIGH: f64 = 20.0;

/// Tables.
pub(in crate::ui::tabs::queries) const TABLES: Kind<TableUse> = Kind {
    title: "Tables",
    fields: &TABLE_FIELDS,
    titles: &titles(&TABLE_FIELDS),
    text_columns: &[0, 10, 11],
    order: (6, true),
    rows: |frame| {
        let rows = frame.tables.table_uses.as_deref()?;
        Some(Cow::Borrowed(rows))
    },
    id: |table| format!("{} {}", table.instance, table.table),
    source: Some(|row| &row.instance),
    empty: "There is no table",
};

#[rustfmt::skip]
const TABLE_FIELDS: [Field<TableUse>; 12] = [
    Field::word("TABLE", 20, 0, |t: &TableUse| &t.table),
    Field::figure("ROWS", 6, 0, Unit::Count, |t| t.rows.map(|rows| rows as f64)),
    Field::<TableUse>::figure("DEAD%", 6, 1, Unit::Percent, dead_percent)
        .judged(|dead| if dead > DEAD_HIGH { Role::Warning } else { Role::Text }),
    Field::figure("SEQ/s", 6, 2, Unit::PerSec, |t| t.seq_scans_per_sec),
    Field::figure("SEQ ROWS", 8, 5, Unit::PerSec, |t| t.seq_rows_per_sec),
    Field::figure("INDEX/s", 7, 6, Unit::PerSec, |t| t.index_scans_per_sec),
    Field::figure("SIZE", 6, 0, Unit::Bytes, |t| t.bytes.map(|bytes| bytes as f64)),
    Field::figure("INDEX%", 6, 4, Unit::Percent, |t| t.index_percent),
    Field::figure("VACUUM", 6, 3, Unit::Seconds, |t| t.vacuum_age.map(|age| age.as_secs_f64())),
    Field::figure("ANALYZE", 7, 7, Unit::Seconds, |t| t.analyze_age.map(|age| age.as_secs_f64())),
    Field::word(SERVER, 14, 2, |t: &TableUse| &t.instance).naming_source(),
    Field::word("FINDING", 34, 0, |t: &TableUse| t.finding.as_deref().unwrap_or("")).growing().toned(|_| Role::Warning),
];

fn dead_percent(table: &TableUse) -> Option<f64> {
    let (live, dead) = (table.rows? as f64, table.dead_rows? as f64);
    (live + dead > 0.0).then(|| dead / (live + dead) * 100.0)
}

/// Indexes.
pub(in crate::ui::tabs::queries) const INDEXES: Kind<IndexUse> = Kind {
    title: "Indexes",
    fields: &INDEX_FIELDS,
    titles: &titles(&INDEX_FIELDS),
    text_columns: &[0, 1, 5, 6, 7],
    order: (3, true),
    rows: |frame| {
        let rows = frame.tables.index_uses.as_deref()?;
        Some(Cow::Borrowed(rows))
    },
    id: |index| format!("{} {} {}", index.instance, index.table, index.index),
    source: Some(|row| &row.instance),
    empty: "There is no index",
};

#[rustfmt::skip]
const INDEX_FIELDS: [Field<IndexUse>; 8] = [
    Field::word("INDEX", 24, 0, |i| &i.index),
    Field::word("TABLE", 20, 3, |i: &IndexUse| &i.table).toned(|_| Role::Dim),
    Field::figure("SCANS", 7, 0, Unit::Count, |i| i.scans.map(|scans| scans as f64)),
    Field::figure("SIZE", 6, 0, Unit::Bytes, |i| i.bytes.map(|bytes| bytes as f64)),
    Field::drawn("SINCE", 6, 1, Key::Number(|i| i.since.map(|since| since.0 as f64)), since),
    Field::word("KEEPS", 5, 4, |i: &IndexUse| if i.keeps_a_rule { "rule" } else { "" }).toned(|_| Role::Dim),
    Field::word(SERVER, 14, 2, |i: &IndexUse| &i.instance).naming_source(),
    Field::word("FINDING", 34, 0, |i: &IndexUse| i.finding.as_deref().unwrap_or("")).growing().toned(|_| Role::Warning),
];

/// The day since which the scans are counted.
fn since(index: &IndexUse, _cx: &Context<'_>) -> Cell<'static> {
    match index.since {
        Some(since) => Cell::Text(since.local().format("%-d %b").to_string().into(), Role::Dim),
        None => unknown(),
    }
}
