//! A box over the screen: help, a menu, the palette, a question.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::ui::theme::Look;

/// A line of a popup.
#[derive(Debug, Clone, Default)]
pub struct PopupLine<'a> {
    /// Stands at the left.
    pub left: Line<'a>,
    /// Stands at the right, dim: keys, hints.
    pub right: Line<'a>,
}

/// A box over the screen.
#[derive(Debug, Clone, Default)]
pub struct Popup<'a> {
    /// Stands in the border.
    pub title: Line<'a>,
    /// A line that is being typed, with the cursor's column in it; drawn above the lines.
    pub input: Option<(&'a str, usize)>,
    /// The lines.
    pub lines: Vec<PopupLine<'a>>,
    /// The one selected.
    pub selected: Option<usize>,
    /// Stands in the lower border: the keys that work.
    pub hint: Line<'a>,
    /// Its least width; it grows with its lines up to the screen.
    pub width: u16,
}

impl Popup<'_> {
    /// Draws it in the middle of `screen`. Returns where each visible line was drawn, with its index, for the mouse.
    pub fn render(&self, _screen: Rect, _buf: &mut Buffer, _look: &Look) -> Vec<(Rect, usize)> {
        Vec::new()
    }
}
