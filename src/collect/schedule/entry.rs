//! One source with its place in time: whether it is due, away, overdue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::collect::{Cadence, CollectError, Reader, Source, Spec};
use crate::model::{Moment, Partial, Reading, SourceName, SourceStatus};

use super::Report;
use super::ledger::{Jitter, Ledger};
use super::task::{Away, Done};

/// What the waits of a failing source double from when it is read at every tick.
const TICK_BACK_OFF: Duration = Duration::from_secs(1);
/// Ticks come a little early or late: an interval counts as over when a twentieth of it is left.
const EARLY: u32 = 20;
/// How much longer than its timeout one that is asked may be away before its task is held to be stuck.
const GRACE: Duration = Duration::from_secs(1);

enum Slot {
    Quick(Box<dyn Reader>),
    Home(Away),
    Away { since: Moment, overdue: bool },
}

/// One source with its place in time.
pub(super) struct Entry {
    spec: Spec,
    name: SourceName,
    partial: Arc<Vec<Partial>>,
    slot: Slot,
    is_asked: bool,
    ledger: Ledger,
    last_start: Option<Duration>,
}

impl Entry {
    pub fn new(source: Source) -> Self {
        let (spec, slot) = match source {
            Source::Quick(reader) => (reader.spec(), Slot::Quick(reader)),
            Source::Blocking(reader) => (reader.spec(), Slot::Home(Away::Blocking(reader))),
            Source::Asked(collector) => (collector.spec(), Slot::Home(Away::Asked(collector))),
        };
        Self {
            partial: Arc::default(),
            name: spec.name.clone(),
            is_asked: matches!(slot, Slot::Home(Away::Asked(_))),
            spec,
            slot,
            ledger: Ledger::new(),
            last_start: None,
        }
    }

    pub fn name(&self) -> SourceName {
        self.name.clone()
    }

    /// Whether it is to be started at the tick of `now`.
    pub fn is_due(&self, now: Moment) -> bool {
        if matches!(self.slot, Slot::Away { .. }) {
            return false;
        }
        if let Some(not_before) = self.ledger.not_before {
            return now.mono >= not_before;
        }
        match (self.spec.cadence, self.last_start) {
            (Cadence::EveryTick, _) | (_, None) => true,
            (Cadence::Every(interval), Some(last)) => {
                now.mono.saturating_sub(last) >= interval - interval / EARLY
            }
        }
    }

    /// Starts it. A quick one answers at once.
    pub fn start(
        &mut self,
        index: usize,
        now: Moment,
        back: &mpsc::Sender<Done>,
        jitter: &mut Jitter,
    ) -> Option<Report> {
        self.last_start = Some(now.mono);
        if let Slot::Quick(reader) = &mut self.slot {
            let begun = Instant::now();
            let result = reader.read(now);
            self.judge(&result, begun.elapsed(), now, jitter);
            return Some(Report {
                source: self.name(),
                result,
            });
        }
        let gone = Slot::Away {
            since: now,
            overdue: false,
        };
        if let Slot::Home(away) = std::mem::replace(&mut self.slot, gone) {
            away.start(index, now, self.spec.timeout, back.clone());
        }
        None
    }

    /// Takes it back with its answer.
    pub fn come_back(
        &mut self,
        done: Done,
        now: Moment,
        jitter: &mut Jitter,
    ) -> Result<Reading, CollectError> {
        let was = std::mem::replace(&mut self.slot, Slot::Home(done.away));
        if let Slot::Away { overdue, .. } = was {
            let took = done.took;
            match &done.result {
                Ok(_) if overdue => self.ledger.succeeded(took, self.spec.timeout, now, false),
                // The failure was told when it went over its timeout.
                Err(_) if overdue => {}
                result => self.judge(result, took, now, jitter),
            }
        }
        done.result
    }

    /// How long until it is over its timeout.
    pub fn until_overdue(&self, now: Moment) -> Option<Duration> {
        match &self.slot {
            Slot::Away {
                since,
                overdue: false,
            } => Some((since.mono + self.limit()).saturating_sub(now.mono)),
            _ => None,
        }
    }

    /// Tells it as failing once when it is over its timeout, although its answer is outstanding.
    pub fn give_up_waiting(&mut self, now: Moment, jitter: &mut Jitter) -> Option<Report> {
        let limit = self.limit();
        let Slot::Away { since, overdue } = &mut self.slot else {
            return None;
        };
        if *overdue || now.mono.saturating_sub(since.mono) < limit {
            return None;
        }
        *overdue = true;
        let error = CollectError::Timeout(self.spec.timeout);
        let interval = self.interval();
        self.ledger.failed(&error, interval, now, jitter);
        Some(Report {
            source: self.name(),
            result: Err(error),
        })
    }

    /// Whether the tick waits for it.
    pub fn holds_up_tick(&self) -> bool {
        let away = matches!(self.slot, Slot::Away { overdue: false, .. });
        away && self.spec.cadence == Cadence::EveryTick
    }

    /// How it is doing; `tick` is the interval of what is read at every tick.
    pub fn status(&self, tick: Duration) -> SourceStatus {
        SourceStatus {
            name: self.name(),
            kind: self.spec.kind,
            partial: self.partial.clone(),
            health: self.ledger.health.clone(),
            interval: match self.spec.cadence {
                Cadence::EveryTick => tick,
                Cadence::Every(interval) => interval.max(tick),
            },
            last_answer: self.ledger.last_answer,
            duration_ms: self.ledger.took.map(|took| took.as_secs_f64() * 1e3),
            success_percent: self.ledger.success_percent(),
        }
    }

    fn judge(
        &mut self,
        result: &Result<Reading, CollectError>,
        took: Duration,
        now: Moment,
        jitter: &mut Jitter,
    ) {
        let interval = self.interval();
        match result {
            Ok(reading) => {
                if *self.partial != reading.partial {
                    self.partial = Arc::new(reading.partial.clone());
                }
                self.ledger.succeeded(took, self.spec.timeout, now, true);
            }
            Err(error) => self.ledger.failed(error, interval, now, jitter),
        }
    }

    fn interval(&self) -> Duration {
        match self.spec.cadence {
            Cadence::EveryTick => TICK_BACK_OFF,
            Cadence::Every(interval) => interval,
        }
    }

    /// One that is asked is stopped by its own task at its timeout; the grace keeps that from being told twice.
    fn limit(&self) -> Duration {
        if self.is_asked {
            self.spec.timeout + GRACE
        } else {
            self.spec.timeout
        }
    }
}
