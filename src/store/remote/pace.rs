//! When a moment is sent: at the first tick of each interval, and whenever an alert has changed.

use std::time::Duration;

use crate::model::{AlertState, Frame, IncidentId, Timestamp};

/// What of the alerts is news when it changes.
type Alerts = Vec<(IncidentId, AlertState)>;

/// Why a tick is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// An interval is over.
    Figures,
    /// An alert fired, was acknowledged or resolved.
    Alerts,
}

/// When what was taken last.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// The interval of the figures that were taken last; that of the first tick is not sent, it has just begun.
    taken: Option<Timestamp>,
    /// The interval whose figures nobody has taken yet.
    waiting: Option<Timestamp>,
    alerts: Alerts,
    lost: u64,
}

impl Pace {
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            taken: None,
            waiting: None,
            alerts: Vec::new(),
            lost: 0,
        }
    }

    /// Whether this tick is to be sent. It is asked again at the next one until [`Pace::took`] says that it was taken.
    pub fn look(&mut self, frame: &Frame) -> Option<Due> {
        let interval = frame.at.floor_to(self.interval);
        let taken = *self.taken.get_or_insert(interval);
        // The clock may have jumped back too.
        if interval != taken {
            if self.waiting.is_some_and(|waiting| waiting != interval) {
                self.lost += 1;
            }
            self.waiting = Some(interval);
            return Some(Due::Figures);
        }
        (changing(frame) != self.alerts).then_some(Due::Alerts)
    }

    /// The tick was taken.
    pub fn took(&mut self, frame: &Frame) {
        self.taken = Some(frame.at.floor_to(self.interval));
        self.waiting = None;
        self.alerts = changing(frame);
    }

    /// Intervals whose figures nobody took.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

fn changing(frame: &Frame) -> Alerts {
    let open = frame.alerts.open.iter();
    let firing = open.filter(|incident| incident.is_firing());
    // Newest first: with another in front, something has resolved.
    let resolved = frame.alerts.resolved.first();
    firing
        .chain(resolved)
        .map(|incident| (incident.id, incident.state))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Frame {
        Frame::empty(Timestamp(seconds * 1000))
    }

    #[test]
    fn figures_are_due_once_an_interval_and_never_for_the_one_that_had_begun() {
        let mut pace = Pace::new(Duration::from_secs(15));
        let mut due = Vec::new();
        for second in 107..=150 {
            if pace.look(&at(second)) == Some(Due::Figures) {
                pace.took(&at(second));
                due.push(second);
            }
        }
        assert_eq!(due, [120, 135, 150]);
        assert_eq!(
            pace.look(&at(31)),
            Some(Due::Figures),
            "the clock was set back"
        );
    }

    #[test]
    fn figures_that_nobody_took_are_lost_when_the_next_are_due() {
        let mut pace = Pace::new(Duration::from_secs(15));
        pace.look(&at(100));
        for second in 105..=119 {
            assert_eq!(pace.look(&at(second)), Some(Due::Figures));
        }
        assert_eq!(pace.lost(), 0);
        pace.look(&at(120));
        assert_eq!(pace.lost(), 1);
        pace.took(&at(121));
        assert_eq!(pace.look(&at(122)), None);
    }
}
