//! A small chart of one line: `▁▂▃▅▂`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Look, Role};

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
    pub fn render(self, _area: Rect, _buf: &mut Buffer, _look: &Look) {}

    /// The same as text, for places that are not cells.
    #[must_use]
    pub fn text(self, _look: &Look) -> String {
        String::new()
    }
}
