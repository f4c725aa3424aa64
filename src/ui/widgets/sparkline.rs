//! A small chart of one line: `▁▂▃▅▂`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Look, Role, Symbols};

/// Eighths of a cell, filled from below.
pub(super) const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same in ASCII, by the height of their ink.
const ASCII_BARS: [char; 8] = ['_', '.', '-', '~', '+', '*', '#', '@'];

/// A small chart of one line, a value a column, newest at the right.
#[derive(Debug, Clone, Copy)]
pub struct Sparkline<'a> {
    /// Values, oldest first; NaN is a gap. When there are more than columns, the last ones are shown.
    pub values: &'a [f64],
    /// The top of the scale; `None` takes the largest value.
    pub top: Option<f64>,
    /// Its colour; `None` colours each column by value.
    pub role: Option<Role>,
}

impl Sparkline<'_> {
    /// Draws it into the first line of the area.
    pub fn render(self, area: Rect, buf: &mut Buffer, look: &Look) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let room = usize::from(area.width);
        let values = &self.values[self.values.len().saturating_sub(room)..];
        let top = self.scale();
        let start = area.right() - values.len() as u16;
        for (x, value) in (start..).zip(values) {
            let Some(fraction) = share(*value, top) else {
                continue;
            };
            let style = look.role_or_heat(self.role, fraction);
            buf[(x, area.y)]
                .set_char(bar(fraction, look.symbols))
                .set_style(style);
        }
    }

    /// The same as text, for places that are not cells.
    #[must_use]
    pub fn text(self, look: &Look) -> String {
        let top = self.scale();
        self.values
            .iter()
            .map(|value| share(*value, top).map_or(' ', |fraction| bar(fraction, look.symbols)))
            .collect()
    }

    fn scale(self) -> f64 {
        let largest = || self.values.iter().copied().fold(0.0, f64::max);
        self.top.unwrap_or_else(largest)
    }
}

/// Values over time for so many columns: where there are fewer, each stands over its share of them, so that the line
/// covers its whole time.
#[must_use]
pub fn spread(values: &[f64], columns: usize) -> Vec<f64> {
    if values.is_empty() || values.len() >= columns {
        return values.to_vec();
    }
    let stands = |column| values[column * values.len() / columns];
    (0..columns).map(stands).collect()
}

/// Which part of `top` a value is, 0 to 1; `None` for a gap.
fn share(value: f64, top: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let share = if top > 0.0 { value / top } else { 0.0 };
    Some(share.clamp(0.0, 1.0))
}

fn bar(fraction: f64, symbols: Symbols) -> char {
    match symbols {
        Symbols::Ascii => ASCII_BARS[(fraction * 7.0).round() as usize],
        // The full block is left out: lines of a list would grow together.
        _ => BARS[(fraction * 6.0).round() as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_cover_all_columns() {
        assert_eq!(spread(&[1.0, 2.0], 5), [1.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(spread(&[1.0, 2.0, 3.0], 2), [1.0, 2.0, 3.0]);
        assert!(spread(&[], 3).is_empty());
    }
}
