//! What a step to any moment of a day costs, from the key to the drawn screen: the scripted story of a day in a file,
//! every second of it, and the screen over that file alone.
//!
//! `cargo bench --bench rewind -- [HOURS] [FILE]`, by default 24 and a file that is gone afterwards; a FILE that is there
//! already is read as it is.

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use hubtop::alert::{default_objectives, default_rules};
use hubtop::collect::demo_sources;
use hubtop::feed::replay::ReplayFeed;
use hubtop::feed::{Feed, Window};
use hubtop::model::{
    Catalog, CommandOutcome, Focus, Formatter, Keeping, ManualClock, Range, Timestamp,
};
use hubtop::pipeline::{self, Options, Parts};
use hubtop::store::file::{Keeper, Limits};
use hubtop::store::{Kept, Sink};
use hubtop::ui::action::Keymap;
use hubtop::ui::app::{self, App};
use hubtop::ui::theme::{ColorDepth, Symbols, Themes};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::{mpsc, watch};

/// The screen that is drawn.
const AREA: Rect = Rect::new(0, 0, 120, 40);
/// How many steps of each kind.
const STEPS: u64 = 200;
/// The stretch that a story tells at once; the pipeline goes through it tick by tick.
const PIECE: Duration = Duration::from_secs(15 * 60);
const TICK: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|it| !it.starts_with('-'));
    let hours: u64 = arguments
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(24);
    let folder = tempfile::tempdir()?;
    let path = arguments
        .next()
        .map_or_else(|| folder.path().join("day.db"), PathBuf::from);
    if !path.exists() {
        let begun = Instant::now();
        let ticks = build(&path, hours)?;
        let took = begun.elapsed().as_secs_f64();
        println!("{ticks} ticks through the pipeline into the file: {took:.0} s");
    }
    println!("{} bytes", std::fs::metadata(&path)?.len());
    println!("tab  range  median ms  99% ms  longest ms");
    for tab in ['1', '2', '3', '4', '5'] {
        for range in [Range::FiveMinutes, Range::Hour, Range::Day] {
            let took = steps(&path, tab, range)?;
            let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
            let range = range.word();
            println!(
                "{tab:>3}  {range:>5}  {:>9.1}  {:>6.1}  {:>10.1}",
                at(50),
                at(99),
                at(100)
            );
        }
    }
    for range in [Range::FiveMinutes, Range::Hour, Range::Day] {
        let took = process_history(&path, range)?.as_secs_f64() * 1e3;
        println!("one process over {}: {took:.1} ms", range.word());
    }
    println!("({STEPS} steps to random moments; key, frame and every chart of 120x40 in it)");
    Ok(())
}

/// How long each step took, shortest first.
fn steps(path: &Path, tab: char, range: Range) -> Result<Vec<Duration>, Box<dyn Error>> {
    let feed = ReplayFeed::open(path)?;
    let (first, last) = feed.ends();
    let mut app = App::new(Box::new(feed), options(range));
    let mut picture = Buffer::empty(AREA);
    press(&mut app, &tab.to_string());
    app.draw(AREA, &mut picture);
    let length = last.since(first).as_millis() as u64;
    let mut seed = 1u64;
    let mut took = Vec::new();
    for _ in 0..STEPS {
        // Knuth's constants: the same moments every time, all over the day.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = first.plus(Duration::from_millis((seed >> 16) % length.max(1)));
        press(&mut app, "@");
        press(
            &mut app,
            &at.local().format("%Y-%m-%d %H:%M:%S").to_string(),
        );
        let begun = Instant::now();
        app.handle(&key(KeyCode::Enter));
        picture.reset();
        app.draw(AREA, &mut picture);
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

/// How long it takes to tell what one process used up to the end.
fn process_history(path: &Path, range: Range) -> Result<Duration, Box<dyn Error>> {
    let feed = ReplayFeed::open(path)?;
    let newest = feed.newest();
    let rows = newest.tables.processes.as_ref().ok_or("no processes")?;
    let key = rows.first().ok_or("no process")?.key();
    let window = Window::ending(newest.at, range.span(), 120, TICK);
    let begun = Instant::now();
    black_box(feed.process_history(key, window));
    Ok(begun.elapsed())
}

fn press(app: &mut App, keys: &str) {
    keys.chars()
        .for_each(|c| app.handle(&key(KeyCode::Char(c))));
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn options(range: Range) -> app::Options {
    app::Options {
        themes: Themes::embedded(),
        theme: String::new(),
        depth: ColorDepth::True,
        symbols: Symbols::Braille,
        format: Formatter::default(),
        mouse: true,
        read_only: false,
        range,
        keymap: Keymap::default(),
        signals: &[],
        export_folder: std::env::temp_dir(),
    }
}

/// Lets the story of so many hours go through the pipeline into a file; how many ticks that were.
fn build(path: &Path, hours: u64) -> Result<u64, Box<dyn Error>> {
    let keeper = Shared(Arc::new(Mutex::new(Keeper::start(path, Limits::default()))));
    let catalog = Catalog::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    // A tick more than a piece lies between the ends of two.
    let apart = PIECE + TICK;
    let pieces = hours * 4;
    let end = Timestamp(1_795_000_000_000);
    let mut ticks = 0;
    for piece in (0..pieces).rev() {
        let start = end.minus(apart * u32::try_from(piece)?);
        let (focus, focused) = watch::channel(Focus::None);
        let clock = Arc::new(ManualClock::at(start.minus(PIECE)));
        clock.advance(PIECE);
        let parts = Parts {
            sources: demo_sources(&catalog, 1, start, focused),
            catalog: catalog.clone(),
            rules: default_rules()?,
            objectives: default_objectives(),
            focus,
            newcomers: mpsc::channel(1).1,
            actor: Box::new(|_| Box::pin(std::future::ready(CommandOutcome::done("")))),
            sinks: vec![Box::new(keeper.clone())],
            fill: None,
            clock,
        };
        let options = Options {
            tick: TICK,
            hot_memory: 64 << 20,
            read_only: true,
            demo: true,
            past: Some(PIECE),
        };
        let mut handle = pipeline::start(parts, options)?;
        let frame = runtime.block_on(handle.frames.wait_for(|frame| frame.number > 0))?;
        ticks += frame.number;
    }
    Ok(ticks)
}

/// One keeper for all pieces, which waits where a machine never would.
#[derive(Clone)]
struct Shared(Arc<Mutex<Keeper>>);

impl Sink for Shared {
    fn put(&mut self, kept: &Kept) {
        let mut keeper = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while keeper.waiting() > 32 {
            std::thread::sleep(Duration::from_micros(100));
        }
        keeper.put(kept);
    }

    fn keeping(&self) -> Keeping {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keeping()
    }
}
