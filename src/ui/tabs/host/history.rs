//! Charts of series over the chosen range.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::feed::{Points, Window};
use crate::model::{SeriesId, Unit};
use crate::ui::tabs::Context;
use crate::ui::theme::Role;
use crate::ui::widgets::{Chart, Curve, TimeAxis};

/// The least size of an area that a chart is worth drawing into.
const LEAST: (u16, u16) = (8, 2);

/// A curve of a series: what it is called, the series, its colour (`None` by value).
pub type CurveOf<'a> = (&'a str, Option<SeriesId>, Option<Role>);

/// Draws the history of some series as one chart. A series that is not known is a gap all over.
pub fn draw(
    cx: &Context<'_>,
    area: Rect,
    buf: &mut Buffer,
    curves: &[CurveOf<'_>],
    unit: Unit,
    top: Option<f64>,
) {
    let Some((window, axes)) = window_for(cx, area) else {
        return;
    };
    let points: Vec<Points> = curves
        .iter()
        .map(|(_, id, _)| match id {
            Some(id) => cx.feed.points(*id, window),
            None => Points::unknown(window),
        })
        .collect();
    let curves = curves
        .iter()
        .zip(&points)
        .map(|((name, _, role), points)| Curve {
            name,
            values: &points.avg,
            role: *role,
        });
    draw_curves(cx, area, buf, curves.collect(), window, (unit, top, axes));
}

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
pub fn draw_curves(
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
