//! Pages of metrics of real exporters and applications, and of listeners that answer anything else.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "metrics/apps.rs"]
mod apps;
#[path = "metrics/pages.rs"]
mod pages;
#[path = "metrics/proxies.rs"]
mod proxies;
#[path = "metrics/refusals.rs"]
mod refusals;
#[path = "metrics/resets.rs"]
mod resets;
#[path = "metrics/truth.rs"]
mod truth;
