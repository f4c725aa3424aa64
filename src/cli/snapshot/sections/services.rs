//! What the other tabs show: endpoints, caches, statements; each only where a source has brought it.

use super::{Figures, cells, sides};
use crate::cli::snapshot::page::{Page, Side};
use crate::model::{CacheInstance, Endpoint, Formatter, Frame, Statement, Unit};

/// How many rows of each are listed.
const LISTED: usize = 15;
/// How much of a statement is printed.
const STATEMENT_CHARS: usize = 80;

/// Writes the tables that are known.
pub fn write(page: &mut Page, frame: &Frame, format: Formatter) {
    let figures = Figures { frame, format };
    if let Some(endpoints) = &frame.tables.endpoints {
        listing(page, "API", &ENDPOINT_HEADS, endpoints, |e| {
            endpoint(e, &figures)
        });
    }
    if let Some(caches) = &frame.tables.caches {
        listing(page, "Caches", &CACHE_HEADS, caches, |c| cache(c, &figures));
    }
    if let Some(statements) = &frame.tables.statements {
        let heads = &STATEMENT_HEADS;
        listing(page, "Queries", heads, statements, |s| {
            statement(s, &figures)
        });
    }
}

fn listing<T, const N: usize>(
    page: &mut Page,
    title: &str,
    heads: &[&str; N],
    items: &[T],
    row: impl Fn(&T) -> Vec<String>,
) {
    page.heading(&format!("{title}: {}", items.len()));
    if items.is_empty() {
        return;
    }
    let mut rows = vec![cells(*heads)];
    rows.extend(items.iter().take(LISTED).map(row));
    let mut sides = sides(N - 1);
    if let (Some(last), Some(&"STATEMENT")) = (sides.last_mut(), heads.last()) {
        *last = Side::Left;
    }
    page.table(&sides, &rows);
}

const ENDPOINT_HEADS: [&str; 7] = ["ENDPOINT", "REQUESTS", "ERRORS", "P50", "P95", "P99", "MAX"];

fn endpoint(endpoint: &Endpoint, f: &Figures<'_>) -> Vec<String> {
    vec![
        endpoint.label(),
        f.value(Unit::PerSec, Some(endpoint.requests_per_sec)),
        f.value(Unit::Percent, endpoint.error_percent),
        f.value(Unit::Millis, endpoint.p50_ms),
        f.value(Unit::Millis, endpoint.p95_ms),
        f.value(Unit::Millis, endpoint.p99_ms),
        f.value(Unit::Millis, endpoint.max_ms),
    ]
}

const CACHE_HEADS: [&str; 7] = [
    "CACHE",
    "HITS",
    "OPERATIONS",
    "MEMORY",
    "LIMIT",
    "EVICTED",
    "PING",
];

fn cache(cache: &CacheInstance, f: &Figures<'_>) -> Vec<String> {
    vec![
        cache.instance.to_string(),
        f.value(Unit::Percent, cache.hit_percent),
        f.value(Unit::PerSec, cache.operations_per_sec),
        f.value(
            Unit::Bytes,
            cache.memory_used_bytes.map(|bytes| bytes as f64),
        ),
        f.value(
            Unit::Bytes,
            cache.memory_max_bytes.map(|bytes| bytes as f64),
        ),
        f.value(Unit::PerSec, cache.evictions_per_sec),
        f.value(Unit::Millis, cache.ping_ms),
    ]
}

const STATEMENT_HEADS: [&str; 6] = ["INSTANCE", "TIME", "CALLS", "MEAN", "P95", "STATEMENT"];

fn statement(statement: &Statement, f: &Figures<'_>) -> Vec<String> {
    vec![
        statement.instance.to_string(),
        f.value(Unit::Percent, statement.time_percent),
        f.value(Unit::PerSec, statement.calls_per_sec),
        f.value(Unit::Millis, statement.mean_ms),
        f.value(Unit::Millis, statement.p95_ms),
        statement.text.chars().take(STATEMENT_CHARS).collect(),
    ]
}
