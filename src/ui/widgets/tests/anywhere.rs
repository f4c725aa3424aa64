//! Any widget in any area, also one that lies outside the buffer.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::samples::{SAMPLES, look};
use crate::model::{Timestamp, Unit};
use crate::ui::theme::Symbols;
use crate::ui::widgets::{Chart, Curve, Sparkline, TimeAxis};

const GLYPHS: [Symbols; 3] = [Symbols::Braille, Symbols::Blocks, Symbols::Ascii];

#[test]
fn no_small_area_is_too_small() {
    for symbols in GLYPHS {
        let look = look(symbols);
        for (width, height) in (0..24).flat_map(|w| (0..9).map(move |h| (w, h))) {
            let area = Rect::new(0, 0, width, height);
            for (_, draw) in SAMPLES {
                draw(area, &mut Buffer::empty(area), &look);
                draw(area, &mut Buffer::empty(Rect::ZERO), &look);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_area_is_a_wrong_one(
        screen in (0u16..=200, 0u16..=60),
        at in (0u16..=210, 0u16..=70),
        size in (0u16..=200, 0u16..=60),
        glyphs in 0usize..3,
    ) {
        let look = look(GLYPHS[glyphs]);
        let area = Rect::new(at.0, at.1, size.0, size.1);
        let mut buf = Buffer::empty(Rect::new(0, 0, screen.0, screen.1));
        for (_, draw) in SAMPLES {
            draw(area, &mut buf, &look);
        }
    }

    #[test]
    fn no_figures_are_wrong_ones(
        values in proptest::collection::vec(any::<f64>(), 0..300),
        top in proptest::option::of(any::<f64>()),
        start in any::<i64>(),
        end in any::<i64>(),
        size in (0u16..=120, 0u16..=20),
        glyphs in 0usize..3,
    ) {
        let look = look(GLYPHS[glyphs]);
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = Buffer::empty(area);
        let curve = Curve { name: "x", values: &values, newest: values.last().copied(), written: None, role: None };
        for curves in [vec![curve.clone()], vec![curve.clone(), curve]] {
            let time = TimeAxis { start: Timestamp(start), end: Timestamp(end) };
            let chart = Chart {
                curves, unit: Unit::Bytes, top, time,
                threshold: Some((values.first().copied().unwrap_or(0.0), crate::ui::theme::Role::Warning)),
                band: None, marks: Vec::new(), axes: true,
            };
            chart.render(area, &mut buf, &look);
        }
        Sparkline { values: &values, top, role: None }.render(area, &mut buf, &look);
    }
}
