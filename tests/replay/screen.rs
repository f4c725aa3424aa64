//! Frames and screens, and what may differ between them live and later.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use hubtop::feed::Feed;
use hubtop::model::{Formatter, Frame, SeriesKey, Timestamp};
use hubtop::ui::action::Keymap;
use hubtop::ui::app::{App, Options};
use hubtop::ui::tabs::Range;
use hubtop::ui::theme::{ColorDepth, Symbols, Themes};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

/// The sizes that are drawn.
const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];
/// The tabs, by the keys that lead to them.
const TABS: [char; 5] = ['1', '2', '3', '4', '5'];
/// How far back charts look.
const RANGES: [Range; 2] = [Range::FiveMinutes, Range::Hour];

/// One screen.
pub struct Drawn {
    what: String,
    picture: Buffer,
    /// Of the screen without the bar of time.
    height: usize,
}

/// Every tab in every size. A recording has the bar of time below, in a row more.
pub fn draw(open: impl Fn() -> Box<dyn Feed>) -> Vec<Drawn> {
    let mut all = Vec::new();
    for range in RANGES {
        let feed = open();
        let bar = u16::from(feed.link().is_recording());
        let mut app = App::new(feed, options(range));
        for tab in TABS {
            app.handle(&Event::Key(KeyEvent::new(
                KeyCode::Char(tab),
                KeyModifiers::NONE,
            )));
            for (width, height) in SIZES {
                let area = Rect::new(0, 0, width, height + bar);
                let mut picture = Buffer::empty(area);
                app.draw(area, &mut picture);
                all.push(Drawn {
                    what: format!("tab {tab}, {width}x{height}, {}", range.word()),
                    picture,
                    height: usize::from(height),
                });
            }
        }
    }
    all
}

fn options(range: Range) -> Options {
    Options {
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

/// Both are the same, but for the line of the mode and the line of the keys.
pub fn assert_same(at: Timestamp, live: &[Drawn], later: &[Drawn]) {
    for (live, later) in live.iter().zip(later) {
        let (was, is) = (rows(live), rows(later));
        assert!(
            was == is,
            "{} at {}:\n{}",
            live.what,
            at.clock_text(),
            differences(&was, &is)
        );
        assert!(body(live) == body(later), "{}: colours differ", live.what);
    }
}

/// The cells between the header and what lies at the bottom.
fn body(drawn: &Drawn) -> &[Cell] {
    let width = usize::from(drawn.picture.area.width);
    &drawn.picture.content[width..width * (drawn.height - 1)]
}

fn rows(drawn: &Drawn) -> Vec<String> {
    let width = usize::from(drawn.picture.area.width);
    let text = |row: &[Cell]| row.iter().map(Cell::symbol).collect();
    body(drawn).chunks(width).map(text).collect()
}

fn differences(was: &[String], is: &[String]) -> String {
    let pairs = was.iter().zip(is).enumerate();
    let differing = pairs.filter(|(_, (was, is))| was != is);
    differing
        .map(|(row, (was, is))| format!("{row:>3} was {was}\n    is  {is}\n"))
        .collect()
}

/// Both frames are the same field by field. Which number a series has, how many frames there were, and how the keeping
/// itself is doing are of the process that told them.
pub fn assert_same_frame(live: &Frame, later: &Frame) {
    let at = live.at.clock_text();
    assert_eq!(later.at, live.at);
    assert_eq!(later.tick, live.tick, "{at}");
    assert_eq!(later.demo, live.demo, "{at}");
    assert_eq!(figures(live), figures(later), "{at}");
    assert_eq!(format!("{:?}", later.host), format!("{:?}", live.host));
    for (live, later) in tables(live).into_iter().zip(tables(later)) {
        assert_eq!(later, live, "{at}");
    }
    let sources = |frame: &Frame| format!("{:#?}", frame.sources);
    assert_eq!(sources(later), sources(live), "{at}");
    let alerts = |frame: &Frame| serde_json::to_string_pretty(&*frame.alerts).unwrap();
    assert_eq!(alerts(later), alerts(live), "{at}");
}

/// Every figure that is known, by the name of its series.
fn figures(frame: &Frame) -> Vec<(String, u64)> {
    let name = |key: &SeriesKey| key.to_string();
    let known = frame.series.iter().filter_map(|(id, key)| {
        let value = frame.value_of(id)?;
        Some((name(key), value.to_bits()))
    });
    let mut known: Vec<_> = known.collect();
    known.sort();
    known
}

fn tables(frame: &Frame) -> Vec<String> {
    let tables = &frame.tables;
    vec![
        format!("{:?}", tables.as_of),
        format!("{:#?}", tables.processes),
        format!("{:#?}", tables.endpoints),
        format!("{:#?}", tables.models),
        format!("{:#?}", tables.sessions),
        format!("{:#?}", tables.pages),
        format!("{:#?}", tables.probes),
        format!("{:#?}", tables.objectives),
        format!("{:#?}", tables.caches),
        format!("{:#?}", tables.cache_levels),
        format!("{:#?}", tables.statements),
        format!("{:#?}", tables.backends),
        format!("{:#?}", tables.locks),
        format!("{:#?}", tables.table_uses),
        format!("{:#?}", tables.index_uses),
        format!("{:#?}", tables.databases),
    ]
}
