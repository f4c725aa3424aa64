//! Where in time the screen stands.

use std::time::Duration;

use crate::feed::{Feed, Link};
use crate::model::{Frame, Timestamp, format};

/// Where in time the screen stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Position {
    /// It follows the newest frame.
    #[default]
    Live,
    /// It holds a picture; figures are still collected.
    Paused(Timestamp),
    /// It shows a moment that was chosen.
    Rewound(Timestamp),
}

impl Position {
    /// The moment that it is held at.
    #[must_use]
    pub fn held(self) -> Option<Timestamp> {
        match self {
            Self::Live => None,
            Self::Paused(at) | Self::Rewound(at) => Some(at),
        }
    }

    /// The mode as it stands in the header: `LIVE`, `PAUSED 00:42`, `REWIND 13:58:10 (−34m)`.
    #[must_use]
    pub fn word(self, newest: &Frame, link: Link) -> String {
        match (self, link) {
            (Self::Live, Link::Local) => "LIVE".to_owned(),
            (Self::Live, Link::Attached(delay)) => {
                format!("ATTACHED {}", format::millis(delay.as_secs_f64() * 1000.0))
            }
            (Self::Live, Link::Replay) => "REPLAY".to_owned(),
            (Self::Paused(at), _) => {
                let held = newest.at.since(at).as_secs();
                format!("PAUSED {:02}:{:02}", held / 60, held % 60)
            }
            (Self::Rewound(at), _) => {
                format!(
                    "REWIND {} (−{})",
                    at.clock_text(),
                    short(newest.at.since(at))
                )
            }
        }
    }

    /// So much earlier, no further back than is remembered.
    #[must_use]
    pub fn back(self, span: Duration, feed: &dyn Feed) -> Self {
        let newest = feed.newest().at;
        let from = self.held().unwrap_or(newest);
        let oldest = feed.remembers().map_or(newest, |(oldest, _)| oldest);
        Self::Rewound(from.minus(span).max(oldest).min(newest))
    }

    /// So much later; live when that is the present.
    #[must_use]
    pub fn forward(self, span: Duration, feed: &dyn Feed) -> Self {
        match self.held() {
            Some(at) if at.plus(span) < feed.newest().at => Self::Rewound(at.plus(span)),
            _ => Self::Live,
        }
    }
}

/// `34s`, `34m`, `5h`: how far back, in its largest unit.
fn short(span: Duration) -> String {
    match span.as_secs() {
        s @ 0..60 => format!("{s}s"),
        s @ 60..3600 => format!("{}m", s / 60),
        s => format!("{}h{:02}m", s / 3600, s % 3600 / 60),
    }
}
