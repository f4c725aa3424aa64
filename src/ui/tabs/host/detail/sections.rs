//! The sub-lists of a process's detail: their columns and rows.

use crate::model::format::{UNKNOWN, duration};
use crate::model::process::{CgroupUse, Told};
use crate::model::{Formatter, ProcessDetail, Unit};
use crate::ui::tabs::list::ListState;
use crate::ui::widgets::{Align, Column};

/// A sub-list.
pub struct Section {
    columns: &'static [&'static str],
    /// Widths; the last column takes what is left.
    widths: &'static [u16],
    /// The columns with numbers.
    numbers: &'static [usize],
    /// The columns that begin at A.
    texts: &'static [usize],
    /// The column it is ordered by at first; beyond the last one keeps the order of the source.
    order: (usize, bool),
}

/// A row of a sub-list, already text; numbers to order by stand beside it.
#[derive(Debug, Clone)]
pub struct SectionRow {
    /// Its identity.
    pub id: u64,
    /// A text a column.
    pub cells: Vec<String>,
    /// The number of a column that is ordered by number.
    pub number: Option<(usize, f64)>,
}

/// The titles of the sub-lists.
pub const TITLES: [&str; 7] = [
    "Threads",
    "Files",
    "Sockets",
    "Limits",
    "Control group",
    "Environment",
    "Parents",
];

/// Stands for "as the source has it".
const AS_IT_COMES: usize = 99;

/// The sub-lists in the order of their titles.
pub const SECTIONS: [Section; 7] = [
    section(
        &["TID", "S", "CPU%", "NAME"],
        &[8, 9, 6, 10],
        &[0, 2],
        &[0, 1, 3],
        (2, true),
    ),
    section(
        &["FD", "KIND", "TARGET"],
        &[6, 8, 10],
        &[0],
        &[0, 1, 2],
        (0, false),
    ),
    section(
        &["PROTO", "STATE", "LOCAL", "REMOTE"],
        &[6, 12, 30, 10],
        &[],
        &[0, 1, 2, 3],
        (AS_IT_COMES, false),
    ),
    section(
        &["LIMIT", "SOFT", "HARD"],
        &[26, 20, 10],
        &[],
        &[0, 1, 2],
        (AS_IT_COMES, false),
    ),
    section(
        &["WHAT", "VALUE"],
        &[22, 10],
        &[],
        &[0, 1],
        (AS_IT_COMES, false),
    ),
    section(&["NAME"], &[10], &[], &[0], (0, false)),
    section(
        &["PID", "NAME"],
        &[8, 10],
        &[0],
        &[0, 1],
        (AS_IT_COMES, false),
    ),
];

const fn section(
    columns: &'static [&'static str],
    widths: &'static [u16],
    numbers: &'static [usize],
    texts: &'static [usize],
    order: (usize, bool),
) -> Section {
    Section {
        columns,
        widths,
        numbers,
        texts,
        order,
    }
}

impl Section {
    /// An empty list of this section.
    #[must_use]
    pub fn list(&self) -> ListState<u64> {
        ListState::new(self.columns, self.order.0, self.order.1).with_text_columns(self.texts)
    }

    /// The columns as they are drawn.
    #[must_use]
    pub fn heads(&self) -> Vec<Column> {
        let columns = self.columns.iter().zip(self.widths).enumerate();
        let heads = columns.map(|(index, (title, width))| Column {
            title,
            width: *width,
            grow: index + 1 == self.columns.len(),
            align: if self.numbers.contains(&index) {
                Align::Right
            } else {
                Align::Left
            },
            worth: 0,
        });
        heads.collect()
    }
}

/// The sub-lists of a detail that may not have come yet.
pub struct Sections<'a>(pub Option<&'a ProcessDetail>);

impl Sections<'_> {
    /// How many rows a sub-list has in all; `None` while that is not known.
    #[must_use]
    pub fn count(&self, section: usize) -> Option<usize> {
        let detail = self.0?;
        match section {
            0 => detail.threads.as_ref().ok().map(Vec::len),
            1 => detail
                .file_count
                .or(detail.files.as_ref().ok().map(Vec::len)),
            2 => detail.sockets.as_ref().ok().map(Vec::len),
            3 => detail.limits.as_ref().ok().map(Vec::len),
            5 => detail.environment.as_ref().ok().map(Vec::len),
            6 => Some(detail.parents.len()),
            _ => None,
        }
    }

    /// Why a sub-list can't be shown.
    #[must_use]
    pub fn refused(&self, section: usize) -> Option<&str> {
        let detail = self.0?;
        match section {
            0 => why(&detail.threads),
            1 => why(&detail.files),
            2 => why(&detail.sockets),
            3 => why(&detail.limits),
            4 => why(&detail.cgroup),
            5 => why(&detail.environment),
            _ => None,
        }
    }

    /// The rows of a sub-list, as the source has them.
    #[must_use]
    pub fn rows(&self, section: usize) -> Vec<SectionRow> {
        let Some(detail) = self.0 else {
            return Vec::new();
        };
        match section {
            0 => threads(detail),
            1 => files(detail),
            2 => sockets(detail),
            3 => limits(detail),
            4 => numbered(detail.cgroup.iter().flat_map(cgroup)),
            5 => numbered(
                detail
                    .environment
                    .iter()
                    .flatten()
                    .map(|name| vec![name.clone()]),
            ),
            _ => parents(detail),
        }
    }
}

fn why<T>(part: &Told<T>) -> Option<&str> {
    part.as_ref().err().map(String::as_str)
}

fn threads(detail: &ProcessDetail) -> Vec<SectionRow> {
    let rows = detail.threads.iter().flatten().map(|thread| SectionRow {
        id: u64::from(thread.tid),
        cells: vec![
            thread.tid.to_string(),
            thread.state.word().to_owned(),
            thread
                .cpu_percent
                .map_or_else(|| UNKNOWN.to_owned(), |cpu| format!("{cpu:.1}")),
            thread.name.clone(),
        ],
        number: thread.cpu_percent.map(|cpu| (2, cpu)),
    });
    rows.collect()
}

fn files(detail: &ProcessDetail) -> Vec<SectionRow> {
    let rows = detail.files.iter().flatten().map(|file| SectionRow {
        id: u64::from(file.fd),
        cells: vec![
            file.fd.to_string(),
            file.kind.to_owned(),
            file.target.clone(),
        ],
        number: None,
    });
    rows.collect()
}

fn sockets(detail: &ProcessDetail) -> Vec<SectionRow> {
    numbered(detail.sockets.iter().flatten().map(|socket| {
        vec![
            socket.protocol.to_owned(),
            socket.state.unwrap_or(UNKNOWN).to_owned(),
            socket.local.clone(),
            socket.remote.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
        ]
    }))
}

fn limits(detail: &ProcessDetail) -> Vec<SectionRow> {
    numbered(
        detail
            .limits
            .iter()
            .flatten()
            .map(|limit| vec![limit.name.clone(), limit.soft.clone(), limit.hard.clone()]),
    )
}

/// From the first ancestor down, each one step further in; numbers stay the order of the walk.
fn parents(detail: &ProcessDetail) -> Vec<SectionRow> {
    let rows = detail.parents.iter().rev().enumerate();
    let rows = rows.map(|(depth, (pid, name))| SectionRow {
        id: u64::from(*pid),
        cells: vec![pid.to_string(), indented(depth, name)],
        number: None,
    });
    rows.collect()
}

fn indented(depth: usize, name: &str) -> String {
    match depth.checked_sub(1) {
        None => name.to_owned(),
        Some(steps) => format!("{}└─ {name}", "   ".repeat(steps)),
    }
}

fn cgroup(group: &CgroupUse) -> Vec<Vec<String>> {
    let bytes = |value: Option<u64>, none: &str| match value {
        None => none.to_owned(),
        Some(value) => Formatter::default().value(Unit::Bytes, Some(value as f64)),
    };
    let count = |value: Option<u64>| value.map_or_else(|| UNKNOWN.to_owned(), |v| v.to_string());
    let line = |what: &str, value: String| vec![what.to_owned(), value];
    vec![
        line("path", group.path.clone()),
        line("memory used", bytes(group.memory_bytes, UNKNOWN)),
        line("memory limit", bytes(group.memory_limit_bytes, "no limit")),
        line(
            "CPU limit",
            group.cpu_limit_cores.map_or_else(
                || "no limit".to_owned(),
                |cores| format!("{cores:.2} cores"),
            ),
        ),
        line("scheduling periods", count(group.periods)),
        line("throttled periods", count(group.throttled_periods)),
        line(
            "throttled for",
            group.throttled.map_or_else(|| UNKNOWN.to_owned(), duration),
        ),
        line("out-of-memory kills", count(group.oom_kills)),
    ]
}

fn numbered(rows: impl Iterator<Item = Vec<String>>) -> Vec<SectionRow> {
    let rows = (0..).zip(rows).map(|(id, cells)| SectionRow {
        id,
        cells,
        number: None,
    });
    rows.collect()
}

/// Orders rows by a column: by its number where it has one, else by its text.
pub fn sort(rows: &mut [SectionRow], order: (usize, bool)) {
    let (column, descending) = order;
    if rows.first().is_none_or(|row| column >= row.cells.len()) {
        return;
    }
    let number = |row: &SectionRow| match row.number {
        Some((known, number)) if known == column => Some(number),
        _ => row.cells[column].parse().ok(),
    };
    rows.sort_by(|a, b| {
        let order = match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), None) => std::cmp::Ordering::Greater,
            (None, Some(_)) => std::cmp::Ordering::Less,
            (None, None) => a.cells[column].cmp(&b.cells[column]),
        };
        if descending { order.reverse() } else { order }
    });
}
