//! One cache: its charts, its memory, all its commands.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::draw::{memory_lines, silent};
use super::view::{InstanceRow, busiest, instance, series};
use crate::model::{CacheInstance, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::plot::{Plot, framed, side_by_side};
use crate::ui::theme::Role;
use crate::ui::widgets::{Align, Cell, Column, Notice, NoticeKind, Row, Table};

const CHARTS: [(&str, &str, Unit, Option<f64>); 4] = [
    (
        "Hit rate",
        "cache.hit_rate_percent",
        Unit::Percent,
        Some(100.0),
    ),
    ("Operations", "cache.operations_per_sec", Unit::PerSec, None),
    ("Memory used", "cache.memory.used_bytes", Unit::Bytes, None),
    ("Evictions", "cache.evictions_per_sec", Unit::PerSec, None),
];

const COMMAND_COLUMNS: [Column; 5] = [
    column("COMMAND", 12, true, Align::Left),
    column("CALLS/s", 8, false, Align::Right),
    column("P50", 6, false, Align::Right),
    column("P99", 6, false, Align::Right),
    column("SHARE%", 6, false, Align::Right),
];

const fn column(title: &'static str, width: u16, grow: bool, align: Align) -> Column {
    Column {
        title,
        width,
        grow,
        align,
        worth: 0,
    }
}

/// Draws the instance with this name.
pub(super) fn draw(cx: &Context<'_>, name: &str, area: Rect, buf: &mut Buffer) {
    let [upper, middle, lower] = Layout::vertical([Constraint::Fill(1); 3]).areas(area);
    let row = instance(cx.frame, name);
    let [left, right] = side_by_side(lower, [3, 2]);
    for (row_area, charts) in [upper, middle].into_iter().zip(CHARTS.chunks(2)) {
        let parts = side_by_side(row_area, [1, 1]);
        for (part, (title, metric, unit, top)) in parts.into_iter().zip(charts) {
            let inner = framed(cx, (title, cx.range.word()), part, buf);
            Plot {
                curves: &[("", series(cx.frame, metric, name), Some(Role::Curve1))],
                unit: *unit,
                top: *top,
                limit: None,
            }
            .draw(cx, inner, buf);
        }
    }
    let inner = framed(cx, ("Commands", "Esc goes back"), left, buf);
    match row.as_ref().map(|row| (row, &row.trouble)) {
        Some((row, Some(trouble))) => silent(cx, row, trouble, inner, buf),
        Some((row, None)) => commands(cx, &row.cache, inner, buf),
        None => {}
    }
    let inner = framed(cx, (&right_title(row.as_ref()), ""), right, buf);
    if let Some(row) = &row {
        memory_lines(cx, &row.cache, inner, buf);
    }
}

fn right_title(row: Option<&InstanceRow>) -> String {
    match row {
        Some(row) => match &row.cache.role {
            Some(role) => format!("{} · {role}", row.cache.kind),
            None => row.cache.kind.to_string(),
        },
        None => "gone".to_owned(),
    }
}

fn commands(cx: &Context<'_>, cache: &CacheInstance, area: Rect, buf: &mut Buffer) {
    let commands = busiest(cache);
    if commands.is_empty() {
        let notice = Notice {
            kind: NoticeKind::Empty,
            title: "Its commands are not known".to_owned(),
            lines: Vec::new(),
        };
        notice.render(area, buf, cx.look);
        return;
    }
    let format = cx.look.format;
    let text = |text: String| Cell::Text(text.into(), Role::Text);
    let whole = cache.operations_per_sec.filter(|whole| *whole > 0.0);
    let rows = commands.iter().take(Table::visible_rows(area.height));
    let table = Table {
        columns: &COMMAND_COLUMNS,
        rows: rows
            .map(|command| {
                let share = whole.map(|whole| command.calls_per_sec / whole * 100.0);
                Row {
                    cells: vec![
                        text(command.command.to_string()),
                        text(format.value(Unit::Count, Some(command.calls_per_sec))),
                        text(format.value(Unit::Millis, command.p50_ms)),
                        text(format.value(Unit::Millis, command.p99_ms)),
                        text(format.value(Unit::Percent, share)),
                    ],
                    marked: false,
                }
            })
            .collect(),
        first: 0,
        total: commands.len(),
        selected: None,
        order: Some((1, true)),
        matched: None,
        focused: false,
    };
    table.render(area, buf, cx.look);
}
