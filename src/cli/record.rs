//! `hubtop record`: a recording in a file of its own, for a colleague or a ticket.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::arguments::RecordArguments;
use super::settings::Given;
use super::{Error, engine, history};
use crate::config::Settings;
use crate::feed::Feed;
use crate::feed::replay::ReplayFeed;
use crate::model::format::duration;
use crate::model::{Clock, Formatter, Frame, KeepingState, SystemClock, Timestamp};
use crate::store::StoreError;
use crate::store::file::{Keeper, Limits, copy_stretch};

/// How often it is told what there is.
const TELL: Duration = Duration::from_secs(1);
const YEAR: Duration = Duration::from_secs(366 * 86_400);
/// A recording keeps every tick of everything, as long as it fits into a file that can still be sent.
const LIMITS: Limits = Limits {
    bytes: 4 << 30,
    ticks: YEAR,
    ten_seconds: YEAR,
    minutes: YEAR,
    quarters: YEAR,
    every_picture: YEAR,
    pictures: YEAR,
};

/// Writes a recording.
pub fn run(given: &Given, asked: &RecordArguments) -> Result<ExitCode, Error> {
    let settings = given.load_and_log()?;
    let path = &asked.file;
    if path.symlink_metadata().is_ok() {
        return Err(StoreError::Exists { path: path.clone() }.into());
    }
    match asked.last {
        Some(last) => copy(&settings, path, last)?,
        None => collect(&settings, path, asked.length)?,
    }
    tell_end(path)?;
    Ok(ExitCode::SUCCESS)
}

/// Copies the last part of this host's history.
fn copy(settings: &Settings, path: &Path, last: Duration) -> Result<(), Error> {
    let now = SystemClock::new().now().wall;
    let own = history::file(settings).ok_or(Error::NoStateFolder)?;
    Ok(copy_stretch(&own, path, now.minus(last), now)?)
}

/// Collects until it is told to end, or for so long.
fn collect(settings: &Settings, path: &Path, length: Option<Duration>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Start)?;
    let keeper = Keeper::start(path, LIMITS);
    let feed = engine::start_recording(settings, Box::new(keeper))?;
    let line = Line::new(path, Formatter { si: settings.si });
    let ended = runtime.block_on(follow(&feed, length, line));
    // This waits until all of it is on disk.
    drop(feed);
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    // The recording is one file: nobody will write to it again.
    let _ = std::fs::remove_file(lock);
    ended.map_err(Error::Start)
}

/// Tells once a second what there is, until the end.
async fn follow(feed: &dyn Feed, length: Option<Duration>, mut line: Line) -> io::Result<()> {
    let mut interrupted = Ending::new()?;
    let over = async {
        match length {
            Some(length) => tokio::time::sleep(length).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let mut tell = tokio::time::interval(TELL);
    loop {
        tokio::select! {
            () = &mut over => break,
            ended = interrupted.wait() => { ended?; break }
            _ = tell.tick() => line.tell(&feed.newest()),
        }
    }
    line.end();
    Ok(())
}

/// The line of what there is: on a terminal, over itself again and again; what goes wrong is told anywhere.
struct Line {
    path: String,
    format: Formatter,
    is_terminal: bool,
    began: Option<Timestamp>,
    trouble: String,
}

impl Line {
    fn new(path: &Path, format: Formatter) -> Self {
        Self {
            path: path.display().to_string(),
            format,
            is_terminal: io::stderr().is_terminal(),
            began: None,
            trouble: String::new(),
        }
    }

    fn tell(&mut self, frame: &Frame) {
        if frame.number == 0 {
            return;
        }
        let began = *self.began.get_or_insert(frame.at);
        let keeping = frame.keeping.first();
        let failing = keeping.filter(|keeping| keeping.state == KeepingState::Failing);
        let trouble = failing.map_or("", |failing| &*failing.line);
        if trouble != self.trouble {
            trouble.clone_into(&mut self.trouble);
            if !trouble.is_empty() {
                self.end();
                eprintln!("hubtop: {trouble}");
            }
        }
        if !self.is_terminal {
            return;
        }
        let bytes = keeping.and_then(|keeping| keeping.bytes);
        let bytes = bytes.map_or(String::new(), |bytes| {
            format!(", {}", self.format.bytes(bytes as f64))
        });
        let lost = keeping.map_or(0, |keeping| keeping.lost);
        let lost = if lost > 0 {
            format!(", {lost} ticks lost")
        } else {
            String::new()
        };
        let mut out = io::stderr().lock();
        // A terminal that is gone takes nothing; the recording goes on until a signal says otherwise.
        let _ = write!(
            out,
            "\r\x1b[Krecording {} into {}: {}{bytes}{lost} (Ctrl-C ends it)",
            frame.host.name,
            self.path,
            duration(frame.at.since(began)),
        );
        let _ = out.flush();
    }

    /// What is written next begins a line of its own.
    fn end(&self) {
        if self.is_terminal && self.began.is_some() {
            eprintln!();
        }
    }
}

/// Says what there is now, and that it can be read.
fn tell_end(path: &Path) -> Result<(), Error> {
    let feed = ReplayFeed::open(path)?;
    let (first, last) = feed.ends();
    let host = feed.newest().host.clone();
    eprintln!(
        "recorded {} of {} from {} to {}; `hubtop replay {}` shows it",
        duration(last.since(first)),
        host.name,
        first.local().format("%Y-%m-%d %H:%M:%S"),
        last.clock_text(),
        path.display(),
    );
    Ok(())
}

/// Ctrl-C, and what a service manager sends.
struct Ending {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Ending {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn wait(&mut self) -> io::Result<()> {
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = self.terminate.recv() => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
