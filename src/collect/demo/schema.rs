//! The tables and indexes of the demo's database.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{IndexUse, TableUse};

/// A table: rows, dead rows, scans of all of it and by an index a second, MiB, seconds since its vacuum.
type Kept = (&'static str, u64, u64, f64, f64, u64, u64);

const TABLES: [Kept; 7] = [
    ("public.orders", 4_810_000, 91_000, 0.0, 104.0, 3_900, 5_400),
    (
        "public.order_items",
        14_900_000,
        120_000,
        0.0,
        88.0,
        5_200,
        7_100,
    ),
    ("public.products", 61_000, 900, 0.1, 690.0, 210, 1_900),
    ("public.customers", 890_000, 4_100, 0.0, 62.0, 620, 9_000),
    ("public.sessions", 240_000, 71_000, 0.02, 400.0, 96, 14_000),
    ("public.inventory", 61_000, 22_000, 0.0, 18.0, 44, 600),
    ("public.events", 212_000_000, 0, 0.2, 0.0, 71_000, 260_000),
];

pub(super) fn tables(instance: &Arc<str>) -> Vec<TableUse> {
    let rows = TABLES
        .iter()
        .map(|(table, rows, dead, scans, index, mib, vacuum)| TableUse {
            instance: instance.clone(),
            table: (*table).into(),
            rows: Some(*rows),
            dead_rows: Some(*dead),
            seq_scans_per_sec: Some(*scans),
            index_scans_per_sec: Some(*index),
            bytes: Some(mib * 1_048_576),
            vacuum_age: Some(Duration::from_secs(*vacuum)),
            analyze_age: Some(Duration::from_secs(vacuum + 1_700)),
            seq_rows_per_sec: Some(scans * *rows as f64),
            index_percent: Some(100.0 * index / (index + scans)),
            finding: finding(*rows, *dead, *scans).map(Into::into),
        });
    rows.collect()
}

/// What to make of a table.
fn finding(rows: u64, dead: u64, scans: f64) -> Option<&'static str> {
    if rows > 1_000_000 && scans > 0.0 {
        Some("large and never read through an index")
    } else if dead * 5 > rows + dead {
        Some("dead rows: VACUUM it, and look why autovacuum is late")
    } else {
        None
    }
}

/// An index: its table, scans, MiB, and what to make of it.
type Indexed = (&'static str, &'static str, u64, u64, Option<&'static str>);

#[rustfmt::skip]
const INDEXES: [Indexed; 8] = [
    ("orders_lower_email", "public.orders", 1_940_211, 148, None),
    ("orders_pkey", "public.orders", 8_210_551, 103, None),
    ("orders_customer_created", "public.orders", 3_402_118, 210, None),
    ("orders_legacy_ref", "public.orders", 3, 177, Some("unused: 3 scans since 12 October")),
    ("order_items_order", "public.order_items", 5_911_020, 320, None),
    ("products_document", "public.products", 602_113, 31, None),
    ("sessions_token", "public.sessions", 19_200_431, 22, None),
    ("events_kind", "public.events", 0, 4_600, Some("unused: 0 scans since 12 October")),
];

pub(super) fn indexes(instance: &Arc<str>) -> Vec<IndexUse> {
    let rows = INDEXES
        .iter()
        .map(|(index, table, scans, mib, finding)| IndexUse {
            instance: instance.clone(),
            index: (*index).into(),
            table: (*table).into(),
            scans: Some(*scans),
            bytes: Some(mib * 1_048_576),
            finding: finding.map(Into::into),
            since: None,
            keeps_a_rule: index.ends_with("_pkey"),
        });
    rows.collect()
}
