//! The columns of the Cache tab's list.

use std::borrow::Cow;

use super::view::{InstanceRow, hit_role, instances, series};
use crate::model::Unit;
use crate::ui::tabs::Context;
use crate::ui::tabs::plot::trend;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::Role;
use crate::ui::widgets::Cell;

/// The width of a trend.
const TREND: u16 = 14;

/// The instances.
pub(super) const INSTANCES: Kind<InstanceRow> = Kind {
    title: "Instances",
    fields: &INSTANCE_FIELDS,
    titles: &titles(&INSTANCE_FIELDS),
    text_columns: &[0, 1, 9],
    order: (3, true),
    rows: |frame| instances(frame).map(Cow::Owned),
    id: |row| row.cache.instance.to_string(),
    source: None,
    empty: "No cache was found",
};

#[rustfmt::skip]
const INSTANCE_FIELDS: [Field<InstanceRow>; 11] = [
    Field::word("INSTANCE", 16, 0, |r: &InstanceRow| &r.cache.instance).growing(),
    Field::word("KIND", 13, 5, |r: &InstanceRow| &r.cache.kind).toned(|_| Role::Dim),
    Field::figure("HIT%", 5, 0, Unit::Percent, |r: &InstanceRow| r.cache.hit_percent).judged(hit_role),
    Field::figure("OPS/s", 6, 0, Unit::PerSec, |r| r.cache.operations_per_sec),
    Field::figure("MEM", 5, 0, Unit::Bytes, |r| r.cache.memory_used_bytes.map(|b| b as f64)),
    Field::figure("KEYS", 6, 2, Unit::Count, |r| r.cache.keys.map(|n| n as f64)),
    Field::figure("EVICT/s", 7, 1, Unit::PerSec, |r: &InstanceRow| r.cache.evictions_per_sec).judged(evictions_role),
    Field::figure("CLIENTS", 7, 3, Unit::Count, |r| r.cache.clients.map(|n| n as f64)),
    Field::figure("SLOW", 5, 4, Unit::Count, |r| r.cache.slow.map(|n| n as f64)),
    Field::drawn("ROLE", 9, 1, Key::Text(|r| r.cache.role.as_deref().unwrap_or("")), role),
    Field::drawn("TREND HIT", TREND, 6, Key::Number(|r| r.cache.hit_percent), hit_trend),
];

/// What is thrown out now and then is no trouble; a stream of it is.
fn evictions_role(per_sec: f64) -> Role {
    if per_sec > 100.0 {
        Role::Warning
    } else {
        Role::Text
    }
}

/// The role, or what is the matter.
fn role(row: &InstanceRow, _cx: &Context<'_>) -> Cell<'static> {
    match (&row.trouble, row.cache.role.as_deref()) {
        (Some(trouble), _) => Cell::Text(format!("! {}", trouble.word).into(), trouble.role),
        (None, Some(role)) => Cell::Text(role.to_owned().into(), Role::Text),
        (None, None) => Cell::Text(crate::model::format::UNKNOWN.into(), Role::Dim),
    }
}

fn hit_trend(row: &InstanceRow, cx: &Context<'_>) -> Cell<'static> {
    let id = series(cx.frame, "cache.hit_rate_percent", &row.cache.instance);
    let role = match row.cache.hit_percent.map(hit_role) {
        Some(Role::Warning) => Role::Warning,
        // Where all is well the eye rests.
        _ => Role::Dim,
    };
    Cell::Trend(trend(cx, id, TREND), Some(role))
}
