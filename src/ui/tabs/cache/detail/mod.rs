//! One cache: its charts, its memory and state, its commands, slow log, clients, keys and queues.

mod lists;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::figures::{memory_lines, server_lines};
use super::view::{InstanceRow, instance, series};
use super::{deeds, keys};
use crate::model::{CacheDetail, Focus, Frame, ScanState, SourceKind, Unit};
use crate::ui::tabs::notices::{no_answer, silent};
use crate::ui::tabs::plot::{Plot, framed, side_by_side};
use crate::ui::tabs::sheet::Sheet;
use crate::ui::tabs::sheet_tab::Detail;
use crate::ui::tabs::sheets::Sheets;
use crate::ui::tabs::{Context, DeedMenu, Hits, past};
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind};

/// The sheets in their order.
const COMMANDS: usize = 0;
const KEYS: usize = 3;
const LARGEST: usize = 4;
/// The least height at which the charts leave room for the lists.
const ROOM_FOR_CHARTS: u16 = 26;

const CHARTS: [(&str, &str, Unit, Option<f64>); 3] = [
    (
        "Hit rate",
        "cache.hit_rate_percent",
        Unit::Percent,
        Some(100.0),
    ),
    ("Operations", "cache.operations_per_sec", Unit::PerSec, None),
    ("Memory used", "cache.memory.used_bytes", Unit::Bytes, None),
];

/// The cache that is open; the newest that was seen of it.
pub(super) struct OpenCache {
    row: InstanceRow,
    /// Whether the row is of the moment that is shown.
    is_known: bool,
    sheets: Sheets,
}

impl OpenCache {
    /// Opens an instance.
    pub fn new(row: InstanceRow) -> Self {
        let sheets = Sheets::new(vec![
            Box::new(Sheet::new(&lists::COMMANDS)),
            Box::new(Sheet::new(&lists::SLOW_LOG)),
            Box::new(Sheet::new(&lists::CLIENTS)),
            Box::new(Sheet::new(&lists::KEYS)),
            Box::new(Sheet::new(&lists::LARGEST)),
            Box::new(Sheet::new(&lists::QUEUES)),
        ]);
        Self {
            sheets: sheets
                .of(SourceKind::Cache)
                .with_only(row.cache.instance.clone()),
            row,
            is_known: true,
        }
    }

    /// What was fetched of it, as far as it has come.
    fn fetched<'a>(&self, frame: &'a Frame) -> Option<&'a CacheDetail> {
        let detail = frame.tables.cache_detail.as_deref()?;
        (detail.instance == self.row.cache.instance).then_some(detail)
    }

    fn walks(&self) -> bool {
        !self.row.cache.kind.starts_with("memcached")
    }

    fn charts(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let parts = side_by_side(area, [1, 1, 1]);
        for (part, (title, metric, unit, top)) in parts.into_iter().zip(CHARTS) {
            let inner = framed(cx, (title, cx.range.word()), part, buf);
            let series = series(cx.frame, metric, &self.row.cache.instance);
            Plot {
                curves: &[("", series, Some(Role::Curve1))],
                unit,
                top,
                limit: None,
            }
            .draw(cx, inner, buf);
        }
    }

    fn figures(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let cache = &self.row.cache;
        let [left, right] = side_by_side(area, [2, 3]);
        let inner = framed(cx, ("Memory", ""), left, buf);
        if !self.is_known {
            past::was_not_there(cx, "Memory", inner, buf);
            let inner = framed(cx, (&cache.instance, "Esc goes back"), right, buf);
            return past::was_not_there(cx, "The server", inner, buf);
        }
        memory_lines(cx, cache, inner, buf);
        let role = cache
            .role
            .as_deref()
            .map_or(String::new(), |role| format!(" · {role}"));
        let title = format!("{} · {}{role}", cache.instance, cache.kind);
        let inner = framed(cx, (&title, "Esc goes back"), right, buf);
        match &self.row.trouble {
            Some(trouble) => silent(cx, no_answer(&cache.instance, trouble), trouble, inner, buf),
            None if inner.is_empty() => {}
            None => server_lines(cx, cache, inner, buf),
        }
    }

    fn list(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        let shown = self.sheets.shown();
        let fetched = self.fetched(cx.frame);
        if shown != COMMANDS && self.row.trouble.is_none() && fetched.is_none() {
            self.not_fetched(cx, area, buf);
            return;
        }
        let keys = fetched.and_then(|detail| detail.key_space.as_ref());
        match (shown, keys) {
            (KEYS | LARGEST, None) if self.row.trouble.is_none() => {
                keys::not_walked(cx, self.walks(), area, buf);
            }
            (KEYS | LARGEST, Some(keys)) => {
                let rest = keys::progress(cx, keys, area, buf);
                // Nothing was found yet is no finding.
                if keys.state == ScanState::Running && keys.seen == 0 {
                    return;
                }
                self.sheets.draw_rows(cx, true, rest, buf, hits);
            }
            _ => self.sheets.draw_rows(cx, true, area, buf, hits),
        }
    }

    fn not_fetched(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        if cx.is_past {
            return past::is_not_kept(cx, "This list", area, buf);
        }
        let notice = Notice {
            kind: NoticeKind::Waiting,
            title: format!("Asking {}", self.row.cache.instance),
            lines: Vec::new(),
        };
        notice.render(area, buf, cx.look);
    }
}

impl Detail for OpenCache {
    fn crumb(&self) -> String {
        self.row.cache.instance.to_string()
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        let row = instance(cx.frame, &self.row.cache.instance);
        self.is_known = row.is_some() || !cx.is_past;
        self.row = row.unwrap_or_else(|| self.row.clone());
        self.sheets.refresh(cx.frame);
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        let charts = if area.height >= ROOM_FOR_CHARTS {
            area.height / 4
        } else {
            0
        };
        let figures = (area.height * 2 / 5).clamp(6, 10);
        let [charts, figures, below] = Layout::vertical([
            Constraint::Length(charts),
            Constraint::Length(figures),
            Constraint::Fill(1),
        ])
        .areas(area);
        self.charts(cx, charts, buf);
        self.figures(cx, figures, buf);
        if !below.is_empty() {
            let inner = self.sheets.draw_frame(cx, true, below, buf, hits);
            self.list(cx, inner, buf, hits);
        }
    }

    fn sheets(&self) -> Option<&Sheets> {
        Some(&self.sheets)
    }

    fn sheets_mut(&mut self) -> Option<&mut Sheets> {
        Some(&mut self.sheets)
    }

    fn focus(&self) -> Focus {
        Focus::Cache(self.row.cache.instance.clone())
    }

    fn deeds(&self, frame: &Frame) -> Option<DeedMenu> {
        deeds::of_cache(&self.row, self.fetched(frame))
    }
}
