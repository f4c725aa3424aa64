//! What surrounds the tabs: header, vitals, the tabs' names, the bar of time, footer. Drawing changes nothing but the map of what lies
//! where.

mod footer;
mod header;
mod plain;
mod tabbar;
mod time_bar;
mod vitals;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::state::App;
use crate::ui::tabs::{Hits, Target};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::text::fit;

/// The size from which on everything has room.
pub(super) const FULL: (u16, u16) = (80, 24);
/// The least rows with which the header's lines leave the tab enough.
const ROWS_FOR_CHROME: u16 = 14;

impl App {
    /// Draws the screen.
    pub fn draw(&mut self, area: Rect, buf: &mut Buffer) {
        self.settle();
        let mut hits = Hits::default();
        buf.set_style(area, self.look.style(Role::Text));
        let cramped = area.height < ROWS_FOR_CHROME;
        let heights = if cramped { [1, 0, 0] } else { [1, 1, 1] };
        let time_rows = u16::from(!cramped && self.has_time_bar());
        let [header, vitals, tabs, body, time, footer] = Layout::vertical([
            Constraint::Length(heights[0]),
            Constraint::Length(heights[1]),
            Constraint::Length(heights[2]),
            Constraint::Fill(1),
            Constraint::Length(time_rows),
            Constraint::Length(1),
        ])
        .areas(area);
        header::draw(self, header, buf, &mut hits);
        vitals::draw(self, vitals, buf, &mut hits);
        tabbar::draw(self, tabs, buf, &mut hits);
        self.with_tab(|tab, cx| tab.draw(cx, body, buf, &mut hits));
        time_bar::draw(self, time, buf, &mut hits);
        footer::draw(self, footer, buf, &mut hits);
        if let Some(dialog) = &self.dialog {
            // What lies below a dialog can't be clicked.
            let mut above = Hits::with_page(hits.page);
            dialog.draw(area, buf, &self.look, &mut above);
            if dialog.footer_input().is_none() {
                hits = above;
            }
        }
        if self.look.symbols == Symbols::Ascii {
            plain::make_plain(buf);
        }
        self.hits = hits;
        self.drawn.clone_from(buf);
    }
}

/// The cells of a screen as lines of text.
pub(super) fn text_of(buf: &Buffer) -> String {
    let width = usize::from(buf.area.width).max(1);
    let lines = buf.content.chunks(width).map(|row| {
        let mut line = String::new();
        let mut covered = 0;
        for cell in row {
            // A wide grapheme covers the cell after it, which holds a blank.
            if covered == 0 {
                line.push_str(cell.symbol());
                covered = crate::ui::widgets::text::width(cell.symbol());
            }
            covered = covered.saturating_sub(1);
        }
        line.trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// A line that is written from the left in pieces, as long as there is room.
struct Writer<'a> {
    buf: &'a mut Buffer,
    area: Rect,
    column: u16,
}

impl<'a> Writer<'a> {
    fn new(area: Rect, buf: &'a mut Buffer) -> Self {
        Self {
            area: area.intersection(buf.area),
            column: area.x,
            buf,
        }
    }

    /// How many cells are left.
    fn room(&self) -> u16 {
        self.area.right().saturating_sub(self.column)
    }

    /// Writes text; the area that it took.
    fn put(&mut self, text: &str, style: ratatui::style::Style) -> Rect {
        if self.area.height == 0 || self.room() == 0 {
            return Rect::new(self.column, self.area.y, 0, 0);
        }
        let text = fit(text, usize::from(self.room()));
        let (end, _) = self.buf.set_stringn(
            self.column,
            self.area.y,
            &text,
            usize::from(self.room()),
            style,
        );
        let taken = Rect::new(self.column, self.area.y, end - self.column, 1);
        self.column = end;
        taken
    }

    /// Leaves cells blank.
    fn skip(&mut self, cells: u16) {
        self.column = (self.column + cells).min(self.area.right());
    }

    /// Goes on so that `cells` are left until the right end; whether there was room for that.
    fn until_right(&mut self, cells: u16) -> bool {
        let start = self.area.right().saturating_sub(cells);
        let fits = start >= self.column;
        self.column = self.column.max(start);
        fits
    }
}

/// Remembers that a piece was drawn, if it was.
fn mark(hits: &mut Hits, area: Rect, target: Target) {
    if !area.is_empty() {
        hits.add(area, target);
    }
}
