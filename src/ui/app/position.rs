//! Where in time the screen stands, and how far it can go.

use std::time::Duration;

use crate::feed::{Feed, Link};
use crate::model::{Frame, Timestamp, format};

/// Where in time the screen stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Position {
    /// It follows the newest frame: the present, or the moment that a recording plays.
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

    /// The mode as it stands in the header: `LIVE`, `PAUSED 00:42`, `REWIND 13:58:10 (−34m)`, `REPLAY 14:28:10 ×10`,
    /// `REPLAY 14:28:10 HELD`. A moment of another day has its date.
    #[must_use]
    pub fn word(self, newest: &Frame, link: Link) -> String {
        let now = newest.at;
        match (self, link) {
            (Self::Live, Link::Local) => "LIVE".to_owned(),
            (Self::Live, Link::Attached(delay)) => {
                format!("ATTACHED {}", format::millis(delay.as_secs_f64() * 1000.0))
            }
            (position, Link::Replay(speed)) => {
                let at = position.held().unwrap_or(now).dated_text(now);
                match (position, speed) {
                    (Self::Live, None) => format!("REPLAY {at}"),
                    (Self::Live, Some(speed)) => format!("REPLAY {at} ×{speed}"),
                    (Self::Paused(_) | Self::Rewound(_), _) => format!("REPLAY {at} HELD"),
                }
            }
            (Self::Paused(at), _) => {
                let held = now.since(at).as_secs();
                format!("PAUSED {:02}:{:02}", held / 60, held % 60)
            }
            (Self::Rewound(at), _) => {
                format!("REWIND {} (−{})", at.dated_text(now), short(now.since(at)))
            }
        }
    }
}

/// The moments that a feed can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The first.
    pub oldest: Timestamp,
    /// The last: the present, or the end of a recording.
    pub latest: Timestamp,
    /// Whether they are those of a recording, after whose end nothing comes.
    pub is_recording: bool,
}

impl Bounds {
    pub fn of(feed: &dyn Feed) -> Self {
        let newest = feed.newest().at;
        let (oldest, last) = feed.remembers().unwrap_or((newest, newest));
        let is_recording = feed.link().is_recording();
        let latest = if is_recording { last } else { newest };
        Self {
            oldest: oldest.min(latest),
            latest,
            is_recording,
        }
    }

    /// What is said where it goes no further back.
    pub fn begin_text(self) -> String {
        let begin = self.oldest.dated_text(self.latest);
        match self {
            _ if self.oldest == self.latest => "nothing earlier is remembered yet".to_owned(),
            Self {
                is_recording: true, ..
            } => format!("the recording begins at {begin}"),
            _ => format!("the history begins at {begin}"),
        }
    }

    /// What is said where it goes no further on.
    pub fn end_text(self) -> String {
        if self.is_recording {
            format!("the recording ends at {}", self.latest.clock_text())
        } else {
            "that is the present".to_owned()
        }
    }
}

/// `34s`, `34m`, `5h07m`, `2d05h`: how far back, in its largest units.
fn short(span: Duration) -> String {
    match span.as_secs() {
        s @ 0..60 => format!("{s}s"),
        s @ 60..3600 => format!("{}m", s / 60),
        s @ 3600..86_400 => format!("{}h{:02}m", s / 3600, s % 3600 / 60),
        s => format!("{}d{:02}h", s / 86_400, s % 86_400 / 3600),
    }
}
