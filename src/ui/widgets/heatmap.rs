//! Counts over time and size: time across, buckets upward, colour is the count.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::TimeAxis;
use super::axis::{self, draw_clock};
use super::text;
use crate::ui::theme::{Look, Role, Symbols};

/// Shades from few to many, where there are not enough colours (or glyphs) for a gradient.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];
const ASCII_SHADES: [char; 4] = ['.', ':', '+', '#'];
/// The widest label that is written.
const LABEL_WIDTH: usize = 7;

/// Counts over time and size.
#[derive(Debug, Clone)]
pub struct Heatmap<'a> {
    /// `cells[time][bucket]`, oldest first, smallest bucket first; NaN is a gap.
    pub cells: &'a [Vec<f64>],
    /// The label of each bucket, smallest first: its upper bound, which stands at its top line.
    pub labels: &'a [String],
    /// When.
    pub time: TimeAxis,
}

impl Heatmap<'_> {
    /// Draws it.
    pub fn render(&self, area: Rect, buf: &mut Buffer, look: &Look) {
        let area = area.intersection(buf.area);
        if area.is_empty() || self.labels.is_empty() {
            return;
        }
        let (plot, clock) = self.parts(area);
        self.draw_labels(area, plot, buf, look);
        self.draw_cells(plot, buf, look);
        if let Some(clock) = clock {
            draw_clock(self.time, clock, buf, look);
        }
    }

    /// How many columns of time an area of `width` shows.
    #[must_use]
    pub fn columns_in(&self, width: u16) -> usize {
        usize::from(width - self.label_width(width).min(width))
    }

    fn label_width(&self, width: u16) -> u16 {
        if width < axis::LEAST_WIDTH {
            return 0;
        }
        let widest = self.labels.iter().map(|label| text::width(label)).max();
        widest.unwrap_or(0).min(LABEL_WIDTH) as u16 + 1
    }

    fn parts(&self, area: Rect) -> (Rect, Option<Rect>) {
        let labels = self.label_width(area.width);
        let clock = u16::from(area.height >= axis::LEAST_HEIGHT);
        let plot = Rect::new(
            area.x + labels,
            area.y,
            area.width - labels,
            area.height - clock,
        );
        let below = Rect::new(plot.x, plot.bottom(), plot.width, 1);
        (plot, (clock == 1).then_some(below))
    }

    /// The buckets that a row shows: several when there are more buckets than rows, else one, over several rows.
    fn buckets_of(&self, row_from_below: u16, rows: u16) -> std::ops::Range<usize> {
        let count = self.labels.len();
        let rows = usize::from(rows).max(1);
        let row = usize::from(row_from_below);
        let first = row * count / rows;
        first..((row + 1) * count / rows).max(first + 1)
    }

    fn draw_labels(&self, area: Rect, plot: Rect, buf: &mut Buffer, look: &Look) {
        let width = plot.x - area.x;
        if width < 2 {
            return;
        }
        let style = look.style(Role::Dim);
        for row in 0..plot.height {
            let buckets = self.buckets_of(row, plot.height);
            // What a bucket counts stands below its own bound and above that of the smaller one.
            if row + 1 < plot.height && self.buckets_of(row + 1, plot.height) == buckets {
                continue;
            }
            let Some(label) = self.labels.get(buckets.end.wrapping_sub(1)) else {
                continue;
            };
            let label = text::pad_left(label, usize::from(width - 1));
            text::put(buf, area.x, plot.bottom() - 1 - row, &label, width, style);
        }
    }

    fn draw_cells(&self, plot: Rect, buf: &mut Buffer, look: &Look) {
        let shown = usize::from(plot.width).min(self.cells.len());
        let columns = &self.cells[self.cells.len() - shown..];
        let all = columns.iter().flatten().copied();
        let most = all.filter(|count| count.is_finite()).fold(0.0, f64::max);
        let shades = match look.symbols {
            Symbols::Ascii => ASCII_SHADES,
            _ => SHADES,
        };
        let left = plot.right() - shown as u16;
        for row in 0..plot.height {
            let buckets = self.buckets_of(row, plot.height);
            for (x, column) in (left..).zip(columns) {
                let counts = column.get(buckets.clone()).unwrap_or_default();
                let count: f64 = counts.iter().copied().filter(|c| c.is_finite()).sum();
                if count <= 0.0 || most <= 0.0 {
                    continue;
                }
                // The square root keeps the few slow ones visible beside the many quick ones.
                let fraction = (count / most).min(1.0).sqrt();
                let cell = &mut buf[(x, plot.bottom() - 1 - row)];
                match look.shade(fraction) {
                    Some(style) => cell.set_char('█').set_style(style),
                    None => {
                        let shade = shades[((fraction * 4.0) as usize).min(3)];
                        cell.set_char(shade).set_style(look.style(Role::Curve1))
                    }
                };
            }
        }
    }
}
