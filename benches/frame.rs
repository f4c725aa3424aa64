//! What a picture of the Host tab costs: drawing it, and the bytes that turn the last one into it. The frames are a
//! hundred consecutive seconds of the scripted story, with as many processes as asked for.
//!
//! `cargo bench --bench frame -- [PROCESSES…]`, by default 100 and 10000.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hubtop::alert::{default_objectives, default_rules};
use hubtop::collect::demo_sources;
use hubtop::feed::local::LocalFeed;
use hubtop::feed::{Feed, Link, Points, ProcessHistory, Window};
use hubtop::model::{
    Catalog, Clock, Command, CommandOutcome, Distribution, Focus, Formatter, Frame, Incident,
    Process, ProcessIdentity, ProcessKey, SeriesId, SystemClock, Timestamp,
};
use hubtop::pipeline::{self, Parts};
use hubtop::ui::action::Keymap;
use hubtop::ui::app::{App, Options};
use hubtop::ui::tabs::Range;
use hubtop::ui::term::Encoder;
use hubtop::ui::theme::{ColorDepth, Symbols, Themes};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::{mpsc, oneshot, watch};

/// The screen that is drawn.
const AREA: Rect = Rect::new(0, 0, 120, 40);
/// How many frames are drawn.
const FRAMES: u64 = 100;
/// How much of the story lies before the first frame.
const PAST: Duration = Duration::from_secs(15 * 60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<usize> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let asked = if asked.is_empty() {
        vec![100, 10_000]
    } else {
        asked
    };
    println!("processes    draw µs  encode µs  bytes");
    for count in asked {
        let (draw, encode, bytes) = measure(Reel::of(story()?, count));
        println!("{count:>9}  {draw:>9.0}  {encode:>9.0}  {bytes:>5.0}");
    }
    println!("(medians of {FRAMES} frames of 120x40, one after the other)");
    Ok(())
}

/// Draws one frame after the other; the medians of µs for the picture, µs for its bytes, and bytes.
fn measure(reel: Reel) -> (f64, f64, f64) {
    let (shown, last) = (reel.shown.clone(), reel.frames.len());
    let mut app = App::new(Box::new(reel), options());
    let (mut picture, mut encoder) = (Buffer::empty(AREA), Encoder::new(AREA));
    let (mut draws, mut encodes, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..last {
        shown.store(at, Ordering::Relaxed);
        let begun = Instant::now();
        app.refresh();
        picture.reset();
        app.draw(AREA, &mut picture);
        let drawn = Instant::now();
        let mut bytes = Vec::new();
        encoder.encode(&mut picture, &mut bytes);
        encodes.push(drawn.elapsed().as_secs_f64() * 1e6);
        draws.push((drawn - begun).as_secs_f64() * 1e6);
        sizes.push(bytes.len() as f64);
    }
    (median(draws), median(encodes), median(sizes))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn options() -> Options {
    Options {
        themes: Themes::embedded(),
        theme: String::new(),
        depth: ColorDepth::True,
        symbols: Symbols::Braille,
        format: Formatter::default(),
        mouse: true,
        read_only: false,
        range: Range::default(),
        keymap: Keymap::default(),
        signals: &[],
        export_folder: std::env::temp_dir(),
    }
}

/// The story, with its past told.
fn story() -> Result<LocalFeed, Box<dyn std::error::Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let catalog = Catalog::new();
    let (focus, focused) = watch::channel(Focus::None);
    let parts = Parts {
        sources: demo_sources(&catalog, 1, clock.now().wall, focused),
        catalog,
        rules: default_rules()?,
        objectives: default_objectives(),
        focus,
        newcomers: mpsc::channel(1).1,
        actor: Box::new(|_| {
            let outcome = CommandOutcome::refused("nothing is done here");
            Box::pin(std::future::ready(outcome))
        }),
        sinks: Vec::new(),
        fill: None,
        clock,
    };
    let options = pipeline::Options {
        tick: Duration::from_secs(1),
        hot_memory: 64 << 20,
        read_only: true,
        demo: true,
        past: Some(PAST),
    };
    let mut feed = LocalFeed::new(pipeline::start(parts, options)?);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    while feed.newest().number < PAST.as_secs() {
        runtime.block_on(feed.changed());
    }
    Ok(feed)
}

/// Frames of the past that are shown one after the other as if each were the newest.
struct Reel {
    feed: LocalFeed,
    frames: Vec<Arc<Frame>>,
    shown: Arc<AtomicUsize>,
}

impl Reel {
    /// The last seconds of a feed, each with so many processes.
    fn of(feed: LocalFeed, processes: usize) -> Self {
        let newest = feed.newest().at;
        let frames = (0..FRAMES)
            .rev()
            .filter_map(|back| feed.at(newest.minus(Duration::from_secs(back))))
            .map(|frame| Arc::new(crowded(&frame, processes)))
            .collect();
        Self {
            feed,
            frames,
            shown: Arc::default(),
        }
    }
}

/// The frame with so many processes: the story's own, again and again under new numbers.
fn crowded(frame: &Frame, count: usize) -> Frame {
    let mut frame = frame.clone();
    if let Some(cast) = frame.tables.processes.take() {
        let rows = (0u32..).zip(cast.iter().cycle()).take(count);
        frame.tables.processes = Some(Arc::new(
            rows.map(|(turn, row)| Arc::new(double(row, 100 + turn)))
                .collect(),
        ));
    }
    frame
}

fn double(row: &Process, pid: u32) -> Process {
    let key = ProcessKey {
        pid,
        ..row.identity.key
    };
    Process {
        identity: Arc::new(ProcessIdentity {
            key,
            ..(*row.identity).clone()
        }),
        ..row.clone()
    }
}

impl Feed for Reel {
    fn newest(&self) -> Arc<Frame> {
        self.frames[self.shown.load(Ordering::Relaxed)].clone()
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(std::future::ready(false))
    }

    fn at(&self, at: Timestamp) -> Option<Arc<Frame>> {
        self.feed.at(at)
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        self.feed.remembers()
    }

    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        self.feed.ticks_around(at)
    }

    fn incidents(&self, from: Timestamp, to: Timestamp) -> Vec<Incident> {
        self.feed.incidents(from, to)
    }

    fn take_notice(&self) -> Option<String> {
        None
    }

    fn points(&self, series: SeriesId, window: Window) -> Points {
        self.feed.points(series, window)
    }

    fn distribution(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        self.feed.distribution(series, from, to)
    }

    fn distributions(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        self.feed.distributions(series, window)
    }

    fn distributions_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        self.feed.distributions_since(series, from)
    }

    fn process_history(&self, process: ProcessKey, window: Window) -> ProcessHistory {
        self.feed.process_history(process, window)
    }

    fn order(&self, _command: Command) -> oneshot::Receiver<CommandOutcome> {
        oneshot::channel().1
    }

    fn link(&self) -> Link {
        Link::Local
    }
}
