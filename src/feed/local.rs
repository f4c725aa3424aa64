//! Frames of the pipeline in this process, and of the moments that its hot history remembers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Feed, Link, Points, ProcessHistory, Window};
use crate::model::{
    AlertBoard, AlertState, Command, CommandOutcome, Distribution, Frame, Incident, Process,
    ProcessKey, SeriesId, Tables, Timestamp,
};
use crate::pipeline::{Handle, Order};
use crate::store::hot::{HotHistory, Picture};

/// The feed of this process's own pipeline.
#[derive(Debug)]
pub struct LocalFeed {
    handle: Handle,
}

impl LocalFeed {
    /// A feed of a running pipeline.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self { handle }
    }
}

impl Feed for LocalFeed {
    fn newest(&self) -> Arc<Frame> {
        self.handle.frames.borrow().clone()
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async { self.handle.frames.changed().await.is_ok() })
    }

    fn at(&self, at: Timestamp) -> Option<Arc<Frame>> {
        let newest = self.newest();
        if at >= newest.at {
            return Some(newest);
        }
        self.handle
            .history
            .read(|history| past_frame(history, &newest, at))
            .map(Arc::new)
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        self.handle.history.read(HotHistory::remembers)
    }

    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let history = &self.handle.history;
        history.read(|history| history.ticks_around(at))
    }

    fn incidents(&self, from: Timestamp, to: Timestamp) -> Vec<Incident> {
        let board = &self.newest().alerts;
        let known = board.open.iter().chain(&*board.resolved);
        let mut told: Vec<_> = known
            .filter(|incident| was_open(incident, from, to))
            .cloned()
            .collect();
        told.sort_by_key(|incident| incident.began);
        told
    }

    fn take_notice(&self) -> Option<String> {
        None
    }

    fn points(&self, series: SeriesId, window: Window) -> Points {
        self.handle
            .history
            .read(|history| history.points(series, window))
    }

    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        let history = &self.handle.history;
        history.read(|history| history.distribution(series, from, to))
    }

    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        let history = &self.handle.history;
        history.read(|history| history.distributions(series, window))
    }

    fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        let history = &self.handle.history;
        history.read(|history| history.distributions_since(series, from))
    }

    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory {
        self.handle
            .history
            .read(|history| process_history(history, process, window))
    }

    fn order(&self, command: Command) -> oneshot::Receiver<CommandOutcome> {
        let (answer, outcome) = oneshot::channel();
        if let Err(refused) = self.handle.orders.try_send(Order { command, answer }) {
            let order = refused.into_inner();
            // Nobody waits for an answer that can't be sent: the receiver is at hand.
            let _ = order
                .answer
                .send(CommandOutcome::refused("busy: nothing was done, try again"));
        }
        outcome
    }

    fn link(&self) -> Link {
        Link::Local
    }
}

/// Whether an incident was open at any time from one moment to another.
fn was_open(incident: &Incident, from: Timestamp, to: Timestamp) -> bool {
    incident.began <= to && incident.resolved.is_none_or(|resolved| resolved >= from)
}

/// The frame of a past moment: figures from the tiers, tables from the pictures as far as those reach.
fn past_frame(history: &HotHistory, newest: &Frame, at: Timestamp) -> Option<Frame> {
    let (oldest, _) = history.remembers()?;
    if at < oldest {
        return None;
    }
    let values = history.values_at(at, newest.series.len());
    let mut frame = Frame {
        at,
        values: Arc::new(values),
        ..newest.clone()
    };
    match history.pictures.at(at) {
        Some(picture) => take_picture(&mut frame, picture),
        None => {
            frame.tables = Tables::default();
            frame.sources = Arc::default();
            frame.alerts = Arc::new(alerts_at(history, newest, &frame));
        }
    }
    Some(frame)
}

fn take_picture(frame: &mut Frame, picture: &Picture) {
    frame.tick = picture.tick;
    frame.host = picture.host.clone();
    frame.tables = picture.tables.clone();
    frame.tables.as_of = (picture.at != frame.at).then_some(picture.at);
    frame.sources = picture.sources.clone();
    frame.alerts = picture.alerts.clone();
}

/// The alerts of a moment of which there is no picture, from what is known today of when each began, fired and was over, with the values that
/// the frame of that moment has.
fn alerts_at(history: &HotHistory, newest: &Frame, then: &Frame) -> AlertBoard {
    let at = then.at;
    let today = &newest.alerts;
    let known = today.open.iter().chain(&*today.resolved);
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for mut incident in known.filter(|incident| incident.began <= at).cloned() {
        if incident.resolved.is_some_and(|resolved| resolved <= at) {
            over.push(incident);
            continue;
        }
        incident.resolved = None;
        incident.stale_since = incident.stale_since.filter(|since| *since <= at);
        incident.fired = incident.fired.filter(|fired| *fired <= at);
        incident.state = if incident.fired.is_some() {
            AlertState::Firing
        } else {
            AlertState::Pending
        };
        incident.value = then.value_of(incident.series);
        incident.worst = worst_until(history, &incident, rises(newest, &incident), at);
        open.push(incident);
    }
    AlertBoard {
        open,
        resolved: Arc::new(over),
        rules: today.rules.clone(),
    }
}

/// Whether a larger value of the incident is a worse one.
fn rises(newest: &Frame, incident: &Incident) -> bool {
    let rule = newest
        .alerts
        .rules
        .iter()
        .find(|rule| rule.name == incident.rule);
    rule.map_or(incident.worst >= incident.threshold, |rule| rule.above)
}

/// The worst value from the beginning of the incident to a moment in it; NaN when none of that is remembered.
fn worst_until(history: &HotHistory, incident: &Incident, rises: bool, at: Timestamp) -> f64 {
    let stretch = Window::whole(
        incident.began,
        at.since(incident.began) + Duration::from_millis(1),
        1,
    );
    let points = history.points(incident.series, stretch);
    let value = incident.value.unwrap_or(f64::NAN);
    // Of a number and NaN, both give the number.
    if rises {
        points.max[0].max(value)
    } else {
        points.min[0].min(value)
    }
}

fn process_history(history: &HotHistory, process: ProcessKey, window: Window) -> ProcessHistory {
    let unknown = || Points::unknown(window);
    let mut told = ProcessHistory {
        cpu: unknown(),
        resident: unknown(),
        io: unknown(),
    };
    let mut last: Option<(&Picture, usize)> = None;
    let until_then = |picture: &&Picture| picture.at <= window.until;
    for picture in history.pictures.iter().filter(until_then) {
        let Some(row) = row_of(picture, process) else {
            continue;
        };
        let bucket = window.bucket_of(picture.at);
        // Older pictures are 10 s apart: each stands until the next, a longer pause is a gap.
        if let (Some((before, from)), Some(to)) = (last, bucket)
            && before.stands_at(picture.at)
        {
            for between in from + 1..to {
                copy_point(&mut told, from, between);
            }
        }
        if let Some(bucket) = bucket {
            put_row(&mut told, bucket, row);
            last = Some((picture, bucket));
        }
    }
    told
}

fn row_of(picture: &Picture, process: ProcessKey) -> Option<&Process> {
    let rows = picture.tables.processes.as_ref()?;
    let index = rows
        .binary_search_by_key(&process.pid, |row| row.key().pid)
        .ok()?;
    Some(&*rows[index]).filter(|row| row.key() == process)
}

fn put_row(told: &mut ProcessHistory, bucket: usize, row: &Process) {
    let io = match (row.read_bytes_per_sec, row.write_bytes_per_sec) {
        (None, None) => f64::NAN,
        (read, write) => read.unwrap_or(0.0) + write.unwrap_or(0.0),
    };
    let cpu = row.cpu_percent.unwrap_or(f64::NAN);
    for (points, value) in [
        (&mut told.cpu, cpu),
        (&mut told.resident, row.resident_bytes as f64),
        (&mut told.io, io),
    ] {
        // Several pictures in one bucket: the largest is what a person looks for.
        points.max[bucket] = points.max[bucket].max(value);
        points.min[bucket] = points.min[bucket].min(value);
        points.avg[bucket] = points.avg[bucket].max(value);
    }
}

fn copy_point(told: &mut ProcessHistory, from: usize, to: usize) {
    for points in [&mut told.cpu, &mut told.resident, &mut told.io] {
        points.avg[to] = points.avg[from];
        points.min[to] = points.min[from];
        points.max[to] = points.max[from];
    }
}

#[cfg(test)]
mod tests;
