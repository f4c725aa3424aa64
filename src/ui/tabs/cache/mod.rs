//! The Cache tab: how often each cache has what it is asked for, what it holds, and how fast it answers.

mod detail;
mod draw;
mod lists;
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
const TITLE: &str = "Cache";

const ABSENT: Absent = Absent {
    tab: TITLE,
    shows: &[
        "Hit rate, memory, evictions and command latency of each cache,",
        "and how far requests fall through its levels.",
    ],
    not_read: "Redis, Valkey, memcached",
};

/// What a person chose in the tab.
pub struct CacheTab {
    sheets: Sheets,
    /// The instance that is open.
    open: Option<String>,
    /// Whether there is anything to choose from.
    is_filled: bool,
    /// Whether another panel fills the tab.
    hides_list: bool,
}

impl CacheTab {
    /// The tab with nothing chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sheets: Sheets::new(vec![Box::new(Sheet::new(&lists::INSTANCES))]),
            open: None,
            is_filled: false,
            hides_list: false,
        }
    }
}

impl Default for CacheTab {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a source has brought anything for the tab, at the moment that is shown or later.
fn is_filled(cx: &Context<'_>) -> bool {
    view::has_source(cx.frame) || view::has_source(&cx.feed.newest())
}

impl Tab for CacheTab {
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
        draw::INSTANCES
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        self.hides_list = cx.hides(draw::INSTANCES);
        self.is_filled = is_filled(cx);
        self.sheets.refresh(cx.frame);
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        if !is_filled(cx) {
            ABSENT.draw(cx, area, buf);
        } else if let Some(instance) = &self.open {
            detail::draw(cx, instance, area, buf);
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

    fn open(&mut self, cx: &Context<'_>) -> bool {
        if self.open.is_some() || cx.hides(draw::INSTANCES) || !self.is_filled {
            return false;
        }
        self.open = self.sheets.selected_in(0).map(str::to_owned);
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
        let found = self.sheets.go_to(id, cx.frame).is_some();
        self.open = found.then(|| id.clone());
        found
    }

    fn crumbs(&self) -> Vec<String> {
        let open = self.open.iter().filter(|_| self.is_filled);
        open.cloned().collect()
    }

    fn jumps(&self, frame: &Frame) -> Vec<Jump> {
        let caches = frame.tables.caches.iter().flat_map(|rows| rows.iter());
        caches
            .map(|cache| Jump {
                title: format!("cache {}", cache.instance),
                route: Route::Row(TITLE, RowId::Named(cache.instance.to_string())),
            })
            .collect()
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        self.sheets
            .row_text(cx)
            .filter(|_| self.is_filled && !self.hides_list)
    }
}
