//! What a panel shows instead of figures: waiting, failing, stale, empty, or how to give it a source.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::ui::theme::Look;

/// What the notice is about; it decides the glyph, the word and the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Nothing has come yet.
    Waiting,
    /// Nothing is wrong and there is nothing to list.
    Empty,
    /// There is no source.
    Absent,
    /// The source fails.
    Failing,
    /// There is no right to see it.
    Denied,
}

/// What a panel shows instead of figures, in the middle of it.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// What it is about.
    pub kind: NoticeKind,
    /// One line: what is the matter.
    pub title: String,
    /// What to do about it.
    pub lines: Vec<Line<'a>>,
}

impl Notice<'_> {
    /// Draws it.
    pub fn render(&self, _area: Rect, _buf: &mut Buffer, _look: &Look) {}
}
