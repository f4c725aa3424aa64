//! The Queries tab: where the time in the databases goes, who waits for whom, what tables and indexes are worth.

mod detail;
mod draw;
mod lists;
mod sql;
#[cfg(test)]
mod tests;
mod view;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::notices::Absent;
use super::sheet::Sheet;
use super::sheets::Sheets;
use super::{Badge, Context, Hits, Jump, List, Route, RowId, Tab};
use crate::model::Frame;

/// The tab's title.
const TITLE: &str = "Queries";

/// The sub-list of the statements.
const STATEMENTS: usize = 0;

const ABSENT: Absent = Absent {
    tab: TITLE,
    shows: &[
        "The statements that take the time of each database, with advice;",
        "sessions, who blocks whom as a tree, tables and indexes.",
    ],
    not_read: "PostgreSQL, MySQL, MariaDB",
};

/// What a person chose in the tab.
pub struct QueriesTab {
    sheets: Sheets,
    /// The statement that is open.
    open: Option<String>,
    /// Whether there is anything to choose from.
    is_filled: bool,
    /// Whether another panel fills the tab.
    hides_list: bool,
}

impl QueriesTab {
    /// The tab with nothing chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sheets: Sheets::new(vec![
                Box::new(Sheet::new(&lists::STATEMENTS)),
                Box::new(Sheet::new(&lists::ACTIVITY)),
                Box::new(Sheet::new(&lists::LOCKS)),
                Box::new(Sheet::new(&lists::TABLES)),
                Box::new(Sheet::new(&lists::INDEXES)),
            ]),
            open: None,
            is_filled: false,
            hides_list: false,
        }
    }
}

impl Default for QueriesTab {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a source has brought anything for the tab, at the moment that is shown or later.
fn is_filled(cx: &Context<'_>) -> bool {
    view::has_source(cx.frame) || view::has_source(&cx.feed.newest())
}

impl Tab for QueriesTab {
    fn title(&self) -> &'static str {
        TITLE
    }

    fn badge(&self, frame: &Frame) -> Option<Badge> {
        view::badge(frame)
    }

    fn panels(&self) -> &[&'static str] {
        match self.open {
            None if self.is_filled => &draw::PANELS,
            _ => &[],
        }
    }

    fn first_focus(&self) -> usize {
        draw::LISTS
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        self.hides_list = cx.hides(draw::LISTS);
        self.is_filled = is_filled(cx);
        self.sheets.refresh(cx.frame);
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        if !is_filled(cx) {
            ABSENT.draw(cx, area, buf);
        } else if let Some(statement) = &self.open {
            detail::draw(cx, statement, area, buf);
        } else {
            draw::draw(cx, &self.sheets, area, buf, hits);
        }
    }

    fn list(&mut self) -> Option<&mut dyn List> {
        match self.open {
            None if self.is_filled && !self.hides_list => self.sheets.list(),
            _ => None,
        }
    }

    fn sub_lists(&self) -> (&[&'static str], usize) {
        match self.open {
            None if self.is_filled && !self.hides_list => self.sheets.titles(),
            _ => (&[], 0),
        }
    }

    fn show_sub_list(&mut self, index: usize) {
        self.sheets.show(index);
    }

    fn open(&mut self, cx: &Context<'_>) -> bool {
        if self.open.is_some()
            || cx.hides(draw::LISTS)
            || !self.is_filled
            || self.sheets.shown() != STATEMENTS
        {
            return false;
        }
        self.open = self.sheets.selected_in(STATEMENTS).map(str::to_owned);
        self.open.is_some()
    }

    fn back(&mut self) -> bool {
        self.is_filled && self.open.take().is_some()
    }

    fn go_to(&mut self, row: &RowId, cx: &Context<'_>) -> bool {
        let RowId::Named(id) = row else {
            return false;
        };
        self.is_filled = is_filled(cx);
        let found = self.sheets.go_to(id, cx.frame);
        self.open = found
            .filter(|sheet| *sheet == STATEMENTS)
            .map(|_| id.clone());
        found.is_some()
    }

    fn crumbs(&self) -> Vec<String> {
        let open = self.open.iter().filter(|_| self.is_filled);
        open.map(|id| view::short(id)).collect()
    }

    fn jumps(&self, frame: &Frame) -> Vec<Jump> {
        let statements = frame.tables.statements.iter().flat_map(|rows| rows.iter());
        statements
            .map(|statement| Jump {
                title: format!("statement {}", statement.label()),
                route: Route::Row(TITLE, RowId::Named(view::statement_id(statement))),
            })
            .collect()
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        self.sheets
            .row_text(cx)
            .filter(|_| self.is_filled && !self.hides_list)
    }
}
