//! How an export is doing, as the worker knows it and the frame shows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::queue::Dropped;
use crate::model::{Keeping, KeepingState, Timestamp};

/// Why batches do not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another hubtop on this machine sends them.
    Elsewhere,
    /// The queue can't be written.
    Disk(String),
    /// The engine is away or refuses.
    Engine(String),
}

/// What is known of an export.
#[derive(Debug, Clone, Default)]
struct Known {
    has_sent: bool,
    trouble: Option<Trouble>,
    /// Why a batch was refused for good, the last time.
    refused: Option<String>,
    batches: u64,
    bytes: u64,
    dropped: Dropped,
    since: Timestamp,
}

/// How an export is doing; shared by the worker, which knows, and the sink, which is asked.
#[derive(Debug, Clone)]
pub(super) struct Status {
    name: Arc<str>,
    known: Arc<Mutex<Known>>,
}

impl Status {
    /// Nothing has happened yet.
    pub fn new(name: &str, now: Timestamp) -> Self {
        let known = Known {
            since: now,
            ..Known::default()
        };
        Self {
            name: name.into(),
            known: Arc::new(Mutex::new(known)),
        }
    }

    /// A batch has arrived.
    pub fn sent(&self, now: Timestamp) {
        self.change(now, |known| {
            known.has_sent = true;
            known.trouble = None;
        });
    }

    /// Batches do not arrive.
    pub fn trouble(&self, trouble: Trouble, now: Timestamp) {
        self.change(now, |known| known.trouble = Some(trouble));
    }

    /// The queue is ours and takes what comes.
    pub fn queue_works(&self, now: Timestamp) {
        self.change(now, |known| {
            if !matches!(known.trouble, Some(Trouble::Engine(_))) {
                known.trouble = None;
            }
        });
    }

    /// A batch was refused for good.
    pub fn refused(&self, line: String, now: Timestamp) {
        self.change(now, |known| {
            known.trouble = None;
            known.refused = Some(line);
        });
    }

    /// What waits on the disk, and what went unsent since the start.
    pub fn waits(&self, batches: u64, bytes: u64, dropped: Dropped) {
        let mut known = self.lock();
        (known.batches, known.bytes, known.dropped) = (batches, bytes, dropped);
    }

    /// As it stands in a frame; `lost` is what never came so far as to be queued.
    pub fn keeping(&self, lost: u64) -> Keeping {
        let known = self.lock();
        Keeping {
            name: self.name.clone(),
            state: known.state(),
            line: known.line().into(),
            since: known.since,
            bytes: Some(known.bytes),
            lost: lost + known.dropped.batches,
        }
    }

    fn change(&self, now: Timestamp, change: impl FnOnce(&mut Known)) {
        let mut known = self.lock();
        let before = known.state();
        change(&mut known);
        let after = known.state();
        if before != after {
            known.since = now;
            let line = known.line();
            tracing::info!(export = %self.name, state = ?after, line, "an export changed");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn state(&self) -> KeepingState {
        match &self.trouble {
            Some(Trouble::Elsewhere) => KeepingState::Reading,
            Some(Trouble::Disk(_)) => KeepingState::Failing,
            Some(Trouble::Engine(_)) => KeepingState::Queueing,
            None if self.has_sent => KeepingState::Keeping,
            None => KeepingState::Starting,
        }
    }

    fn line(&self) -> String {
        let mut parts = Vec::new();
        match &self.trouble {
            Some(Trouble::Elsewhere) => {
                parts.push("another hubtop on this machine sends there".to_owned());
            }
            Some(Trouble::Disk(line)) => parts.push(line.clone()),
            Some(Trouble::Engine(line)) => {
                parts.push(line.clone());
                let verb = if self.batches == 1 { "waits" } else { "wait" };
                parts.push(format!("{} {verb}", batches(self.batches)));
            }
            None => {}
        }
        let dropped = self.dropped;
        if dropped.batches > 0 {
            let what = format!(
                "{} with {} figures dropped",
                batches(dropped.batches),
                dropped.count
            );
            parts.push(match &self.refused {
                Some(line) => format!("{what}: {line}"),
                None => format!("{what}: the queue was full"),
            });
        }
        parts.join("; ")
    }
}

fn batches(count: u64) -> String {
    if count == 1 {
        return "1 batch".to_owned();
    }
    format!("{count} batches")
}
