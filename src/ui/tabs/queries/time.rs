//! The panel "Time in the database": what the costliest statements of one server took, standing on each other.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::view::{heaviest, series};
use crate::model::{Statement, Unit};
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{CurveOf, Plot, padded, panel};
use crate::ui::tabs::source::is_silent;
use crate::ui::tabs::{Context, Hits};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::{Chart, Curve, TimeAxis, text};

/// The colours of the statements that take most of the time.
const CURVES: [Role; 4] = [Role::Curve1, Role::Curve2, Role::Curve3, Role::Curve4];

/// Draws it as the panel with this index.
pub(super) fn draw(
    cx: &Context<'_>,
    server: Option<&str>,
    (index, area): (usize, Rect),
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let title = Words::new(cx.look)
        .title("Time in the database")
        .dim(" · ")
        .value(server.unwrap_or_default())
        .line();
    let statements =
        server.map_or_else(Vec::new, |server| heaviest(cx.frame, server, CURVES.len()));
    let is_timed = statements.iter().all(|row| timed(cx, row).is_some());
    let what = match statements.is_empty() || is_timed {
        true => "time a second",
        false => "share of time, %",
    };
    let right = Line::from(format!("{what} · {}", cx.range.word()));
    let inner = panel(cx, (index, area), (title, right), buf, hits);
    if server.is_none() || inner.is_empty() {
        return;
    }
    let most = usize::from(inner.height / 3).max(1);
    let statements = &statements[..statements.len().min(most)];
    let legend = u16::try_from(statements.len()).unwrap_or(0);
    let [chart, names] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(legend)]).areas(inner);
    if is_timed {
        times(cx, statements, chart, buf);
    } else {
        shares(cx, statements, chart, buf);
    }
    legend_lines(cx, statements, names, buf);
}

/// The series of a statement's mean and of its calls, where there are both: their product is its time.
fn timed(cx: &Context<'_>, row: &Statement) -> Option<[crate::model::SeriesId; 2]> {
    Some([
        series(cx.frame, "db.statement.mean_ms", row)?,
        series(cx.frame, "db.statement.calls_per_sec", row)?,
    ])
}

/// How long the server was at each of them in every second: a surge stands out, as it does not among shares.
fn times(cx: &Context<'_>, statements: &[&Statement], area: Rect, buf: &mut Buffer) {
    let axes = area.height >= 4 && area.width >= 24;
    let window = cx.window(Chart::points_in(area.width, axes, cx.look));
    let times: Vec<Vec<f64>> = statements
        .iter()
        .filter_map(|row| timed(cx, row))
        .map(|ids| {
            let [means, calls] = ids.map(|id| cx.feed.points(id, window).avg);
            means.iter().zip(&calls).map(|(a, b)| a * b).collect()
        })
        .collect();
    let curves = times.iter().zip(CURVES).map(|(values, role)| Curve {
        name: "",
        values,
        newest: None,
        written: None,
        role: Some(role),
    });
    let chart = Chart {
        curves: curves.collect(),
        unit: Unit::Millis,
        top: None,
        time: TimeAxis {
            start: window.start,
            end: window.end(),
        },
        threshold: None,
        band: None,
        marks: Vec::new(),
        axes,
    };
    if area.width >= 8 && area.height >= 2 {
        chart.render_stacked(area, buf, cx.look);
    }
}

/// Their shares of the whole, which is all that is known.
fn shares(cx: &Context<'_>, statements: &[&Statement], area: Rect, buf: &mut Buffer) {
    let curves: Vec<CurveOf<'_>> = statements
        .iter()
        .zip(CURVES)
        .map(|(row, role)| {
            let id = series(cx.frame, "db.statement.time_percent", row);
            ("", id, Some(role))
        })
        .collect();
    Plot {
        curves: &curves,
        unit: Unit::Percent,
        top: Some(100.0),
        limit: None,
    }
    .draw_stacked(cx, area, buf);
}

/// Which colour is which statement, and what it takes now.
fn legend_lines(cx: &Context<'_>, statements: &[&Statement], area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(padded(area), buf, cx.look);
    for ((index, row), role) in statements.iter().enumerate().zip(CURVES) {
        let room = usize::from(area.width).saturating_sub(12);
        let percent = row
            .time_percent
            .filter(|_| !is_silent(cx.frame, &row.instance));
        let share = cx.look.format.value(Unit::Percent, percent);
        let dash = match cx.look.symbols {
            Symbols::Ascii => format!("{}  ", Chart::ascii_point(index)),
            _ => "━━ ".to_owned(),
        };
        pen.words(
            Words::new(cx.look)
                .put(role, dash)
                .value(format!("{share:>5} "))
                .dim(text::fit(&row.text, room)),
        );
    }
}
