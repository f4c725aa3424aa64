//! One rule for one series: its state, and how it changes with each value.

use std::time::Duration;

use super::rule::Rule;
use crate::model::{AlertState, Moment, Timestamp};

/// A gap of more than so many ticks (of the longer one where the tick has changed) begins the waiting anew: what happened in it is not known.
const GAP_IN_TICKS: u32 = 2;

/// The life of one incident, from the first value that is news.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub state: AlertState,
    pub began: Timestamp,
    pub fired: Option<Timestamp>,
    pub worst: f64,
    pub value: Option<f64>,
    pub stale_since: Option<Timestamp>,
    /// Since when the condition has held without a gap, on the clock that never jumps.
    holds_since: Duration,
    /// Since when it has been clear, on the same clock.
    clear_since: Option<Duration>,
    last_value: Duration,
    /// How often there were ticks when that value came.
    last_tick: Duration,
}

/// What became of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It lives on.
    Open,
    /// It was pending and is no more; nothing happened.
    Forgotten,
    /// It fired and is over.
    Resolved,
}

impl Instance {
    /// The condition holds for the first time.
    pub fn begin(rule: &Rule, now: Moment, tick: Duration, value: f64) -> Self {
        let mut instance = Self {
            state: AlertState::Pending,
            began: now.wall,
            fired: None,
            worst: value,
            value: Some(value),
            stale_since: None,
            holds_since: now.mono,
            clear_since: None,
            last_value: now.mono,
            last_tick: tick,
        };
        instance.fire_when_due(rule, now);
        instance
    }

    /// A tick later. `None` is no data: it keeps the state and is told as stale, for absence is no recovery.
    pub fn step(&mut self, rule: &Rule, now: Moment, tick: Duration, value: Option<f64>) -> Step {
        let Some(value) = value else {
            self.value = None;
            self.stale_since.get_or_insert(now.wall);
            return Step::Open;
        };
        let longer = tick.max(self.last_tick);
        let gap = now.mono.saturating_sub(self.last_value) > longer * GAP_IN_TICKS;
        (self.last_value, self.last_tick) = (now.mono, tick);
        self.stale_since = None;
        self.value = Some(value);
        match self.state {
            AlertState::Pending => self.step_pending(rule, now, gap, value),
            _ => self.step_firing(rule, now, gap, value),
        }
    }

    fn step_pending(&mut self, rule: &Rule, now: Moment, gap: bool, value: f64) -> Step {
        if !rule.operator.holds(value, rule.threshold) {
            return Step::Forgotten;
        }
        if gap {
            self.holds_since = now.mono;
            self.began = now.wall;
        }
        self.worst = rule.operator.worse(self.worst, value);
        self.fire_when_due(rule, now);
        Step::Open
    }

    fn step_firing(&mut self, rule: &Rule, now: Moment, gap: bool, value: f64) -> Step {
        self.worst = rule.operator.worse(self.worst, value);
        if rule.operator.holds(value, rule.clear_threshold) {
            self.clear_since = None;
            return Step::Open;
        }
        if gap {
            self.clear_since = None;
        }
        let clear_since = *self.clear_since.get_or_insert(now.mono);
        if now.mono - clear_since >= rule.clear_for {
            Step::Resolved
        } else {
            Step::Open
        }
    }

    fn fire_when_due(&mut self, rule: &Rule, now: Moment) {
        if now.mono.saturating_sub(self.holds_since) >= rule.hold {
            self.state = AlertState::Firing;
            self.fired = Some(now.wall);
        }
    }
}
