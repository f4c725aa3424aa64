//! When each source is read, and what its answers say of its health.

use std::sync::Arc;

use crate::model::{Moment, Reading, SourceName, SourceStatus};

use super::{CollectError, Source};

/// What came of asking one source.
#[derive(Debug)]
pub struct Report {
    /// Which.
    pub source: SourceName,
    /// What it brought, or why not.
    pub result: Result<Reading, CollectError>,
}

/// When each source is read, and how it is doing. Time comes in as an argument; nothing here waits for a clock.
pub struct Schedule {}

impl Schedule {
    /// A schedule of these sources. `seed` makes the jitter of back-offs repeatable in tests.
    #[must_use]
    pub fn new(_sources: Vec<Source>, _seed: u64) -> Self {
        Self {}
    }

    /// Starts every source that is due at this tick (never one that is still being read). Quick ones are read at once.
    pub fn start_due(&mut self, _now: Moment) {}

    /// Whether a source that is read at every tick has been started and has not answered yet (one over its timeout is
    /// no longer waited for).
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        false
    }

    /// The next answer; pending for ever when nothing is under way. Cancel safe.
    pub async fn next_report(&mut self, _now: &dyn Fn() -> Moment) -> Report {
        std::future::pending().await
    }

    /// How each source is doing now: overdue ones are told as failing without waiting for their answer.
    pub fn statuses(&mut self, _now: Moment) -> Arc<Vec<SourceStatus>> {
        Arc::default()
    }
}
