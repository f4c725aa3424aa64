//! Rows and columns: columns keep their width as values change, and leave in the order of their worth when there is no room.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{Sparkline, popup, scroll, text};
use crate::ui::theme::{Look, Role, Symbols};

/// On which side a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// Its width in cells; the one with `grow` takes what is left.
    pub width: u16,
    /// Whether it takes what is left.
    pub grow: bool,
    /// On which side its text stands.
    pub align: Align,
    /// Columns with the largest number leave first when there is no room; 0 never leaves.
    pub worth: u8,
}

/// One cell: text, or a small chart.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    /// Text with its meaning.
    Text(Cow<'a, str>, Role),
    /// Several pieces of text with their meanings.
    Parts(Vec<(Cow<'a, str>, Role)>),
    /// A sparkline; values oldest first, NaN is a gap.
    Trend(Vec<f64>, Option<Role>),
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// A cell a column.
    pub cells: Vec<Cell<'a>>,
    /// Whether it is marked.
    pub marked: bool,
}

/// Rows and columns. `rows` holds only those that are visible; [`Table::visible_rows`] says how many fit.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// The columns.
    pub columns: &'a [Column],
    /// The visible rows.
    pub rows: Vec<Row<'a>>,
    /// The index of the first visible row in the whole list.
    pub first: usize,
    /// How many rows the whole list has, for the scroll bar.
    pub total: usize,
    /// The index of the selected row in the whole list.
    pub selected: Option<usize>,
    /// The column it is ordered by, and whether the largest come first.
    pub order: Option<(usize, bool)>,
    /// Text to show as matched in every cell.
    pub matched: Option<&'a str>,
    /// Whether the list has the keys: its selection is drawn brightly.
    pub focused: bool,
}

/// Where the parts of a table were drawn, for the mouse.
#[derive(Debug, Clone, Default)]
pub struct TableHits {
    /// A column head and its index.
    pub heads: Vec<(Rect, usize)>,
    /// A row and its index in the whole list.
    pub rows: Vec<(Rect, usize)>,
}

impl Table<'_> {
    /// How many rows fit into an area of this height, the head left out.
    #[must_use]
    pub fn visible_rows(height: u16) -> usize {
        usize::from(height.saturating_sub(1))
    }

    /// Draws it.
    pub fn render(&self, area: Rect, buf: &mut Buffer, look: &Look) -> TableHits {
        let area = area.intersection(buf.area);
        let mut hits = TableHits::default();
        if area.is_empty() {
            return hits;
        }
        let rows = Self::visible_rows(area.height);
        let bar = u16::from(self.total > rows && area.width > 2);
        let columns = place_columns(self.columns, area.width - bar);
        for placed in &columns {
            let head = Rect::new(area.x + placed.x, area.y, placed.width, 1);
            self.draw_head(placed.index, head, buf, look);
            hits.heads.push((head, placed.index));
        }
        let below = area.y + 1..area.bottom();
        for ((y, row), index) in below.zip(&self.rows).zip(self.first..) {
            let line = Rect::new(area.x, y, area.width - bar, 1);
            self.draw_row(row, self.selected == Some(index), line, &columns, buf, look);
            hits.rows.push((line, index));
        }
        let list = Rect::new(area.x, area.y + 1, area.width, area.height - 1);
        scroll::draw_bar(list, self.first, rows, self.total, buf, look);
        hits
    }

    fn draw_head(&self, index: usize, area: Rect, buf: &mut Buffer, look: &Look) {
        let column = &self.columns[index];
        let arrow = match self.order {
            Some((by, largest_first)) if by == index => arrow(largest_first, look.symbols),
            _ => "",
        };
        let role = if arrow.is_empty() {
            Role::Dim
        } else {
            Role::Accent
        };
        let style = look.style(role).add_modifier(Modifier::BOLD);
        let title = text::width(column.title) as u16;
        let wanted = title + text::width(arrow) as u16;
        let x = match column.align {
            Align::Left => area.x,
            // An arrow that has no room takes the space before the column.
            Align::Right => area
                .right()
                .saturating_sub(wanted)
                .max(area.x.saturating_sub(1)),
        };
        let at = text::put_fit(buf, (x, area.y), column.title, area.width, style, look);
        text::put(buf, at, area.y, arrow, 1, style);
    }

    fn draw_row(
        &self,
        row: &Row<'_>,
        selected: bool,
        line: Rect,
        columns: &[Placed],
        buf: &mut Buffer,
        look: &Look,
    ) {
        let selected_style = look.style(Role::Selection);
        let base = match (selected, row.marked) {
            (true, _) if self.focused => selected_style,
            (_, true) => look.style(Role::Marked),
            _ => Style::new(),
        };
        if selected && self.focused {
            buf.set_style(line, selected_style);
        }
        if row.marked {
            let glyph = if look.symbols == Symbols::Ascii {
                '*'
            } else {
                '●'
            };
            buf[(line.x, line.y)]
                .set_char(glyph)
                .set_style(look.style(Role::Marked));
        } else if selected {
            popup::draw_selection_mark(line.x, line.y, buf, look);
        }
        for placed in columns {
            let area = Rect::new(line.x + placed.x, line.y, placed.width, 1);
            if let Some(cell) = row.cells.get(placed.index) {
                let align = self.columns[placed.index].align;
                draw_cell(cell, align, base, area, buf, look);
                self.show_matches(cell, align, area, buf, look);
            }
        }
    }

    /// Gives the parts of a cell that match the filter their style.
    fn show_matches(
        &self,
        cell: &Cell<'_>,
        align: Align,
        area: Rect,
        buf: &mut Buffer,
        look: &Look,
    ) {
        let (Some(wanted), Cell::Text(shown, _)) = (self.matched, cell) else {
            return;
        };
        if wanted.is_empty() {
            return;
        }
        let width = (text::width(shown) as u16).min(area.width);
        let start = match align {
            Align::Left => area.x,
            Align::Right => area.right() - width,
        };
        let style = look.style(Role::Match);
        for found in matches_in(shown, wanted) {
            let before = text::width(&shown[..found.start]) as u16;
            let length = text::width(&shown[found]) as u16;
            let marked = Rect::new(start.saturating_add(before), area.y, length, 1);
            buf.set_style(marked.intersection(area), style);
        }
    }
}

/// A column that has room: its index, its place from the left edge of the table, its width.
struct Placed {
    index: usize,
    x: u16,
    width: u16,
}

/// Gives the columns their places: those of least worth leave until the rest fits, the one that grows takes what is left.
/// The first cell of a line belongs to the mark.
fn place_columns(columns: &[Column], width: u16) -> Vec<Placed> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let needed = |kept: &[usize]| -> usize {
        let cells = kept.iter().map(|i| usize::from(columns[*i].width) + 1);
        cells.sum()
    };
    while needed(&kept) > usize::from(width) {
        let leaving = kept
            .iter()
            .enumerate()
            .filter(|(_, i)| columns[**i].worth > 0)
            .max_by_key(|(place, i)| (columns[**i].worth, *place));
        let Some((place, _)) = leaving else {
            break;
        };
        kept.remove(place);
    }
    let spare = usize::from(width).saturating_sub(needed(&kept)) as u16;
    let mut x = 1;
    let mut placed = Vec::with_capacity(kept.len());
    for index in kept {
        let column = &columns[index];
        let wanted = column.width + if column.grow { spare } else { 0 };
        let room = wanted.min(width.saturating_sub(x));
        if room == 0 {
            break;
        }
        placed.push(Placed {
            index,
            x,
            width: room,
        });
        x += room + 1;
    }
    placed
}

fn draw_cell(
    cell: &Cell<'_>,
    align: Align,
    base: Style,
    area: Rect,
    buf: &mut Buffer,
    look: &Look,
) {
    match cell {
        Cell::Text(shown, role) => {
            let style = over(base, look.style(*role));
            let x = start(text::width(shown), align, area);
            text::put_fit(buf, (x, area.y), shown, area.right() - x, style, look);
        }
        Cell::Parts(parts) => {
            let width = parts.iter().map(|(part, _)| text::width(part)).sum();
            let mut x = start(width, align, area);
            for (part, role) in parts {
                let style = over(base, look.style(*role));
                let room = area.right() - x;
                x = text::put_fit(buf, (x, area.y), part, room, style, look);
            }
        }
        Cell::Trend(values, role) => {
            let line = Sparkline {
                values,
                top: trend_top(values),
                role: *role,
            };
            line.render(area, buf, look);
        }
    }
}

/// The top of a trend's scale: a little over its largest value, so that the trends of two rows never touch.
fn trend_top(values: &[f64]) -> Option<f64> {
    let largest = values.iter().copied().filter(|value| value.is_finite());
    largest.reduce(f64::max).map(|largest| largest * 8.0 / 7.0)
}

/// A cell's style on a row's: the row keeps its background and what it adds (reverse, bold).
fn over(base: Style, style: Style) -> Style {
    let on_row = base.patch(style);
    match base.bg {
        Some(bg) => on_row.bg(bg),
        None => on_row,
    }
}

fn start(width: usize, align: Align, area: Rect) -> u16 {
    match align {
        Align::Left => area.x,
        Align::Right => area.right() - (width.min(usize::from(area.width)) as u16),
    }
}

fn arrow(largest_first: bool, symbols: Symbols) -> &'static str {
    match (largest_first, symbols) {
        (true, Symbols::Ascii) => "v",
        (false, Symbols::Ascii) => "^",
        (true, _) => "▼",
        (false, _) => "▲",
    }
}

/// Where a text holds another, upper and lower case alike (of ASCII).
fn matches_in(shown: &str, wanted: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0usize;
    while let Some(end) = at
        .checked_add(wanted.len())
        .filter(|end| *end <= shown.len())
    {
        match shown.get(at..end) {
            Some(part) if part.eq_ignore_ascii_case(wanted) => {
                found.push(at..end);
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(title: &'static str, width: u16, grow: bool, worth: u8) -> Column {
        Column {
            title,
            width,
            grow,
            align: Align::Left,
            worth,
        }
    }

    #[test]
    fn columns_leave_by_worth_and_one_takes_the_rest() {
        let columns = [
            column("PID", 5, false, 0),
            column("USER", 8, false, 2),
            column("THR", 4, false, 3),
            column("COMMAND", 10, true, 0),
        ];
        let places = |width| -> Vec<(usize, u16, u16)> {
            let placed = place_columns(&columns, width);
            placed.iter().map(|p| (p.index, p.x, p.width)).collect()
        };
        assert_eq!(places(40), [(0, 1, 5), (1, 7, 8), (2, 16, 4), (3, 21, 19)]);
        assert_eq!(places(28), [(0, 1, 5), (1, 7, 8), (3, 16, 12)]);
        assert_eq!(places(20), [(0, 1, 5), (3, 7, 13)]);
        assert_eq!(places(9), [(0, 1, 5), (3, 7, 2)]);
        assert_eq!(places(0), []);
    }

    #[test]
    fn matches_are_found_in_either_case() {
        assert_eq!(matches_in("GET /get日get", "get"), [0..3, 5..8, 11..14]);
        assert!(matches_in("ab", "abc").is_empty());
    }
}
