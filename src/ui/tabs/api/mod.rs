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
use super::sheet_tab::{Detail, SheetTab, Subject};
use super::sheets::Sheets;
use super::{Badge, Context, Hits, Jump, Route, RowId};
use crate::model::{Frame, SourceKind};

/// The tab's title.
const TITLE: &str = "API";
/// The sub-list of the endpoints.
const ENDPOINTS: usize = 0;

/// Draws the latency as a heat-map, or as percentiles.
const HEAT_MAP: &str = "heat-map";

/// The tab.
pub type ApiTab = SheetTab<Api>;

/// What a person chose in the tab beyond its lists.
#[derive(Debug, Default)]
pub struct Api {
    /// Whether the latency is drawn as a heat-map.
    is_heat: bool,
}

impl Subject for Api {
    const TITLE: &'static str = TITLE;
    // Pages, logs and probes bring the rows of one list side by side; the tab says itself what is the matter with each.
    const KIND: Option<SourceKind> = None;
    const ABSENT: Absent = Absent {
        tab: TITLE,
        shows: &[
            "Latency by route (p50, p95, p99), requests and errors,",
            "objectives with their budgets, models, sessions, pages, probes.",
        ],
        not_read: "access logs, /metrics pages, probes",
    };
    const PANELS: &'static [&'static str] = &draw::PANELS;
    const LISTS: usize = draw::LISTS;

    fn sheets() -> Sheets {
        Sheets::new(vec![
            Box::new(Sheet::new(&lists::ENDPOINTS)),
            Box::new(Sheet::new(&lists::MODELS)),
            Box::new(Sheet::new(&lists::SESSIONS)),
            Box::new(Sheet::new(&lists::PAGES)),
            Box::new(Sheet::new(&lists::PROBES)),
        ])
    }

    fn has_source(frame: &Frame) -> bool {
        view::has_source(frame)
    }

    fn badge(frame: &Frame) -> Option<Badge> {
        view::badge(frame)
    }

    fn jumps(frame: &Frame) -> Vec<Jump> {
        let endpoints = frame.tables.endpoints.iter().flat_map(|rows| rows.iter());
        endpoints
            .map(|endpoint| Jump {
                title: format!("endpoint {}", endpoint.label()),
                route: Route::Row(TITLE, RowId::Named(view::endpoint_id(endpoint))),
            })
            .collect()
    }

    fn draw(
        &self,
        cx: &Context<'_>,
        sheets: &Sheets,
        area: Rect,
        buf: &mut Buffer,
        hits: &mut Hits,
    ) {
        let chosen = draw::Chosen {
            sheets,
            is_heat: self.is_heat,
        };
        draw::draw(cx, chosen, area, buf, hits);
    }

    fn detail(&self, sheet: usize, id: &str, _frame: &Frame) -> Option<Box<dyn Detail>> {
        (sheet == ENDPOINTS).then(|| Box::new(detail::OpenEndpoint::new(id)) as Box<dyn Detail>)
    }

    fn opens(&self, sheet: usize) -> bool {
        sheet == ENDPOINTS
    }

    fn actions(&self, _sheets: &Sheets, only: Option<usize>) -> &'static [&'static str] {
        match only.is_none_or(|panel| panel == draw::LATENCY) {
            true => &[HEAT_MAP],
            false => &[],
        }
    }

    fn act(&mut self, action: &str, _sheets: &mut Sheets, _frame: &Frame) -> Option<String> {
        self.is_heat ^= action == HEAT_MAP;
        None
    }
}
