//! What each widget looks like in braille, in blocks and in ASCII.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::samples::{SAMPLES, look, wave};
use crate::ui::theme::Symbols;
use crate::ui::widgets::{Chart, Sparkline};

fn text_of(buf: &Buffer) -> String {
    let mut text = String::new();
    for row in buf.content.chunks(usize::from(buf.area.width.max(1))) {
        let line: String = row.iter().map(|cell| cell.symbol()).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The clock below a chart is local time; a picture must not depend on where the test runs.
fn without_clock(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for i in 2..chars.len().saturating_sub(2) {
        if chars[i] == ':' && chars[i - 1].is_ascii_digit() && chars[i + 1].is_ascii_digit() {
            for (at, letter) in [(i - 2, 'h'), (i - 1, 'h'), (i + 1, 'm'), (i + 2, 'm')] {
                chars[at] = letter;
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn widgets_look_like_this() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    let _guard = settings.bind_to_scope();
    for symbols in [Symbols::Braille, Symbols::Blocks, Symbols::Ascii] {
        let mut all = String::new();
        for (name, draw) in SAMPLES {
            let height = if matches!(name, "gauge" | "sparkline") {
                1
            } else {
                9
            };
            let mut buf = Buffer::empty(Rect::new(0, 0, 64, height));
            draw(buf.area, &mut buf, &look(symbols));
            all.push_str(&format!("{name}:\n{}\n", without_clock(&text_of(&buf))));
        }
        insta::assert_snapshot!(format!("{symbols:?}").to_lowercase(), all);
    }
}

#[test]
fn ascii_is_ascii() {
    let look = look(Symbols::Ascii);
    for (name, draw) in SAMPLES.iter().filter(|(name, _)| *name != "table") {
        let mut buf = Buffer::empty(Rect::new(0, 0, 80, 12));
        draw(buf.area, &mut buf, &look);
        assert!(text_of(&buf).is_ascii(), "{name}:\n{}", text_of(&buf));
    }
}

#[test]
fn the_points_asked_for_are_the_points_drawn() {
    for symbols in [Symbols::Braille, Symbols::Blocks, Symbols::Ascii] {
        let look = look(symbols);
        let (area, axes) = (Rect::new(0, 0, 40, 8), true);
        let points = Chart::points_in(area.width, axes, &look);
        // Every second point is a gap: in braille each cell then has dots in one of its columns only.
        let values: Vec<f64> = (0..points)
            .map(|i| if i % 2 == 0 { 100.0 } else { f64::NAN })
            .collect();
        let chart = Chart {
            curves: vec![crate::ui::widgets::Curve {
                name: "",
                values: &values,
                newest: None,
                written: None,
                role: None,
            }],
            unit: crate::model::Unit::Percent,
            top: None,
            time: crate::ui::widgets::TimeAxis {
                start: crate::model::Timestamp(0),
                end: crate::model::Timestamp(1),
            },
            threshold: None,
            band: None,
            marks: Vec::new(),
            axes,
        };
        let mut buf = Buffer::empty(area);
        chart.render(area, &mut buf, &look);
        let row: Vec<&str> = (6..40).map(|x| buf[(x, 4)].symbol()).collect();
        match symbols {
            Symbols::Braille => assert!(row.iter().all(|cell| *cell == "⡇"), "{row:?}"),
            _ => assert!(
                row.iter().step_by(2).all(|cell| *cell != " ")
                    && row.iter().skip(1).step_by(2).all(|cell| *cell == " "),
                "{row:?}"
            ),
        }
    }
}

#[test]
fn a_sparkline_as_text_is_the_sparkline() {
    let look = look(Symbols::Braille);
    let values = wave(12);
    let line = Sparkline {
        values: &values,
        top: Some(100.0),
        role: None,
    };
    let mut buf = Buffer::empty(Rect::new(0, 0, 12, 1));
    line.render(buf.area, &mut buf, &look);
    assert_eq!(text_of(&buf).trim_end(), line.text(&look).trim_end());
    assert_eq!(line.text(&look), "▄▆▇▆▄▂▁▂ ▅▇▆");
}

#[test]
fn the_value_written_is_that_of_the_moment_and_not_the_mean_of_the_last_stretch() {
    let area = Rect::new(0, 0, 40, 8);
    let written = |newest| {
        let chart = Chart {
            curves: vec![crate::ui::widgets::Curve {
                name: "",
                values: &[78.0; 68],
                newest,
                written: None,
                role: None,
            }],
            unit: crate::model::Unit::Percent,
            top: Some(100.0),
            time: crate::ui::widgets::TimeAxis {
                start: crate::model::Timestamp(0),
                end: crate::model::Timestamp(60_000),
            },
            threshold: None,
            band: None,
            marks: Vec::new(),
            axes: true,
        };
        let mut buf = Buffer::empty(area);
        chart.render(area, &mut buf, &look(Symbols::Braille));
        text_of(&buf)
    };
    let text = written(Some(51.0));
    assert!(text.contains("51%") && !text.contains("78%"), "{text}");
    assert!(!written(None).contains("78%"));
}

#[test]
fn a_bucket_stands_between_its_bounds() {
    let labels = ["100ms", "200ms", "500ms", "1s"].map(str::to_owned);
    // All of it took 308 ms.
    let cells = vec![vec![0.0, 0.0, 7.0, 0.0]; 20];
    let map = crate::ui::widgets::Heatmap {
        cells: &cells,
        labels: &labels,
        time: crate::ui::widgets::TimeAxis {
            start: crate::model::Timestamp(0),
            end: crate::model::Timestamp(20_000),
        },
    };
    let area = Rect::new(0, 0, 26, 13);
    let mut buf = Buffer::empty(area);
    map.render(area, &mut buf, &look(Symbols::Braille));
    let drawn = text_of(&buf);
    let lines: Vec<&str> = drawn.lines().collect();
    let of = |label: &str| {
        lines
            .iter()
            .position(|line| line.trim_start().starts_with(label))
    };
    let filled: Vec<usize> = (0..lines.len())
        .filter(|line| lines[*line].contains('█'))
        .collect();
    let (top, below) = (of("500ms").unwrap(), of("200ms").unwrap());
    assert_eq!(filled, (top..below).collect::<Vec<usize>>(), "{drawn}");
    assert_eq!(filled.len(), 3);
}
