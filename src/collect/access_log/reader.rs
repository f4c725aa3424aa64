//! A log as a source: what comes is counted by route, what is not understood is told.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::format::{Choice, Format};
use super::line::Line;
use super::rights;
use super::tail::{Bounds, Progress, Start, Tail};
use super::time::time_of;
use crate::collect::counter::Interval;
use crate::collect::red::Red;
use crate::collect::red::route::write_route;
use crate::collect::red::window::{Merge, Window, part_of};
use crate::collect::{CollectError, Reader, Spec, Surroundings};
use crate::model::text::printable;
use crate::model::{Moment, Reading, format as shown};

/// The route of what was no request: bytes of a scan, a client that connected and said nothing.
const NO_REQUEST: &str = "(no request)";
const NO_TIMES: &str = "the log has no times: add $request_time to nginx' log_format";
/// So much at the end of a log is read at the start when it shall be read from the past.
const MOST_PAST: u64 = 256 * 1024 * 1024;
/// So many lines of a reading are looked at for another format when they don't fit the known one.
const MOST_DETECTIONS: u32 = 20;

/// A log that is followed.
pub(super) struct AccessLog {
    spec: Spec,
    path: PathBuf,
    tail: Tail,
    was_there: bool,
    interval: Interval,
    covered: Option<Duration>,
    since: Option<Duration>,
    requests: Requests,
}

/// The requests of its lines.
struct Requests {
    choice: Choice,
    format: Option<Format>,
    red: Red,
    route: String,
    past: Option<Past>,
    detections: u32,
    /// Counted in all.
    requests: u64,
    /// Since the last reading.
    tally: Tally,
    minute: Window<Tally>,
}

/// Lines, and those that were not understood.
#[derive(Default)]
struct Tally {
    lines: u64,
    rejected: u64,
}

/// While lines are read that were there before.
#[derive(Clone, Copy)]
struct Past {
    now: Moment,
    since: Duration,
    has_old: bool,
}

impl AccessLog {
    pub fn new(
        spec: Spec,
        path: &Path,
        choice: Choice,
        since: Option<Duration>,
        around: &Surroundings,
    ) -> Self {
        let start = since.map_or(Start::End, |_| Start::Last(MOST_PAST));
        Self {
            requests: Requests {
                choice,
                format: None,
                red: Red::new(&around.catalog, spec.name.clone(), &around.limits),
                route: String::new(),
                past: None,
                detections: 0,
                requests: 0,
                tally: Tally::default(),
                minute: Window::default(),
            },
            tail: Tail::new(path, start),
            path: path.to_owned(),
            was_there: false,
            interval: Interval::default(),
            covered: None,
            since,
            spec,
        }
    }

    /// The time since the last reading that succeeded; at the first one of the past, what the rows show of it.
    fn cover(&mut self, now: Moment) {
        let interval = self.interval.next(now.mono);
        let of_past = || self.since.map(|since| since.min(Red::minute_at(now)));
        if let Some(more) = interval.or_else(of_past) {
            *self.covered.get_or_insert_default() += more;
        }
    }

    /// At the first reading, what is there already tells the format.
    fn begin(&mut self, now: Moment) -> io::Result<()> {
        let requests = &mut self.requests;
        self.tail.lines_before(|line| {
            if requests.format.is_none() {
                requests.format = requests.detect(line);
            }
        })?;
        requests.past = self.since.map(|since| Past {
            now,
            since,
            has_old: false,
        });
        self.was_there = true;
        Ok(())
    }

    fn explain(&mut self, error: io::Error) -> CollectError {
        match error.kind() {
            io::ErrorKind::PermissionDenied => CollectError::Denied {
                grant: rights::grant(&self.path),
            },
            kind => {
                if kind == io::ErrorKind::NotFound {
                    self.tail.expect_new();
                }
                CollectError::Io {
                    what: self.path.display().to_string(),
                    source: error,
                }
            }
        }
    }

    fn tell(&mut self, now: Moment, progress: Progress, reading: &mut Reading) {
        if progress.behind > 0 {
            let behind = shown::Formatter::default().bytes(progress.behind as f64);
            let line = format!("{behind} behind: more is written than can be read");
            reading.lacks("the newest requests", line);
        }
        if progress.is_gone {
            let line = format!("{} is gone: the next one is awaited", self.path.display());
            reading.lacks("new requests", &*printable(&line));
        }
        self.requests.tell(now, reading);
    }
}

impl Reader for AccessLog {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        self.cover(now);
        if !self.was_there {
            self.begin(now).map_err(|error| self.explain(error))?;
        }
        let requests = &mut self.requests;
        requests.detections = 0;
        let read = self
            .tail
            .read(now.mono, Bounds::default(), &mut |line| requests.take(line));
        let progress = read.map_err(|error| self.explain(error))?;
        self.requests.tally.rejected += progress.too_long;
        self.requests.tally.lines += progress.too_long;
        self.requests.end_past(progress);
        let mut reading = Reading::at(now.wall);
        let covered = self.covered.take();
        self.requests.red.close(now, covered, &mut reading);
        self.tell(now, progress, &mut reading);
        Ok(reading)
    }
}

impl Requests {
    /// Takes a line, whatever it is.
    fn take(&mut self, line: &[u8]) {
        if line.is_empty() {
            return;
        }
        self.tally.lines += 1;
        let mut format = self.format.take();
        let mut request = format.as_ref().and_then(|format| format.read(line).ok());
        if request.is_none()
            && let Some(other) = self.detect(line)
        {
            format = Some(other);
            request = format.as_ref().and_then(|format| format.read(line).ok());
        }
        match request {
            Some(request) => self.count(&request),
            None => self.tally.rejected += 1,
        }
        self.format = format;
    }

    /// The format of a line that the known one does not fit. That costs more than reading one: it is not tried for
    /// each line of a flood.
    fn detect(&mut self, line: &[u8]) -> Option<Format> {
        self.detections += 1;
        (self.detections <= MOST_DETECTIONS)
            .then(|| self.choice.detect(line))
            .flatten()
    }

    fn count(&mut self, request: &Line<'_>) {
        if request.is_other || !self.is_wanted(request) {
            return;
        }
        self.requests += 1;
        if request.target.is_empty() {
            self.red.observe("", NO_REQUEST, request.status, None);
            return;
        }
        write_route(&request.target, &mut self.route);
        let (method, route) = (&*request.method, &*self.route);
        self.red
            .observe(method, route, request.status, request.latency_ms());
    }

    /// Whether a line of the past is young enough. The first one that the rows still show ends what came before.
    fn is_wanted(&mut self, request: &Line<'_>) -> bool {
        let Some(past) = &mut self.past else {
            return true;
        };
        let Some(at) = request.time.as_deref().and_then(time_of) else {
            return true;
        };
        let age = past.now.wall.since(at);
        let is_old = age > Red::minute_at(past.now);
        if is_old {
            past.has_old = true;
        } else if std::mem::take(&mut past.has_old) {
            self.red.set_aside();
        }
        age <= past.since
    }

    /// The past is over with the reading that reached the end.
    fn end_past(&mut self, progress: Progress) {
        if self.past.is_some_and(|past| past.has_old) {
            self.red.set_aside();
        }
        if progress.behind == 0 {
            self.past = None;
        }
    }

    /// What is not understood, of the last minute.
    fn tell(&mut self, now: Moment, reading: &mut Reading) {
        let part = part_of(now.mono);
        self.minute.add(part, std::mem::take(&mut self.tally));
        self.minute.forget(part);
        let Tally { lines, rejected } = self.minute.sum();
        if rejected > 0 {
            let (rejected, lines) = (shown::grouped(rejected), shown::grouped(lines));
            let line = format!("{rejected} of {lines} lines are in no known format: set `format`");
            reading.lacks("lines", line);
        }
        let has_duration = self.format.as_ref().is_none_or(Format::has_duration);
        if self.requests > 0 && !has_duration {
            reading.lacks("latency", NO_TIMES);
        }
    }
}

impl Merge for Tally {
    fn merge(&mut self, other: &Self) {
        self.lines += other.lines;
        self.rejected += other.rejected;
    }
}
