//! The story of the demo, kept and read back: every frame as it was.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, watch};

use super::{Desk, START, seconds};
use crate::alert::{default_objectives, default_rules};
use crate::collect::demo_sources;
use crate::model::{
    Catalog, Clock, CommandOutcome, Focus, Frame, Keeping, KeepingState, Moment, Tables, Timestamp,
};
use crate::pipeline::{self, Parts};
use crate::store::{Kept, Sink};

/// How much of the story is told, and how much of that before its live part.
const TOLD: u64 = 20 * 60;
const BEFORE: u64 = 8 * 60;

/// A sink that hands on what it gets.
struct Passing(Sender<Kept>);

impl Sink for Passing {
    fn put(&mut self, kept: &Kept) {
        let _ = self.0.send(kept.clone());
    }

    fn keeping(&self) -> Keeping {
        Keeping {
            name: "history".into(),
            state: KeepingState::Keeping,
            line: "".into(),
            since: START,
            bytes: Some(4096),
            lost: 0,
        }
    }
}

/// A clock that stands still: the past of the story lies before it.
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment {
            wall: START,
            mono: seconds(86_400),
        }
    }
}

/// The ticks of the story, with the catalog of their series.
pub(super) fn told() -> &'static (Catalog, Vec<Kept>) {
    static TICKS: OnceLock<(Catalog, Vec<Kept>)> = OnceLock::new();
    TICKS.get_or_init(tell)
}

fn tell() -> (Catalog, Vec<Kept>) {
    let catalog = Catalog::new();
    let (focus, focused) = watch::channel(Focus::None);
    let (passing, passed) = channel();
    let begins = START.minus(seconds(TOLD - BEFORE));
    let parts = Parts {
        sources: demo_sources(&catalog, 1, begins, focused),
        catalog: catalog.clone(),
        rules: default_rules().unwrap(),
        objectives: default_objectives(),
        focus,
        newcomers: mpsc::channel(1).1,
        actor: Box::new(|_| Box::pin(std::future::ready(CommandOutcome::refused("no")))),
        sinks: vec![Box::new(Passing(passing))],
        fill: None,
        clock: Arc::new(Still),
    };
    let options = pipeline::Options {
        tick: seconds(1),
        hot_memory: 64 << 20,
        read_only: true,
        demo: true,
        past: Some(seconds(TOLD)),
    };
    let handle = pipeline::start(parts, options).unwrap();
    // The first minutes are told each 10 s, the last 15 each second; then the clock stands still.
    let ticks: Vec<Kept> = passed
        .iter()
        .take_while(|kept| kept.frame.at < START)
        .collect();
    drop(handle);
    (catalog, ticks)
}

/// The frame as it is remembered: without what is open on the screen alone.
fn remembered(frame: &Frame) -> Frame {
    Frame {
        tables: Tables {
            process_detail: None,
            statement_detail: None,
            cache_detail: None,
            found: None,
            ..frame.tables.clone()
        },
        ..frame.clone()
    }
}

/// Everything of a frame but its values, as text: what is the same, reads the same.
fn text(frame: &Frame) -> String {
    let rest = Frame {
        series: Arc::default(),
        values: Arc::default(),
        ..frame.clone()
    };
    format!("{rest:#?}")
}

fn assert_same(told: &Frame, live: &Frame) {
    let live = remembered(live);
    let (told_text, live_text) = (text(told), text(&live));
    if told_text != live_text {
        let differing = told_text.lines().zip(live_text.lines());
        let lines: Vec<_> = differing.filter(|(a, b)| a != b).take(5).collect();
        panic!("at {:?}, told and live: {lines:#?}", live.at);
    }
    for (id, _) in told.series.iter() {
        let value = |frame: &Frame| frame.values.get(id.index()).copied().unwrap_or(f64::NAN);
        assert_eq!(value(told).to_bits(), value(&live).to_bits());
    }
}

fn assert_tells<'a>(desk: &Desk, ticks: impl IntoIterator<Item = &'a Kept>) {
    for kept in ticks {
        let told = desk.frame_at(kept.frame.at, &kept.frame.values);
        assert_same(&told, &kept.frame);
    }
}

#[test]
fn a_frame_of_the_past_is_the_frame_that_was_live() {
    let (catalog, ticks) = told();
    let mut desk = Desk::new(catalog.clone());
    let (before, after) = ticks.split_at(ticks.len() - 400);
    desk.keep(before);
    assert!(desk.count("SELECT count(*) FROM picture") > 5);
    assert!(desk.count("SELECT count(*) FROM tail WHERE shelf = 2") > 0);
    assert_tells(&desk, before.iter().rev().step_by(7));
    desk.restart();
    desk.keep(after);
    assert_tells(&desk, ticks.iter().step_by(11));
    assert_tells(&desk, ticks.iter().rev().take(70));
}

#[test]
fn between_two_ticks_the_earlier_one_is_told() {
    let (catalog, ticks) = told();
    let mut desk = Desk::new(catalog.clone());
    let last = &ticks[ticks.len() - 100..];
    desk.keep(last);
    let frame = &last[30].frame;
    let at = Timestamp(frame.at.0 + 400);
    let told = desk.frame_at(at, &frame.values);
    assert_eq!(told.tables.as_of, Some(frame.at));
    let mut told = Frame {
        at: frame.at,
        ..told
    };
    told.tables.as_of = None;
    assert_same(&told, frame);

    let end = last.last().unwrap().frame.at;
    let soon = desk.frame_at(end.plus(seconds(14)), &[]);
    assert!(soon.tables.processes.is_some());
    let late = desk.frame_at(end.plus(seconds(16)), &[]);
    assert!(
        late.tables.processes.is_none(),
        "nobody knows what was then"
    );
    assert!(late.sources.is_empty() && late.alerts.open.is_empty());
    assert_eq!(late.host, frame.host);
    let early = desk.frame_at(last[0].frame.at.minus(seconds(1)), &[]);
    assert!(early.tables.processes.is_none());
    assert_eq!(early.host, frame.host);
}

#[test]
fn an_hour_later_each_ten_seconds_and_every_change_of_an_alert_are_left() {
    let (catalog, ticks) = told();
    let mut desk = Desk::new(catalog.clone());
    desk.keep(ticks);
    let bytes = desk.count("SELECT sum(length(data)) FROM picture");
    let chunks = desk.count("SELECT count(*) FROM picture");
    desk.tidy(START.plus(seconds(4200)));
    assert!(desk.count("SELECT sum(length(data)) FROM picture") < bytes / 3);
    assert!(desk.count("SELECT count(*) FROM picture") <= chunks / 5);

    let states = |kept: &Kept| {
        let open = kept.frame.alerts.open.iter();
        let mut open: Vec<_> = open.map(|it| (it.id, it.state)).collect();
        open.sort_unstable();
        open
    };
    let mut kept = Vec::new();
    for (before, now) in ticks.iter().zip(ticks.iter().skip(1)) {
        let step = |kept: &Kept| kept.frame.at.floor_to(seconds(10));
        if step(before) != step(now) || states(before) != states(now) {
            kept.push(now);
        }
    }
    let changes = ticks
        .windows(2)
        .filter(|it| states(&it[0]) != states(&it[1]));
    assert!(changes.count() > 3, "the story has alerts");
    // The last minute is in the tail.
    let sealed = START.minus(seconds(60));
    assert_tells(
        &desk,
        kept.iter().copied().filter(|it| it.frame.at < sealed),
    );
    let between = ticks.iter().find(|it| it.frame.at.0 % 10_000 == 7_000);
    let at = between.unwrap().frame.at;
    let shown = desk.frame_at(at, &[]);
    let there = kept.iter().rfind(|it| it.frame.at <= at).unwrap();
    assert_eq!(
        format!("{:?}", shown.tables.processes),
        format!("{:?}", there.frame.tables.processes)
    );

    desk.tidy(START.plus(seconds(86_400 + 600)));
    assert_eq!(desk.count("SELECT count(*) FROM picture"), 0);
}

#[test]
fn pictures_and_the_rows_of_a_process_are_those_of_their_ticks() {
    use crate::store::Window;
    use crate::store::file::pictures;
    let (catalog, ticks) = told();
    let mut desk = Desk::new(catalog.clone());
    let last = &ticks[ticks.len() - 200..];
    desk.keep(last);
    let (from, to) = (last[20].frame.at, last[150].frame.at);
    let told = pictures::pictures(&desk.db, &desk.known(), from, to, seconds(5)).unwrap();
    assert_eq!(told.len(), 27, "one each 5 s, both ends included");
    for picture in &told {
        let live = last.iter().find(|it| it.frame.at == picture.at).unwrap();
        assert_eq!(
            format!("{:?}", picture.tables),
            format!("{:?}", remembered(&live.frame).tables)
        );
    }
    let process = last[20].frame.tables.processes.as_ref().unwrap()[3].key();
    let window = Window::ending(to, seconds(130), 130, seconds(1));
    let rows = pictures::process_rows(&desk.db, process, window).unwrap();
    let live = last.iter().filter(|it| {
        let at = it.frame.at;
        at >= window.start && at <= window.until
    });
    let live: Vec<_> = live
        .filter_map(|it| {
            let rows = it.frame.tables.processes.as_ref()?;
            let row = rows.iter().find(|row| row.key() == process)?;
            Some((it.frame.at, row.clone()))
        })
        .collect();
    assert!(live.len() > 100);
    assert_eq!((rows.step, rows.rows), (seconds(1), live));
}
