//! The detail of a process as it is drawn.
//!
//! ```text
//! ┌ postgres (8121) ──────────┐┌ CPU ─────┐┌ RES ─────┐┌ I/O ─────┐
//! │ who, since when, where    ││          ││          ││          │
//! └───────────────────────────┘└──────────┘└──────────┘└──────────┘
//! ┌ Threads 12 · Files 34 · Sockets 3 · Limits · … ────────────────┐
//! └────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::OpenProcess;
use super::sections::{SECTIONS, Sections, TITLES};
use crate::feed::Points;
use crate::model::format::{UNKNOWN, duration};
use crate::model::process::Told;
use crate::model::{Process, ProcessDetail, Timestamp, Unit};
use crate::ui::tabs::host::history;
use crate::ui::tabs::host::layout::{split_at_column, split_at_row};
use crate::ui::tabs::host::process_table::time_text;
use crate::ui::tabs::pen::{Pen, Words, cells};
use crate::ui::tabs::{Context, Hits, List, Target, past};
use crate::ui::theme::Role;
use crate::ui::widgets::{Cell, Curve, Notice, NoticeKind, Panel, Row, Table, text};

/// Lines that the identity takes, its border included.
const IDENTITY_LINES: u16 = 13;

/// Shows an open process.
pub fn draw(open: &OpenProcess, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let (top, below) = split_at_row(area, IDENTITY_LINES.min(area.height / 2));
    let identity_width = if area.width < 60 {
        area.width
    } else {
        (area.width * 9 / 20).clamp(36, 64)
    };
    let (identity, charts) = split_at_column(top, identity_width);
    draw_identity(open, cx, identity, buf);
    draw_charts(open, cx, charts, buf);
    draw_section(open, cx, below, buf, hits);
}

fn draw_identity(open: &OpenProcess, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let panel = Panel {
        title: Words::new(cx.look).title(open.name()).line(),
        ..Panel::default()
    };
    let inside = panel.render(area, buf, cx.look);
    let mut pen = Pen::new(inside, buf, cx.look);
    let Some((process, seen)) = &open.last else {
        pen.words(Words::new(cx.look).dim("not among the processes of this moment"));
        return;
    };
    if open.is_gone {
        pen.words(Words::new(cx.look).put(Role::Warning, gone_text(cx, process, *seen)));
    }
    // What was seen of it at another moment of the past says nothing of this one.
    let is_known = *seen == cx.at() || !open.is_past;
    row_facts(cx, process, is_known, &mut pen);
    match &open.detail {
        Some(detail) => detail_facts(cx, detail, &mut pen),
        None if open.is_gone => {}
        None if open.is_past => {
            pen.words(Words::new(cx.look).dim("the rest is read live and not kept"));
        }
        None => pen.words(Words::new(cx.look).dim("reading…")),
    }
}

/// Why it is not among the processes.
fn gone_text(cx: &Context<'_>, process: &Process, seen: Timestamp) -> String {
    if cx.at() < process.identity.started_at {
        return "! it had not begun yet".to_owned();
    }
    if cx.at() < seen {
        return "! not among the processes of this moment".to_owned();
    }
    format!("! it has ended; last seen at {}", seen.clock_text())
}

/// What the row of the table tells; where it is not that of the moment, only what no moment changes.
fn row_facts(cx: &Context<'_>, process: &Process, is_known: bool, pen: &mut Pen<'_>) {
    let now = |value: String| match is_known {
        true => value,
        false => UNKNOWN.to_owned(),
    };
    let identity = &process.identity;
    let started = identity.started_at.local().format("%Y-%m-%d %H:%M:%S");
    let age = duration(cx.at().since(identity.started_at));
    let words = || Words::new(cx.look);
    pen.words(words().dim("command  ").value(identity.command.to_string()));
    pen.words(
        words()
            .dim("user     ")
            .value(identity.user.to_string())
            .dim("  state ")
            .value(now(process.state.word().to_owned())),
    );
    pen.words(
        words()
            .dim("started  ")
            .value(format!("{age} ago"))
            .dim(format!("  {started}")),
    );
    pen.words(
        words()
            .dim("cpu time ")
            .value(now(time_text(process.cpu_time)))
            .dim("  threads ")
            .value(now(whole(process.threads)))
            .dim("  nice ")
            .value(now(whole(process.nice))),
    );
    if let Some(container) = &identity.container {
        pen.words(words().dim("in       ").value(container.to_string()));
    }
}

fn whole(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// What only the detail tells; a part that was refused says why.
fn detail_facts(cx: &Context<'_>, detail: &ProcessDetail, pen: &mut Pen<'_>) {
    pen.words(told(cx, "file     ", &detail.executable, Clone::clone));
    pen.words(told(cx, "in dir   ", &detail.directory, Clone::clone));
    pen.words(told(cx, "group    ", &detail.cgroup, |group| {
        group.path.clone()
    }));
    let Ok(group) = &detail.cgroup else { return };
    let bytes = |value: Option<u64>| {
        let value = value.map(|value| value as f64);
        cx.look.format.value(Unit::Bytes, value)
    };
    let limit = group.memory_limit_bytes;
    pen.words(
        Words::new(cx.look)
            .dim("memory   ")
            .value(bytes(group.memory_bytes))
            .dim(" of ")
            .value(limit.map_or_else(|| "no limit".to_owned(), |_| bytes(limit))),
    );
    let cores = group.cpu_limit_cores.map_or_else(
        || "no limit".to_owned(),
        |cores| format!("{cores:.1} cores"),
    );
    let words = Words::new(cx.look).dim("cpu      ").value(cores);
    pen.words(match (group.throttled_periods, group.periods) {
        (Some(throttled), Some(periods)) if throttled > 0 => {
            let line = format!("  throttled {throttled} of {periods}");
            words.put(Role::Warning, line)
        }
        (Some(_), _) => words.dim("  never throttled"),
        _ => words,
    });
}

fn told<'a, T>(
    cx: &Context<'a>,
    label: &'static str,
    part: &Told<T>,
    text: impl Fn(&T) -> String,
) -> Words<'a> {
    let words = Words::new(cx.look).dim(label);
    match part {
        Ok(part) => words.value(text(part)),
        Err(why) => words.put(Role::Warning, format!("{UNKNOWN} {why}")),
    }
}

/// Title, unit, newest value, points and colour of one of the charts.
type OwnChart<'a> = (&'static str, Unit, Option<f64>, &'a Points, Option<Role>);

/// Its CPU, memory and I/O over the range, side by side; only CPU where there is no room.
fn draw_charts(open: &OpenProcess, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    if area.width < 12 || area.height < 4 {
        return;
    }
    let count: u16 = if area.width >= 54 { 3 } else { 1 };
    let width = area.width / count;
    let inner = Rect::new(0, 0, width - 2, area.height - 2);
    let Some((window, axes)) = history::window_for(cx, inner) else {
        return;
    };
    let points = cx.feed.process_history(open.key, window);
    let process = open.row_at(cx.at());
    let format = |unit, value| cx.look.format.value(unit, value);
    let cpu = process.and_then(|process| process.cpu_percent);
    let resident = process.map(|process| process.resident_bytes as f64);
    let io = process.and_then(|process| {
        let parts = [process.read_bytes_per_sec, process.write_bytes_per_sec];
        parts.into_iter().flatten().reduce(|sum, part| sum + part)
    });
    let charts: [OwnChart<'_>; 3] = [
        ("CPU", Unit::Percent, cpu, &points.cpu, None),
        (
            "RES",
            Unit::Bytes,
            resident,
            &points.resident,
            Some(Role::Curve1),
        ),
        ("I/O", Unit::BytesPerSec, io, &points.io, Some(Role::Curve2)),
    ];
    let mut rest = area;
    for (title, unit, value, points, role) in charts.into_iter().take(usize::from(count)) {
        let (at, behind) = split_at_column(rest, width);
        rest = behind;
        let panel = Panel {
            title: Words::new(cx.look)
                .title(format!("{title} "))
                .value(format!("{:>5}", format(unit, value)))
                .line(),
            ..Panel::default()
        };
        let inside = panel.render(at, buf, cx.look);
        let curve = Curve {
            name: "",
            values: &points.avg,
            newest: value,
            written: None,
            role,
        };
        history::draw(cx, inside, buf, vec![curve], window, (unit, None, axes));
    }
}

/// The sub-list that is shown, with the titles of all of them in its border.
fn draw_section(
    open: &OpenProcess,
    cx: &Context<'_>,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let sections = Sections(open.detail.as_deref());
    let panel = Panel {
        title: section_titles(open, cx, &sections, area, hits),
        focused: true,
        ..Panel::default()
    };
    let inside = panel.render(area, buf, cx.look);
    if open.detail.is_none() && open.is_past {
        return past::is_not_kept(cx, "Its detail", inside, buf);
    }
    if open.detail.is_none() && open.is_gone {
        let why = "It ended before its detail was read";
        Pen::new(inside, buf, cx.look).middle(Words::new(cx.look).dim(why));
        return;
    }
    if let Some(notice) = section_notice(open, &sections) {
        notice.render(inside, buf, cx.look);
        return;
    }
    let section = &SECTIONS[open.section];
    let list = &open.lists[open.section];
    let visible = list.visible(Table::visible_rows(inside.height));
    hits.page = visible.len();
    let last = section.heads().len() - 1;
    let rows = open.rows.get(visible.clone()).unwrap_or_default().iter();
    let rows = rows.map(|row| Row {
        cells: row
            .cells
            .iter()
            .enumerate()
            .map(|(column, text)| {
                let role = if column == last {
                    Role::Bright
                } else {
                    Role::Text
                };
                Cell::Text(text.as_str().into(), role)
            })
            .collect(),
        marked: list.is_marked(&row.id),
    });
    let table = Table {
        columns: &section.heads(),
        rows: rows.collect(),
        first: visible.start,
        total: list.counts().0,
        selected: list.selected_index(),
        order: Some(list.order()).filter(|order| order.0 <= last),
        matched: list.filtering().matched(),
        focused: true,
    };
    let drawn = table.render(inside, buf, cx.look);
    for (area, row) in drawn.rows {
        hits.add(area, Target::Row(row));
    }
    for (area, column) in drawn.heads {
        hits.add(area, Target::ColumnHead(column));
    }
}

fn section_titles<'a>(
    open: &OpenProcess,
    cx: &Context<'a>,
    sections: &Sections<'_>,
    area: Rect,
    hits: &mut Hits,
) -> Line<'a> {
    let titles = section_names(sections, area.width);
    let mut words = Words::new(cx.look);
    // Behind the corner and the blank that a panel puts in front of its title.
    let mut x = area.x + 2;
    for (index, title) in titles.into_iter().enumerate() {
        let width = cells(&title);
        if x + width < area.right() {
            hits.add(Rect::new(x, area.y, width, 1), Target::SubList(index));
        }
        x = x.saturating_add(width + 3);
        let role = if index == open.section {
            Role::Accent
        } else {
            Role::Dim
        };
        words = words.put(role, title);
        if index + 1 < TITLES.len() {
            words = words.dim(" · ");
        }
    }
    words.line()
}

/// The titles of the sub-lists with how many rows each has, where that fits into a border of this width.
fn section_names(sections: &Sections<'_>, width: u16) -> Vec<String> {
    let counted = TITLES.iter().enumerate().map(|(index, title)| {
        sections
            .count(index)
            .map_or_else(|| (*title).to_owned(), |count| format!("{title} {count}"))
    });
    let counted: Vec<String> = counted.collect();
    if usize::from(width) >= text::width(&counted.join(" · ")) + 4 {
        return counted;
    }
    TITLES.map(str::to_owned).to_vec()
}

fn section_notice(open: &OpenProcess, sections: &Sections<'_>) -> Option<Notice<'static>> {
    let title = TITLES[open.section];
    let (kind, title) = if let Some(why) = sections.refused(open.section) {
        (NoticeKind::Denied, format!("{title}: {why}"))
    } else if open.detail.is_none() {
        (NoticeKind::Waiting, "reading…".to_owned())
    } else if open.rows.is_empty() && open.lists[open.section].filter().is_empty() {
        (NoticeKind::Empty, format!("{title}: none"))
    } else {
        return None;
    };
    Some(Notice {
        kind,
        title,
        lines: Vec::new(),
    })
}
