//! A border with its title in it; the one level of borders that the screen has.
//!
//! ```text
//! ╭ CPU 37%  8 cores ──────────────── 5m ╮
//! │                                      │
//! ╰──────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::text;
use crate::ui::theme::{Look, Role, Symbols};

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
    pub fn render(&self, area: Rect, buf: &mut Buffer, look: &Look) -> Rect {
        let area = area.intersection(buf.area);
        if area.width < 2 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        let role = if self.focused {
            Role::BorderFocused
        } else {
            Role::Border
        };
        border(area, buf, look.style(role), look.symbols);
        let after = border_title(&self.title, area, area.top(), buf, look);
        border_right(&self.right, area, after, area.top(), buf, look);
        Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    }
}

/// The six pieces of a border: corners from the upper left clockwise, across, down.
fn pieces(symbols: Symbols) -> [char; 6] {
    match symbols {
        Symbols::Ascii => ['+', '+', '+', '+', '-', '|'],
        _ => ['╭', '╮', '╯', '╰', '─', '│'],
    }
}

/// Draws a border along the inner edge of an area that lies in the buffer and is at least two by two.
pub(super) fn border(area: Rect, buf: &mut Buffer, style: Style, symbols: Symbols) {
    let [
        upper_left,
        upper_right,
        lower_right,
        lower_left,
        across,
        down,
    ] = pieces(symbols);
    let (left, right) = (area.left(), area.right() - 1);
    let (top, bottom) = (area.top(), area.bottom() - 1);
    let mut put = |x: u16, y: u16, piece: char| {
        buf[(x, y)].set_char(piece).set_style(style);
    };
    for x in left + 1..right {
        put(x, top, across);
        put(x, bottom, across);
    }
    for y in top + 1..bottom {
        put(left, y, down);
        put(right, y, down);
    }
    put(left, top, upper_left);
    put(right, top, upper_right);
    put(right, bottom, lower_right);
    put(left, bottom, lower_left);
}

/// Puts a title into a horizontal border, a space on each side; returns the column after it.
pub(super) fn border_title(
    title: &Line<'_>,
    area: Rect,
    y: u16,
    buf: &mut Buffer,
    look: &Look,
) -> u16 {
    let start = area.left() + 1;
    if area.width < 6 || title.spans.iter().all(|span| span.content.is_empty()) {
        return start;
    }
    let room = area.width - 4;
    let style = look.style(Role::Title);
    let at = text::put(buf, start, y, " ", 1, style);
    let at = text::put_line(buf, (at, y), title, room, style, look);
    text::put(buf, at, y, " ", 1, style)
}

/// Puts a text at the right of a horizontal border when it fits behind column `after`.
pub(super) fn border_right(
    line: &Line<'_>,
    area: Rect,
    after: u16,
    y: u16,
    buf: &mut Buffer,
    look: &Look,
) {
    let width = line.width() as u16;
    let needed = width.saturating_add(3);
    if width == 0 || after.saturating_add(needed) > area.right() {
        return;
    }
    let style = look.style(Role::Dim);
    let at = area.right() - needed;
    let at = text::put(buf, at, y, " ", 1, style);
    let at = text::put_line(buf, (at, y), line, width, style, look);
    text::put(buf, at, y, " ", 1, style);
}
