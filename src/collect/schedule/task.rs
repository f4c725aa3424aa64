//! A source on its way: it moves into a task and comes back with its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::mpsc;

use crate::collect::{CollectError, Collector, Reader};
use crate::model::{Moment, Reading};

/// A source that came back.
pub(super) struct Done {
    /// Its place among the sources.
    pub index: usize,
    /// Itself.
    pub away: Away,
    /// How long it was asked, without the time that its answer lay about.
    pub took: Duration,
    /// What it brought.
    pub result: Result<Reading, CollectError>,
}

/// A source that can be away.
pub(super) enum Away {
    /// Read in a thread of its own.
    Blocking(Box<dyn Reader>),
    /// Asked over a connection.
    Asked(Box<dyn Collector>),
}

impl Away {
    /// Sends it on its way. A defect in it is caught, so that it always comes back.
    pub fn start(self, index: usize, now: Moment, timeout: Duration, back: mpsc::Sender<Done>) {
        match self {
            Self::Blocking(mut reader) => {
                tokio::task::spawn_blocking(move || {
                    let begun = Instant::now();
                    let result = catch_unwind(AssertUnwindSafe(|| reader.read(now)))
                        .unwrap_or(Err(CollectError::Defect));
                    let away = Self::Blocking(reader);
                    // Only fails when the schedule is gone, and then nobody wants the answer.
                    let _ = back.try_send(Done {
                        index,
                        away,
                        took: begun.elapsed(),
                        result,
                    });
                });
            }
            Self::Asked(mut collector) => {
                tokio::spawn(async move {
                    let begun = Instant::now();
                    let answer = tokio::time::timeout(timeout, collector.collect(now));
                    let result = match AssertUnwindSafe(answer).catch_unwind().await {
                        Ok(Ok(result)) => result,
                        Ok(Err(_elapsed)) => Err(CollectError::Timeout(timeout)),
                        Err(_panic) => Err(CollectError::Defect),
                    };
                    let away = Self::Asked(collector);
                    let _ = back.try_send(Done {
                        index,
                        away,
                        took: begun.elapsed(),
                        result,
                    });
                });
            }
        }
    }
}
