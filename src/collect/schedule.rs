//! When each source is read, and what its answers say of its health.
//!
//! Every source that is not quick runs in a task of its own and comes back through one bounded channel; one that hangs
//! costs its own figures and nobody else's.

mod entry;
mod ledger;
mod task;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::model::{Moment, Reading, SourceName, SourceStatus};

use super::{CollectError, Source};
use entry::Entry;
use ledger::Jitter;
use task::Done;

/// So many sources can be read at once.
const MOST_SOURCES: usize = 1024;

/// What came of asking one source.
#[derive(Debug)]
pub struct Report {
    /// Which.
    pub source: SourceName,
    /// What it brought, or why not.
    pub result: Result<Reading, CollectError>,
}

/// When each source is read, and how it is doing. Time comes in as an argument; only how long a quick source takes is
/// measured here.
pub struct Schedule {
    entries: Vec<Entry>,
    ready: VecDeque<Report>,
    done: mpsc::Receiver<Done>,
    to_done: mpsc::Sender<Done>,
    jitter: Jitter,
    last_tick: Option<Duration>,
    tick: Duration,
}

impl Schedule {
    /// A schedule of these sources. `seed` makes the jitter of back-offs repeatable in tests.
    #[must_use]
    pub fn new(sources: Vec<Source>, seed: u64) -> Self {
        // Each source is under way at most once, so that there is always room for its answer.
        let (to_done, done) = mpsc::channel(MOST_SOURCES);
        Self {
            entries: sources
                .into_iter()
                .take(MOST_SOURCES)
                .map(Entry::new)
                .collect(),
            ready: VecDeque::new(),
            done,
            to_done,
            jitter: Jitter::new(seed),
            last_tick: None,
            tick: Duration::ZERO,
        }
    }

    /// Adds a source; it is due at the next tick. One whose name is known already, or one too many, is left out.
    pub fn add(&mut self, source: Source) {
        let entry = Entry::new(source);
        let is_known = self
            .entries
            .iter()
            .any(|known| known.name() == entry.name());
        if !is_known && self.entries.len() < MOST_SOURCES {
            self.entries.push(entry);
        }
    }

    /// Starts every source that is due at this tick (never one that is still being read). Quick ones are read at once.
    pub fn start_due(&mut self, now: Moment) {
        self.measure_tick(now);
        self.report_overdue(now);
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if entry.is_due(now)
                && let Some(report) = entry.start(index, now, &self.to_done, &mut self.jitter)
            {
                self.ready.push_back(report);
            }
        }
    }

    /// Whether a source that is read at every tick has been started and has not answered yet (one over its timeout is
    /// no longer waited for), or answers lie ready.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.ready.is_empty() || self.entries.iter().any(Entry::holds_up_tick)
    }

    /// The next answer; pending for ever when nothing is under way. Cancel safe. A source that is read with plain
    /// calls and goes over its timeout is reported once as such; its late answer is reported when it comes.
    pub async fn next_report(&mut self, now: &dyn Fn() -> Moment) -> Report {
        loop {
            if let Some(report) = self.ready.pop_front() {
                return report;
            }
            let moment = now();
            self.report_overdue(moment);
            if !self.ready.is_empty() {
                continue;
            }
            let until_overdue = self
                .entries
                .iter()
                .filter_map(|entry| entry.until_overdue(moment))
                .min();
            let done = match until_overdue {
                None => self.done.recv().await,
                Some(wait) => tokio::time::timeout(wait, self.done.recv())
                    .await
                    .unwrap_or(None),
            };
            if let Some(done) = done {
                return self.settle(done, now());
            }
        }
    }

    /// How each source is doing now: overdue ones are told as failing without waiting for their answer.
    pub fn statuses(&mut self, now: Moment) -> Arc<Vec<SourceStatus>> {
        self.report_overdue(now);
        let tick = self.tick;
        Arc::new(self.entries.iter().map(|e| e.status(tick)).collect())
    }

    fn settle(&mut self, done: Done, now: Moment) -> Report {
        let entry = &mut self.entries[done.index];
        let result = entry.come_back(done, now, &mut self.jitter);
        Report {
            source: entry.name(),
            result,
        }
    }

    fn report_overdue(&mut self, now: Moment) {
        for entry in &mut self.entries {
            if let Some(report) = entry.give_up_waiting(now, &mut self.jitter) {
                self.ready.push_back(report);
            }
        }
    }

    /// The tick as it is, for the statuses of what is read at every tick; hundredths of a second are noise.
    fn measure_tick(&mut self, now: Moment) {
        if let Some(last) = self.last_tick {
            let hundredths = (now.mono.saturating_sub(last).as_millis() + 5) / 10;
            self.tick = Duration::from_millis(u64::try_from(hundredths * 10).unwrap_or(u64::MAX));
        }
        self.last_tick = Some(now.mono);
    }
}

#[cfg(test)]
mod tests;
