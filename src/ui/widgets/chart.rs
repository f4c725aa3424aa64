//! Values over time: filled or as lines, with gaps, a threshold, a band, and the clock below.
//!
//! ```text
//!  100             ⢀⣤⡀  p50  12ms  p95 182ms      the legend, for several curves
//!      ┄┄┄┄┄┄┄┄┄┄┄┄⣼⣿⣇┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄       the threshold
//!   50           ⢠⣾⣿⣿⣿⡄           37%             the newest value at the right end
//!    0 ⣀⣀⣤⣶⣤⣀⣀⣀⣴⣿⣿⣿⣿⣿⣿⣷⣤⣀⣀  ⣀⣀⣠⣤⣴⣶⣶⣶             a gap stays a gap
//!        14:30      14:31      14:32
//! ```

mod plot;
mod scale;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::axis::{self, column_of, draw_clock};
use super::text;
use crate::model::{Timestamp, Unit};
use crate::ui::theme::{Look, Role, Symbols};
use plot::Plot;
use scale::Scale;

/// Cells of the scale at the left: five of a figure and one of air.
const SCALE_WIDTH: u16 = 6;

/// One curve. All curves of a chart have points at the same moments.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    /// What it is called in the legend; empty for a chart with one curve.
    pub name: &'a str,
    /// A value a point, oldest first; NaN is a gap and is drawn as one.
    pub values: &'a [f64],
    /// The value of the moment that is shown, to be written: a point is the mean of its stretch of time, and would
    /// contradict the figure beside the chart. Nothing is written where it is not known.
    pub newest: Option<f64>,
    /// How the legend writes it, where a single figure would say more than is known.
    pub written: Option<String>,
    /// Its colour; `None` colours it by value from calm to worst.
    pub role: Option<Role>,
}

/// The moments of the points.
#[derive(Debug, Clone, Copy)]
pub struct TimeAxis {
    /// The moment of the first point.
    pub start: Timestamp,
    /// The moment after the last point.
    pub end: Timestamp,
}

/// What is expected: a band from low to high a point.
#[derive(Debug, Clone)]
pub struct Band<'a> {
    /// Lower edge a point.
    pub low: &'a [f64],
    /// Upper edge a point.
    pub high: &'a [f64],
}

/// A moment worth seeing, drawn at the bottom of the chart.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// Its colour.
    pub role: Role,
}

/// Values over time.
#[derive(Debug, Clone)]
pub struct Chart<'a> {
    /// The curves; the first is filled when it is the only one.
    pub curves: Vec<Curve<'a>>,
    /// What the values are measured in; the scale at the left is written in it.
    pub unit: Unit,
    /// The top of the scale; `None` takes a round number over the largest value.
    pub top: Option<f64>,
    /// When the points were.
    pub time: TimeAxis,
    /// A quiet line at this value.
    pub threshold: Option<(f64, Role)>,
    /// What was expected.
    pub band: Option<Band<'a>>,
    /// Moments worth seeing.
    pub marks: Vec<Mark>,
    /// Whether the scale, the clock and the newest value are written, when there is room.
    pub axes: bool,
}

impl Chart<'_> {
    /// How many points fit into an area of `width` columns: two a column in braille, else one.
    /// `axes` is whether the scale at the left takes its part.
    #[must_use]
    pub fn points_in(width: u16, axes: bool, look: &Look) -> usize {
        let columns = width - scale_width(width, axes);
        usize::from(columns) * plot::points_a_column(look.symbols)
    }

    /// Draws it.
    pub fn render(&self, area: Rect, buf: &mut Buffer, look: &Look) {
        self.render_as(area, buf, look, false);
    }

    /// Draws it with its curves standing on each other: shares of a whole.
    pub fn render_stacked(&self, area: Rect, buf: &mut Buffer, look: &Look) {
        self.render_as(area, buf, look, true);
    }

    fn render_as(&self, area: Rect, buf: &mut Buffer, look: &Look, stacked: bool) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let (inside, clock) = self.parts(area);
        let scale = Scale::of(self, stacked);
        let plot = Plot::new(inside, scale.top, look);
        self.draw_band(&plot, buf);
        match self.curves.as_slice() {
            several if stacked => plot.stack(several, buf),
            [only] => plot.fill(only, |value| self.heat_of(value, scale.top), buf),
            several => plot.lines(several, buf),
        }
        self.draw_threshold(&plot, buf);
        self.draw_marks(inside, buf, look);
        if !self.axes {
            return;
        }
        if inside.x > area.x {
            let left = Rect::new(area.x, inside.y, inside.x - area.x, inside.height);
            scale.draw(left, self.unit, buf, look);
        }
        if let Some(clock) = clock {
            draw_clock(self.time, clock, buf, look);
        }
        if self.curves.len() > 1 {
            self.draw_legend(inside, buf, look);
        } else {
            self.draw_newest(&plot, buf);
        }
    }

    fn parts(&self, area: Rect) -> (Rect, Option<Rect>) {
        let left = scale_width(area.width, self.axes);
        let below = u16::from(self.axes && area.height >= axis::LEAST_HEIGHT);
        let inside = Rect::new(
            area.x + left,
            area.y,
            area.width - left,
            area.height - below,
        );
        let clock = Rect::new(inside.x, inside.bottom(), inside.width, 1);
        (inside, (below == 1).then_some(clock))
    }

    /// Where on the gradient a value lies: the threshold is where it begins to be bad; without one, the top is.
    fn heat_of(&self, value: f64, top: f64) -> f64 {
        match (self.threshold, self.unit) {
            (Some((limit, _)), _) if limit > 0.0 => 0.85 * value / limit,
            (_, Unit::Percent) => value / 100.0,
            _ => value / top,
        }
    }

    fn draw_band(&self, plot: &Plot<'_>, buf: &mut Buffer) {
        if let Some(band) = &self.band {
            plot.band(band.low, band.high, buf);
        }
    }

    fn draw_threshold(&self, plot: &Plot<'_>, buf: &mut Buffer) {
        let Some((value, role)) = self.threshold else {
            return;
        };
        plot.level(value, role, buf);
    }

    fn draw_marks(&self, inside: Rect, buf: &mut Buffer, look: &Look) {
        let glyph = if look.symbols == Symbols::Ascii {
            '^'
        } else {
            '▲'
        };
        for mark in &self.marks {
            if let Some(x) = column_of(mark.at, self.time, inside) {
                buf[(x, inside.bottom() - 1)]
                    .set_char(glyph)
                    .set_style(look.style(mark.role));
            }
        }
    }

    /// The value of the moment that is shown, above the right end of the curve.
    fn draw_newest(&self, plot: &Plot<'_>, buf: &mut Buffer) {
        let newest = self.curves.first().and_then(|curve| curve.newest);
        let Some(value) = newest.filter(|value| value.is_finite()) else {
            return;
        };
        let label = plot.look.format.value(self.unit, Some(value));
        let width = text::width(&label) as u16;
        if width + 4 > plot.area.width || plot.area.height < 2 {
            return;
        }
        let y = plot.row_of(value).saturating_sub(1).max(plot.area.y);
        let style = plot.look.style(Role::Bright).add_modifier(Modifier::BOLD);
        let x = plot.area.right() - width;
        clean(Rect::new(x, y, width, 1), buf);
        text::put(buf, x, y, &label, width, style);
    }

    /// What the points of the curve with this index are where there is only ASCII.
    #[must_use]
    pub fn ascii_point(index: usize) -> char {
        plot::ascii_point(index)
    }

    /// The curves' names at the upper right, each with its value where there is room.
    fn draw_legend(&self, inside: Rect, buf: &mut Buffer, look: &Look) {
        let named = || self.curves.iter().filter(|curve| !curve.name.is_empty());
        let names: usize = named().map(|curve| text::width(curve.name) + 2).sum();
        let written = |curve: &Curve<'_>| {
            let figure = || look.format.value(self.unit, curve.newest);
            let value = curve.written.clone().unwrap_or_else(figure);
            text::pad_left(&value, VALUE_WIDTH.max(text::width(&value) + 1))
        };
        let values: usize = named().map(|curve| text::width(&written(curve))).sum();
        let room = usize::from(inside.width);
        if names == 0 || names > room || inside.height < 2 {
            return;
        }
        let with_values = names + values <= room * 2 / 3;
        let width = names + if with_values { values } else { 0 };
        let mut at = inside.right() - width as u16;
        clean(Rect::new(at, inside.y, width as u16, 1), buf);
        for (index, curve) in self.curves.iter().enumerate() {
            if curve.name.is_empty() {
                continue;
            }
            let style = look.style(plot::role_of(curve, index));
            let mut mark = [0; 4];
            let mark = match look.symbols {
                Symbols::Ascii => Self::ascii_point(index).encode_utf8(&mut mark),
                _ => " ",
            };
            at = text::put(buf, at, inside.y, mark, 1, style);
            at = text::put(buf, at, inside.y, curve.name, u16::MAX, style);
            if with_values {
                let bright = look.style(Role::Bright);
                at = text::put(buf, at, inside.y, &written(curve), u16::MAX, bright);
            }
            at = text::put(buf, at, inside.y, " ", 1, style);
        }
    }
}

/// Takes away what is written in an area of the buffer, but not the shade behind it.
fn clean(area: Rect, buf: &mut Buffer) {
    for x in area.left()..area.right() {
        let cell = &mut buf[(x, area.y)];
        cell.set_char(' ').modifier = Modifier::empty();
    }
}

/// Cells of a value in the legend, at least.
const VALUE_WIDTH: usize = 7;

fn scale_width(width: u16, axes: bool) -> u16 {
    if axes && width >= axis::LEAST_WIDTH {
        SCALE_WIDTH
    } else {
        0
    }
}
