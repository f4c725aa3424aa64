//! A box over the screen: help, a menu, the palette, a question.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Line;

use super::panel::{border, border_right, border_title};
use super::scroll;
use super::text;
use crate::ui::theme::{Look, Role, Symbols};

/// How wide a text makes the box, unless its lines or its title make it wider.
const TEXT_WIDTH: usize = 64;

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
    /// Stands above the lines, broken into as many as it needs; it can't be selected.
    pub text: &'a str,
    /// The lines.
    pub lines: Vec<PopupLine<'a>>,
    /// The one selected.
    pub selected: Option<usize>,
    /// The first line to be seen, where none is selected.
    pub first: usize,
    /// Stands in the lower border: the keys that work.
    pub hint: Line<'a>,
    /// Its least width; it grows with its lines up to the screen.
    pub width: u16,
}

impl Popup<'_> {
    /// Draws it in the middle of `screen`. Returns where each visible line was drawn, with its index, for the mouse.
    pub fn render(&self, screen: Rect, buf: &mut Buffer, look: &Look) -> Vec<(Rect, usize)> {
        let area = self.place(screen.intersection(buf.area));
        if area.width < 4 || area.height < 3 {
            return Vec::new();
        }
        // One cell more at each side, so that what is below does not touch the border.
        let around = Rect::new(
            area.x.saturating_sub(1),
            area.y,
            area.width + 2,
            area.height,
        );
        text::clear(buf, around.intersection(screen), look.style(Role::Text));
        border(area, buf, look.style(Role::BorderFocused), look.symbols);
        border_title(&self.title, area, area.top(), buf, look);
        border_right(&self.hint, area, area.left(), area.bottom() - 1, buf, look);
        let mut inside = Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2);
        if let Some((typed, cursor)) = self.input {
            draw_input(
                typed,
                cursor,
                Rect {
                    height: 1,
                    ..inside
                },
                buf,
                look,
            );
            let taken = inside.height.min(2);
            inside.y += taken;
            inside.height -= taken;
        }
        for line in wrapped(self.text, text_room(area)) {
            if inside.height == 0 {
                break;
            }
            let style = look.style(Role::Bright);
            text::put(buf, inside.x + 1, inside.y, line, inside.width - 1, style);
            inside.y += 1;
            inside.height -= 1;
        }
        self.draw_lines(inside, buf, look)
    }

    /// The first line that is seen when the last one is.
    #[must_use]
    pub fn furthest(&self, screen: Rect) -> usize {
        let rows = usize::from(self.place(screen).height.saturating_sub(2));
        self.lines.len().saturating_sub(rows)
    }

    /// Whether the whole text and every line are seen on this screen.
    #[must_use]
    pub fn fits(&self, screen: Rect) -> bool {
        let area = self.place(screen);
        let rows = wrapped(self.text, text_room(area)).len() + self.lines.len();
        area.width >= 4 && rows + 2 <= usize::from(area.height)
    }

    /// Centred, a little above the middle, as wide and high as its content and the screen allow.
    fn place(&self, screen: Rect) -> Rect {
        let line_width = |line: &PopupLine<'_>| {
            let right = line.right.width();
            line.left.width() + right + if right > 0 { 3 } else { 0 }
        };
        let widest = self.lines.iter().map(line_width).max().unwrap_or(0);
        let typed = self.input.map_or(0, |(typed, _)| text::width(typed) + 4);
        let frame = self.title.width().max(self.hint.width()) + 4;
        // Where something is typed the lines change with each key; the box keeps its size as far as it can.
        let searching = self.input.is_some();
        let wanted = if searching { 0 } else { widest + 5 };
        let wanted = wanted
            .max(typed + 4)
            .max((text::width(self.text) + 4).min(TEXT_WIDTH))
            .max(frame)
            .max(usize::from(self.width));
        let width = wanted.min(usize::from(screen.width.saturating_sub(2))) as u16;
        let said = wrapped(self.text, usize::from(width.saturating_sub(4))).len();
        let wanted = said + self.lines.len() + if searching { 4 } else { 2 };
        let room = usize::from(screen.height.saturating_sub(2));
        let height = wanted.min(if searching {
            (room * 3 / 5).max(8).min(room)
        } else {
            room
        }) as u16;
        Rect::new(
            screen.x + (screen.width - width.min(screen.width)) / 2,
            screen.y + (screen.height - height.min(screen.height)) / 3,
            width,
            height,
        )
    }

    fn draw_lines(&self, area: Rect, buf: &mut Buffer, look: &Look) -> Vec<(Rect, usize)> {
        let rows = usize::from(area.height);
        let first = match self.selected {
            Some(selected) => scroll::first_visible(selected, rows, self.lines.len()),
            None => self.first.min(self.lines.len().saturating_sub(rows)),
        };
        let mut hits = Vec::with_capacity(rows);
        let shown = self.lines.iter().enumerate().skip(first);
        for (y, (index, line)) in (area.top()..area.bottom()).zip(shown) {
            let row = Rect::new(area.x, y, area.width, 1);
            self.draw_line(line, self.selected == Some(index), row, buf, look);
            hits.push((row, index));
        }
        scroll::draw_bar(area, first, rows, self.lines.len(), buf, look);
        hits
    }

    fn draw_line(
        &self,
        line: &PopupLine<'_>,
        selected: bool,
        row: Rect,
        buf: &mut Buffer,
        look: &Look,
    ) {
        if selected {
            buf.set_style(row, look.style(Role::Selection));
            draw_selection_mark(row.x, row.y, buf, look);
        }
        if row.width < 4 {
            return;
        }
        let (left, room) = (row.x + 1, row.width - 3);
        let right = (line.right.width() as u16).min(room);
        let before = if right > 0 { room - right } else { room + 1 };
        // The selection's background stays: a style without one leaves it.
        let base = look.style(if selected {
            Role::Selection
        } else {
            Role::Text
        });
        text::put_line(buf, (left, row.y), &line.left, before, base, look);
        let dim = base.patch(look.style(Role::Dim));
        text::put_line(buf, (left + before, row.y), &line.right, right, dim, look);
    }
}

/// The cells that a line of the text has in a box.
fn text_room(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(4))
}

/// A text in lines of at most `cells`, broken between words; a word that is longer is broken too, so that nothing of it
/// is lost.
fn wrapped(text: &str, cells: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let head = text::head(rest, cells.max(2));
        let end = match head.rfind(' ') {
            _ if head.len() == rest.len() => rest.len(),
            _ if rest[head.len()..].starts_with(' ') => head.len(),
            Some(space) => space,
            // A grapheme that no line holds stands in one of its own, cut at the border.
            None => head
                .len()
                .max(rest.chars().next().map_or(1, char::len_utf8)),
        };
        lines.push(rest[..end].trim_end());
        rest = rest[end..].trim_start();
    }
    lines
}

/// The mark at the left of the selected row.
pub(super) fn draw_selection_mark(x: u16, y: u16, buf: &mut Buffer, look: &Look) {
    let mark = match look.symbols {
        Symbols::Ascii => '>',
        _ => '▌',
    };
    buf[(x, y)]
        .set_char(mark)
        .set_style(look.style(Role::Accent));
}

/// `› text` with the cursor drawn as a reversed cell, so that the terminal's own may stay hidden.
fn draw_input(typed: &str, cursor: usize, area: Rect, buf: &mut Buffer, look: &Look) {
    if area.width < 5 {
        return;
    }
    let prompt = if look.symbols == Symbols::Ascii {
        "> "
    } else {
        "› "
    };
    let at = text::put(buf, area.x, area.y, prompt, 2, look.style(Role::Accent));
    let room = usize::from(area.right() - at);
    // A long text is shown from where the cursor is still in sight.
    let hidden = cursor.saturating_sub(room.saturating_sub(1));
    let visible = &typed[text::head(typed, hidden).len()..];
    let style = look.style(Role::Bright);
    text::put(buf, at, area.y, visible, room as u16, style);
    let column = at + (cursor - hidden).min(room - 1) as u16;
    buf[(column, area.y)].set_style(style.add_modifier(Modifier::REVERSED));
}
