//! The Cache tab: how often each cache has what it is asked for, what it holds, and how fast it answers.

mod deeds;
mod detail;
mod draw;
mod figures;
mod keys;
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
use super::{Badge, Context, DeedMenu, Hits, Jump, Route, RowId};
use crate::model::{Frame, SourceKind};

/// The tab's title.
const TITLE: &str = "Cache";

/// The tab.
pub type CacheTab = SheetTab<Caches>;

/// The caches.
#[derive(Debug, Default)]
pub struct Caches;

impl Subject for Caches {
    const TITLE: &'static str = TITLE;
    const KIND: Option<SourceKind> = Some(SourceKind::Cache);
    const ABSENT: Absent = Absent {
        tab: TITLE,
        shows: &[
            "Hit rate, memory, evictions and command latency of each cache,",
            "and how far requests fall through its levels.",
        ],
        not_read: "Redis, Valkey, memcached",
    };
    const PANELS: &'static [&'static str] = &draw::PANELS;
    const LISTS: usize = draw::INSTANCES;

    fn sheets() -> Sheets {
        Sheets::new(vec![Box::new(Sheet::new(&lists::INSTANCES))])
    }

    fn has_source(frame: &Frame) -> bool {
        view::has_source(frame)
    }

    fn badge(frame: &Frame) -> Option<Badge> {
        view::badge(frame)
    }

    fn jumps(frame: &Frame) -> Vec<Jump> {
        let caches = frame.tables.caches.iter().flat_map(|rows| rows.iter());
        caches
            .map(|cache| Jump {
                title: format!("cache {}", cache.instance),
                route: Route::Row(TITLE, RowId::Named(cache.instance.to_string())),
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
        draw::draw(cx, sheets, area, buf, hits);
    }

    fn detail(&self, _sheet: usize, id: &str, frame: &Frame) -> Option<Box<dyn Detail>> {
        let row = view::instance(frame, id)?;
        Some(Box::new(detail::OpenCache::new(row)))
    }

    fn deeds(&self, sheets: &Sheets, frame: &Frame) -> Option<DeedMenu> {
        let row = view::instance(frame, sheets.selected()?)?;
        deeds::of_cache(&row, None)
    }
}
