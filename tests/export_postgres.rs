//! The export to PostgreSQL against real servers: what is put arrives once, whatever happens in between.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "export_postgres/host.rs"]
mod host;
#[path = "export_postgres/outages.rs"]
mod outages;
#[path = "export_postgres/proxy.rs"]
mod proxy;
#[path = "export_postgres/rights.rs"]
mod rights;
#[path = "export_postgres/tables.rs"]
mod tables;
#[path = "export_postgres/values.rs"]
mod values;
