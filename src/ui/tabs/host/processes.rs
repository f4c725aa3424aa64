//! The process list: which rows are shown, in which order.

use std::fmt::Write;
use std::sync::Arc;

use super::tree::{self, Branch};
use crate::model::{Frame, Process, ProcessKey, ProcessState};
use crate::ui::tabs::List;
use crate::ui::tabs::list::{ListState, by_number, by_text};

/// The columns of the table by their index in [`COLUMNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessColumn {
    /// The number.
    Pid,
    /// Who runs it.
    User,
    /// The letter of its state.
    State,
    /// Nice value.
    Nice,
    /// CPU, percent of a core.
    Cpu,
    /// Share of the memory.
    Memory,
    /// Resident memory.
    Resident,
    /// Bytes read a second.
    Read,
    /// Bytes written a second.
    Written,
    /// Threads.
    Threads,
    /// CPU time used.
    Time,
    /// The container.
    Container,
    /// The command line.
    Command,
}

impl ProcessColumn {
    /// All of them in the order of their titles.
    pub const ALL: [Self; 13] = [
        Self::Pid,
        Self::User,
        Self::State,
        Self::Nice,
        Self::Cpu,
        Self::Memory,
        Self::Resident,
        Self::Read,
        Self::Written,
        Self::Threads,
        Self::Time,
        Self::Container,
        Self::Command,
    ];

    /// Its index in [`COLUMNS`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// The titles of the columns.
pub const COLUMNS: &[&str] = &[
    "PID",
    "USER",
    "S",
    "NI",
    "CPU%",
    "MEM%",
    "RES",
    "READ/s",
    "WRITE/s",
    "THR",
    "TIME+",
    "CONTAINER",
    "COMMAND",
];

const TEXT_COLUMNS: &[usize] = &[
    ProcessColumn::Pid as usize,
    ProcessColumn::User as usize,
    ProcessColumn::Container as usize,
    ProcessColumn::Command as usize,
];

/// What was chosen of the process list, and the rows of the frame in that order.
#[derive(Debug)]
pub struct ProcessList {
    /// Selection, order, filter, marks.
    pub list: ListState<ProcessKey>,
    /// Whether children hang under their parents.
    pub is_tree: bool,
    table: Option<Arc<Vec<Arc<Process>>>>,
    order: Vec<usize>,
    branches: Vec<Branch>,
    running: usize,
    has_containers: bool,
}

impl ProcessList {
    /// The list before the first frame: ordered by CPU.
    #[must_use]
    pub fn new() -> Self {
        Self {
            list: ListState::new(COLUMNS, ProcessColumn::Cpu.index(), true)
                .with_text_columns(TEXT_COLUMNS),
            is_tree: false,
            table: None,
            order: Vec::new(),
            branches: Vec::new(),
            running: 0,
            has_containers: false,
        }
    }

    /// Takes the processes of a frame.
    pub fn refresh(&mut self, frame: &Frame) {
        self.table.clone_from(&frame.tables.processes);
        let Some(table) = self.table.clone() else {
            self.order.clear();
            self.branches.clear();
            self.list.arrange(Vec::new(), 0);
            return;
        };
        self.running = table
            .iter()
            .filter(|process| process.state == ProcessState::Running)
            .count();
        self.has_containers = table
            .iter()
            .any(|process| process.identity.container.is_some());
        let shown = self.filtered(&table);
        self.order = self.sorted(&table, &shown);
        self.branches.clear();
        if self.is_tree {
            (self.order, self.branches) = tree::arrange(&table, &self.order);
        }
        let keys = self.order.iter().map(|row| table[*row].key()).collect();
        self.list.arrange(keys, table.len());
        if self.list.mark_count() > 0 {
            self.list.keep_marks(|key| find(&table, *key).is_some());
        }
    }

    fn filtered(&self, table: &[Arc<Process>]) -> Vec<usize> {
        let filter = self.list.filtering();
        if filter.passes_all() {
            return (0..table.len()).collect();
        }
        let mut pid = String::new();
        let passes = |process: &Process, pid: &mut String| {
            pid.clear();
            // Writing to a String does not fail.
            let _ = write!(pid, "{}", process.key().pid);
            let identity = &process.identity;
            let container = identity.container.as_deref().unwrap_or_default();
            filter.passes([
                pid.as_str(),
                &identity.user,
                &identity.name,
                &identity.command,
                container,
            ])
        };
        (0..table.len())
            .filter(|row| passes(&table[*row], &mut pid))
            .collect()
    }

    fn sorted(&self, table: &[Arc<Process>], shown: &[usize]) -> Vec<usize> {
        let (column, descending) = self.list.order();
        let column = ProcessColumn::ALL[column.min(COLUMNS.len() - 1)];
        let tie = |row: usize| busiest_first(&table[shown[row]]);
        let order = match text_of(column) {
            Some(text) => by_text(shown.len(), descending, |row| text(&table[shown[row]]), tie),
            None => {
                let number = |row: usize| number_of(column, &table[shown[row]]);
                by_number(shown.len(), descending, number, tie)
            }
        };
        order.into_iter().map(|row| shown[row]).collect()
    }

    /// Whether the frame remembers processes.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.table.is_some()
    }

    /// How many of all processes run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }

    /// Whether any process runs in a container.
    #[must_use]
    pub fn has_containers(&self) -> bool {
        self.has_containers
    }

    /// The process at an index of the list, and where it hangs in the tree.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<(&Arc<Process>, Branch)> {
        let row = *self.order.get(index)?;
        let branch = self.branches.get(index).copied().unwrap_or_default();
        Some((self.table.as_ref()?.get(row)?, branch))
    }

    /// The process with this identity.
    #[must_use]
    pub fn find(&self, key: ProcessKey) -> Option<&Arc<Process>> {
        find(self.table.as_ref()?, key)
    }

    /// The selected process.
    #[must_use]
    pub fn selected(&self) -> Option<&Arc<Process>> {
        self.find(*self.list.selected()?)
    }

    /// The marked processes by PID; the selected one when none is marked.
    #[must_use]
    pub fn chosen(&self) -> Vec<&Arc<Process>> {
        if self.list.mark_count() == 0 {
            return self.selected().into_iter().collect();
        }
        let table = self.table.as_deref().map_or(&[][..], Vec::as_slice);
        table
            .iter()
            .filter(|process| self.list.is_marked(&process.key()))
            .collect()
    }

    /// How many of the chosen processes the filter hides.
    #[must_use]
    pub fn chosen_but_not_shown(&self) -> usize {
        let shown = self.list.rows();
        let chosen = self.chosen().into_iter();
        chosen
            .filter(|process| !shown.contains(&process.key()))
            .count()
    }
}

fn find(table: &[Arc<Process>], key: ProcessKey) -> Option<&Arc<Process>> {
    let row = table
        .binary_search_by_key(&key.pid, |process| process.key().pid)
        .ok()?;
    Some(&table[row]).filter(|process| process.key() == key)
}

type TextOf = fn(&Process) -> &str;

fn text_of(column: ProcessColumn) -> Option<TextOf> {
    Some(match column {
        ProcessColumn::User => |process| &process.identity.user,
        ProcessColumn::Container => {
            |process| process.identity.container.as_deref().unwrap_or_default()
        }
        ProcessColumn::Command => |process| &process.identity.command,
        _ => return None,
    })
}

fn number_of(column: ProcessColumn, process: &Process) -> Option<f64> {
    match column {
        ProcessColumn::Pid => Some(f64::from(process.key().pid)),
        // Running first: the order of the states is the order of how much one wants to see them.
        ProcessColumn::State => Some(-f64::from(process.state as u8)),
        ProcessColumn::Nice => process.nice.map(f64::from),
        ProcessColumn::Cpu => process.cpu_percent,
        ProcessColumn::Memory => Some(process.memory_percent),
        ProcessColumn::Resident => Some(process.resident_bytes as f64),
        ProcessColumn::Read => process.read_bytes_per_sec,
        ProcessColumn::Written => process.write_bytes_per_sec,
        ProcessColumn::Threads => process.threads.map(f64::from),
        ProcessColumn::Time => Some(process.cpu_time.as_secs_f64()),
        ProcessColumn::User | ProcessColumn::Container | ProcessColumn::Command => None,
    }
}

/// Orders rows that are equal otherwise: those that have used the most CPU time first, then by number. Most rows of a
/// quiet machine show 0.0; in this order one that wakes for a tick moves past the few that wake too, and not past all,
/// so the eye (and a slow link) has a still list.
fn busiest_first(process: &Process) -> u64 {
    let hundredths = u32::try_from(process.cpu_time.as_millis() / 10).unwrap_or(u32::MAX);
    u64::from(u32::MAX - hundredths) << 32 | u64::from(process.key().pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::tabs::testing::{noon, process};

    fn frame(processes: Vec<Process>) -> Frame {
        let mut frame = Frame::empty(noon());
        frame.tables.processes = Some(Arc::new(processes.into_iter().map(Arc::new).collect()));
        frame
    }

    fn pids(list: &ProcessList) -> Vec<u32> {
        list.list.rows().iter().map(|key| key.pid).collect()
    }

    fn three() -> Frame {
        frame(vec![
            process(1, 0, "root", None, "/sbin/init"),
            process(20, 1, "postgres", Some(61.2), "postgres: app orders"),
            process(300, 20, "app", Some(2.0), "python -m uvicorn"),
        ])
    }

    #[test]
    fn every_column_orders_and_unknown_is_last() {
        let mut list = ProcessList::new();
        list.refresh(&three());
        assert_eq!(pids(&list), [20, 300, 1]);
        list.list.reverse();
        list.refresh(&three());
        assert_eq!(pids(&list), [300, 20, 1]);
        for (column, title) in COLUMNS.iter().enumerate() {
            list.list.sort_by(column);
            list.refresh(&three());
            assert_eq!(pids(&list).len(), 3, "{title}");
        }
        list.list.sort_by(ProcessColumn::User.index());
        list.refresh(&three());
        assert_eq!(pids(&list), [300, 20, 1], "app, postgres, root");
    }

    #[test]
    fn the_filter_looks_at_number_user_name_command_and_container() {
        let mut list = ProcessList::new();
        for (filter, found) in [
            ("30", vec![300]),
            ("ORDERS", vec![20]),
            ("!app", vec![1]),
            ("~^/sbin", vec![1]),
        ] {
            list.list.set_filter(filter);
            list.refresh(&three());
            assert_eq!(pids(&list), found, "{filter}");
        }
        assert_eq!(list.list.counts(), (1, 3));
    }

    #[test]
    fn marks_of_processes_that_ended_are_forgotten() {
        let mut list = ProcessList::new();
        list.refresh(&three());
        list.list.toggle_mark();
        list.list.toggle_mark();
        assert_eq!(list.chosen().len(), 2);
        list.refresh(&frame(vec![process(1, 0, "root", None, "/sbin/init")]));
        assert_eq!(list.list.mark_count(), 0);
        assert_eq!(list.chosen()[0].key().pid, 1);
    }
}
