//! The inside of a chart: points to dots, dots to cells. Braille has two points a column and four dots a row, blocks
//! one and eight, ASCII one and four.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::Curve;
use crate::ui::theme::{Look, Role, Symbols};
use crate::ui::widgets::sparkline::BARS;

/// The bits of a braille cell (Unicode 10.8, U+2800) with the lowest 0 to 4 dots of its left column set.
const LEFT: [u8; 5] = [0x00, 0x40, 0x44, 0x46, 0x47];
/// The same for its right column.
const RIGHT: [u8; 5] = [0x00, 0x80, 0xa0, 0xb0, 0xb8];
const ASCII_FILL: [char; 4] = ['_', '-', '=', '#'];
const ASCII_POINTS: [char; 4] = ['*', '+', 'o', 'x'];

/// What the points of a curve are where there is only ASCII; colours may be missing there too.
pub(super) fn ascii_point(index: usize) -> char {
    ASCII_POINTS[index % ASCII_POINTS.len()]
}

/// How many points stand in one column.
pub(super) fn points_a_column(symbols: Symbols) -> usize {
    match symbols {
        Symbols::Braille => 2,
        Symbols::Blocks | Symbols::Ascii => 1,
    }
}

fn dots_a_row(symbols: Symbols) -> usize {
    match symbols {
        Symbols::Blocks => 8,
        Symbols::Braille | Symbols::Ascii => 4,
    }
}

/// The role of a curve among several that has none of its own.
pub(super) fn role_of(curve: &Curve<'_>, index: usize) -> Role {
    const CURVES: [Role; 4] = [Role::Curve1, Role::Curve2, Role::Curve3, Role::Curve4];
    curve.role.unwrap_or(CURVES[index % CURVES.len()])
}

/// An area of the buffer with a scale upward.
pub(super) struct Plot<'a> {
    /// Where it is; inside the buffer.
    pub(super) area: Rect,
    /// Colours and glyphs.
    pub(super) look: &'a Look,
    top: f64,
    /// Dots from bottom to top.
    dots: usize,
    /// Points from left to right.
    points: usize,
}

impl<'a> Plot<'a> {
    pub(super) fn new(area: Rect, top: f64, look: &'a Look) -> Self {
        Self {
            area,
            look,
            top,
            dots: usize::from(area.height) * dots_a_row(look.symbols),
            points: usize::from(area.width) * points_a_column(look.symbols),
        }
    }

    /// The row in which the top of a filled value lies.
    pub(super) fn row_of(&self, value: f64) -> u16 {
        let row = (self.height_of(value) - 1) / dots_a_row(self.look.symbols);
        self.area.bottom().saturating_sub(1 + row as u16)
    }

    /// One curve as a filled area, coloured row by row. Zero is one dot high, so that it is no gap.
    pub(super) fn fill(&self, curve: &Curve<'_>, heat_of: impl Fn(f64) -> f64, buf: &mut Buffer) {
        if self.area.is_empty() {
            return;
        }
        let rows = usize::from(self.area.height);
        let styles: Vec<Style> = (0..rows)
            .map(|row| {
                let middle = (row as f64 + 0.5) / rows as f64 * self.top;
                self.look.role_or_heat(curve.role, heat_of(middle))
            })
            .collect();
        let a_column = points_a_column(self.look.symbols);
        let a_row = dots_a_row(self.look.symbols);
        for column in 0..usize::from(self.area.width) {
            let height = |point| {
                self.value_at(curve.values, column * a_column + point)
                    .map_or(0, |value| self.height_of(value))
            };
            let (left, right) = (height(0), if a_column == 2 { height(1) } else { 0 });
            let highest = left.max(right);
            for (row, style) in styles.iter().enumerate().take(highest.div_ceil(a_row)) {
                let part = |height: usize| height.saturating_sub(row * a_row).min(a_row);
                let glyph = match self.look.symbols {
                    Symbols::Braille => braille(LEFT[part(left)] | RIGHT[part(right)]),
                    Symbols::Blocks => BARS[part(left) - 1],
                    Symbols::Ascii => ASCII_FILL[part(left) - 1],
                };
                let x = self.area.x + column as u16;
                let y = self.area.bottom() - 1 - row as u16;
                buf[(x, y)].set_char(glyph).set_style(*style);
            }
        }
    }

    /// Several curves as areas on each other, the first at the bottom. A cell that two of them share has the colour of
    /// the one that fills its middle.
    pub(super) fn stack(&self, curves: &[Curve<'_>], buf: &mut Buffer) {
        let a_column = points_a_column(self.look.symbols);
        let a_row = dots_a_row(self.look.symbols);
        for column in 0..usize::from(self.area.width) {
            // How high the areas up to each curve reach, at the points of this column.
            let reached = |point: usize| {
                let mut sum = None;
                let each = curves.iter().map(|curve| {
                    let value = self.value_at(curve.values, column * a_column + point);
                    sum = value.map(|value| value + sum.unwrap_or(0.0)).or(sum);
                    sum.map_or(0, |sum| self.height_of(sum))
                });
                each.collect::<Vec<usize>>()
            };
            let left = reached(0);
            let right = if a_column == 2 {
                reached(1)
            } else {
                vec![0; curves.len()]
            };
            let (Some(&top_left), Some(&top_right)) = (left.last(), right.last()) else {
                return;
            };
            let rows = usize::from(self.area.height).min(top_left.max(top_right).div_ceil(a_row));
            for row in 0..rows {
                let part = |height: usize| height.saturating_sub(row * a_row).min(a_row);
                let middle = row * a_row + a_row / 2;
                let mut highest = left
                    .iter()
                    .zip(&right)
                    .map(|(left, right)| *left.max(right));
                let index = highest
                    .position(|highest| highest > middle)
                    .unwrap_or(curves.len() - 1);
                let glyph = match self.look.symbols {
                    Symbols::Braille => braille(LEFT[part(top_left)] | RIGHT[part(top_right)]),
                    Symbols::Blocks => BARS[part(top_left) - 1],
                    Symbols::Ascii => ascii_point(index),
                };
                let x = self.area.x + column as u16;
                let y = self.area.bottom() - 1 - row as u16;
                let style = self.look.style(role_of(&curves[index], index));
                buf[(x, y)].set_char(glyph).set_style(style);
            }
        }
    }

    /// Several curves as lines; where two meet, the later one gives the colour.
    pub(super) fn lines(&self, curves: &[Curve<'_>], buf: &mut Buffer) {
        if self.area.is_empty() {
            return;
        }
        if self.look.symbols != Symbols::Braille {
            return self.points(curves, buf);
        }
        let mut cells = vec![0u8; usize::from(self.area.width) * usize::from(self.area.height)];
        for (index, curve) in curves.iter().enumerate() {
            let style = self.look.style(role_of(curve, index));
            let mut before: Option<usize> = None;
            for point in 0..self.points {
                let Some(value) = self.value_at(curve.values, point) else {
                    before = None;
                    continue;
                };
                let dot = self.height_of(value) - 1;
                // From the dot before to this one, so that a steep line stays a line.
                let (low, high) = match before {
                    Some(last) if last < dot => (last + 1, dot),
                    Some(last) if last > dot => (dot, last - 1),
                    _ => (dot, dot),
                };
                for dot in low..=high {
                    self.set_dot(&mut cells, point, dot, style, buf);
                }
                before = Some(dot);
            }
        }
    }

    fn set_dot(&self, cells: &mut [u8], point: usize, dot: usize, style: Style, buf: &mut Buffer) {
        let (column, row) = (point / 2, dot / 4);
        let bits = if point.is_multiple_of(2) { LEFT } else { RIGHT };
        let bit = bits[dot % 4 + 1] & !bits[dot % 4];
        let cell = &mut cells[row * usize::from(self.area.width) + column];
        *cell |= bit;
        let (x, y) = (
            self.area.x + column as u16,
            self.area.bottom() - 1 - row as u16,
        );
        buf[(x, y)].set_char(braille(*cell)).set_style(style);
    }

    /// The same without braille: a sign a point.
    fn points(&self, curves: &[Curve<'_>], buf: &mut Buffer) {
        for (index, curve) in curves.iter().enumerate() {
            let style = self.look.style(role_of(curve, index));
            let sign = match self.look.symbols {
                Symbols::Ascii => ascii_point(index),
                _ => '•',
            };
            for point in 0..self.points {
                if let Some(value) = self.value_at(curve.values, point) {
                    let x = self.area.x + point as u16;
                    buf[(x, self.row_of(value))].set_char(sign).set_style(style);
                }
            }
        }
    }

    /// A quiet line across at a value, where nothing is drawn yet.
    pub(super) fn level(&self, value: f64, role: Role, buf: &mut Buffer) {
        if self.area.is_empty() || !(0.0..=self.top).contains(&value) {
            return;
        }
        let glyph = match self.look.symbols {
            Symbols::Ascii => '.',
            _ => '┄',
        };
        let loud = Modifier::REVERSED.union(Modifier::BOLD);
        let quiet = self.look.style(role).remove_modifier(loud);
        let style = quiet.add_modifier(Modifier::DIM);
        let y = self.row_of(value);
        for x in self.area.left()..self.area.right() {
            let cell = &mut buf[(x, y)];
            if cell.symbol() == " " {
                cell.set_char(glyph).set_style(style);
            }
        }
    }

    /// What was expected, as a shade behind everything else.
    pub(super) fn band(&self, low: &[f64], high: &[f64], buf: &mut Buffer) {
        if self.area.is_empty() {
            return;
        }
        let track = self.look.style(Role::Track);
        let a_column = points_a_column(self.look.symbols);
        for column in 0..usize::from(self.area.width) {
            let point = column * a_column;
            let (Some(low), Some(high)) = (self.value_at(low, point), self.value_at(high, point))
            else {
                continue;
            };
            let x = self.area.x + column as u16;
            for y in self.row_of(high)..=self.row_of(low) {
                let cell = &mut buf[(x, y)];
                match track.fg {
                    // A background keeps the curve on it readable; it needs a shade that is none of the sixteen.
                    Some(shade @ (Color::Rgb(..) | Color::Indexed(_))) => cell.set_bg(shade),
                    _ if self.look.symbols == Symbols::Ascii => cell.set_char('~').set_style(track),
                    _ => cell.set_char('░').set_style(track),
                };
            }
        }
    }

    /// The value that stands at a point: the worst of those that fall on it; `None` for a gap.
    fn value_at(&self, values: &[f64], point: usize) -> Option<f64> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let first = point * count / self.points;
        let last = ((point + 1) * count / self.points).clamp(first + 1, count);
        let finite = values[first..last]
            .iter()
            .copied()
            .filter(|v| v.is_finite());
        finite.reduce(f64::max)
    }

    /// Dots from the bottom; at least one.
    fn height_of(&self, value: f64) -> usize {
        let share = (value / self.top).clamp(0.0, 1.0);
        ((share * self.dots as f64).round() as usize).max(1)
    }
}

/// The braille cell with these dots.
fn braille(bits: u8) -> char {
    char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')
}
