//! Frames of the pipeline in this process; the past from its hot history, and from the file what that does not know as
//! exactly: older ticks, tables it has dropped, and all that was before this process began.

mod moment;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::board::board_at;
use super::far::Far;
use super::past::{Past, WRITTEN_AFTER};
use super::process::{Gathering, row_of};
use super::{Feed, Link, Points, ProcessHistory, Window};
use crate::model::{
    Catalog, Command, CommandOutcome, Distribution, Frame, Incident, ProcessKey, SeriesId,
    Timestamp,
};
use crate::pipeline::{Handle, Order};
use crate::store::hot::{DISTRIBUTIONS_KEPT, HotHistory, TICKS_KEPT};
use crate::store::remote::prometheus::RemoteHistory;

/// How much earlier than hot memory a file must begin for that to be worth a look: its oldest bucket reaches back to
/// before its first tick.
const BUCKET: Duration = Duration::from_secs(120);

/// The feed of this process's own pipeline.
#[derive(Debug)]
pub struct LocalFeed {
    /// Before the handle: whoever writes the file closes it when the handle goes, and nobody should have it open then.
    past: Option<Past>,
    handle: Handle,
    far: Option<Far>,
}

/// Who tells of a stretch of time.
#[derive(Debug)]
enum Teller<'a> {
    /// Hot memory knows it as exactly as anybody.
    Hot,
    /// The file.
    File(&'a Past),
    /// The file until hot memory begins.
    Both(&'a Past, Timestamp),
}

impl LocalFeed {
    /// A feed of a running pipeline that knows nothing but its hot history.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self {
            handle,
            past: None,
            far: None,
        }
    }

    /// A feed that reads what is older from the file of history at `path`, once there is one.
    #[must_use]
    pub fn with_past(handle: Handle, path: &Path, catalog: Catalog) -> Self {
        Self {
            handle,
            past: Some(Past::at(path, catalog)),
            far: None,
        }
    }

    /// The same feed, which asks an engine elsewhere for the figures of what was before all that is kept here.
    #[must_use]
    pub fn beyond(self, history: RemoteHistory) -> Self {
        let far = Some(Far::new(history));
        Self { far, ..self }
    }

    /// A series as this machine knows it.
    fn points_here(&self, series: SeriesId, window: Window) -> Points {
        let hot = || self.hot(|history| history.points(series, window));
        match self.teller(window.start, window.until) {
            Teller::Hot => hot(),
            Teller::File(past) => past
                .points(series, window, self.now())
                .map_or_else(hot, |kept| (*kept).clone()),
            Teller::Both(past, begins) => {
                let (older, bucket) = until(window, begins);
                let Some(kept) = past.points(series, older, self.now()) else {
                    return hot();
                };
                let mut points = Points {
                    window,
                    ..(*kept).clone()
                };
                points.replace_after(bucket, &hot());
                points
            }
        }
    }

    /// The first and the last moment of what is kept here.
    fn remembers_here(&self) -> Option<(Timestamp, Timestamp)> {
        let hot = self.hot(HotHistory::remembers);
        let now = self.now();
        let kept = self.past.as_ref().and_then(|past| past.remembers(now));
        match (hot, kept) {
            (Some((first, last)), Some((earlier, _))) => Some((first.min(earlier), last)),
            (hot, kept) => hot.or(kept),
        }
    }

    /// When what is kept here begins.
    fn begins_here(&self) -> Timestamp {
        self.remembers_here().map_or(self.now(), |(first, _)| first)
    }

    /// The engine elsewhere with its beginning, where a moment is its own: before all that is kept here.
    fn far_at(&self, at: Timestamp) -> Option<(&Far, Timestamp)> {
        let far = self.far.as_ref()?;
        let begins = far.begins(&self.newest())?;
        (begins <= at && at < self.begins_here()).then_some((far, begins))
    }

    fn now(&self) -> Timestamp {
        self.handle.frames.borrow().at
    }

    fn hot<T>(&self, look: impl FnOnce(&HotHistory) -> T) -> T {
        self.handle.history.read(look)
    }

    /// Who tells figures of the time from one moment to another.
    fn teller(&self, from: Timestamp, to: Timestamp) -> Teller<'_> {
        let begins = |history: &HotHistory| history.remembers().map(|(first, _)| first);
        self.teller_of(from, to, begins, TICKS_KEPT)
    }

    /// Who tells distributions of it.
    fn teller_of_distributions(&self, from: Timestamp, to: Timestamp) -> Teller<'_> {
        self.teller_of(
            from,
            to,
            HotHistory::distributions_begin,
            DISTRIBUTIONS_KEPT,
        )
    }

    /// Who tells of the time from one moment to another, where hot memory begins at some moment and keeps the finest for
    /// so long.
    fn teller_of(
        &self,
        from: Timestamp,
        to: Timestamp,
        begins: impl FnOnce(&HotHistory) -> Option<Timestamp>,
        finest: Duration,
    ) -> Teller<'_> {
        let (Some(past), now) = (&self.past, self.now()) else {
            return Teller::Hot;
        };
        let is_recent = to.plus(WRITTEN_AFTER) >= now;
        if !is_recent && now.since(from) >= finest {
            return Teller::File(past);
        }
        let begins = self.hot(begins).unwrap_or(now);
        let has_more = |(first, _): (Timestamp, Timestamp)| first.plus(BUCKET) < begins;
        if begins <= from || !past.remembers(now).is_some_and(has_more) {
            return Teller::Hot;
        }
        Teller::Both(past, begins)
    }
}

impl Feed for LocalFeed {
    fn newest(&self) -> Arc<Frame> {
        self.handle.frames.borrow().clone()
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async {
            let Some(far) = &mut self.far else {
                return self.handle.frames.changed().await.is_ok();
            };
            tokio::select! {
                changed = self.handle.frames.changed() => changed.is_ok(),
                // The same frame, with more of its past.
                () = far.arrived() => true,
            }
        })
    }

    fn at(&self, at: Timestamp) -> Option<Arc<Frame>> {
        let newest = self.newest();
        if at >= newest.at {
            return Some(newest);
        }
        if let Some((far, _)) = self.far_at(at) {
            let frame = far.frame_at(at, &newest);
            let known = self.incidents(at, at).into_iter();
            let alerts = board_at(at, known, &newest.alerts.rules, &frame, |_, _| None);
            return Some(Arc::new(Frame {
                alerts: Arc::new(alerts),
                ..frame
            }));
        }
        let from_hot =
            |history: &HotHistory| moment::past_frame(history, &newest, at).map(Arc::new);
        let past = self.past.as_ref();
        let Some(past) = past.filter(|_| !self.hot(|it| it.pictures.has_every_tick_at(at))) else {
            return self.hot(from_hot);
        };
        let kept = past.frame_at(at, newest.at);
        let kept = kept.map(|frame| today(&frame, &newest));
        // A file that could not be written then tells of nothing; memory may.
        match kept {
            Some(frame) if is_told(&frame) => Some(frame),
            kept => self.hot(from_hot).or(kept),
        }
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        let here = self.remembers_here();
        let far = self.far.as_ref();
        let begins = far.and_then(|far| far.begins(&self.newest()));
        here.map(|(first, last)| (begins.map_or(first, |begins| begins.min(first)), last))
    }

    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        if let Some((far, begins)) = self.far_at(at) {
            let (before, after) = far.ticks_around(at);
            let after = after.min(self.begins_here());
            return (Some(before.max(begins)), Some(after));
        }
        let hot = self.hot(|history| history.ticks_around(at));
        let (Some(past), (None, _) | (_, None)) = (&self.past, hot) else {
            return hot;
        };
        let (before, after) = past.ticks_around(at, self.now());
        let first = self.remembers_here().map(|(first, _)| first);
        // A bucket that holds the first tick may begin before it.
        let before = before.filter(|before| first.is_none_or(|first| *before >= first));
        (hot.0.or(before), after.or(hot.1))
    }

    fn asking(&self, at: Timestamp) -> Option<String> {
        self.far_at(at).and_then(|(far, _)| far.asking(at))
    }

    fn arrivals(&self) -> u64 {
        self.far.as_ref().map_or(0, Far::arrivals)
    }

    fn incidents(&self, from: Timestamp, to: Timestamp) -> Vec<Incident> {
        let newest = self.newest();
        let board = &newest.alerts;
        let known = board.open.iter().chain(&*board.resolved);
        let is_within = |incident: &&Incident| {
            incident.began <= to && incident.resolved.is_none_or(|resolved| resolved >= from)
        };
        let mut told: Vec<Incident> = known.clone().filter(is_within).cloned().collect();
        let past = self.past.as_ref();
        if let Some(kept) = past.and_then(|past| past.incidents(from, to, newest.at)) {
            // What this process knows of an incident is newer than what was kept of it.
            let is_known = |kept: &Incident| known.clone().any(|incident| is_same(incident, kept));
            told.extend(kept.iter().filter(|kept| !is_known(kept)).cloned());
        }
        told.sort_by_key(|incident| incident.began);
        told
    }

    fn take_notice(&self) -> Option<String> {
        let kept = self.past.as_ref().and_then(Past::take_notice);
        kept.or_else(|| self.far.as_ref()?.take_notice())
    }

    fn points(&self, series: SeriesId, window: Window) -> Points {
        let mut points = self.points_here(series, window);
        let table = &self.newest().series;
        if let (Some(far), Some(key)) = (&self.far, table.key(series)) {
            far.fill(&mut points, key, self.begins_here());
            // By the time that somebody goes back, it is known how far.
            far.begins(&self.newest());
        }
        points
    }

    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        let hot = |from| self.hot(|history| history.distribution(series, from, to));
        let now = self.now();
        match self.teller_of_distributions(from, to) {
            Teller::Hot => hot(from),
            Teller::File(past) => past.distribution(series, (from, to), now),
            Teller::Both(past, begins) => {
                let older = past.distribution(series, (from, begins), now);
                match (older, hot(begins)) {
                    (Some(mut all), Some(newer)) => {
                        all.merge(&newer);
                        Some(all)
                    }
                    (older, newer) => older.or(newer),
                }
            }
        }
    }

    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        let hot = || self.hot(|history| history.distributions(series, window));
        match self.teller_of_distributions(window.start, window.until) {
            Teller::Hot => hot(),
            Teller::File(past) => past
                .distributions(series, window, self.now())
                .map_or_else(hot, |kept| (*kept).clone()),
            Teller::Both(past, begins) => {
                let (older, bucket) = until(window, begins);
                let mut told = hot();
                let kept = past.distributions(series, older, self.now());
                let kept = kept.iter().flat_map(|kept| kept.iter());
                for (own, kept) in told.iter_mut().zip(kept).take(bucket + 1) {
                    own.clone_from(kept);
                }
                told
            }
        }
    }

    fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        self.hot(|history| history.distributions_since(series, from))
    }

    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory {
        let newest = self.newest();
        let mut told = Gathering::over(window, newest.tick);
        let begins = self.hot(|history| history.pictures.iter().next().map(|picture| picture.at));
        // Whole minutes, so that what the file tells is asked for once a minute and not at every tick.
        let begins = begins.map_or(newest.at, |at| at.plus(MINUTE).floor_to(MINUTE));
        if let Some(past) = self.past.as_ref().filter(|_| begins > window.start) {
            let (older, _) = until(window, begins);
            if let Some(kept) = past.process_rows(process, older, newest.at) {
                told.put_kept(&kept);
            }
        }
        let from = self.past.as_ref().map_or(Timestamp(i64::MIN), |_| begins);
        self.hot(|history| {
            for picture in history.pictures.iter().filter(|picture| picture.at >= from) {
                if let Some(row) = row_of(&picture.tables, process) {
                    told.put(picture.at, row);
                }
            }
        });
        told.finish()
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

const MINUTE: Duration = Duration::from_secs(60);

/// Whether a frame of the file tells anything of its moment.
fn is_told(frame: &Frame) -> bool {
    frame.number > 0 || frame.values.iter().any(|value| !value.is_nan())
}

/// A frame of the file as it is shown beside those of this process: how what is kept is doing, it says of today.
fn today(kept: &Frame, newest: &Frame) -> Arc<Frame> {
    Arc::new(Frame {
        keeping: newest.keeping.clone(),
        ..kept.clone()
    })
}

/// The same buckets with nothing in them that is of `moment` or later, and the bucket that holds it; one after them all
/// where none does.
fn until(window: Window, moment: Timestamp) -> (Window, usize) {
    let last = moment.minus(Duration::from_millis(1));
    let until = window.until.min(last);
    let bucket = window.bucket_of(moment).unwrap_or(window.count);
    (Window { until, ..window }, bucket)
}

/// Whether both are of one time that one rule held for one series. Numbers are given out anew by every process.
fn is_same(one: &Incident, other: &Incident) -> bool {
    let key = |of: &Incident| (of.rule.clone(), of.metric.clone(), of.began);
    key(one) == key(other) && one.place == other.place
}
