//! One statement: its text over several lines, its history, what to do about it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::sql::{self, SqlLine};
use super::view::{mean_role, series, short, statement};
use crate::model::{Advice, Statement, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::notices::{silent, wrapped};
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{Plot, framed, padded, side_by_side};
use crate::ui::tabs::source::trouble;
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::{Notice, NoticeKind, text};

/// Draws the statement that is told apart by `id`.
pub(super) fn draw(cx: &Context<'_>, id: &str, area: Rect, buf: &mut Buffer) {
    let Some(row) = statement(cx.frame, id) else {
        gone(cx, id, area, buf);
        return;
    };
    let [above, charts, below] = Layout::vertical([
        Constraint::Fill(3),
        Constraint::Fill(4),
        Constraint::Fill(3),
    ])
    .areas(area);
    let [left, right] = side_by_side(above, [3, 2]);
    let inner = framed(
        cx,
        (&format!("Statement · {}", row.instance), "Esc goes back"),
        left,
        buf,
    );
    statement_text(cx, row, inner, buf);
    let inner = framed(cx, ("This interval", ""), right, buf);
    match trouble(cx.frame, &row.instance) {
        Some(trouble) => {
            let title = format!("{} does not answer", row.instance);
            silent(cx, title, &trouble, inner, buf);
        }
        None => figures(cx, row, inner, buf),
    }
    let [mean, share] = side_by_side(charts, [1, 1]);
    let plots = [
        (
            "Mean time",
            "db.statement.mean_ms",
            Unit::Millis,
            None,
            mean,
        ),
        (
            "Share of the time",
            "db.statement.time_percent",
            Unit::Percent,
            Some(100.0),
            share,
        ),
    ];
    for (title, metric, unit, top, area) in plots {
        let inner = framed(cx, (title, cx.range.word()), area, buf);
        Plot {
            curves: &[("", series(cx.frame, metric, row), Some(Role::Curve1))],
            unit,
            top,
            limit: None,
        }
        .draw(cx, inner, buf);
    }
    let inner = framed(
        cx,
        (&format!("Advice {}", row.advice.len()), ""),
        below,
        buf,
    );
    advice(cx, row, inner, buf);
}

fn gone(cx: &Context<'_>, id: &str, area: Rect, buf: &mut Buffer) {
    let inner = framed(cx, ("Statement", "Esc goes back"), area, buf);
    let notice = Notice {
        kind: NoticeKind::Empty,
        title: "It did not run in this interval".to_owned(),
        lines: vec![Line::from(short(id))],
    };
    notice.render(inner, buf, cx.look);
}

fn statement_text(cx: &Context<'_>, row: &Statement, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(padded(area), buf, cx.look);
    for line in sql::lines(&row.text, usize::from(padded(area).width)) {
        if pen.lines_left() == 0 {
            break;
        }
        pen.words(sql_words(cx, &line, usize::from(padded(area).width)));
    }
}

fn sql_words<'a>(cx: &'a Context<'_>, line: &SqlLine<'a>, cells: usize) -> Words<'a> {
    let mut words = Words::new(cx.look).dim(" ".repeat(line.indent));
    for (n, (word, keyword)) in line.words.iter().enumerate() {
        let role = if *keyword { Role::Title } else { Role::Text };
        let gap = if n > 0 { " " } else { "" };
        words = words.dim(gap).put(role, text::fit(word, cells));
    }
    words
}

fn figures(cx: &Context<'_>, row: &Statement, area: Rect, buf: &mut Buffer) {
    let format = cx.look.format;
    let mean = match row.mean_ms.map_or(Role::Dim, mean_role) {
        Role::Text => Role::Bright,
        role => role,
    };
    let lines = [
        ("mean", Unit::Millis, row.mean_ms, mean),
        ("p95 (estimated)", Unit::Millis, row.p95_ms, Role::Bright),
        ("calls", Unit::PerSec, row.calls_per_sec, Role::Bright),
        ("rows a call", Unit::Count, row.rows_per_call, Role::Bright),
        ("of the time", Unit::Percent, row.time_percent, Role::Bright),
        ("from memory", Unit::Percent, row.hit_percent, Role::Bright),
    ];
    let mut pen = Pen::new(padded(area), buf, cx.look);
    for (label, unit, value, role) in lines {
        let figure = format.value(unit, value);
        pen.words(
            Words::new(cx.look)
                .dim(format!("{label:<16}"))
                .put(role, figure),
        );
    }
}

fn advice(cx: &Context<'_>, row: &Statement, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    if row.advice.is_empty() {
        let notice = Notice {
            kind: NoticeKind::Empty,
            title: "Nothing to say of it".to_owned(),
            lines: Vec::new(),
        };
        notice.render(area, buf, cx.look);
        return;
    }
    let dot = match cx.look.symbols {
        Symbols::Ascii => "* ",
        _ => "● ",
    };
    let mut pen = Pen::new(padded(area), buf, cx.look);
    for piece in &row.advice {
        let room = usize::from(padded(area).width).saturating_sub(2);
        for (n, line) in wrapped(&spoken(piece), room).into_iter().enumerate() {
            let mark = if n == 0 { dot } else { "  " };
            pen.words(
                Words::new(cx.look)
                    .put(Role::Warning, mark)
                    .put(Role::Text, line),
            );
        }
    }
}

/// A piece of advice as one text: what to do, why, and what to try.
fn spoken(piece: &Advice) -> String {
    let mut text = format!("{}: {} ({})", piece.line, piece.why, piece.certainty.word());
    if let Some(statement) = &piece.try_this {
        text += &format!(" {statement}");
    }
    text
}
