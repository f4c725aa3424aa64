//! Draws the API tab.
//!
//! ```text
//! ╭ Latency ───────────╮╭ Objectives ─╮
//! │                    │├ Status ─────┤
//! ╰────────────────────╯╰─────────────╯
//! ╭ Endpoints · Models · Sessions · Pages · Probes ╮
//! ╰────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::heat;
use super::latency::{Latency, Whose};
use super::view::{
    bounds_text, budget_text, burn_text, class_role, classes, errors_role, lacking, latency_limit,
    most_failing, newest, newest_bounds, standing,
};
use super::{ENDPOINTS, Sheets};
use crate::model::format::UNKNOWN;
use crate::model::{Objective, SourceKind, Timestamp, Unit};
use crate::ui::tabs::notices::more_found;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{above_and_below, only_panel, padded, panel, side_by_side};
use crate::ui::tabs::source::{is_silent, trouble_among};
use crate::ui::tabs::{Context, Hits, past};
use crate::ui::theme::Role;
use crate::ui::widgets::{Chart, Curve, Notice, NoticeKind, TimeAxis};

/// The panels in the order of Tab.
pub(super) const PANELS: [&str; 4] = ["Latency", "Objectives", "Status", "Lists"];
/// The panel of the latency.
pub(super) const LATENCY: usize = 0;
const OBJECTIVES: usize = 1;
const STATUS: usize = 2;
/// The panel of the lists.
pub(super) const LISTS: usize = 3;

/// The lines between the upper panels and the lists.
const NOTES: usize = 4;
/// The lines of a panel's border.
const BORDERS: u16 = 2;
/// The lines that the status has at least.
const LEAST_STATUS: u16 = 1;

/// The width from which on the lines of the objectives reach their budgets.
const ROOM_FOR_BUDGET: u16 = 40;

/// Draws all panels, or the one that fills the tab.
pub(super) fn draw(
    cx: &Context<'_>,
    chosen: Chosen<'_>,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let sheets = chosen.sheets;
    let lacking = lacking(cx.frame);
    let found = more_found(cx, SourceKind::Api).map(|line| (Role::Dim, line));
    let notes: Vec<(Role, String)> = lacking.into_iter().chain(found).collect();
    let areas = areas(cx, notes.len() as u16, area);
    let endpoint = sheets
        .selected_in(ENDPOINTS)
        .filter(|_| sheets.shown() == ENDPOINTS);
    let whose = Whose::of_row(endpoint);
    latency(cx, (whose, chosen.is_heat), areas[LATENCY], buf, hits);
    objectives(cx, areas[OBJECTIVES], buf, hits);
    status(cx, areas[STATUS], buf, hits);
    let mut pen = Pen::new(padded(areas[NOTES]), buf, cx.look);
    for (role, line) in notes {
        pen.words(Words::new(cx.look).put(role, line));
    }
    sheets.draw(cx, LISTS, areas[LISTS], buf, hits);
}

/// What a person chose.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    /// The lists.
    pub sheets: &'a Sheets,
    /// Whether the latency is drawn as a heat-map.
    pub is_heat: bool,
}

fn areas(cx: &Context<'_>, notes: u16, area: Rect) -> [Rect; PANELS.len() + 1] {
    let mut areas = [Rect::default(); PANELS.len() + 1];
    if let Some(only) = only_panel(cx, area) {
        areas[only.min(LISTS)] = area;
        return areas;
    }
    let [above, below] = above_and_below(area);
    let [chart, side] = side_by_side(above, [3, 2]);
    let [notes, lists] =
        Layout::vertical([Constraint::Length(notes), Constraint::Fill(1)]).areas(below);
    let rows = cx.frame.tables.objectives.as_deref().map_or(0, Vec::len);
    let wanted = u16::try_from(rows)
        .unwrap_or(u16::MAX)
        .saturating_add(BORDERS);
    let least = LEAST_STATUS + BORDERS;
    let height = wanted.clamp(
        1 + BORDERS,
        side.height.saturating_sub(least).max(1 + BORDERS),
    );
    let [objectives, status] =
        Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(side);
    [chart, objectives, status, lists, notes]
}

/// The three curves of the response times, each point merged of what happened in its stretch of time.
pub(super) fn latency_chart(cx: &Context<'_>, whose: Whose<'_>, area: Rect, buf: &mut Buffer) {
    if area.width < 8 || area.height < 2 {
        return;
    }
    let axes = area.height >= 4 && area.width >= 24;
    let latency = Latency::read(cx, whose, Chart::points_in(area.width, axes, cx.look));
    let newest = newest(cx.frame, whose).into_iter();
    let newest = newest.zip(newest_bounds(cx, whose));
    let curves = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];
    let values = curves.map(|(_, q)| latency.percentile(q));
    let roles = [Role::Curve1, Role::Curve2, Role::Curve3];
    let curves = curves.iter().zip(&values).zip(newest).zip(roles);
    let chart = Chart {
        curves: curves
            .map(|((((name, _), values), (newest, bounds)), role)| Curve {
                name,
                values,
                newest,
                written: bounds.filter(|_| newest.is_some()).map(bounds_text),
                role: Some(role),
            })
            .collect(),
        unit: Unit::Millis,
        top: None,
        time: TimeAxis {
            start: latency.window.start,
            end: latency.window.end(),
        },
        threshold: latency_limit(cx.frame).map(|limit| (limit, Role::Dim)),
        band: None,
        marks: Vec::new(),
        axes,
    };
    chart.render(area, buf, cx.look);
}

fn latency(
    cx: &Context<'_>,
    (whose, is_heat): (Whose<'_>, bool),
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let title = Words::new(cx.look)
        .title("Latency")
        .dim(" · ")
        .value(whose.words().to_owned())
        .dim(format!(" · last {}", cx.range.word()))
        .line();
    let limit = latency_limit(cx.frame);
    let right = match limit.filter(|_| !is_heat) {
        Some(limit) => {
            let limit = cx.look.format.value(Unit::Millis, Some(limit));
            Line::from(format!("objective {limit}"))
        }
        None if is_heat => heat::legend(cx),
        None => Line::default(),
    };
    let inner = panel(cx, (LATENCY, area), (title, right), buf, hits);
    if is_heat {
        heat::draw(cx, whose, inner, buf);
    } else {
        latency_chart(cx, whose, inner, buf);
    }
}

fn objectives(cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let title = Words::new(cx.look).title("Objectives").line();
    let rows = cx.frame.tables.objectives.as_deref();
    let rows = rows.filter(|rows| !rows.is_empty());
    let right = match (
        area.width,
        rows.and_then(|rows| rows.iter().filter_map(|it| it.since).min()),
    ) {
        (ROOM_FOR_BUDGET.., Some(since)) => Line::from(budget_title(cx, since)),
        _ => Line::default(),
    };
    let inner = panel(cx, (OBJECTIVES, area), (title, right), buf, hits);
    if inner.is_empty() {
        return;
    }
    if rows.is_none() && past::is_without_rows(cx) {
        return past::rows_forgotten(cx, "Objectives", inner, buf);
    }
    let Some(rows) = rows else {
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

/// Since when the budgets are counted: seldom for all the time that they are for.
fn budget_title(cx: &Context<'_>, since: Timestamp) -> String {
    let ago = cx.at().since(since);
    if ago < Duration::from_secs(24 * 3600) {
        return format!("budget left since {}", since.minute_text());
    }
    format!("budget left of {}d", ago.as_secs() / 86_400)
}

fn objective_line<'a>(cx: &'a Context<'_>, row: &'a Objective, widest: usize) -> Words<'a> {
    if is_silent(cx.frame, &row.source) {
        return Words::new(cx.look).dim(format!("{:widest$} {UNKNOWN:>5} {UNKNOWN}", row.name));
    }
    let value = cx.look.format.value(row.unit, row.value);
    let (word, role) = standing(row);
    let words = Words::new(cx.look)
        .put(Role::Text, format!("{:widest$}", row.name))
        .put(
            if role == Role::Ok { Role::Bright } else { role },
            format!(" {value:>5} "),
        )
        .put(role, format!("{word:<5}"))
        .value(format!(" {}", budget_text(row, cx.look)));
    match burn_text(row) {
        Some(burn) => words.put(Role::Dim, format!("  {burn}")),
        None => words,
    }
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
        let role = share.map_or(Role::Dim, |share| class_role(class, share));
        let share = cx.look.format.value(Unit::Percent, share);
        words = words
            .dim(format!("{class} "))
            .put(role, format!("{share}  "));
    }
    let mut pen = Pen::new(padded(inner), buf, cx.look);
    pen.words(words);
    for failing in most_failing(cx.frame).into_iter().take(pen.lines_left()) {
        let rate = cx.look.format.value(Unit::PerSec, Some(failing.rate));
        let percent = cx.look.format.value(Unit::Percent, Some(failing.percent));
        let words = Words::new(cx.look)
            .put(bright(errors_role(failing.percent)), format!("{rate:>6} "))
            .dim(format!("5xx {percent:>4}  "))
            .put(Role::Text, failing.label);
        pen.words(words);
    }
}

/// A figure on its own is bright where a cell among many would be plain.
fn bright(role: Role) -> Role {
    if role == Role::Text {
        Role::Bright
    } else {
        role
    }
}
