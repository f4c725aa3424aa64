//! One endpoint: its figures and its own charts.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::draw::latency_curves;
use super::view::{apdex_role, errors_role, latency_limit, latency_role, series};
use crate::model::{Endpoint, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::notices::silent;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{Plot, framed, padded, side_by_side};
use crate::ui::tabs::source::trouble;
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind};

/// Draws the endpoint with this label.
pub(super) fn draw(cx: &Context<'_>, label: &str, area: Rect, buf: &mut Buffer) {
    let rows = cx
        .frame
        .tables
        .endpoints
        .iter()
        .flat_map(|rows| rows.iter());
    let endpoint = rows.into_iter().find(|endpoint| endpoint.label() == label);
    let [head, upper, lower] = Layout::vertical([
        Constraint::Length(4),
        Constraint::Fill(3),
        Constraint::Fill(2),
    ])
    .areas(area);
    let inner = framed(cx, (label, "Esc goes back"), head, buf);
    match endpoint {
        Some(endpoint) => match trouble(cx.frame, &endpoint.source) {
            Some(trouble) => silent(
                cx,
                format!("{label} is not known now"),
                &trouble,
                inner,
                buf,
            ),
            None => figures(cx, endpoint, inner, buf),
        },
        None => gone(cx, inner, buf),
    }
    let inner = framed(cx, ("Latency", cx.range.word()), upper, buf);
    Plot {
        curves: &latency_curves(cx, Some(label)),
        unit: Unit::Millis,
        top: None,
        limit: latency_limit(cx.frame),
    }
    .draw(cx, inner, buf);
    let charts = [
        ("Requests", "app.requests.per_sec", Unit::PerSec),
        ("Errors 5xx", "app.errors.rate_percent", Unit::Percent),
    ];
    for ((title, metric, unit), area) in charts.into_iter().zip(side_by_side(lower, [1, 1])) {
        let inner = framed(cx, (title, cx.range.word()), area, buf);
        Plot {
            curves: &[(
                "",
                series(cx.frame, metric, Some(label)),
                Some(Role::Curve1),
            )],
            unit,
            top: None,
            limit: None,
        }
        .draw(cx, inner, buf);
    }
}

fn gone(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let notice = Notice {
        kind: NoticeKind::Empty,
        title: "No request in this interval".to_owned(),
        lines: Vec::new(),
    };
    notice.render(area, buf, cx.look);
}

fn figures(cx: &Context<'_>, endpoint: &Endpoint, area: Rect, buf: &mut Buffer) {
    let format = cx.look.format;
    let time = |label: &'static str, value: Option<f64>| {
        let role = value.map_or(Role::Dim, latency_role);
        (label, format.value(Unit::Millis, value), bright(role))
    };
    let line = |parts: Vec<(&'static str, String, Role)>| {
        let mut words = Words::new(cx.look);
        for (label, figure, role) in parts {
            words = words
                .dim(format!("{label} "))
                .put(role, format!("{figure}   "));
        }
        words
    };
    let mut pen = Pen::new(padded(area), buf, cx.look);
    pen.words(line(vec![
        time("p50", endpoint.p50_ms),
        time("p95", endpoint.p95_ms),
        time("p99", endpoint.p99_ms),
        time("slowest", endpoint.max_ms),
    ]));
    let errors = endpoint.error_percent.map_or(Role::Dim, errors_role);
    let apdex = endpoint.apdex.map_or(Role::Dim, apdex_role);
    pen.words(line(vec![
        (
            "requests",
            format.value(Unit::PerSec, Some(endpoint.requests_per_sec)),
            Role::Bright,
        ),
        (
            "errors",
            format.value(Unit::Percent, endpoint.error_percent),
            bright(errors),
        ),
        (
            "apdex",
            format.value(Unit::Ratio, endpoint.apdex),
            bright(apdex),
        ),
        ("from", endpoint.source.to_string(), Role::Text),
    ]));
}

/// A figure on its own is bright where a cell among many would be plain.
fn bright(role: Role) -> Role {
    if role == Role::Text {
        Role::Bright
    } else {
        role
    }
}
