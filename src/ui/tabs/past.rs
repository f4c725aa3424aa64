//! What is said where a moment of the past is shown and something of it is not remembered: what, and why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Context;
use super::notices::wrapped;
use crate::model::{Cut, Frame};
use crate::ui::widgets::{Notice, NoticeKind};

/// Says that the rows of a part are not remembered at the moment that is shown.
pub fn rows_forgotten(cx: &Context<'_>, part: &str, area: Rect, buf: &mut Buffer) {
    let title = format!("{part} of {}", when(cx));
    notice(cx, title, why(cx.frame), area).render(area, buf, cx.look);
}

/// Says that something is read only live, while it is open, and not kept.
pub fn is_not_kept(cx: &Context<'_>, what: &str, area: Rect, buf: &mut Buffer) {
    let why = "it is read live, while it is open, and not kept";
    let title = format!("{what} at {}", when(cx));
    notice(cx, title, why, area).render(area, buf, cx.look);
}

/// Says that what is open was not among the rows of the moment that is shown, or that those are not remembered.
pub fn was_not_there(cx: &Context<'_>, what: &str, area: Rect, buf: &mut Buffer) {
    let why = match is_without_rows(cx) {
        true => why(cx.frame),
        false => "it is not among the rows of that moment",
    };
    let title = format!("{what} at {}", when(cx));
    notice(cx, title, why, area).render(area, buf, cx.look);
}

/// Whether none of the tables of a moment are remembered.
#[must_use]
pub fn is_without_rows(cx: &Context<'_>) -> bool {
    cx.is_past && cx.frame.sources.is_empty()
}

/// `rows of 14:28:00`, where the tables are of an earlier moment than the figures.
#[must_use]
pub fn rows_text(cx: &Context<'_>) -> Option<String> {
    let of = cx.frame.tables.as_of?;
    Some(format!("rows of {}", of.clock_text()))
}

/// `7985 not kept`, where of the table that the screen calls so only a part of the rows was kept.
#[must_use]
pub fn cut_text(frame: &Frame, table: &str) -> Option<String> {
    let of_table = |cut: &&Cut| cut.table.eq_ignore_ascii_case(table);
    let cut = frame.tables.cut.iter().filter(of_table);
    let missing: usize = cut.map(|cut| cut.of.saturating_sub(cut.kept)).sum();
    (missing > 0).then(|| format!("{missing} not kept"))
}

fn notice(cx: &Context<'_>, title: String, why: &str, area: Rect) -> Notice<'static> {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    let mut lines: Vec<Line<'_>> = wrapped(why, room).into_iter().map(Line::from).collect();
    if !cx.feed.link().is_recording() {
        lines.push(Line::from("End is live"));
    }
    Notice {
        kind: NoticeKind::Forgotten,
        title,
        lines,
    }
}

fn when(cx: &Context<'_>) -> String {
    cx.at().dated_text(cx.feed.newest().at)
}

fn why(frame: &Frame) -> &'static str {
    let is_blank = frame.values.iter().all(|value| value.is_nan());
    match frame.sources.is_empty() {
        true if is_blank => "nothing was kept then: hubtop was not running, or had no room",
        true => "figures are; rows are kept for a day at most, and as far as there is room",
        false => "no source brought them then, or they were too many to keep",
    }
}
