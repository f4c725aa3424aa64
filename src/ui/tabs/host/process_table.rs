//! The process table as it is drawn: columns by their worth, only the visible rows formatted.

use std::borrow::Cow;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::processes::{COLUMNS, ProcessColumn, ProcessList};
use super::tree::Branch;
use crate::model::format::{self, UNKNOWN};
use crate::model::{Process, ProcessState, Unit};
use crate::ui::tabs::notices::NOTHING_MATCHES;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::source::Source;
use crate::ui::tabs::{Context, Hits, List, Target, past};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::{Align, Cell, Column, Notice, NoticeKind, Row, Table};

/// The title: how many, how many run, order, filter.
#[must_use]
pub fn title<'a>(cx: &Context<'a>, processes: &ProcessList) -> Line<'a> {
    let (shown, total) = processes.list.counts();
    let (column, descending) = processes.list.order();
    let count = if !processes.is_remembered() {
        UNKNOWN.to_owned()
    } else if shown == total {
        total.to_string()
    } else {
        format!("{shown} of {total}")
    };
    let arrow = match (cx.look.symbols, descending) {
        (Symbols::Ascii, true) => " down",
        (Symbols::Ascii, false) => " up",
        (_, true) => "▼",
        (_, false) => "▲",
    };
    let mut words = Words::new(cx.look).title("Processes ").value(count);
    if let Some(cut) = past::cut_text(cx.frame, "processes") {
        words = words.dim(" · ").put(Role::Warning, cut);
    }
    let source = Source::of(cx.frame, "processes");
    if processes.is_remembered() && source.is_giving() {
        // The kernel's own count, as in the snapshot: a row tells the state of a moment, and a busy process may have
        // slept in it.
        let running = cx.frame.value("system.process.running_count");
        let running = running.map_or_else(|| processes.running().to_string(), format::count);
        words = words.dim(" · ").value(running).dim(" running");
    }
    words = words
        .dim(" · sort ")
        .value(format!("{}{arrow}", COLUMNS[column].trim_end_matches('%')));
    if processes.is_tree {
        words = words.dim(" · ").value("tree");
    }
    if processes.list.mark_count() > 0 {
        words = words.dim(" · ").put(
            Role::Marked,
            format!("{} marked", processes.list.mark_count()),
        );
    }
    let filter = processes.list.filter();
    words = words.dim(" · filter: ");
    match processes.list.filtering().hint() {
        Some(hint) => words.put(Role::Warning, format!("{filter}  {hint}")).line(),
        None if filter.is_empty() => words.dim(UNKNOWN).line(),
        None => words.put(Role::Accent, filter.to_owned()).line(),
    }
}

/// The inside of the panel: the table, or why there is none.
pub fn draw(
    cx: &Context<'_>,
    processes: &ProcessList,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
    focused: bool,
) {
    let source = Source::of(cx.frame, "processes");
    let mut pen = Pen::new(area, buf, cx.look);
    if let Some(trouble) = source.trouble(cx.look) {
        pen.words(trouble);
    }
    let area = pen.rest();
    if !processes.is_remembered() {
        draw_none(cx, source.is_giving(), area, buf);
        return;
    }
    if processes.list.counts().0 == 0 && !processes.list.filtering().passes_all() {
        Pen::new(area, buf, cx.look).middle(Words::new(cx.look).dim(NOTHING_MATCHES));
        return;
    }
    let shown = columns(area.width, processes.has_containers());
    let visible = processes.list.visible(Table::visible_rows(area.height));
    hits.page = visible.len();
    let rows = visible.clone().filter_map(|index| {
        let (process, branch) = processes.row(index)?;
        Some(Row {
            cells: shown
                .iter()
                .map(|column| match source.is_giving() || is_name(column.0) {
                    true => cell(cx, column.0, process, branch),
                    false => text(UNKNOWN, Role::Dim),
                })
                .collect(),
            marked: processes.list.is_marked(&process.key()),
        })
    });
    let heads: Vec<Column> = shown.iter().map(|column| column.1).collect();
    let (order, descending) = processes.list.order();
    let order = shown.iter().position(|column| column.0.index() == order);
    let table = Table {
        columns: &heads,
        rows: rows.collect(),
        first: visible.start,
        total: processes.list.counts().0,
        selected: processes.list.selected_index(),
        order: order.map(|order| (order, descending)),
        matched: processes.list.filtering().matched(),
        focused,
    };
    let drawn = table.render(area, buf, cx.look);
    for (area, row) in drawn.rows {
        hits.add(area, Target::Row(row));
    }
    for (area, head) in drawn.heads {
        if let Some((column, _)) = shown.get(head) {
            hits.add(area, Target::ColumnHead(column.index()));
        }
    }
}

/// What stands in place of the processes.
fn draw_none(cx: &Context<'_>, source_is_giving: bool, area: Rect, buf: &mut Buffer) {
    if cx.is_past && source_is_giving {
        return past::rows_forgotten(cx, "Processes", area, buf);
    }
    let notice = Notice {
        kind: NoticeKind::Waiting,
        title: "Waiting for the first list of processes".to_owned(),
        lines: Vec::new(),
    };
    notice.render(area, buf, cx.look);
}

/// The columns at this width; that of the containers only where there are any.
fn columns(width: u16, has_containers: bool) -> Vec<(ProcessColumn, Column)> {
    use ProcessColumn as P;
    let of = |column: P, width, align, worth| {
        let head = Column {
            title: COLUMNS[column.index()],
            width,
            grow: column == P::Command,
            align,
            worth,
        };
        (column, head)
    };
    let mut columns = vec![
        of(P::Pid, 7, Align::Right, 0),
        of(P::User, 10, Align::Left, 1),
        of(P::State, 1, Align::Left, 9),
        of(P::Nice, 3, Align::Right, 10),
        of(P::Cpu, 6, Align::Right, 0),
        of(P::Memory, 5, Align::Right, 2),
        of(P::Resident, 6, Align::Right, 3),
        of(P::Read, 7, Align::Right, 4),
        of(P::Written, 7, Align::Right, 5),
        of(P::Threads, 4, Align::Right, 6),
        of(P::Time, 9, Align::Right, 7),
        of(P::Container, 12, Align::Left, 8),
        // The least that a command is worth reading at; wider screens give it more before columns come.
        of(P::Command, (width / 4).clamp(16, 60), Align::Left, 0),
    ];
    columns.retain(|(column, _)| has_containers || *column != P::Container);
    columns
}

fn cell<'a>(
    cx: &Context<'_>,
    column: ProcessColumn,
    process: &'a Process,
    branch: Branch,
) -> Cell<'a> {
    let identity = &process.identity;
    match column {
        ProcessColumn::Pid => text(identity.key.pid.to_string(), Role::Text),
        ProcessColumn::User => text(&*identity.user, Role::Text),
        ProcessColumn::State => text(
            process.state.letter().to_string(),
            state_role(process.state),
        ),
        ProcessColumn::Nice => whole(process.nice, 0),
        ProcessColumn::Cpu => number(process.cpu_percent),
        ProcessColumn::Memory => number(Some(process.memory_percent)),
        ProcessColumn::Resident => bytes(cx, Some(process.resident_bytes as f64)),
        ProcessColumn::Read => bytes(cx, process.read_bytes_per_sec),
        ProcessColumn::Written => bytes(cx, process.write_bytes_per_sec),
        ProcessColumn::Threads => whole(process.threads, 1),
        ProcessColumn::Time => text(time_text(process.cpu_time), Role::Text),
        ProcessColumn::Container => match &identity.container {
            Some(container) => text(&**container, Role::Text),
            None => text(UNKNOWN, Role::Dim),
        },
        ProcessColumn::Command => {
            command(process, branch.prefix(cx.look.symbols == Symbols::Ascii))
        }
    }
}

fn text<'a>(words: impl Into<Cow<'a, str>>, role: Role) -> Cell<'a> {
    Cell::Text(words.into(), role)
}

/// Whether a column tells who a process is, which stays known while the source of the figures is silent.
fn is_name(column: ProcessColumn) -> bool {
    matches!(
        column,
        ProcessColumn::Pid
            | ProcessColumn::User
            | ProcessColumn::Container
            | ProcessColumn::Command
    )
}

/// A whole number; the `usual` one is quiet.
fn whole<'a, N: ToString + PartialEq>(value: Option<N>, usual: N) -> Cell<'a> {
    match value {
        Some(value) if value != usual => text(value.to_string(), Role::Text),
        Some(value) => text(value.to_string(), Role::Dim),
        None => text(UNKNOWN, Role::Dim),
    }
}

fn state_role(state: ProcessState) -> Role {
    match state {
        ProcessState::Running => Role::Ok,
        ProcessState::Blocked | ProcessState::Zombie => Role::Warning,
        _ => Role::Dim,
    }
}

/// A percentage without its sign, as the column's title has it.
fn number(value: Option<f64>) -> Cell<'static> {
    match value {
        None => text(UNKNOWN, Role::Dim),
        Some(value) if value >= 999.95 => text(format!("{value:.0}"), Role::Bright),
        Some(value) => text(
            format!("{value:.1}"),
            if value < 0.05 {
                Role::Dim
            } else {
                Role::Bright
            },
        ),
    }
}

fn bytes(cx: &Context<'_>, value: Option<f64>) -> Cell<'static> {
    let role = match value {
        Some(value) if value >= 0.5 => Role::Text,
        _ => Role::Dim,
    };
    text(cx.look.format.value(Unit::Bytes, value), role)
}

/// CPU time as `ps` and `top` write it: `1:02.11`, `12h03:11`, `41d03h`.
#[must_use]
pub fn time_text(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..3600 => format!(
            "{}:{:02}.{:02}",
            seconds / 60,
            seconds % 60,
            time.subsec_millis() / 10
        ),
        3600..360_000 => format!(
            "{}h{:02}:{:02}",
            seconds / 3600,
            seconds % 3600 / 60,
            seconds % 60
        ),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// The command line with the program's name bright, its path and arguments dim.
fn command(process: &Process, prefix: String) -> Cell<'_> {
    let identity = &process.identity;
    let mut parts: Vec<(Cow<'_, str>, Role)> = Vec::with_capacity(4);
    if !prefix.is_empty() {
        parts.push((prefix.into(), Role::Border));
    }
    if identity.is_kernel {
        parts.push(((&*identity.command).into(), Role::Dim));
        return Cell::Parts(parts);
    }
    let (path, name, arguments) = command_parts(&identity.command);
    for (part, role) in [
        (path, Role::Dim),
        (name, Role::Bright),
        (arguments, Role::Dim),
    ] {
        if !part.is_empty() {
            parts.push((part.into(), role));
        }
    }
    Cell::Parts(parts)
}

/// Path, name and arguments of a command line.
fn command_parts(command: &str) -> (&str, &str, &str) {
    let program_end = command.find(' ').unwrap_or(command.len());
    let (program, arguments) = command.split_at(program_end);
    let name_start = program.rfind('/').map_or(0, |slash| slash + 1);
    let (path, name) = program.split_at(name_start);
    (path, name, arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_stands_out_of_its_command() {
        assert_eq!(
            command_parts("/usr/bin/python3 -m http /srv/x"),
            ("/usr/bin/", "python3", " -m http /srv/x")
        );
        assert_eq!(
            command_parts("postgres: app orders"),
            ("", "postgres:", " app orders")
        );
        assert_eq!(command_parts(""), ("", "", ""));
        assert_eq!(command_parts("日本/語 🚀"), ("日本/", "語", " 🚀"));
    }

    #[test]
    fn times_fit_their_column() {
        for (seconds, written) in [
            (62.11, "1:02.11"),
            (3599.9, "59:59.90"),
            (43_391.0, "12h03:11"),
            (3_553_200.0, "41d03h"),
        ] {
            let time = time_text(Duration::from_secs_f64(seconds));
            assert_eq!(time, written);
            assert!(time.len() <= 9);
        }
    }
}
