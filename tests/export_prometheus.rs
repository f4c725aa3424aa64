//! The export to Prometheus-compatible engines and reading back from them, against the real Prometheus and VictoriaMetrics:
//! what is put arrives once, whatever happens in between, and is drawn as it was.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "export_prometheus/answers.rs"]
mod answers;
#[path = "export_prometheus/host.rs"]
mod host;
#[path = "export_prometheus/outages.rs"]
mod outages;
#[path = "export_prometheus/reads.rs"]
mod reads;
#[path = "export_prometheus/rewinds.rs"]
mod rewinds;
#[path = "export_prometheus/values.rs"]
mod values;
