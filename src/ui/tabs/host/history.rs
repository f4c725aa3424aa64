//! Charts of what a process used: their points come from its own history, not from a series.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::feed::Window;
use crate::model::Unit;
use crate::ui::tabs::Context;
use crate::ui::widgets::{Chart, Curve, TimeAxis};

/// The least size of an area that a chart is worth drawing into.
const LEAST: (u16, u16) = (8, 2);

/// The window whose points fill a chart of this area, and whether it has axes; `None` when it is too small.
#[must_use]
pub fn window_for(cx: &Context<'_>, area: Rect) -> Option<(Window, bool)> {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return None;
    }
    let axes = area.height >= 4 && area.width >= 24;
    let points = Chart::points_in(area.width, axes, cx.look);
    Some((cx.window(points), axes))
}

/// Draws curves whose points are at hand; `form` is unit, top of the scale, axes.
pub fn draw(
    cx: &Context<'_>,
    area: Rect,
    buf: &mut Buffer,
    curves: Vec<Curve<'_>>,
    window: Window,
    form: (Unit, Option<f64>, bool),
) {
    let (unit, top, axes) = form;
    let chart = Chart {
        curves,
        unit,
        top,
        time: TimeAxis {
            start: window.start,
            end: window.end(),
        },
        threshold: None,
        band: None,
        marks: Vec::new(),
        axes,
    };
    chart.render(area, buf, cx.look);
}
