//! Charts of series over the chosen range, and the panels around them.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::Line;

use super::pen::Words;
use super::{Context, Hits, Target};
use crate::feed::{Points, Window};
use crate::model::{SeriesId, Unit};
use crate::ui::theme::Role;
use crate::ui::widgets::{Chart, Curve, Panel, TimeAxis, spread};

/// The least size of an area that a chart is worth drawing into.
const LEAST: (u16, u16) = (8, 2);

/// A curve of a series: what it is called, the series if it is known, its colour (`None` by value).
pub type CurveOf<'a> = (&'a str, Option<SeriesId>, Option<Role>);

/// A chart of some series.
pub struct Plot<'a> {
    /// The curves.
    pub curves: &'a [CurveOf<'a>],
    /// What they are measured in.
    pub unit: Unit,
    /// The top of the scale; `None` takes a round number over the largest value.
    pub top: Option<f64>,
    /// A quiet line at this value.
    pub limit: Option<f64>,
}

impl Plot<'_> {
    /// Draws it. A series that is not known is a gap all over.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        self.draw_as(cx, area, buf, false);
    }

    /// Draws it with its curves standing on each other.
    pub fn draw_stacked(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        self.draw_as(cx, area, buf, true);
    }

    fn draw_as(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, stacked: bool) {
        if area.width < LEAST.0 || area.height < LEAST.1 {
            return;
        }
        let axes = area.height >= 4 && area.width >= 24;
        let window = cx.window(Chart::points_in(area.width, axes, cx.look));
        let points: Vec<Points> = self
            .curves
            .iter()
            .map(|(_, id, _)| points(cx, *id, window))
            .collect();
        let chart = Chart {
            curves: self
                .curves
                .iter()
                .zip(&points)
                .map(|((name, id, role), points)| Curve {
                    name,
                    values: &points.avg,
                    newest: id.and_then(|id| cx.frame.value_of(id)),
                    written: None,
                    role: *role,
                })
                .collect(),
            unit: self.unit,
            top: self.top,
            time: TimeAxis {
                start: window.start,
                end: window.end(),
            },
            threshold: self.limit.map(|limit| (limit, Role::Dim)),
            band: None,
            marks: Vec::new(),
            axes,
        };
        if stacked {
            chart.render_stacked(area, buf, cx.look);
        } else {
            chart.render(area, buf, cx.look);
        }
    }
}

fn points(cx: &Context<'_>, id: Option<SeriesId>, window: Window) -> Points {
    match id {
        Some(id) => cx.feed.points(id, window),
        None => Points::unknown(window),
    }
}

/// The values of a series over the chosen range, one for each of `columns`: for a trend in a table.
#[must_use]
pub fn trend(cx: &Context<'_>, id: Option<SeriesId>, columns: u16) -> Vec<f64> {
    let columns = usize::from(columns);
    spread(&points(cx, id, cx.window(columns)).avg, columns)
}

/// Draws the border of the panel with this index of a tab, and returns the area inside.
pub fn panel(
    cx: &Context<'_>,
    (index, area): (usize, Rect),
    (title, right): (Line<'_>, Line<'_>),
    buf: &mut Buffer,
    hits: &mut Hits,
) -> Rect {
    if area.is_empty() {
        return Rect::default();
    }
    hits.add(area, Target::Panel(index));
    let focused = cx.focus == index;
    Panel {
        title,
        right,
        focused,
    }
    .render(area, buf, cx.look)
}

/// Draws the border of a part of a detail, which never has the keys by itself, and returns the area inside.
pub fn framed(
    cx: &Context<'_>,
    (title, right): (&str, &str),
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    if area.is_empty() {
        return Rect::default();
    }
    let panel = Panel {
        title: Words::new(cx.look).title(title.to_owned()).line(),
        right: Line::from(right.to_owned()),
        focused: false,
    };
    panel.render(area, buf, cx.look)
}

/// An area without its first and last column, so that words do not touch the border.
#[must_use]
pub fn padded(area: Rect) -> Rect {
    if area.width < 12 {
        return area;
    }
    area.inner(Margin::new(1, 0))
}

/// The panel that alone is shown: the zoomed one, or the one with the keys where there is no room for two.
#[must_use]
pub fn only_panel(cx: &Context<'_>, area: Rect) -> Option<usize> {
    (cx.zoomed || area.height < 13).then_some(cx.focus)
}

/// The upper part of a tab, which holds its charts, and the list below it.
#[must_use]
pub fn above_and_below(area: Rect) -> [Rect; 2] {
    let height = (area.height * 2 / 5).clamp(6, 16);
    Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area)
}

/// The parts of a row of panels by their shares of its width. Those at the right leave first where one of them would
/// be narrower than is of use.
#[must_use]
pub fn side_by_side<const N: usize>(area: Rect, shares: [u16; N]) -> [Rect; N] {
    /// The least width of a panel that is of use.
    const NARROWEST: u16 = 30;
    let mut kept = N;
    while kept > 1 {
        let sum: u16 = shares[..kept].iter().sum();
        let least = shares[..kept].iter().min().copied().unwrap_or(1);
        if u32::from(area.width) * u32::from(least) >= u32::from(NARROWEST) * u32::from(sum) {
            break;
        }
        kept -= 1;
    }
    let mut parts = [Rect::default(); N];
    let widths = shares[..kept].iter().map(|share| Constraint::Fill(*share));
    let areas = Layout::horizontal(widths).split(area);
    for (part, area) in parts.iter_mut().zip(areas.iter()) {
        *part = *area;
    }
    parts
}
