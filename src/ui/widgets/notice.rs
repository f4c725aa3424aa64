//! What a panel shows instead of figures: waiting, failing, stale, empty, forgotten, or how to give it a source.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::text;
use crate::ui::theme::{Look, Role, Symbols};

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
    /// It was there, and is not remembered.
    Forgotten,
}

impl NoticeKind {
    /// Its word: a state is never told by a colour alone.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Empty => "all quiet",
            Self::Absent => "no source",
            Self::Failing => "failing",
            Self::Denied => "not allowed",
            Self::Forgotten => "not remembered",
        }
    }

    const fn glyph(self, symbols: Symbols) -> char {
        match (self, symbols) {
            (Self::Waiting, Symbols::Ascii) => '.',
            (Self::Waiting, _) => '◌',
            (Self::Empty, Symbols::Ascii) => '*',
            (Self::Empty, _) => '✓',
            (Self::Absent | Self::Forgotten, Symbols::Ascii) => 'o',
            (Self::Absent | Self::Forgotten, _) => '○',
            (Self::Failing | Self::Denied, Symbols::Ascii) => '!',
            (Self::Failing, _) => '▲',
            (Self::Denied, _) => '◆',
        }
    }

    const fn role(self) -> Role {
        match self {
            Self::Waiting | Self::Absent | Self::Forgotten => Role::Dim,
            Self::Empty => Role::Ok,
            Self::Failing => Role::Critical,
            Self::Denied => Role::Warning,
        }
    }
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
    pub fn render(&self, area: Rect, buf: &mut Buffer, look: &Look) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        // The advice is a block: its lines start in one column, so that lines of a config keep their shape.
        let advice = self.lines.iter().map(Line::width).max().unwrap_or(0);
        let gap = usize::from(!self.lines.is_empty() && area.height > 2);
        let wanted = 1 + gap + self.lines.len();
        let top = area.y + area.height.saturating_sub(wanted as u16) / 2;
        self.draw_title(Rect::new(area.x, top, area.width, 1), buf, look);
        let left = area.x + area.width.saturating_sub(advice as u16) / 2;
        let first = top + 1 + gap as u16;
        for (y, line) in (first..area.bottom()).zip(&self.lines) {
            let room = area.right() - left;
            text::put_line(buf, (left, y), line, room, look.style(Role::Dim), look);
        }
    }

    /// `▲ failing  the server refused the connection`, in the middle of a line.
    fn draw_title(&self, area: Rect, buf: &mut Buffer, look: &Look) {
        let word = self.kind.word();
        let wanted = 2 + text::width(word) + 2 + text::width(&self.title);
        let left = area.x + area.width.saturating_sub(wanted as u16) / 2;
        let room = |at: u16| area.right().saturating_sub(at);
        let style = look.style(self.kind.role());
        let mut glyph = [0; 4];
        let glyph = self.kind.glyph(look.symbols).encode_utf8(&mut glyph);
        let at = text::put(buf, left, area.y, glyph, room(left), style) + 1;
        let at = text::put_fit(buf, (at, area.y), word, room(at), style, look) + 2;
        let bright = look.style(Role::Bright);
        text::put_fit(buf, (at, area.y), &self.title, room(at), bright, look);
    }
}
