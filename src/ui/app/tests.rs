//! Keys in; route, selection and orders out.

mod deeds;
mod dialogs;
mod held;
mod help;
pub(super) mod reel;
mod servers;
mod time_bar;
mod travel;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::oneshot;

use super::{App, Options, Position};
use crate::feed::{Feed, Link, Points, ProcessHistory, Window};
use crate::model::command::Signal;
use crate::model::{
    Command, CommandOutcome, Distribution, Focus, Formatter, Frame, Incident, ProcessKey, SeriesId,
    Timestamp,
};
use crate::ui::action::{KeyPress, Keymap};
use crate::ui::tabs::testing::{as_text, noon, process};
use crate::ui::tabs::{Range, story};
use crate::ui::theme::{ColorDepth, Symbols, Themes};

const SIGNALS: &[Signal] = &[Signal {
    number: 15,
    name: "SIGTERM",
    effect: "asks it to end",
}];

/// Everything that was ordered.
type Orders = Arc<Mutex<Vec<Command>>>;

/// The newest frame; a test may bring a newer one.
type Newest = Arc<Mutex<Arc<Frame>>>;

/// Frames of chosen moments; remembers what is ordered.
struct Album {
    frames: HashMap<Timestamp, Arc<Frame>>,
    newest: Newest,
    orders: Orders,
}

impl Feed for Album {
    fn newest(&self) -> Arc<Frame> {
        self.newest.lock().unwrap().clone()
    }

    fn changed(&mut self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(std::future::pending())
    }

    fn at(&self, at: Timestamp) -> Option<Arc<Frame>> {
        self.frames.get(&at).cloned()
    }

    fn remembers(&self) -> Option<(Timestamp, Timestamp)> {
        Some((*self.frames.keys().min()?, *self.frames.keys().max()?))
    }

    fn ticks_around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let before = self.frames.keys().filter(|known| **known <= at).max();
        let after = self.frames.keys().filter(|known| **known > at).min();
        (before.copied(), after.copied())
    }

    fn incidents(&self, _from: Timestamp, _to: Timestamp) -> Vec<Incident> {
        Vec::new()
    }

    fn take_notice(&self) -> Option<String> {
        None
    }

    fn asking(&self, at: Timestamp) -> Option<String> {
        let is_unknown = self.frames.get(&at)?.values.is_empty();
        is_unknown.then(|| "asking http://prometheus:9090".to_owned())
    }

    fn points(&self, _series: SeriesId, window: Window) -> Points {
        Points::unknown(window)
    }

    fn distribution(
        &self,
        _series: SeriesId,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Option<Distribution> {
        None
    }

    fn distributions(&self, _series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        vec![None; window.count]
    }

    fn distributions_since(&self, _series: SeriesId, _from: Timestamp) -> Option<Timestamp> {
        None
    }

    fn process_history(&self, _process: ProcessKey, window: Window) -> ProcessHistory {
        let unknown = || Points::unknown(window);
        ProcessHistory {
            cpu: unknown(),
            resident: unknown(),
            io: unknown(),
        }
    }

    fn order(&self, command: Command) -> oneshot::Receiver<CommandOutcome> {
        self.orders.lock().unwrap().push(command);
        let (answer, outcome) = oneshot::channel();
        answer.send(CommandOutcome::done("done")).unwrap();
        outcome
    }

    fn link(&self) -> Link {
        Link::Local
    }
}

/// A screen over four frames a second apart, the newest at noon.
struct Desk {
    app: App,
    newest: Newest,
    orders: Orders,
    size: Rect,
}

/// A calm frame, with the plan of the statement that stands first.
fn with_a_plan() -> Frame {
    let frame = story::scene(120).frame;
    let statements = frame.tables.statements.as_ref().unwrap().iter();
    let first = statements
        .max_by(|a, b| a.time_percent.partial_cmp(&b.time_percent).unwrap())
        .unwrap();
    let focus = Focus::Statement(first.instance.clone(), first.id.clone());
    story::scene_of(120, focus).frame
}

impl Desk {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Options)) -> Self {
        let base = with_a_plan();
        let frames = (0..4).map(|back| {
            let at = noon().minus(Duration::from_secs(back));
            let rows = vec![
                Arc::new(process(10, 1, "root", Some(1.0), "sshd: listener")),
                Arc::new(process(20, 1, "app", Some(90.0), "python app.py")),
                Arc::new(process(30, 20, "app", Some(40.0), "python worker.py")),
            ];
            let mut frame = Frame {
                at,
                number: 100 - back,
                demo: false,
                ..base.clone()
            };
            frame.tables.processes = Some(Arc::new(rows));
            (at, Arc::new(frame))
        });
        let frames: HashMap<_, _> = frames.collect();
        let orders = Orders::default();
        let newest = Newest::new(Mutex::new(frames[&noon()].clone()));
        let feed = Album {
            frames,
            newest: newest.clone(),
            orders: orders.clone(),
        };
        let mut options = Options {
            themes: Themes::embedded(),
            theme: "hubtop-dark".to_owned(),
            depth: ColorDepth::True,
            symbols: Symbols::Braille,
            format: Formatter::default(),
            mouse: true,
            read_only: false,
            range: Range::default(),
            keymap: Keymap::default(),
            signals: SIGNALS,
            export_folder: std::env::temp_dir(),
        };
        change(&mut options);
        let mut desk = Self {
            app: App::new(Box::new(feed), options),
            newest,
            orders,
            size: Rect::new(0, 0, 120, 40),
        };
        desk.screen();
        desk
    }

    /// Presses keys, named as in the config, one after the other, and draws after each.
    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.app.press(key.parse::<KeyPress>().unwrap());
            self.app.refresh();
            self.screen();
        }
        self
    }

    /// A newer frame comes.
    fn bring(&mut self, change: impl FnOnce(&mut Frame)) {
        let mut newest = self.newest.lock().unwrap();
        let mut frame = Frame::clone(&newest);
        frame.number += 1;
        change(&mut frame);
        *newest = Arc::new(frame);
        drop(newest);
        self.app.refresh();
    }

    fn screen(&mut self) -> String {
        let mut buf = Buffer::empty(self.size);
        self.app.draw(self.size, &mut buf);
        as_text(&buf)
    }

    fn footer(&mut self) -> String {
        self.screen().lines().last().unwrap_or_default().to_owned()
    }

    /// What was ordered, the focus left out.
    fn ordered(&self) -> Vec<Command> {
        let orders = self.orders.lock().unwrap();
        orders
            .iter()
            .filter(|order| !matches!(order, Command::Focus(_)))
            .cloned()
            .collect()
    }
}

#[test]
fn digits_and_crumbs_lead_through_the_tabs() {
    let mut desk = Desk::new();
    for (key, title) in [
        ("2", "API"),
        ("3", "Cache"),
        ("4", "Queries"),
        ("5", "Alerts"),
        ("1", "Host"),
    ] {
        assert_eq!(desk.press(key).app.crumbs(), ["web-01", title]);
    }
    desk.press("enter");
    assert_eq!(desk.app.crumbs(), ["web-01", "Host", "python (20)"]);
    desk.press("esc");
    assert_eq!(desk.app.crumbs(), ["web-01", "Host"]);
}

#[test]
fn escape_clears_one_thing_at_a_time_and_never_quits() {
    let mut desk = Desk::new();
    desk.press("/ w o r k e r enter");
    assert!(desk.screen().contains("1 of 3"));
    desk.press("enter");
    assert_eq!(desk.app.crumbs().len(), 3);
    for _ in 0..5 {
        desk.press("esc");
    }
    assert_eq!(desk.app.crumbs().len(), 2);
    assert!(!desk.app.is_over());
    assert!(desk.press("q").app.is_over());
}

#[test]
fn ctrl_c_quits_from_within_everything() {
    for way in [
        "enter", "?", ":", "/", "x", "x enter", "s", "T", "z", "p", "[",
    ] {
        let mut desk = Desk::new();
        assert!(desk.press(way).press("ctrl-c").app.is_over(), "after {way}");
    }
}

#[test]
fn the_filter_follows_each_key_and_escape_gives_it_up() {
    let mut desk = Desk::new();
    desk.press("/ s s h");
    assert!(desk.footer().contains("filter: ssh"));
    assert!(desk.screen().contains("1 of 3"), "{}", desk.screen());
    // A letter that is an action elsewhere is text here.
    desk.press("q");
    assert!(desk.footer().contains("filter: sshq"));
    desk.press("esc");
    assert!(!desk.screen().contains("1 of 3"));
    assert!(!desk.app.is_over());
}

#[test]
fn time_can_be_walked_and_held() {
    let mut desk = Desk::new();
    let second = |n| noon().minus(Duration::from_secs(n));
    assert_eq!(
        desk.press("[ [").app.position(),
        Position::Rewound(second(2))
    );
    assert_eq!(desk.app.frame().at, second(2));
    assert!(desk.screen().contains("REWIND"));
    assert_eq!(desk.press("]").app.position(), Position::Rewound(second(1)));
    // No further than is remembered.
    assert_eq!(desk.press("{").app.position(), Position::Rewound(second(3)));
    desk.press("[");
    assert!(desk.footer().contains("the history begins at 14:32:04"));
    assert_eq!(desk.press("end").app.position(), Position::Live);
    assert_eq!(desk.press("p").app.position(), Position::Paused(noon()));
    assert!(desk.screen().contains("PAUSED 00:00"));
    assert_eq!(desk.press("q").app.position(), Position::Live);
    assert!(!desk.app.is_over(), "q leaves the pause first");
}

#[test]
fn the_palette_finds_by_a_few_letters_and_remembers() {
    let mut desk = Desk::new();
    desk.press(": q u e r i e s enter");
    assert_eq!(desk.app.tab_title(), "Queries");
    desk.press(":");
    let screen = desk.screen();
    let first = screen
        .lines()
        .position(|line| line.contains("tab-queries"))
        .unwrap();
    let second = screen
        .lines()
        .position(|line| line.contains("help"))
        .unwrap();
    assert!(first < second, "what was used last comes first\n{screen}");
    desk.press("esc : r a n g e space 6 enter");
    assert!(desk.screen().contains("charts 6h"));
}

#[test]
fn a_theme_is_worn_while_it_is_selected_and_given_up_on_escape() {
    let mut desk = Desk::new();
    desk.press("T down");
    assert_ne!(desk.app.theme, "hubtop-dark");
    desk.press("esc");
    assert_eq!(desk.app.theme, "hubtop-dark");
    desk.press(": n o r d enter");
    assert_eq!(desk.app.theme, "nord");
}

#[test]
fn the_tick_is_ordered_step_by_step() {
    let mut desk = Desk::new();
    desk.press("+ + + -");
    let tick = |ms| Command::SetTick(Duration::from_millis(ms));
    let mut steps = vec![tick(2000), tick(5000), tick(10_000), tick(5000)];
    assert_eq!(desk.ordered(), steps, "presses before a frame add up");
    desk.bring(|frame| frame.tick = Duration::from_millis(5000));
    desk.bring(|frame| frame.tick = Duration::from_millis(1000));
    desk.press("-");
    steps.push(tick(500));
    assert_eq!(desk.ordered(), steps, "then from the tick of the frame");
}

#[test]
fn sorting_names_its_column_and_turns_round() {
    let mut desk = Desk::new();
    desk.press("s");
    assert!(desk.screen().contains("Sort by"));
    desk.press("esc r");
    let first = |screen: &str| {
        screen
            .lines()
            .skip_while(|line| !line.contains("COMMAND"))
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert!(first(&desk.screen()).contains("sshd"), "{}", desk.screen());
    desk.press("M");
    assert!(desk.screen().contains("sort MEM"));
}

#[test]
fn a_key_that_does_nothing_says_so() {
    let mut desk = Desk::new();
    desk.press("ctrl-k");
    assert!(
        desk.footer()
            .contains("ctrl-k does nothing; ? shows the keys")
    );
}
