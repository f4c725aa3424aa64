//! Step 1 of the path, for macOS, Windows and everything else that sysinfo knows. What it does not tell stays unknown.
//! With the feature `portable` it is used on Linux too, so that it is compiled and tested there.

pub(super) mod act;
mod devices;
mod machine;
mod processes;

pub use devices::{Mounts, Sensors, Traffic};
pub use machine::{Facts, Memory, Processors};
pub use processes::Processes;

use std::time::Duration;

use super::{Cadence, CollectError, Spec};
use crate::model::SourceKind;

/// What sysinfo's own errors become.
fn failed(what: &str, error: &sysinfo::Error) -> CollectError {
    CollectError::Malformed {
        what: what.to_owned(),
        why: format!("{error:?}"),
    }
}

fn spec(name: &'static str, cadence: Cadence) -> Spec {
    Spec {
        name: name.into(),
        kind: SourceKind::Host,
        cadence,
        timeout: Duration::from_secs(5),
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}
