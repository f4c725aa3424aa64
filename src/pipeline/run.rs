//! The loop of the pipeline's thread: rounds of reading, one frame a round, orders in between.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::assemble::Assembly;
use super::orders::{Effect, carry_out};
use super::requests::{Requests, Told};
use super::{Fill, Options, Order, Parts, SharedHistory};
use crate::alert::AlertEngine;
use crate::collect::{Report, Schedule};
use crate::model::{Clock, Distribution, Frame, Keeping, Moment, SeriesId};
use crate::store::hot::HotHistory;
use crate::store::{Kept, Sink};

/// The longest that a frame waits for sources that were asked for it; those that are later stand in the next one.
const GRACE: Duration = Duration::from_millis(150);
/// How long the first frame waits: the first paint shows what is there, and the rest follows as soon as it is.
const FIRST_GRACE: Duration = Duration::from_millis(8);
/// When the second round comes after the first: rates need two readings, and nobody wants to wait a whole tick for them.
const SECOND_ROUND: Duration = Duration::from_millis(250);

/// Runs until nobody looks at the frames any more.
pub(super) async fn run(
    mut parts: Parts,
    options: Options,
    history: SharedHistory,
    frames: watch::Sender<Arc<Frame>>,
    mut orders: mpsc::Receiver<Order>,
) {
    let fill = parts.fill.take();
    let mut pipeline = Pipeline::new(parts, &options, history, frames);
    if let Some(past) = options.past {
        pipeline.play_past(past).await;
    }
    pipeline.first_round().await;
    if let Some(fill) = fill {
        pipeline.fill(fill, options.hot_memory);
    }
    let mut next = Instant::now() + SECOND_ROUND.min(pipeline.tick);
    let clock = pipeline.clock.clone();
    let now = move || clock.now();
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => {
                let Some(order) = order else { return };
                match carry_out(order, &options, &pipeline.focus, &pipeline.actor) {
                    Effect::None => {}
                    Effect::Tick(tick) => {
                        pipeline.set_tick(tick);
                        next = pipeline.next_tick();
                    }
                    // What was opened is read at once, not at the next tick.
                    Effect::Look => next = next.min(Instant::now() + Duration::from_millis(5)),
                }
            }
            () = sleep_until(next) => {
                pipeline.round().await;
                next = pipeline.next_tick();
            }
            // Taken when it comes, so that how long it took is not how long the next tick was away.
            report = pipeline.schedule.next_report(&now) => pipeline.take(report),
            () = frames_unwatched(&pipeline.frames) => return,
        }
    }
}

async fn frames_unwatched(frames: &watch::Sender<Arc<Frame>>) {
    frames.closed().await;
}

struct Pipeline {
    schedule: Schedule,
    assembly: Assembly,
    requests: Requests,
    alerts: AlertEngine,
    history: SharedHistory,
    frames: watch::Sender<Arc<Frame>>,
    clock: Arc<dyn Clock>,
    tick: Duration,
    focus: watch::Sender<crate::model::Focus>,
    actor: super::Actor,
    sinks: Vec<Box<dyn Sink>>,
    newcomers: mpsc::Receiver<crate::collect::Source>,
}

impl Pipeline {
    fn new(
        parts: Parts,
        options: &Options,
        history: SharedHistory,
        frames: watch::Sender<Arc<Frame>>,
    ) -> Self {
        let now = parts.clock.now();
        let mut schedule = Schedule::new(parts.sources, now.wall.0.unsigned_abs());
        let requests = Requests::new(parts.objectives, &parts.catalog);
        let mut assembly = Assembly::new(parts.catalog, options.demo);
        // How often each source answers must be known before its first answer is.
        assembly.take_statuses(schedule.statuses(now), now);
        Self {
            schedule,
            assembly,
            requests,
            alerts: AlertEngine::new(parts.rules),
            history,
            frames,
            clock: parts.clock,
            tick: options.tick,
            focus: parts.focus,
            actor: parts.actor,
            sinks: parts.sinks,
            newcomers: parts.newcomers,
        }
    }

    fn set_tick(&mut self, tick: Duration) {
        self.tick = tick;
        self.history.write(|history| history.set_tick(tick));
    }

    /// The next multiple of the tick on the wall clock, so that the clock on the screen and the buckets of the charts
    /// move together.
    fn next_tick(&self) -> Instant {
        let now = self.clock.now().wall;
        Instant::now() + now.floor_to(self.tick).plus(self.tick).since(now)
    }

    /// Has the hot history filled with what was before its first tick, beside everything else.
    fn fill(&self, fill: Fill, hot_memory: usize) {
        let (history, tick) = (self.history.clone(), self.tick);
        let Some((began, _)) = history.read(HotHistory::remembers) else {
            return;
        };
        let work = move || {
            let mut before = HotHistory::new(hot_memory, tick);
            fill(&mut before, began.minus(Duration::from_millis(1)));
            history.begin_with(before);
        };
        let thread = std::thread::Builder::new().name("fill".to_owned());
        if let Err(error) = thread.spawn(work) {
            tracing::warn!("charts begin anew, the system gives no thread: {error}");
        }
    }

    /// Reads what is due and publishes the frame.
    async fn round(&mut self) {
        let now = self.clock.now();
        while let Ok(source) = self.newcomers.try_recv() {
            self.schedule.add(source);
        }
        self.schedule.start_due(now);
        self.gather(GRACE.min(self.tick / 2)).await;
        self.publish(now);
    }

    /// The first round publishes twice when something takes its time.
    async fn first_round(&mut self) {
        let now = self.clock.now();
        self.schedule.start_due(now);
        self.gather(FIRST_GRACE).await;
        self.publish(now);
        if self.schedule.is_waiting() {
            self.gather(GRACE).await;
            self.publish(self.clock.now());
        }
    }

    fn publish(&mut self, now: Moment) {
        let frame = self.assemble(now);
        self.frames.send_replace(frame);
    }

    fn take(&mut self, report: Report) {
        let now = self.clock.now();
        self.assembly.take(report, now);
    }

    /// Takes answers until every source that is read at each tick has answered, or `grace` is over.
    async fn gather(&mut self, grace: Duration) {
        let clock = self.clock.clone();
        let now = move || clock.now();
        let deadline = Instant::now() + grace;
        while self.schedule.is_waiting() {
            match timeout_at(deadline, self.schedule.next_report(&now)).await {
                Ok(report) => self.assembly.take(report, self.clock.now()),
                Err(_) => break,
            }
        }
        // What has arrived from others meanwhile, without waiting.
        while let Some(report) =
            futures_util::FutureExt::now_or_never(self.schedule.next_report(&now))
        {
            self.assembly.take(report, self.clock.now());
        }
    }

    fn assemble(&mut self, now: Moment) -> Arc<Frame> {
        self.assembly
            .take_statuses(self.schedule.statuses(now), now);
        let mut snapshot = self.assembly.values(now, self.tick);
        let mut came = self.assembly.take_distributions();
        let (tables, statuses) = self.assembly.told();
        let told = Told {
            tick: self.tick,
            tables,
            statuses,
        };
        let objectives = self.history.write(|history| {
            let objectives = self
                .requests
                .take(now, &mut came, &told, history, &mut snapshot);
            snapshot.round();
            history.append(now.wall, &snapshot.values);
            objectives
        });
        self.assembly.take_objectives(objectives);
        // detect/ stands here: its verdicts go into the frame and to the rules.
        let alerts = self.alerts.evaluate(
            now,
            self.tick,
            &snapshot.series,
            &snapshot.values,
            &self.assembly.host().name,
        );
        let keeping = self.keeping();
        let frame = self
            .assembly
            .frame(now, self.tick, snapshot, alerts, keeping);
        self.keep(&frame, came);
        self.history
            .write(|history| history.pictures.push(picture_of(&frame)));
        frame
    }

    /// How the places are doing in which frames are kept.
    fn keeping(&self) -> Arc<Vec<Keeping>> {
        Arc::new(self.sinks.iter().map(|sink| sink.keeping()).collect())
    }

    /// Hands a tick on to where it is kept.
    fn keep(&mut self, frame: &Arc<Frame>, came: Vec<(SeriesId, Distribution)>) {
        if self.sinks.is_empty() {
            return;
        }
        let kept = Kept {
            frame: frame.clone(),
            came: came.into(),
        };
        for sink in &mut self.sinks {
            sink.put(&kept);
        }
    }

    /// Lets the sources tell the past: coarsely for the long ranges, tick by tick for the last quarter of an hour.
    async fn play_past(&mut self, past: Duration) {
        let clock = self.clock.clone();
        let live = self.tick;
        let fine = crate::store::hot::TICKS_KEPT;
        let begin = clock.now();
        for (from, until, step) in [
            (past, Duration::from_secs(6 * 3600), 60),
            (Duration::from_secs(6 * 3600), fine, 10),
            (fine, Duration::ZERO, 1),
        ] {
            let step = Duration::from_secs(step).max(live);
            self.set_tick(step);
            let mut back = from.min(past);
            while back > until {
                self.past_round(begin.before(back)).await;
                back = back.saturating_sub(step);
            }
        }
        self.set_tick(live);
    }

    async fn past_round(&mut self, at: Moment) {
        self.schedule.start_due(at);
        while self.schedule.is_waiting() {
            let report = self.schedule.next_report(&|| at).await;
            self.assembly.take(report, at);
        }
        while let Some(report) =
            futures_util::FutureExt::now_or_never(self.schedule.next_report(&|| at))
        {
            self.assembly.take(report, at);
        }
        self.assemble(at);
    }
}

fn picture_of(frame: &Frame) -> crate::store::hot::Picture {
    let tables = crate::model::Tables {
        process_detail: None,
        statement_detail: None,
        cache_detail: None,
        ..frame.tables.clone()
    };
    crate::store::hot::Picture {
        at: frame.at,
        tick: frame.tick,
        host: frame.host.clone(),
        tables,
        sources: frame.sources.clone(),
        alerts: frame.alerts.clone(),
    }
}
