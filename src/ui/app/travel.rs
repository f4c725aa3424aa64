//! What the actions that move through time do. They choose a moment and read nothing of it: however many keys come at
//! once, the frame of the last moment alone is fetched, and drawn.

use std::time::Duration;

use super::dialog::Dialog;
use super::position::{Bounds, Position};
use super::state::App;
use crate::feed::Link;
use crate::model::{Incident, Timestamp};
use crate::ui::theme::Role;

impl App {
    /// The moment that is shown, or will be with the next drawing.
    pub(super) fn moment(&self) -> Timestamp {
        self.position
            .held()
            .unwrap_or_else(|| self.feed.newest().at)
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds::of(&*self.feed)
    }

    /// Holds the picture; held, it follows the present again. A recording is held and played on from what is shown.
    pub(crate) fn toggle_pause(&mut self) {
        let bounds = self.bounds();
        let stands = bounds.is_recording && !self.plays();
        match self.position {
            Position::Live if !stands => {
                self.position = Position::Paused(self.frame.at);
                self.feed.hold();
            }
            _ if bounds.is_recording && self.moment() >= bounds.latest => {
                self.say(bounds.end_text(), Role::Info);
            }
            _ => {
                self.feed.play_from(self.moment());
                self.position = Position::Live;
            }
        }
    }

    /// Whether a recording is being played.
    pub(super) fn plays(&self) -> bool {
        matches!(self.feed.link(), Link::Replay(Some(_)))
    }

    /// To the present; of a recording, to its end.
    pub(crate) fn go_live(&mut self) {
        self.feed.play_from(self.bounds().latest);
        self.position = Position::Live;
    }

    /// Goes to a moment; beyond what can be shown to its end, and says so. A recording that is being played is held.
    pub(super) fn travel(&mut self, to: Timestamp) {
        let bounds = self.bounds();
        self.feed.hold();
        if to < bounds.oldest {
            if bounds.oldest < bounds.latest {
                self.position = Position::Rewound(bounds.oldest);
            }
            self.say(bounds.begin_text(), Role::Info);
        } else if to < bounds.latest {
            self.position = Position::Rewound(to);
        } else {
            self.position = if bounds.is_recording {
                Position::Rewound(bounds.latest)
            } else {
                Position::Live
            };
            self.say(bounds.end_text(), Role::Info);
        }
    }

    pub(crate) fn step_back(&mut self, span: Duration) {
        self.travel(self.moment().minus(span));
    }

    pub(crate) fn step_forward(&mut self, span: Duration) {
        self.travel(self.moment().plus(span));
    }

    /// To the tick before; as far back as ticks are no longer kept one by one, as long as a tick lasts.
    pub(crate) fn tick_back(&mut self) {
        let at = self.moment();
        let (before, _) = self.feed.ticks_around(at.minus(Duration::from_millis(1)));
        self.travel(before.unwrap_or_else(|| at.minus(self.tick())));
    }

    pub(crate) fn tick_forward(&mut self) {
        let at = self.moment();
        let (_, after) = self.feed.ticks_around(at);
        self.travel(after.unwrap_or_else(|| at.plus(self.tick())));
    }

    /// To the firing of the next alert, or of the one before; from the present, of the last one.
    pub(crate) fn jump_to_alert(&mut self, forward: bool) {
        let at = self.moment();
        let bounds = self.bounds();
        let (from, to) = if forward {
            (at, bounds.latest)
        } else {
            (bounds.oldest, at)
        };
        let is_ahead = |fired: Timestamp| match forward {
            true => fired > at,
            false => fired < at || (fired == at && self.position == Position::Live),
        };
        let known = self.feed.incidents(from, to);
        let mut fired: Vec<(Timestamp, &Incident)> = known
            .iter()
            .filter_map(|incident| Some((incident.fired?, incident)))
            .filter(|(fired, _)| is_ahead(*fired) && *fired >= from && *fired <= to)
            .collect();
        // The nearest, and the worst of those that fired at one moment.
        fired.sort_by_key(|(fired, incident)| {
            let distance = (fired.0 - at.0).abs();
            (distance, std::cmp::Reverse(incident.severity))
        });
        match fired.as_slice() {
            [] => self.say(no_alert(forward, at, bounds), Role::Info),
            [(moment, first), rest @ ..] => {
                let others = rest.iter().filter(|(other, _)| other == moment).count();
                let told = fired_text(first, *moment, bounds.latest, others);
                let role = Role::of(first.severity);
                self.travel(*moment);
                self.say(told, role);
            }
        }
    }

    /// To the moment that the selected row leads to.
    pub(crate) fn go_to_row_moment(&mut self) {
        match self.with_tab(|tab, cx| tab.moment(cx)) {
            Some(moment) => {
                self.travel(moment);
                if self.position != Position::Live {
                    let when = moment.dated_text(self.feed.newest().at);
                    self.say(format!("it fired at {when}"), Role::Info);
                }
            }
            None => self.say("it has not fired", Role::Info),
        }
    }

    pub(crate) fn open_moment(&mut self) {
        self.dialog = Some(Dialog::moment(self));
    }
}

fn no_alert(forward: bool, at: Timestamp, bounds: Bounds) -> String {
    let when = at.dated_text(bounds.latest);
    match forward {
        true if at >= bounds.latest => format!("{}; N goes to the last alert", bounds.end_text()),
        true => format!("no alert fired after {when}"),
        false => format!("no alert fired before {when}; {}", bounds.begin_text()),
    }
}

/// `high_cpu_usage critical fired at 14:28:07`, and how many more at that moment.
pub(super) fn fired_text(
    incident: &Incident,
    fired: Timestamp,
    now: Timestamp,
    others: usize,
) -> String {
    let more = match others {
        0 => String::new(),
        others => format!(", and {others} more"),
    };
    format!(
        "{} {} fired at {}{more}",
        incident.rule,
        incident.severity.word(),
        fired.dated_text(now)
    )
}
