//! The API tab: how fast and how well the applications answer, by route; the models they ask, their users, the probes.

mod detail;
mod draw;
mod heat;
mod latency;
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
const TITLE: &str = "API";
/// The sub-list of the endpoints.
const ENDPOINTS: usize = 0;

const ABSENT: Absent = Absent {
    tab: TITLE,
    shows: &[
        "Latency by route (p50, p95, p99), requests and errors,",
        "objectives with their budgets, models, sessions, pages, probes.",
    ],
    not_read: "access logs, /metrics pages, probes",
};

/// What a person chose in the tab.
pub struct ApiTab {
    sheets: Sheets,
    /// The endpoint that is open.
    open: Option<String>,
    /// Whether the latency is drawn as a heat-map.
    is_heat: bool,
    /// Whether there is anything to choose from.
    is_filled: bool,
    /// Whether another panel fills the tab.
    hides_list: bool,
}

impl ApiTab {
    /// The tab with nothing chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sheets: Sheets::new(vec![
                Box::new(Sheet::new(&lists::ENDPOINTS)),
                Box::new(Sheet::new(&lists::MODELS)),
                Box::new(Sheet::new(&lists::SESSIONS)),
                Box::new(Sheet::new(&lists::PAGES)),
                Box::new(Sheet::new(&lists::PROBES)),
            ]),
            open: None,
            is_heat: false,
            is_filled: false,
            hides_list: false,
        }
    }
}

impl Default for ApiTab {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a source has brought anything for the tab, at the moment that is shown or later.
fn is_filled(cx: &Context<'_>) -> bool {
    view::has_source(cx.frame) || view::has_source(&cx.feed.newest())
}

impl Tab for ApiTab {
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
        } else if let Some(endpoint) = &self.open {
            detail::draw(cx, endpoint, area, buf);
        } else {
            let chosen = draw::Chosen {
                sheets: &self.sheets,
                is_heat: self.is_heat,
            };
            draw::draw(cx, chosen, area, buf, hits);
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
            || self.sheets.shown() != ENDPOINTS
        {
            return false;
        }
        self.open = self.sheets.selected_in(ENDPOINTS).map(str::to_owned);
        self.open.is_some()
    }

    fn opens(&self) -> bool {
        self.sheets.shown() == ENDPOINTS
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
            .filter(|sheet| *sheet == ENDPOINTS)
            .map(|_| id.clone());
        found.is_some()
    }

    fn crumbs(&self) -> Vec<String> {
        let open = self.open.iter().filter(|_| self.is_filled);
        open.map(|id| latency::Whose::of_row(Some(id)).words().to_owned())
            .collect()
    }

    fn actions(&self) -> &'static [&'static str] {
        match self.open {
            None if self.is_filled => &["heat-map"],
            _ => &[],
        }
    }

    fn act(&mut self, action: &str, _cx: &Context<'_>) -> Option<String> {
        if action == "heat-map" {
            self.is_heat = !self.is_heat;
        }
        None
    }

    fn jumps(&self, frame: &Frame) -> Vec<Jump> {
        let endpoints = frame.tables.endpoints.iter().flat_map(|rows| rows.iter());
        endpoints
            .map(|endpoint| Jump {
                title: format!("endpoint {}", endpoint.label()),
                route: Route::Row(TITLE, RowId::Named(view::endpoint_id(endpoint))),
            })
            .collect()
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        self.sheets
            .row_text(cx)
            .filter(|_| self.is_filled && !self.hides_list)
    }
}
