//! The Alerts tab put on the screen.
//!
//! ```text
//! ┌ Timeline ─────────────────┐   while there is no incident: that all is well, and the rules
//! └───────────────────────────┘
//! ┌ Incidents · Rules ────────┐
//! └───────────────────────────┘
//! ┌ Value of the one selected ┐
//! └───────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{INCIDENTS, view};
use crate::feed::Window;
use crate::model::{Frame, Incident, Severity};
use crate::ui::tabs::pen::{Pen, Words, cells};
use crate::ui::tabs::plot::panel;
use crate::ui::tabs::sheets::Sheets;
use crate::ui::tabs::{Context, Hits, Range, past};
use crate::ui::theme::Role;
use crate::ui::widgets::{Chart, Curve, Mark, Notice, NoticeKind, Sparkline, TimeAxis, spread};

/// The panels in the order of Tab.
pub const PANELS: [&str; 3] = ["Incidents", "Timeline", "Value"];
/// The lists.
pub const LISTS: usize = 0;
const TIMELINE: usize = 1;
const VALUE: usize = 2;

/// The least height at which there is more than the lists.
const PANELS_FROM: u16 = 16;
/// Lines of the calm message with its border.
const CALM_LINES: u16 = 7;
/// Cells of the severity's word at the left of the timeline.
const WORD: u16 = 9;

/// Shows the tab.
pub fn draw(cx: &Context<'_>, sheets: &Sheets, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    if !view::has_something(cx.frame) {
        let title = Words::new(cx.look).title("Alerts").line();
        let inside = panel(cx, (LISTS, area), (title, Line::default()), buf, hits);
        draw_calm(cx, inside, buf);
    } else if cx.zoomed {
        zoomed(cx, sheets, area, buf, hits);
    } else if area.height < PANELS_FROM {
        sheets.draw(cx, LISTS, area, buf, hits);
    } else if view::is_calm(cx.frame) {
        let [calm, lists] = split(area, CALM_LINES);
        draw_calm(cx, calm, buf);
        sheets.draw(cx, LISTS, lists, buf, hits);
    } else {
        let [timeline, below] = split(area, timeline_lines(cx.frame));
        let [lists, value] = split(below, below.height - (below.height * 2 / 5).min(14));
        draw_timeline(cx, timeline, buf, hits);
        sheets.draw(cx, LISTS, lists, buf, hits);
        draw_value(cx, sheets, value, buf, hits);
    }
}

fn zoomed(cx: &Context<'_>, sheets: &Sheets, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    match cx.focus {
        TIMELINE => draw_timeline(cx, area, buf, hits),
        VALUE => draw_value(cx, sheets, area, buf, hits),
        _ => sheets.draw(cx, LISTS, area, buf, hits),
    }
}

fn split(area: Rect, lines: u16) -> [Rect; 2] {
    let lines = lines.min(area.height);
    let upper = Rect {
        height: lines,
        ..area
    };
    let lower = Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    };
    [upper, lower]
}

fn draw_calm(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    if past::is_without_rows(cx) && cx.frame.alerts.rules.is_empty() {
        return past::rows_forgotten(cx, "Alerts", area, buf);
    }
    let blind = view::blind_rules(cx.frame);
    let mut lines = Vec::new();
    if blind > 0 {
        let line = match blind {
            1 => "1 rule can't be evaluated: no source brings its metric".to_owned(),
            _ => format!("{blind} rules can't be evaluated: no source brings their metric"),
        };
        lines.push(Line::styled(line, cx.look.style(Role::Warning)));
    }
    let watched = view::watch_text(cx.frame);
    let notice = if cx.frame.number == 0 {
        Notice {
            kind: NoticeKind::Waiting,
            title: "Waiting for the first figures".to_owned(),
            lines,
        }
    } else if cx.frame.alerts.rules.is_empty() {
        Notice {
            kind: NoticeKind::Absent,
            title: "No rule is in force".to_owned(),
            lines,
        }
    } else {
        Notice {
            kind: NoticeKind::Empty,
            title: format!("All is well: {watched}"),
            lines,
        }
    };
    notice.render(area, buf, cx.look);
}

/// The severities that the timeline has a line for: the two that call, and the third where it occurs.
fn severities(frame: &Frame) -> impl Iterator<Item = Severity> {
    let has_info = view::incidents(frame).any(|incident| incident.severity == Severity::Info);
    [Severity::Critical, Severity::Warning]
        .into_iter()
        .chain(has_info.then_some(Severity::Info))
}

fn timeline_lines(frame: &Frame) -> u16 {
    // Two of the border and one of the clock.
    u16::try_from(severities(frame).count()).unwrap_or(0) + 3
}

/// The range of the timeline: alerts are too rare for less than six hours.
fn range_of(cx: &Context<'_>) -> Range {
    match cx.range {
        Range::Day => Range::Day,
        _ => Range::SixHours,
    }
}

/// When alerts of each severity fired.
fn draw_timeline(cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let range = range_of(cx);
    let title = Words::new(cx.look)
        .title("Timeline")
        .dim(format!(" · last {}", range.word()));
    let right = Words::new(cx.look).dim(counts_text(cx.frame));
    let inside = panel(
        cx,
        (TIMELINE, area),
        (title.line(), right.line()),
        buf,
        hits,
    );
    if inside.width <= WORD {
        return;
    }
    let bars = Rect {
        x: inside.x + WORD,
        width: inside.width - WORD,
        ..inside
    };
    let window = Window::ending(
        cx.at(),
        range.span(),
        usize::from(bars.width),
        cx.frame.tick,
    );
    let lines: Vec<(Severity, Vec<f64>)> = severities(cx.frame)
        .map(|severity| (severity, view::firing_over(cx.frame, severity, window)))
        .collect();
    let most = lines.iter().flat_map(|(_, counts)| counts);
    let most = most.copied().fold(1.0, f64::max);
    let mut pen = Pen::new(inside, buf, cx.look);
    for (severity, _) in &lines {
        pen.words(Words::new(cx.look).dim(severity.word()));
    }
    pen.words(clock(cx, bars.width, window));
    for ((severity, counts), y) in lines.iter().zip(bars.top()..bars.bottom()) {
        let line = Sparkline {
            values: &spread(counts, usize::from(bars.width)),
            top: Some(most),
            role: Some(Role::of(*severity)),
        };
        line.render(Rect::new(bars.x, y, bars.width, 1), buf, cx.look);
    }
}

fn counts_text(frame: &Frame) -> String {
    let board = &frame.alerts;
    let pending = board.open.len() - board.firing_count();
    format!(
        "{} firing · {pending} pending · {} resolved",
        board.firing_count(),
        board.resolved.len()
    )
}

/// The time of day at the beginning, in the middle and at the end.
fn clock<'a>(cx: &Context<'a>, width: u16, window: Window) -> Words<'a> {
    let middle = window.start.plus(window.end().since(window.start) / 2);
    let (first, middle, last) = (
        window.start.minute_text(),
        middle.minute_text(),
        cx.at().minute_text(),
    );
    let blank = " ".repeat(usize::from(WORD));
    let free = width.saturating_sub(cells(&first) + cells(&middle) + cells(&last));
    let left = " ".repeat(usize::from(free / 2));
    let right = " ".repeat(usize::from(free - free / 2));
    Words::new(cx.look).dim(format!("{blank}{first}{left}{middle}{right}{last}"))
}

/// The value of the selected incident's series around its trigger.
fn draw_value(cx: &Context<'_>, sheets: &Sheets, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let selected = sheets.selected_in(INCIDENTS);
    let incident = selected.and_then(|name| view::find(cx.frame, name));
    let Some(incident) = incident else {
        let title = Words::new(cx.look).title("Value").line();
        let _ = panel(cx, (VALUE, area), (title, Line::default()), buf, hits);
        return;
    };
    let right = Words::new(cx.look).dim(incident.condition.clone()).line();
    let title = value_title(cx, incident);
    let inside = panel(cx, (VALUE, area), (title, right), buf, hits);
    draw_value_chart(cx, incident, inside, buf);
}

/// Metric and place of an incident, as a title.
#[must_use]
pub fn value_title<'a>(cx: &Context<'a>, incident: &Incident) -> Line<'a> {
    Words::new(cx.look)
        .title(incident.metric.to_string())
        .dim(format!(" · {}", incident.place))
        .line()
}

/// The series of an incident around its trigger, with the threshold, and marks where it fired and where it was over.
pub fn draw_value_chart(cx: &Context<'_>, incident: &Incident, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let points = Chart::points_in(area.width, true, cx.look);
    let window = view::window_around(cx, incident, points);
    let points = cx.feed.points(incident.series, window);
    let fired = incident.fired.map(|at| Mark {
        at,
        role: Role::of(incident.severity),
    });
    let resolved = incident.resolved.map(|at| Mark { at, role: Role::Ok });
    let chart = Chart {
        curves: vec![Curve {
            name: "",
            values: &points.avg,
            newest: cx
                .frame
                .value_of(incident.series)
                .filter(|_| incident.resolved.is_none()),
            written: None,
            role: None,
        }],
        unit: incident.unit,
        top: None,
        time: TimeAxis {
            start: window.start,
            end: window.end(),
        },
        threshold: Some((incident.threshold, Role::of(incident.severity))),
        band: None,
        marks: fired.into_iter().chain(resolved).collect(),
        axes: true,
    };
    chart.render(area, buf, cx.look);
}
