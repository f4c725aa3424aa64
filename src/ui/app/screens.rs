//! Pictures of the whole screen: every tab in every state of its data, at the two sizes that all is designed for.

use std::time::Duration;

use insta::assert_snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::tests::reel::Reel;
use super::{App, Options};
use crate::feed::Feed;
use crate::model::{Formatter, Frame, Keeping, KeepingState, Severity};
use crate::ui::action::Keymap;
use crate::ui::tabs::Range;
use crate::ui::tabs::story::{Silence, WORST, scene, silent_scene};
use crate::ui::tabs::testing::{Scene, as_text, noon};
use crate::ui::theme::{ColorDepth, Role, Symbols, Themes};

const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];
const TABS: [&str; 5] = ["host", "api", "cache", "queries", "alerts"];

/// What a terminal can show.
#[derive(Clone, Copy)]
struct Terminal {
    depth: ColorDepth,
    symbols: Symbols,
}

const COLOURED: Terminal = Terminal {
    depth: ColorDepth::True,
    symbols: Symbols::Braille,
};

/// Paper, as it were: neither colours nor anything beyond ASCII.
const PLAIN: Terminal = Terminal {
    depth: ColorDepth::None,
    symbols: Symbols::Ascii,
};

fn app(feed: Box<dyn Feed>, terminal: Terminal) -> App {
    let options = Options {
        themes: Themes::embedded(),
        theme: String::new(),
        depth: terminal.depth,
        symbols: terminal.symbols,
        format: Formatter::default(),
        mouse: true,
        read_only: false,
        range: Range::default(),
        keymap: Keymap::default(),
        signals: &[],
        export_folder: std::env::temp_dir(),
    };
    App::new(feed, options)
}

fn drawn(app: &mut App, (width, height): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    app.refresh();
    app.draw(area, &mut buf);
    buf
}

/// Draws every tab at every size; `seen` is given its name, the screen and the cells.
fn each_screen(mut app: App, mut seen: impl FnMut(String, &Buffer)) {
    for (index, tab) in TABS.into_iter().enumerate() {
        app.show_tab(index);
        assert_eq!(app.tab_title().to_lowercase(), tab);
        for size in SIZES {
            let buf = drawn(&mut app, size);
            seen(format!("{tab}_{}x{}", size.0, size.1), &buf);
        }
    }
}

#[test]
fn full() {
    let app = app(scene(WORST).into_feed(), COLOURED);
    each_screen(app, |name, buf| {
        assert_snapshot!(format!("full_{name}"), as_text(buf));
    });
}

#[test]
fn right_after_the_start() {
    let mut scene = Scene::new();
    scene.frame = Frame::empty(noon());
    each_screen(app(scene.into_feed(), COLOURED), |name, buf| {
        assert_snapshot!(format!("empty_{name}"), as_text(buf));
    });
}

#[test]
fn every_source_fails() {
    let scene = silent_scene(WORST, Silence::Failing);
    each_screen(app(scene.into_feed(), COLOURED), |name, buf| {
        assert_snapshot!(format!("failing_{name}"), as_text(buf));
    });
}

#[test]
fn every_source_fell_silent() {
    let scene = silent_scene(WORST, Silence::Late);
    each_screen(app(scene.into_feed(), COLOURED), |name, buf| {
        assert_snapshot!(format!("stale_{name}"), as_text(buf));
    });
}

#[test]
fn without_colours_and_glyphs() {
    let app = app(scene(WORST).into_feed(), PLAIN);
    each_screen(app, |name, buf| {
        let text = as_text(buf);
        let other: String = text.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(other, "", "{name} is not plain:\n{text}");
        assert_snapshot!(format!("plain_{name}"), with_modifiers(buf));
    });
}

#[test]
fn the_header_tells_a_picture_that_is_no_longer_renewed() {
    let mut app = app(scene(WORST).into_feed(), COLOURED);
    for (age, word) in [(2, "LIVE"), (12, "STALE 12s")] {
        app.age = Some(Duration::from_secs(age));
        for size in SIZES {
            let text = as_text(&drawn(&mut app, size));
            let header = text.lines().next().unwrap();
            assert!(header.contains(word), "{header}");
            assert_eq!(header.contains("LIVE"), word == "LIVE", "{header}");
        }
    }
}

/// A screen that was rewound by so long.
fn rewound(terminal: Terminal, back: Duration) -> App {
    let mut app = app(Box::new(Reel::new()), terminal);
    app.travel(noon().minus(back));
    app
}

#[test]
fn half_an_hour_ago_when_an_alert_had_just_fired() {
    let app = rewound(COLOURED, Duration::from_secs(34 * 60));
    each_screen(app, |name, buf| {
        assert_snapshot!(format!("rewound_{name}"), as_text(buf));
    });
}

#[test]
fn a_moment_whose_rows_are_no_longer_remembered() {
    let app = rewound(COLOURED, Duration::from_secs(6 * 3600));
    each_screen(app, |name, buf| {
        assert_snapshot!(format!("forgotten_{name}"), as_text(buf));
    });
}

#[test]
fn a_moment_whose_rows_are_those_of_a_moment_before() {
    let mut app = rewound(COLOURED, Duration::from_secs(2 * 3600));
    for size in SIZES {
        let text = as_text(&drawn(&mut app, size));
        assert_snapshot!(format!("earlier_rows_{}x{}", size.0, size.1), text);
    }
}

#[test]
fn the_past_without_colours_and_glyphs() {
    let mut app = rewound(PLAIN, Duration::from_secs(34 * 60));
    for size in SIZES {
        let buf = drawn(&mut app, size);
        let text = with_modifiers(&buf);
        assert!(text.is_ascii(), "{text}");
        assert_snapshot!(format!("plain_rewound_{}x{}", size.0, size.1), text);
    }
}

#[test]
fn a_recording_that_is_played() {
    let reel = Reel::new().played(Duration::from_secs(600));
    let mut app = app(Box::new(reel), COLOURED);
    for size in SIZES {
        let text = as_text(&drawn(&mut app, size));
        assert_snapshot!(format!("replay_{}x{}", size.0, size.1), text);
    }
}

#[test]
fn the_header_tells_what_is_wrong_with_the_history() {
    let keeping = Keeping {
        name: "history".into(),
        state: KeepingState::Failing,
        line: "disk full: make room in /var/lib/hubtop".into(),
        since: noon().minus(Duration::from_secs(30 * 60)),
        bytes: None,
        lost: 0,
    };
    let reel = Reel::new().with_keeping(keeping);
    let mut app = app(Box::new(reel), COLOURED);
    let line = "LIVE  ! history: disk full: make room in /var/lib/hubtop since 14:02";
    for (width, told) in [
        (120, line),
        (100, "LIVE  ! history: disk full: make room i… since 14:02"),
        (80, "LIVE  ! history"),
    ] {
        let text = as_text(&drawn(&mut app, (width, 40)));
        let header = text.lines().next().unwrap();
        assert!(header.contains(told), "{width}: {header}");
        assert!(header.contains("14:32:07  "), "{header}");
    }
}

#[test]
fn the_prompt_for_a_moment() {
    let mut app = rewound(COLOURED, Duration::from_secs(34 * 60));
    for (name, typed) in [
        ("early", "yesterday 9:00"),
        ("wrong", "nine"),
        ("right", "12:00"),
    ] {
        app.press("@".parse().unwrap());
        for c in typed.chars() {
            let name = if c == ' ' {
                "space".to_owned()
            } else {
                c.to_string()
            };
            app.press(name.parse().unwrap());
        }
        for size in SIZES {
            let text = as_text(&drawn(&mut app, size));
            assert_snapshot!(format!("moment_{name}_{}x{}", size.0, size.1), text);
        }
        app.press("esc".parse().unwrap());
    }
}

/// Without colours each state is told by a modifier of its own.
#[test]
fn what_colours_mean_is_told_without_them() {
    let app = app(scene(WORST).into_feed(), PLAIN);
    let modifiers = |role| app.look.style(role).add_modifier;
    let told = [
        Role::Text,
        Role::Dim,
        Role::Selection,
        Role::of(Severity::Critical),
        Role::of(Severity::Warning),
    ];
    for (n, one) in told.iter().enumerate() {
        for other in &told[n + 1..] {
            assert_ne!(modifiers(*one), modifiers(*other), "{one:?} {other:?}");
        }
    }
    assert_ne!(modifiers(Role::TabActive), modifiers(Role::TabInactive));
    assert_ne!(modifiers(Role::BorderFocused), modifiers(Role::Border));
}

/// The screen as text; below each line that has any, the modifiers of its cells: `b` bold, `r` reversed, `R` both, `u`
/// underlined.
fn with_modifiers(buf: &Buffer) -> String {
    let text = as_text(buf);
    let rows = text.lines().zip(buf.area.top()..);
    let mut out = String::new();
    for (line, y) in rows {
        let marks: String = (buf.area.left()..buf.area.right())
            .map(|x| mark(buf[(x, y)].modifier))
            .collect();
        out += line;
        out.push('\n');
        if !marks.trim_end().is_empty() {
            out += marks.trim_end();
            out.push('\n');
        }
    }
    out
}

fn mark(modifier: Modifier) -> char {
    match modifier {
        m if m.contains(Modifier::BOLD | Modifier::REVERSED) => 'R',
        m if m.contains(Modifier::REVERSED) => 'r',
        m if m.contains(Modifier::BOLD) => 'b',
        m if m.contains(Modifier::UNDERLINED) => 'u',
        _ => ' ',
    }
}
