//! The Host tab: CPU, memory, network, disks and sensors above the processes, and the detail of one process.

mod cpu;
mod deeds;
mod detail;
mod disks;
mod draw;
mod facts;
mod history;
mod layout;
mod memory;
mod network;
mod process_table;
mod processes;
mod sensors;
mod tree;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Context, DeedMenu, Hits, Jump, List, Route, RowId, Tab};
use crate::model::command::Signal;
use crate::model::{Focus, Frame};
use detail::OpenProcess;
use layout::HostPanel;
use processes::{ProcessColumn, ProcessList};

/// The title of the tab.
const TITLE: &str = "Host";

/// Turns the tree of processes on and off.
const TREE: &str = "tree";
/// Orders the processes by CPU, the busiest first.
const BY_CPU: &str = "sort-by-cpu";
/// Orders the processes by memory, the largest first.
const BY_MEMORY: &str = "sort-by-memory";

/// What was chosen on the Host tab.
#[derive(Debug)]
pub struct HostTab {
    signals: &'static [Signal],
    processes: ProcessList,
    open: Option<OpenProcess>,
    has_sensors: bool,
    /// Whether another panel fills the tab.
    hides_list: bool,
}

impl HostTab {
    /// The tab before the first frame; `signals` are those that its menu offers.
    #[must_use]
    pub fn new(signals: &'static [Signal]) -> Self {
        Self {
            signals,
            processes: ProcessList::new(),
            open: None,
            has_sensors: false,
            hides_list: false,
        }
    }

    /// Whether the process table is on the screen.
    fn shows_list(&self) -> bool {
        self.open.is_none() && !self.hides_list
    }

    fn sort(&mut self, column: ProcessColumn) {
        let list = &mut self.processes.list;
        if list.order().0 != column.index() {
            list.sort_by(column.index());
        }
        if !list.order().1 {
            list.reverse();
        }
    }
}

impl Tab for HostTab {
    fn title(&self) -> &'static str {
        TITLE
    }

    fn panels(&self) -> &[&'static str] {
        match (&self.open, self.has_sensors) {
            (Some(_), _) => &[],
            (None, true) => &HostPanel::TITLES,
            (None, false) => &HostPanel::TITLES[..HostPanel::Sensors.index()],
        }
    }

    fn first_focus(&self) -> usize {
        HostPanel::Processes.index()
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        self.hides_list = cx.zoomed && HostPanel::at(cx.focus) != HostPanel::Processes;
        self.processes.refresh(cx.frame);
        self.has_sensors = sensors::Sensors::of(cx).has_any();
        if let Some(open) = &mut self.open {
            let row = self.processes.find(open.key());
            open.refresh(cx, row);
        }
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        match &self.open {
            Some(open) => open.draw(cx, area, buf, hits),
            None if cx.zoomed => draw::zoomed(self, cx, area, buf, hits),
            None => draw::panels(self, cx, area, buf, hits),
        }
    }

    fn list(&mut self) -> Option<&mut dyn List> {
        match &mut self.open {
            Some(open) => Some(open.list()),
            None if self.hides_list => None,
            None => Some(&mut self.processes.list),
        }
    }

    fn sub_lists(&self) -> (&[&'static str], usize) {
        self.open.as_ref().map_or((&[], 0), |open| open.sub_lists())
    }

    fn show_sub_list(&mut self, index: usize) {
        if let Some(open) = &mut self.open {
            open.show(index);
        }
    }

    fn open(&mut self, cx: &Context<'_>) -> bool {
        let hides_the_list = cx.zoomed && HostPanel::at(cx.focus) != HostPanel::Processes;
        if self.open.is_some() || hides_the_list {
            return false;
        }
        let Some(key) = self.processes.list.selected().copied() else {
            return false;
        };
        let mut open = OpenProcess::new(key);
        open.refresh(cx, self.processes.find(key));
        self.open = Some(open);
        true
    }

    fn back(&mut self) -> bool {
        self.open.take().is_some()
    }

    fn go_to(&mut self, row: &RowId, cx: &Context<'_>) -> bool {
        let RowId::Process(key) = row else {
            return false;
        };
        let Some(process) = self.processes.find(*key) else {
            return false;
        };
        let mut open = OpenProcess::new(*key);
        open.refresh(cx, Some(process));
        self.open = Some(open);
        let _ = self.processes.list.select(key);
        true
    }

    fn crumbs(&self) -> Vec<String> {
        self.open.iter().map(OpenProcess::name).collect()
    }

    fn actions(&self) -> &'static [&'static str] {
        if self.shows_list() {
            &[TREE, BY_CPU, BY_MEMORY]
        } else {
            &[]
        }
    }

    fn act(&mut self, action: &str, cx: &Context<'_>) -> Option<String> {
        match action {
            TREE => self.processes.is_tree = !self.processes.is_tree,
            BY_CPU => self.sort(ProcessColumn::Cpu),
            BY_MEMORY => self.sort(ProcessColumn::Memory),
            _ => return None,
        }
        self.refresh(cx);
        None
    }

    fn focus(&self) -> Focus {
        self.open
            .as_ref()
            .map_or(Focus::None, |open| Focus::Process(open.key()))
    }

    fn can_act(&self) -> bool {
        match &self.open {
            Some(open) => open.is_alive(),
            None => !self.hides_list && !self.processes.chosen().is_empty(),
        }
    }

    fn deeds(&self, cx: &Context<'_>) -> Option<DeedMenu> {
        if cx.locked.is_some() {
            return None;
        }
        match &self.open {
            Some(open) if open.is_alive() => {
                let process = open.process()?;
                deeds::menu(self.signals, &[process], 0)
            }
            Some(_) => None,
            None if self.hides_list => None,
            None => deeds::menu(
                self.signals,
                &self.processes.chosen(),
                self.processes.chosen_but_not_shown(),
            ),
        }
    }

    fn jumps(&self, frame: &Frame) -> Vec<Jump> {
        let processes = frame.tables.processes.iter().flat_map(|table| table.iter());
        let jumps = processes.map(|process| Jump {
            title: format!("process {} {}", process.key().pid, process.identity.command),
            route: Route::Row(TITLE, RowId::Process(process.key())),
        });
        jumps.collect()
    }

    fn row_text(&self, _cx: &Context<'_>) -> Option<String> {
        if let Some(open) = &self.open {
            return open.row_text();
        }
        let process = self.processes.selected().filter(|_| !self.hides_list)?;
        let identity = &process.identity;
        Some(format!(
            "{} {} {}",
            identity.key.pid, identity.user, identity.command
        ))
    }
}

#[cfg(test)]
mod tests;
