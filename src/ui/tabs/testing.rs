//! Frames scripted by hand, and a feed over fixed points, for the tests of the tabs.
//!
//! A scene stands at 14:32:07 in whatever time zone the machine has, so that pictures are the same everywhere.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Local, TimeZone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::oneshot;

use super::{Context, Hits, Range, Tab};
use crate::feed::{Feed, Link, Points, ProcessHistory, Window};
use crate::model::process::{Process, ProcessIdentity, ProcessState};
use crate::model::{
    Catalog, Command, CommandOutcome, Distribution, Formatter, Frame, Health, HostFacts, Incident,
    Labels, Partial, ProcessKey, SeriesId, SourceKind, SourceStatus, Timestamp,
};
use crate::store::hot::HotHistory;
use crate::ui::theme::{ColorDepth, Look, Symbols, Themes};

/// The look of the pictures: every glyph, the default theme.
pub fn look() -> Look {
    let theme = Themes::embedded().get_or_default("");
    Look::new(
        &theme,
        ColorDepth::True,
        Symbols::Braille,
        Formatter::default(),
    )
}

/// When every scene is.
pub fn noon() -> Timestamp {
    let local = Local.with_ymd_and_hms(2026, 3, 14, 14, 32, 7);
    Timestamp(local.earliest().expect("a moment").timestamp_millis())
}

/// A feed that knows the shape of each series: the values are stretched over whatever window is asked for.
pub struct ScriptedFeed {
    curves: HashMap<SeriesId, Vec<f64>>,
    /// The distributions are told by a real history.
    pub history: HotHistory,
    frame: Option<Arc<Frame>>,
}

impl Default for ScriptedFeed {
    fn default() -> Self {
        Self {
            curves: HashMap::new(),
            history: HotHistory::new(32 << 20, Duration::from_secs(1)),
            frame: None,
        }
    }
}

impl ScriptedFeed {
    fn stretched(values: &[f64], window: Window) -> Points {
        let mut points = Points::unknown(window);
        for bucket in 0..window.count {
            let begins = window.start.plus(window.step * bucket as u32);
            let value = values.get(bucket * values.len() / window.count);
            let Some(value) = value.filter(|_| begins <= window.until) else {
                continue;
            };
            points.avg[bucket] = *value;
            points.min[bucket] = value * 0.9;
            points.max[bucket] = value * 1.1;
        }
        points
    }
}

impl Feed for ScriptedFeed {
    fn newest(&self) -> Arc<Frame> {
        self.frame
            .clone()
            .unwrap_or_else(|| Arc::new(Frame::empty(noon())))
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(std::future::ready(false))
    }

    fn at(&self, _at: Timestamp) -> Option<Arc<Frame>> {
        self.frame.clone()
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        Some((noon().minus(Duration::from_secs(900)), noon()))
    }

    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let second = Duration::from_secs(1);
        let before = at.floor_to(second);
        (Some(before), Some(before.plus(second)))
    }

    fn incidents(&self, _from: Timestamp, _to: Timestamp) -> Vec<Incident> {
        Vec::new()
    }

    fn take_notice(&self) -> Option<String> {
        None
    }

    fn points(&self, series: SeriesId, window: Window) -> Points {
        let values = self.curves.get(&series).map_or(&[][..], Vec::as_slice);
        Self::stretched(values, window)
    }

    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        self.history.distribution(series, from, to)
    }

    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        self.history.distributions(series, window)
    }

    fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        self.history.distributions_since(series, from)
    }

    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory {
        let size = f64::from(process.pid % 100);
        ProcessHistory {
            cpu: Self::stretched(&wave(size, 7), window),
            resident: Self::stretched(&wave(size * 1e7, 3), window),
            io: Self::stretched(&wave(size * 1e4, 5), window),
        }
    }

    fn order(&self, _command: Command) -> oneshot::Receiver<CommandOutcome> {
        oneshot::channel().1
    }

    fn link(&self) -> Link {
        Link::Local
    }
}

/// Sixty values that go up and down around `middle` and end near it; another `phase` gives another curve.
pub fn wave(middle: f64, phase: u32) -> Vec<f64> {
    (0..60)
        .map(|step| {
            let turn = f64::from(59 - step) * 0.21;
            middle * (1.0 + 0.35 * (turn + f64::from(phase)).sin() - 0.35 * f64::from(phase).sin())
        })
        .collect()
}

/// Everything that a tab is given to look at.
pub struct Scene {
    /// Gives out the series.
    pub catalog: Catalog,
    /// The frame; values and sources are put in with the methods.
    pub frame: Frame,
    /// The history.
    pub feed: ScriptedFeed,
    /// How it is drawn.
    pub look: Look,
    /// How much time charts show.
    pub range: Range,
    /// The panel with the keys.
    pub focus: usize,
    /// Whether it fills the tab.
    pub zoomed: bool,
    /// Whether the frame is one of the past.
    pub is_past: bool,
    /// Whether nothing may be changed.
    pub locked: Option<&'static str>,
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// A frame at [`noon`] in which nothing is known, of the host `web-01`.
    pub fn new() -> Self {
        let mut frame = Frame::empty(noon());
        frame.number = 1;
        frame.host = Arc::new(HostFacts {
            name: "web-01".to_owned(),
            cores: 8,
            ..HostFacts::default()
        });
        Self {
            catalog: Catalog::new(),
            frame,
            feed: ScriptedFeed::default(),
            look: look(),
            range: Range::default(),
            focus: 0,
            zoomed: false,
            is_past: false,
            locked: None,
        }
    }

    /// Puts a value with a history that goes up and down around it.
    pub fn put(&mut self, metric: &str, labels: Labels, value: f64) -> SeriesId {
        let id = self.catalog.id(metric, labels);
        let values = Arc::make_mut(&mut self.frame.values);
        if values.len() <= id.index() {
            values.resize(id.index() + 1, f64::NAN);
        }
        values[id.index()] = value;
        self.frame.series = self.catalog.table();
        self.feed.curves.insert(id, wave(value, id.0));
        id
    }

    /// Puts values without labels.
    pub fn put_plain(&mut self, values: &[(&str, f64)]) {
        for (metric, value) in values {
            self.put(metric, Labels::none(), *value);
        }
    }

    /// Puts values that share one label.
    pub fn put_of(&mut self, label: &str, value_of: &str, values: &[(&str, f64)]) {
        for (metric, value) in values {
            self.put(metric, Labels::one(label, value_of), *value);
        }
    }

    /// Gives a series this history; NaN is a gap.
    pub fn curve(&mut self, id: SeriesId, values: Vec<f64>) {
        self.feed.curves.insert(id, values);
    }

    /// Sets how a source is doing; it answered `ago` before now.
    pub fn source(&mut self, name: &str, health: Health, ago: Duration) {
        let at = self.frame.at;
        let sources = Arc::make_mut(&mut self.frame.sources);
        sources.retain(|source| &*source.name != name);
        sources.push(SourceStatus {
            name: name.into(),
            kind: SourceKind::Host,
            partial: Arc::default(),
            health,
            interval: Duration::from_secs(1),
            last_answer: Some(at.minus(ago)),
            duration_ms: Some(0.4),
            success_percent: Some(100.0),
        });
    }

    /// Says of what kind a source is, and what it can't bring although it answers.
    pub fn source_lacks(&mut self, name: &str, kind: SourceKind, lacks: &[(&str, &str)]) {
        let partial = lacks.iter().map(|(part, line)| Partial {
            part: (*part).into(),
            line: (*line).into(),
        });
        let partial = Arc::new(partial.collect());
        for source in Arc::make_mut(&mut self.frame.sources) {
            if &*source.name == name {
                (source.kind, source.partial) = (kind, Arc::clone(&partial));
            }
        }
    }

    /// Sets what a source is of.
    pub fn set_kind(&mut self, name: &str, kind: SourceKind) {
        let sources = Arc::make_mut(&mut self.frame.sources);
        let known = sources.iter_mut().filter(|source| &*source.name == name);
        known.for_each(|source| source.kind = kind);
    }

    /// The feed of the whole screen: it shows the frame at every moment.
    pub fn into_feed(mut self) -> Box<dyn Feed> {
        self.feed.frame = Some(Arc::new(self.frame));
        Box::new(self.feed)
    }

    /// What a tab is given.
    pub fn context(&self) -> Context<'_> {
        Context {
            frame: &self.frame,
            feed: &self.feed,
            look: &self.look,
            range: self.range,
            focus: self.focus,
            zoomed: self.zoomed,
            is_past: self.is_past,
            locked: self.locked,
        }
    }

    /// The cells of a tab after a refresh.
    pub fn buffer(&self, tab: &mut dyn Tab, width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        let cx = self.context();
        tab.refresh(&cx);
        tab.draw(&cx, area, &mut buf, &mut Hits::default());
        buf
    }

    /// The picture of a tab after a refresh, as text without colours.
    pub fn draw(&self, tab: &mut dyn Tab, width: u16, height: u16) -> String {
        as_text(&self.buffer(tab, width, height))
    }
}

/// A buffer as lines of text; the second cell of a wide character is left out, blanks at the ends are cut.
pub fn as_text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut x = buf.area.left();
        while x < buf.area.right() {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            let cells = crate::ui::widgets::text::width(symbol).max(1);
            x = x.saturating_add(u16::try_from(cells).unwrap_or(1));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A process as a test wants it; the rest is plausible.
pub fn process(pid: u32, parent: u32, user: &str, cpu: Option<f64>, command: &str) -> Process {
    let program = command.split([' ', ':']).next().unwrap_or(command);
    let name = program.rsplit('/').next().unwrap_or(program);
    Process {
        identity: Arc::new(ProcessIdentity {
            key: ProcessKey {
                pid,
                started: u64::from(pid),
            },
            user: user.into(),
            name: name.into(),
            command: command.into(),
            started_at: noon().minus(Duration::from_secs(7200)),
            cgroup: Some("/system.slice/demo.service".into()),
            container: None,
            is_kernel: command.starts_with('['),
        }),
        parent,
        state: ProcessState::Sleeping,
        cpu_percent: cpu,
        memory_percent: f64::from(pid % 90) / 10.0,
        resident_bytes: u64::from(pid) * 100_000,
        threads: Some(1 + pid % 7),
        read_bytes_per_sec: Some(0.0),
        write_bytes_per_sec: None,
        cpu_time: Duration::from_millis(u64::from(pid) * 37),
        nice: Some(0),
    }
}
