//! Draws the API tab.
//!
//! ```text
//! ╭ Latency ───────────╮╭ Objectives ─╮
//! │                    │├ Status ─────┤
//! ╰────────────────────╯╰─────────────╯
//! ╭ Endpoints · Models · Sessions · Pages · Probes ╮
//! ╰────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::view::{
    budget_text, classes, errors_role, latency_limit, series, state_role, state_word,
};
use super::{ENDPOINTS, Sheets};
use crate::model::format::UNKNOWN;
use crate::model::{Objective, Unit};
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{
    CurveOf, Plot, above_and_below, only_panel, padded, panel, side_by_side,
};
use crate::ui::tabs::source::{is_silent, trouble_among};
use crate::ui::tabs::{Context, Hits};
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind};

/// The panels in the order of Tab.
pub(super) const PANELS: [&str; 4] = ["Latency", "Objectives", "Status", "Lists"];
const LATENCY: usize = 0;
const OBJECTIVES: usize = 1;
const STATUS: usize = 2;
/// The panel of the lists.
pub(super) const LISTS: usize = 3;

/// The width from which on the lines of the objectives reach their budgets.
const ROOM_FOR_BUDGET: u16 = 40;

/// Draws all panels, or the one that fills the tab.
pub(super) fn draw(
    cx: &Context<'_>,
    sheets: &Sheets,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let areas = areas(cx, area);
    let endpoint = sheets
        .selected_in(ENDPOINTS)
        .filter(|_| sheets.shown() == ENDPOINTS);
    latency(cx, endpoint, areas[LATENCY], buf, hits);
    objectives(cx, areas[OBJECTIVES], buf, hits);
    status(cx, areas[STATUS], buf, hits);
    sheets.draw(cx, LISTS, areas[LISTS], buf, hits);
}

fn areas(cx: &Context<'_>, area: Rect) -> [Rect; PANELS.len()] {
    let mut areas = [Rect::default(); PANELS.len()];
    if let Some(only) = only_panel(cx, area) {
        areas[only.min(LISTS)] = area;
        return areas;
    }
    let [above, below] = above_and_below(area);
    let [chart, side] = side_by_side(above, [3, 2]);
    let [objectives, status] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(3)]).areas(side);
    [chart, objectives, status, below]
}

/// The curves of the response time of one endpoint, or of the whole application.
pub(super) fn latency_curves<'a>(cx: &Context<'_>, endpoint: Option<&str>) -> [CurveOf<'a>; 3] {
    let id = |metric| series(cx.frame, metric, endpoint);
    [
        ("p50", id("app.response_time.p50_ms"), Some(Role::Curve1)),
        ("p95", id("app.response_time.p95_ms"), Some(Role::Curve2)),
        ("p99", id("app.response_time.p99_ms"), Some(Role::Curve3)),
    ]
}

fn latency(
    cx: &Context<'_>,
    endpoint: Option<&str>,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let title = Words::new(cx.look)
        .title("Latency")
        .dim(" · ")
        .value(endpoint.unwrap_or("whole application").to_owned())
        .line();
    let limit = latency_limit(cx.frame);
    let right = match limit {
        Some(limit) => format!(
            "objective {} · {}",
            cx.look.format.value(Unit::Millis, Some(limit)),
            cx.range.word()
        ),
        None => cx.range.word().to_owned(),
    };
    let inner = panel(cx, (LATENCY, area), (title, Line::from(right)), buf, hits);
    Plot {
        curves: &latency_curves(cx, endpoint),
        unit: Unit::Millis,
        top: None,
        limit,
    }
    .draw(cx, inner, buf);
}

fn objectives(cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let title = Words::new(cx.look).title("Objectives").line();
    let right = match area.width {
        0..ROOM_FOR_BUDGET => Line::default(),
        _ => Line::from("budget left"),
    };
    let inner = panel(cx, (OBJECTIVES, area), (title, right), buf, hits);
    if inner.is_empty() {
        return;
    }
    let rows = cx.frame.tables.objectives.as_deref();
    let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
        let notice = Notice {
            kind: NoticeKind::Absent,
            title: "No objective is set".to_owned(),
            lines: Vec::new(),
        };
        notice.render(inner, buf, cx.look);
        return;
    };
    let widest = rows
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut pen = Pen::new(padded(inner), buf, cx.look);
    let names = rows.iter().map(|row| &*row.source);
    if let Some(trouble) = trouble_among(cx.frame, names) {
        pen.words(Words::new(cx.look).put(trouble.role, trouble.line));
    }
    for row in rows {
        pen.words(objective_line(cx, row, widest));
    }
}

fn objective_line<'a>(cx: &'a Context<'_>, row: &'a Objective, widest: usize) -> Words<'a> {
    if is_silent(cx.frame, &row.source) {
        return Words::new(cx.look).dim(format!("{:widest$} {UNKNOWN:>5} {UNKNOWN}", row.name));
    }
    let value = cx.look.format.value(row.unit, row.value);
    Words::new(cx.look)
        .put(Role::Text, format!("{:widest$}", row.name))
        .value(format!(" {value:>5} "))
        .put(
            state_role(row.state),
            format!("{:<5} ", state_word(row.state)),
        )
        .dim(budget_text(row, cx.look))
}

fn status(cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let requests = cx.frame.value("app.requests.per_sec");
    let title = Words::new(cx.look)
        .title("Status")
        .value(format!("  {}", cx.look.format.value(Unit::Count, requests)))
        .dim(" req/s")
        .line();
    let inner = panel(cx, (STATUS, area), (title, Line::default()), buf, hits);
    let mut words = Words::new(cx.look);
    for (class, share) in classes(cx.frame) {
        let role = match class {
            "5xx" => share.map_or(Role::Dim, errors_role),
            _ => Role::Bright,
        };
        let share = cx.look.format.value(Unit::Percent, share);
        words = words
            .dim(format!("{class} "))
            .put(role, format!("{share}  "));
    }
    Pen::new(padded(inner), buf, cx.look).words(words);
}
