//! Frames of a file alone: nothing is collected. The newest frame is the one under the play head, which stands at a
//! moment or moves through the recording.

mod head;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::oneshot;

use super::past::Past;
use super::process::Gathering;
use super::{Feed, Link, Points, ProcessHistory, Window};
use crate::model::{
    Catalog, Command, CommandOutcome, Distribution, Frame, Incident, ProcessKey, SeriesId,
    Timestamp,
};
use crate::store::StoreError;
use crate::store::file::Archive;
pub use head::{FASTEST, SLOWEST};
use head::{Head, Move};

/// Nothing is written any more as far as a recording goes: every answer is the last word.
const SETTLED: Timestamp = Timestamp(i64::MAX);

/// Why a file can't be replayed.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// It can't be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// There is no tick in it.
    #[error("{}: nothing is recorded in it", .0.display())]
    Empty(PathBuf),
    /// What it says is there can't be read.
    #[error("{}: the moment {} can't be read; `hubtop store check` tells what can", path.display(), at.clock_text())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What should be shown.
        at: Timestamp,
    },
}

/// The feed of a recording.
#[derive(Debug)]
pub struct ReplayFeed {
    past: Past,
    path: PathBuf,
    first: Timestamp,
    last: Timestamp,
    shown: Arc<Frame>,
    head: Head,
}

impl ReplayFeed {
    /// Opens a recording; its end is shown.
    ///
    /// # Errors
    /// It can't be read, or there is nothing in it.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let catalog = Catalog::new();
        let archive = Archive::open(path, catalog.clone())?;
        let Some((first, last)) = archive.remembers()? else {
            return Err(ReplayError::Empty(path.to_owned()));
        };
        let mut feed = Self {
            past: Past::of(archive, path, catalog),
            path: path.to_owned(),
            first,
            last,
            shown: Arc::new(Frame::empty(last)),
            head: Head::standing(),
        };
        feed.stand_at(last)?;
        Ok(feed)
    }

    /// The first and the last moment of the recording.
    #[must_use]
    pub fn ends(&self) -> (Timestamp, Timestamp) {
        (self.first, self.last)
    }

    /// Shows a moment and stays there; one outside of the recording is its beginning or its end.
    ///
    /// # Errors
    /// That moment can't be read.
    pub fn stand_at(&mut self, at: Timestamp) -> Result<(), ReplayError> {
        let at = at.clamp(self.first, self.last);
        self.head = Head::standing();
        if self.show(at) {
            return Ok(());
        }
        Err(ReplayError::Unreadable {
            path: self.path.clone(),
            at,
        })
    }

    /// Plays from one moment to another, `speed` seconds a second, and stays there. A time in which nothing was recorded
    /// is skipped.
    ///
    /// # Errors
    /// The first moment can't be read.
    pub fn play(&mut self, from: Timestamp, to: Timestamp, speed: f64) -> Result<(), ReplayError> {
        self.stand_at(from)?;
        self.head = Head::playing(to.min(self.last), speed);
        Ok(())
    }

    fn next_move(&mut self) -> Move {
        let (at, tick) = (self.shown.at, self.shown.tick);
        let past = &self.past;
        self.head
            .next(at, tick, |at| past.ticks_around(at, SETTLED))
    }

    /// Brings a moment under the play head.
    fn show(&mut self, at: Timestamp) -> bool {
        let Some(frame) = self.past.frame_at(at, SETTLED) else {
            return false;
        };
        self.shown = Arc::new(Frame {
            number: self.shown.number + 1,
            ..(*frame).clone()
        });
        true
    }

    /// Lets the frame that is shown stand for a moment that was not read. The head goes on from there: what can't be read
    /// is told by the past, and the next one may be whole.
    fn stand_in_for(&mut self, moment: Timestamp) {
        self.shown = Arc::new(Frame {
            at: moment,
            ..(*self.shown).clone()
        });
    }
}

impl Feed for ReplayFeed {
    fn newest(&self) -> Arc<Frame> {
        self.shown.clone()
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async {
            loop {
                match self.next_move() {
                    // What stands never changes again, and is no reason to leave.
                    Move::Stay => std::future::pending().await,
                    Move::End => return true,
                    Move::To { moment, due } => {
                        tokio::time::sleep_until(due).await;
                        self.head.arrived();
                        let is_shown = self.show(moment);
                        if self.shown.at < moment {
                            self.stand_in_for(moment);
                        }
                        if is_shown {
                            return true;
                        }
                    }
                }
            }
        })
    }

    fn at(&self, at: Timestamp) -> Option<Arc<Frame>> {
        if at == self.shown.at {
            return Some(self.shown.clone());
        }
        self.past.frame_at(at.min(self.last), SETTLED)
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        Some(self.ends())
    }

    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let (before, after) = self.past.ticks_around(at, SETTLED);
        // A bucket that holds the first tick may begin before it.
        (before.filter(|before| *before >= self.first), after)
    }

    fn incidents(&self, from: Timestamp, to: Timestamp) -> Vec<Incident> {
        let told = self.past.incidents(from, to, SETTLED);
        told.map(|told| (*told).clone()).unwrap_or_default()
    }

    fn take_notice(&self) -> Option<String> {
        self.past.take_notice().or_else(|| self.head.take_notice())
    }

    fn points(&self, series: SeriesId, window: Window) -> Points {
        self.past
            .points(series, window, SETTLED)
            .map_or_else(|| Points::unknown(window), |kept| (*kept).clone())
    }

    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        self.past.distribution(series, (from, to), SETTLED)
    }

    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        let kept = self.past.distributions(series, window, SETTLED);
        kept.map_or_else(|| vec![None; window.count], |kept| (*kept).clone())
    }

    fn distributions_since(&self, _series: SeriesId, _from: Timestamp) -> Option<Timestamp> {
        None
    }

    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory {
        let mut told = Gathering::over(window, self.shown.tick);
        if let Some(kept) = self.past.process_rows(process, window, SETTLED) {
            told.put_kept(&kept);
        }
        told.finish()
    }

    fn order(&self, _command: Command) -> oneshot::Receiver<CommandOutcome> {
        let (answer, outcome) = oneshot::channel();
        // Nobody waits for an answer that can't be sent: the receiver is at hand.
        let _ = answer.send(CommandOutcome::refused("this is a recording"));
        outcome
    }

    fn play_from(&mut self, from: Timestamp) {
        let from = from.clamp(self.first, self.last);
        if from != self.shown.at && !self.show(from) {
            self.stand_in_for(from);
        }
        self.head.play_on(from, self.last);
    }

    fn hold(&mut self) {
        self.head.hold();
    }

    fn link(&self) -> Link {
        Link::Replay(self.head.speed())
    }
}
