//! A feed with a past: hours of it, alerts in it, a stretch in which nothing was kept, and an hour before which rows are
//! not remembered.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::feed::{Feed, Link, Points, ProcessHistory, Window};
use crate::model::{
    AlertBoard, AlertState, Command, CommandOutcome, Distribution, Frame, Incident, IncidentId,
    Keeping, ProcessKey, SeriesId, Severity, Tables, Timestamp, Unit,
};
use crate::ui::tabs::story;
use crate::ui::tabs::testing::noon;

/// So long before noon it begins.
pub const LENGTH: Duration = Duration::from_secs(8 * 3600);
/// So far back every tick has rows of its own; further back they are those of each tenth second.
pub const ROWS_OF_EACH_TICK: Duration = Duration::from_secs(3600);
/// So far back there are rows.
pub const ROWS: Duration = Duration::from_secs(5 * 3600);
/// Nothing was kept from so long before noon to so long.
pub const GAP: (Duration, Duration) =
    (Duration::from_secs(200 * 60), Duration::from_secs(170 * 60));

/// The moment so many seconds before noon.
pub fn before(seconds: u64) -> Timestamp {
    noon().minus(Duration::from_secs(seconds))
}

/// The feed.
pub struct Reel {
    shown: Box<dyn Feed>,
    newest: Arc<Frame>,
    link: Link,
    incidents: Vec<Incident>,
    /// How many frames of the past were fetched.
    pub reads: Arc<AtomicUsize>,
}

impl Reel {
    /// A calm scene at noon, with alerts 3 h, 34 min and 30 s before.
    pub fn new() -> Self {
        let scene = story::scene(120);
        let mut frame = scene.frame.clone();
        let series = frame.id("system.cpu.usage_percent").unwrap();
        let incidents = [
            (1, "probe_down", Severity::Warning, 3 * 3600 + 600, 3 * 3600),
            (2, "high_cpu_usage", Severity::Critical, 34 * 60, 25 * 60),
            (3, "low_cache_hit_rate", Severity::Warning, 30, 0),
        ]
        .map(|(id, rule, severity, fired, over)| {
            incident(id, rule, severity, series, (fired, over))
        });
        frame.demo = false;
        frame.alerts = Arc::new(board(&incidents, noon(), &frame.alerts));
        Self {
            newest: Arc::new(frame),
            shown: scene.into_feed(),
            link: Link::Local,
            incidents: incidents.into(),
            reads: Arc::default(),
        }
    }

    /// The same as a recording that is being played so long before its end.
    pub fn played(mut self, before_end: Duration) -> Self {
        self.link = Link::Replay(Some(10.0));
        self.newest = self.frame(noon().minus(before_end));
        self
    }

    /// The same, with something to say of a place in which frames are kept.
    pub fn with_keeping(mut self, keeping: Keeping) -> Self {
        Arc::make_mut(&mut self.newest).keeping = Arc::new(vec![keeping]);
        self
    }

    fn frame(&self, at: Timestamp) -> Arc<Frame> {
        let mut frame = (*self.newest).clone();
        frame.at = at;
        frame.alerts = Arc::new(board(&self.incidents, at, &frame.alerts));
        if is_gap(at) {
            frame.values = Arc::new(vec![f64::NAN; frame.values.len()]);
        }
        if is_gap(at) || at < noon().minus(ROWS) {
            frame.tables = Tables::default();
            frame.sources = Arc::default();
        } else if at < noon().minus(ROWS_OF_EACH_TICK) {
            frame.tables.as_of = Some(at.floor_to(Duration::from_secs(10)));
        }
        if at < noon() {
            frame.tables.process_detail = None;
            frame.tables.statement_detail = None;
        }
        Arc::new(frame)
    }
}

fn is_gap(at: Timestamp) -> bool {
    (noon().minus(GAP.0)..noon().minus(GAP.1)).contains(&at)
}

fn incident(
    id: u64,
    rule: &str,
    severity: Severity,
    series: SeriesId,
    (fired, over): (u64, u64),
) -> Incident {
    Incident {
        id: IncidentId(id),
        rule: rule.into(),
        severity,
        state: AlertState::Firing,
        metric: "system.cpu.usage_percent".into(),
        series,
        place: "web-01".to_owned(),
        unit: Unit::Percent,
        value: Some(93.0),
        worst: 97.0,
        condition: "> 80%".to_owned(),
        threshold: 80.0,
        began: before(fired + 60),
        fired: Some(before(fired)),
        resolved: (over > 0).then(|| before(over)),
        stale_since: None,
    }
}

/// How the incidents stood at a moment.
fn board(incidents: &[Incident], at: Timestamp, today: &AlertBoard) -> AlertBoard {
    let mut board = AlertBoard {
        rules: today.rules.clone(),
        ..AlertBoard::default()
    };
    for incident in incidents.iter().filter(|incident| incident.began <= at) {
        let mut incident = incident.clone();
        incident.fired = incident.fired.filter(|fired| *fired <= at);
        incident.resolved = incident.resolved.filter(|over| *over <= at);
        match (incident.fired, incident.resolved) {
            (_, Some(_)) => {
                incident.state = AlertState::Resolved;
                Arc::make_mut(&mut board.resolved).insert(0, incident);
            }
            (None, None) => {
                incident.state = AlertState::Pending;
                board.open.push(incident);
            }
            (Some(_), None) => board.open.push(incident),
        }
    }
    board
}

impl Feed for Reel {
    fn newest(&self) -> Arc<Frame> {
        self.newest.clone()
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(std::future::pending())
    }

    fn at(&self, at: Timestamp) -> Option<Arc<Frame>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        (at >= noon().minus(LENGTH)).then(|| self.frame(at))
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        Some((noon().minus(LENGTH), noon()))
    }

    /// Every second but those of the gap.
    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let second = Duration::from_secs(1);
        let mut last = at.floor_to(second);
        let mut next = last.plus(second);
        if is_gap(last) {
            last = noon().minus(GAP.0).minus(second);
        }
        if is_gap(next) {
            next = noon().minus(GAP.1);
        }
        (Some(last), (next <= noon()).then_some(next))
    }

    fn incidents(&self, from: Timestamp, to: Timestamp) -> Vec<Incident> {
        let known = self.incidents.iter();
        let was_open = |it: &&Incident| it.began <= to && it.resolved.is_none_or(|at| at >= from);
        known.filter(was_open).cloned().collect()
    }

    fn take_notice(&self) -> Option<String> {
        None
    }

    fn points(&self, series: SeriesId, window: Window) -> Points {
        let mut points = self.shown.points(series, window);
        for bucket in 0..window.count {
            if is_gap(window.start.plus(window.step * bucket as u32)) {
                points.avg[bucket] = f64::NAN;
                points.min[bucket] = f64::NAN;
                points.max[bucket] = f64::NAN;
            }
        }
        points
    }

    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        self.shown.distribution(series, from, to)
    }

    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        self.shown.distributions(series, window)
    }

    fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        self.shown.distributions_since(series, from)
    }

    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory {
        self.shown.process_history(process, window)
    }

    fn order(&self, _command: Command) -> oneshot::Receiver<CommandOutcome> {
        oneshot::channel().1
    }

    fn play_from(&mut self, from: Timestamp) {
        if self.link.is_recording() {
            self.newest = self.frame(from);
            self.link = Link::Replay((from < noon()).then_some(10.0));
        }
    }

    fn hold(&mut self) {
        if self.link.is_recording() {
            self.link = Link::Replay(None);
        }
    }

    fn link(&self) -> Link {
        self.link
    }
}
