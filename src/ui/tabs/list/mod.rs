//! What a person chose in a list, for rows of any identity: selection, order, filter, marks, scrolling.
//!
//! The state knows identities alone. A tab filters and orders its rows in [`Tab::refresh`](super::Tab::refresh), hands
//! the identities in their final order to [`ListState::arrange`], and draws the rows of [`ListState::visible`].

mod filter;
mod order;

use std::cell::Cell;
use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;

pub use filter::Filter;
pub use order::{by_number, by_text};

use super::List;

/// What a person chose in a list whose rows are told apart by `K`.
#[derive(Debug, Clone)]
pub struct ListState<K> {
    columns: &'static [&'static str],
    text_columns: &'static [usize],
    order: (usize, bool),
    filter: Filter,
    rows: Vec<K>,
    total: usize,
    /// The row that was chosen; `None` stays at the top, whatever row is there.
    chosen: Option<K>,
    /// The row that was chosen by a person and is not there now.
    lost: Option<K>,
    selected: usize,
    offset: usize,
    /// The height that was drawn last, so that moving scrolls no further than needed.
    page: Cell<usize>,
    marks: HashSet<K>,
}

impl<K: Clone + Eq + Hash> ListState<K> {
    /// An empty list with these columns, ordered by one of them, `true` for the largest first.
    #[must_use]
    pub fn new(columns: &'static [&'static str], column: usize, descending: bool) -> Self {
        Self {
            columns,
            text_columns: &[],
            order: (column, descending),
            filter: Filter::default(),
            rows: Vec::new(),
            total: 0,
            chosen: None,
            lost: None,
            selected: 0,
            offset: 0,
            page: Cell::new(0),
            marks: HashSet::new(),
        }
    }

    /// The same list, in which these columns are ordered from A to Z at first; all others begin with the largest.
    #[must_use]
    pub fn with_text_columns(mut self, columns: &'static [usize]) -> Self {
        self.text_columns = columns;
        self
    }

    /// Takes the rows in their final order; `total` is how many there were before the filter. The selected row keeps
    /// its selection; when it has vanished, its neighbour at the same place gets it until it is there again.
    pub fn arrange(&mut self, rows: Vec<K>, total: usize) {
        self.rows = rows;
        self.total = total;
        if let Some(lost) = self.lost.take_if(|lost| self.rows.contains(lost)) {
            self.chosen = Some(lost);
        }
        match &self.chosen {
            None => self.selected = 0,
            Some(chosen) if self.rows.get(self.selected) == Some(chosen) => {}
            Some(chosen) => {
                if let Some(index) = self.rows.iter().position(|row| row == chosen) {
                    self.selected = index;
                } else {
                    let lost = self.lost.take().or_else(|| Some(chosen.clone()));
                    self.choose(self.selected);
                    self.lost = lost;
                }
            }
        }
        self.settle();
    }

    /// The rows in their order.
    #[must_use]
    pub fn rows(&self) -> &[K] {
        &self.rows
    }

    /// The identity of the selected row.
    #[must_use]
    pub fn selected(&self) -> Option<&K> {
        self.rows.get(self.selected)
    }

    /// The index of the selected row.
    #[must_use]
    pub fn selected_index(&self) -> Option<usize> {
        (self.selected < self.rows.len()).then_some(self.selected)
    }

    /// Selects a row by its identity, also one that only comes with the next [`ListState::arrange`]. Whether it is
    /// among the rows now.
    pub fn select(&mut self, row: &K) -> bool {
        let index = self.rows.iter().position(|known| known == row);
        self.chosen = Some(row.clone());
        self.lost = None;
        if let Some(index) = index {
            self.selected = index;
            self.settle();
        }
        index.is_some()
    }

    /// The indexes of the rows that are shown in an area of `height` rows: as scrolled, moved only as far as it takes to
    /// hold the selected row.
    #[must_use]
    pub fn visible(&self, height: usize) -> Range<usize> {
        self.page.set(height);
        let first = self.first_visible(height);
        first..(first + height).min(self.rows.len())
    }

    fn first_visible(&self, height: usize) -> usize {
        let least = (self.selected + 1).saturating_sub(height);
        // Rows that are left when the list has become shorter fill the area.
        let most = self.selected.min(self.rows.len().saturating_sub(height));
        self.offset.clamp(least.min(most), most.max(least))
    }

    fn settle(&mut self) {
        let page = self.page.get();
        if page > 0 {
            self.offset = self.first_visible(page);
        }
    }

    fn choose(&mut self, index: usize) {
        self.lost = None;
        self.selected = index.min(self.rows.len().saturating_sub(1));
        if let Some(row) = self.rows.get(self.selected) {
            self.chosen = Some(row.clone());
        }
        self.settle();
    }

    /// The filter, to hold rows against.
    #[must_use]
    pub fn filtering(&self) -> &Filter {
        &self.filter
    }

    /// Whether a row is marked.
    #[must_use]
    pub fn is_marked(&self, row: &K) -> bool {
        // Hashing every row for nothing is what most frames would do.
        !self.marks.is_empty() && self.marks.contains(row)
    }

    /// How many rows are marked, those that the filter hides included.
    #[must_use]
    pub fn mark_count(&self) -> usize {
        self.marks.len()
    }

    /// The marked rows, in no order.
    pub fn marks(&self) -> impl Iterator<Item = &K> {
        self.marks.iter()
    }

    /// Takes the marks of rows that are no more.
    pub fn keep_marks(&mut self, exists: impl Fn(&K) -> bool) {
        self.marks.retain(exists);
    }
}

impl<K: Clone + Eq + Hash> List for ListState<K> {
    /// Moving up to the first row lets go of it: the list stays at its top, whatever row comes to stand there.
    fn move_by(&mut self, rows: isize) {
        let last = self.rows.len().saturating_sub(1);
        let index = self.selected.saturating_add_signed(rows).min(last);
        self.choose(index);
        if index == 0 && rows < 0 {
            self.chosen = None;
            self.lost = None;
        }
    }

    fn select_index(&mut self, index: usize) {
        self.choose(index);
    }

    fn selected_index(&self) -> Option<usize> {
        self.selected_index()
    }

    fn select_last(&mut self) {
        self.choose(usize::MAX);
    }

    fn columns(&self) -> &'static [&'static str] {
        self.columns
    }

    fn order(&self) -> (usize, bool) {
        self.order
    }

    fn sort_by(&mut self, column: usize) {
        if column >= self.columns.len() {
            return;
        }
        self.order = match self.order {
            (known, descending) if known == column => (column, !descending),
            _ => (column, !self.text_columns.contains(&column)),
        };
    }

    fn reverse(&mut self) {
        self.order.1 = !self.order.1;
    }

    fn filter(&self) -> &str {
        self.filter.typed()
    }

    fn set_filter(&mut self, filter: &str) {
        self.filter = Filter::parse(filter);
    }

    fn counts(&self) -> (usize, usize) {
        (self.rows.len(), self.total)
    }

    fn toggle_mark(&mut self) {
        let Some(row) = self.selected().cloned() else {
            return;
        };
        if !self.marks.remove(&row) {
            self.marks.insert(row);
        }
        self.move_by(1);
    }

    fn clear_marks(&mut self) -> bool {
        let any = !self.marks.is_empty();
        self.marks.clear();
        any
    }
}

#[cfg(test)]
mod tests;
