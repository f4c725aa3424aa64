//! The lists of the cache that is open.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{
    CacheClient, CacheDetail, CommandLatency, Frame, LargeKey, PrefixUse, QueueLength, SlowCommand,
    SourceName, Unit,
};
use crate::ui::tabs::Context;
use crate::ui::tabs::cache::figures::p99_text;
use crate::ui::tabs::cache::view::p99_role;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::Role;
use crate::ui::widgets::Cell;

/// A row with the instance that it is of, and its place in the table.
#[derive(Debug, Clone)]
pub(super) struct Of<T> {
    instance: SourceName,
    place: usize,
    row: T,
}

fn of<T: Clone>(instance: &SourceName, rows: &[T]) -> Vec<Of<T>> {
    let rows = rows.iter().enumerate();
    rows.map(|(place, row)| Of {
        instance: instance.clone(),
        place,
        row: row.clone(),
    })
    .collect()
}

/// Rows of what was fetched of the open cache.
fn fetched<'a, T: Clone>(
    frame: &Frame,
    rows: fn(&CacheDetail) -> Option<&[T]>,
) -> Option<Cow<'a, [Of<T>]>> {
    let detail = frame.tables.cache_detail.as_deref()?;
    Some(Cow::Owned(of(&detail.instance, rows(detail)?)))
}

fn text(text: &Arc<str>) -> &str {
    text
}

/// Commands.
pub(super) const COMMANDS: Kind<Of<CommandLatency>> = Kind {
    title: "Commands",
    fields: &COMMAND_FIELDS,
    titles: &titles(&COMMAND_FIELDS),
    text_columns: &[0],
    order: (1, true),
    rows: |frame| {
        let caches = frame.tables.caches.as_deref()?;
        let rows = caches
            .iter()
            .flat_map(|cache| of(&cache.instance, &cache.commands));
        Some(Cow::Owned(rows.collect()))
    },
    id: |row| format!("{} {}", row.instance, row.row.command),
    source: Some(|row| &row.instance),
    empty: "Its commands are not known",
};

#[rustfmt::skip]
const COMMAND_FIELDS: [Field<Of<CommandLatency>>; 8] = [
    Field::word("COMMAND", 12, 0, |r: &Of<CommandLatency>| text(&r.row.command)).growing(),
    Field::figure("CALLS/s", 8, 0, Unit::PerSec, |r| Some(r.row.calls_per_sec)),
    Field::figure("BUSY", 7, 2, Unit::Millis, |r: &Of<CommandLatency>| Some(r.row.calls_per_sec * r.row.mean_ms?)),
    Field::figure("MEAN", 7, 3, Unit::Millis, |r| r.row.mean_ms),
    Field::figure("P50", 7, 1, Unit::Millis, |r| r.row.p50_ms),
    Field::drawn("P99", 13, 0, Key::Number(|r: &Of<CommandLatency>| r.row.p99_ms.or(r.row.p99_bounds_ms.map(|(low, _)| low))), p99).right(),
    Field::figure("FAILED/s", 8, 4, Unit::PerSec, |r: &Of<CommandLatency>| r.row.failed_per_sec).judged(any_is_wrong),
    Field::figure("REFUSED/s", 9, 5, Unit::PerSec, |r: &Of<CommandLatency>| r.row.rejected_per_sec).judged(any_is_wrong),
];

fn any_is_wrong(rate: f64) -> Role {
    if rate > 0.0 { Role::Warning } else { Role::Dim }
}

fn p99(row: &Of<CommandLatency>, cx: &Context<'_>) -> Cell<'static> {
    let role = match p99_role(&row.row) {
        Role::Bright => Role::Text,
        role => role,
    };
    Cell::Text(p99_text(&row.row, cx.look).into(), role)
}

/// The slow log.
pub(super) const SLOW_LOG: Kind<Of<SlowCommand>> = Kind {
    title: "Slow log",
    fields: &SLOW_FIELDS,
    titles: &titles(&SLOW_FIELDS),
    text_columns: &[2, 3],
    order: (0, true),
    rows: |frame| fetched(frame, |detail| Some(&detail.slow_log)),
    id: |row| row.row.id.to_string(),
    source: Some(|row| &row.instance),
    empty: "Nothing was slow enough for its log",
};

#[rustfmt::skip]
const SLOW_FIELDS: [Field<Of<SlowCommand>>; 4] = [
    Field::drawn("AT", 14, 0, Key::Number(|r: &Of<SlowCommand>| Some(r.row.id as f64)), |r, _| clock(r)),
    Field::figure("TOOK", 7, 0, Unit::Millis, |r| Some(r.row.took_ms)),
    Field::word("COMMAND", 24, 0, |r: &Of<SlowCommand>| text(&r.row.command)).growing(),
    Field::word("CLIENT", 21, 1, |r: &Of<SlowCommand>| text(&r.row.client)).toned(|_| Role::Dim),
];

fn clock(row: &Of<SlowCommand>) -> Cell<'static> {
    let at = row.row.at.local().format("%-d %b %H:%M:%S");
    Cell::Text(at.to_string().into(), Role::Dim)
}

/// Clients.
pub(super) const CLIENTS: Kind<Of<CacheClient>> = Kind {
    title: "Clients",
    fields: &CLIENT_FIELDS,
    titles: &titles(&CLIENT_FIELDS),
    text_columns: &[0, 1, 2, 3],
    order: (6, true),
    rows: |frame| fetched(frame, |detail| Some(&detail.clients)),
    id: |row| row.row.id.to_string(),
    source: Some(|row| &row.instance),
    empty: "Nobody is connected",
};

#[rustfmt::skip]
const CLIENT_FIELDS: [Field<Of<CacheClient>>; 7] = [
    Field::word("ADDRESS", 21, 0, |r: &Of<CacheClient>| text(&r.row.address)).growing(),
    Field::word("NAME", 14, 2, |r: &Of<CacheClient>| text(&r.row.name)),
    Field::word("USER", 10, 3, |r: &Of<CacheClient>| text(&r.row.user)),
    Field::word("LAST", 10, 0, |r: &Of<CacheClient>| text(&r.row.command)),
    Field::figure("AGE", 6, 1, Unit::Seconds, |r: &Of<CacheClient>| Some(r.row.age.as_secs_f64())),
    Field::figure("IDLE", 6, 0, Unit::Seconds, |r: &Of<CacheClient>| Some(r.row.idle.as_secs_f64())),
    Field::figure("MEM", 6, 1, Unit::Bytes, |r: &Of<CacheClient>| r.row.memory_bytes.map(|bytes| bytes as f64)),
];

/// Keys by prefix.
pub(super) const KEYS: Kind<Of<PrefixUse>> = Kind {
    title: "Keys",
    fields: &PREFIX_FIELDS,
    titles: &titles(&PREFIX_FIELDS),
    text_columns: &[0],
    order: (1, true),
    rows: |frame| fetched(frame, |detail| Some(&detail.key_space.as_ref()?.prefixes)),
    id: |row| row.row.prefix.to_string(),
    source: Some(|row| &row.instance),
    empty: "It holds no key",
};

#[rustfmt::skip]
const PREFIX_FIELDS: [Field<Of<PrefixUse>>; 5] = [
    Field::word("PREFIX", 20, 0, |r: &Of<PrefixUse>| text(&r.row.prefix)).growing(),
    Field::figure("KEYS", 7, 0, Unit::Count, |r| Some(r.row.keys as f64)),
    Field::figure("SHARE%", 6, 0, Unit::Percent, |r| Some(r.row.percent)),
    Field::figure("MEM", 7, 1, Unit::Bytes, |r| r.row.bytes.map(|bytes| bytes as f64)),
    Field::figure("NEVER EXPIRE%", 13, 2, Unit::Percent, |r| r.row.lasting_percent),
];

/// The largest keys.
pub(super) const LARGEST: Kind<Of<LargeKey>> = Kind {
    title: "Largest",
    fields: &LARGE_FIELDS,
    titles: &titles(&LARGE_FIELDS),
    text_columns: &[0, 1],
    order: (2, true),
    rows: |frame| fetched(frame, |detail| Some(&detail.key_space.as_ref()?.largest)),
    id: |row| format!("{} {}", row.place, row.row.key),
    source: Some(|row| &row.instance),
    empty: "No key was measured",
};

#[rustfmt::skip]
const LARGE_FIELDS: [Field<Of<LargeKey>>; 3] = [
    Field::word("KEY", 30, 0, |r: &Of<LargeKey>| text(&r.row.key)).growing(),
    Field::word("KIND", 10, 1, |r: &Of<LargeKey>| text(&r.row.kind)).toned(|_| Role::Dim),
    Field::figure("MEM", 7, 0, Unit::Bytes, |r| Some(r.row.bytes as f64)),
];

/// Queues.
pub(super) const QUEUES: Kind<Of<QueueLength>> = Kind {
    title: "Queues",
    fields: &QUEUE_FIELDS,
    titles: &titles(&QUEUE_FIELDS),
    text_columns: &[0, 1],
    order: (2, true),
    rows: |frame| fetched(frame, |detail| Some(&detail.queues)),
    id: |row| row.row.key.to_string(),
    source: Some(|row| &row.instance),
    empty: "None of the lists and streams that are watched is there",
};

#[rustfmt::skip]
const QUEUE_FIELDS: [Field<Of<QueueLength>>; 3] = [
    Field::word("QUEUE", 24, 0, |r: &Of<QueueLength>| text(&r.row.key)).growing(),
    Field::word("KIND", 10, 1, |r: &Of<QueueLength>| text(&r.row.kind)).toned(|_| Role::Dim),
    Field::figure("WAITING", 8, 0, Unit::Count, |r| Some(r.row.length as f64)),
];
