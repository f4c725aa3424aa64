//! The thread of an export: takes moments, keeps them in its queue, and sends what is in it. The one that hands over
//! ticks never waits for it.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::backoff::BackOff;
use super::desk::{Desk, Target};
use super::engine::{Encode, Engine, SendError};
use super::pace::{Due, Pace};
use super::status::{Status, Trouble};
use crate::model::{Frame, Keeping, Timestamp};
use crate::store::{Kept, Sink};

/// So many moments may wait for the thread. One comes an interval: more than a few only when a disk hangs.
const MOST_WAITING: usize = 8;

type Given = (Arc<Frame>, Due);

/// An export that runs. Dropped, its thread ends; what waits on the disk is sent the next time.
#[derive(Debug)]
pub(crate) struct Export {
    pace: Pace,
    intake: mpsc::Sender<Given>,
    status: Status,
}

impl Export {
    /// Starts an export. What goes wrong, now or later, stands in [`Sink::keeping`] and stops nothing.
    pub fn start<C: Encode, E: Engine>(
        target: Target,
        interval: Duration,
        encoder: C,
        engine: E,
        now: Timestamp,
    ) -> Self {
        let status = Status::new(&target.name, now);
        let (intake, taken) = mpsc::channel(MOST_WAITING);
        let of_thread = status.clone();
        let named = std::thread::Builder::new().name(format!("export-{}", target.name));
        let started = named.spawn(move || {
            let failed = of_thread.clone();
            if let Err(error) = work(target, encoder, engine, taken, of_thread, now) {
                failed.trouble(no_thread(&error), now);
            }
        });
        if let Err(error) = started {
            status.trouble(no_thread(&error), now);
        }
        Self {
            pace: Pace::new(interval),
            intake,
            status,
        }
    }
}

fn no_thread(error: &io::Error) -> Trouble {
    Trouble::Disk(format!("the system gives no thread: {error}"))
}

impl Sink for Export {
    fn put(&mut self, kept: &Kept) {
        if let Some(due) = self.pace.look(&kept.frame)
            && self.intake.try_send((kept.frame.clone(), due)).is_ok()
        {
            self.pace.took(&kept.frame);
        }
    }

    fn keeping(&self) -> Keeping {
        self.status.keeping(self.pace.lost())
    }
}

fn work<C: Encode, E: Engine>(
    target: Target,
    encoder: C,
    engine: E,
    intake: mpsc::Receiver<Given>,
    status: Status,
    now: Timestamp,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // For names of hosts.
        .max_blocking_threads(2)
        .thread_stack_size(512 * 1024)
        .build()?;
    let worker = Worker {
        desk: Desk::new(target, encoder, status, now),
        intake,
    };
    runtime.block_on(worker.run(engine));
    // A name that is looked up for a minute must not hold up the end.
    runtime.shutdown_background();
    Ok(())
}

struct Worker<C> {
    desk: Desk<C>,
    intake: mpsc::Receiver<Given>,
}

/// Nobody hands over ticks any more.
struct Closed;

impl<C: Encode> Worker<C> {
    async fn run(mut self, mut engine: impl Engine) {
        let mut waits = BackOff::default();
        while self.step(&mut engine, &mut waits).await.is_ok() {}
    }

    /// Sends one batch, or takes one moment.
    async fn step(&mut self, engine: &mut impl Engine, waits: &mut BackOff) -> Result<(), Closed> {
        let Some(batch) = self.desk.oldest() else {
            let (frame, due) = self.intake.recv().await.ok_or(Closed)?;
            self.desk.take(&frame, due);
            return Ok(());
        };
        match self.taking_while(engine.send(&batch)).await? {
            Ok(()) => {
                waits.reset();
                self.desk.sent(&batch.id);
            }
            Err(SendError::Never { line }) => {
                waits.reset();
                self.desk.refused(&batch.id, line);
            }
            Err(SendError::Later { line, after }) => {
                self.desk.away(line);
                let wait = waits.next(after);
                self.taking_while(tokio::time::sleep(wait)).await?;
            }
        }
        Ok(())
    }

    /// Does something, and takes what comes meanwhile.
    async fn taking_while<T>(&mut self, doing: impl Future<Output = T>) -> Result<T, Closed> {
        let mut doing = pin!(doing);
        loop {
            tokio::select! {
                done = &mut doing => return Ok(done),
                given = self.intake.recv() => {
                    let (frame, due) = given.ok_or(Closed)?;
                    self.desk.take(&frame, due);
                }
            }
        }
    }
}
