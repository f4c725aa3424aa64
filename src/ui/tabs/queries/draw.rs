//! Draws the Queries tab.
//!
//! ```text
//! ╭ Time in the database ─────────────╮╭ Now ────────────╮
//! ╰───────────────────────────────────╯╰─────────────────╯
//! ╭ Statements · Activity · Locks · Tables · Indexes ────╮
//! ╰──────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::now::Now;
use super::view::{database, servers};
use super::{STATEMENTS, Sheets, time};
use crate::model::SourceName;
use crate::ui::tabs::notices::{no_answer, silent};
use crate::ui::tabs::pen::Words;
use crate::ui::tabs::plot::{above_and_below, only_panel, panel, side_by_side};
use crate::ui::tabs::source::trouble;
use crate::ui::tabs::{Context, Hits, past};
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind, text};

/// The panels in the order of Tab.
pub(super) const PANELS: [&str; 3] = ["Time", "Now", "Lists"];
const TIME: usize = 0;
const NOW: usize = 1;
/// The panel of the lists.
pub(super) const LISTS: usize = 2;

/// Draws all panels, or the one that fills the tab.
pub(super) fn draw(
    cx: &Context<'_>,
    sheets: &Sheets,
    since_reset: bool,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let areas = areas(cx, area);
    let server = server_of_panels(cx, sheets);
    let server = server.as_deref();
    time::draw(cx, server, (TIME, areas[TIME]), buf, hits);
    now(cx, server, areas[NOW], buf, hits);
    sheets.draw(cx, LISTS, areas[LISTS], buf, hits);
    sides(cx, sheets, since_reset, areas[LISTS], buf);
}

fn areas(cx: &Context<'_>, area: Rect) -> [Rect; PANELS.len()] {
    let mut areas = [Rect::default(); PANELS.len()];
    if let Some(only) = only_panel(cx, area) {
        areas[only.min(LISTS)] = area;
        return areas;
    }
    let [above, below] = above_and_below(area);
    let [chart, now] = side_by_side(above, [5, 4]);
    [chart, now, below]
}

/// The server of the panels: the one that is shown alone, else that of the selected row, else the first.
fn server_of_panels(cx: &Context<'_>, sheets: &Sheets) -> Option<SourceName> {
    let mut known = servers(cx.frame);
    if known.is_empty() && cx.is_past {
        // Figures are remembered further back than what they are of.
        known = servers(&cx.feed.newest());
    }
    let of_row = || {
        let id = sheets.selected()?;
        let of = |server: &&SourceName| id.split(' ').next() == Some(&***server);
        known.iter().find(of).cloned()
    };
    sheets
        .only()
        .cloned()
        .or_else(of_row)
        .or_else(|| known.first().cloned())
}

/// Says in the lower border which figures stand there, and of which server, where that could be otherwise.
fn sides(cx: &Context<'_>, sheets: &Sheets, since_reset: bool, area: Rect, buf: &mut Buffer) {
    let mut told = Vec::new();
    if sheets.shown() == STATEMENTS {
        let figures = if since_reset {
            "since the statistics were reset"
        } else {
            "of this interval"
        };
        told.push(figures.to_owned());
    }
    let count = servers(cx.frame).len();
    if count > 1 {
        told.push(match sheets.only() {
            Some(only) => format!("{only} alone"),
            None => format!("all {count} servers"),
        });
    }
    if told.is_empty() || area.height < 3 || area.width < 50 {
        return;
    }
    let text = format!(" {} ", told.join(" · "));
    let role = if since_reset { Role::Mode } else { Role::Dim };
    let width = text::width(&text) as u16;
    let x = area.right().saturating_sub(width + 2).max(area.x + 1);
    text::put(buf, x, area.bottom() - 1, &text, width, cx.look.style(role));
}

fn now(cx: &Context<'_>, server: Option<&str>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let kind = server.and_then(|server| database(cx.frame, server));
    let title = Words::new(cx.look)
        .title("Now")
        .dim(" · ")
        .value(server.unwrap_or_default())
        .line();
    let right = Line::from(kind.map_or(String::new(), |database| database.kind.to_string()));
    let inner = panel(cx, (NOW, area), (title, right), buf, hits);
    if inner.is_empty() {
        return;
    }
    let Some(server) = server else {
        if past::is_without_rows(cx) {
            return past::rows_forgotten(cx, "Servers", inner, buf);
        }
        let notice = Notice {
            kind: NoticeKind::Waiting,
            title: "No figures of a server yet".to_owned(),
            lines: Vec::new(),
        };
        notice.render(inner, buf, cx.look);
        return;
    };
    if let Some(trouble) = trouble(cx.frame, server) {
        silent(cx, no_answer(server, &trouble), &trouble, inner, buf);
        return;
    }
    Now { cx, server }.draw(inner, buf);
}
