//! The process that is open: what is known of it, its charts, and the sub-lists of its detail.

mod draw;
mod sections;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::deeds;
use crate::model::{Process, ProcessDetail, ProcessKey, Timestamp};
use crate::ui::tabs::list::ListState;
use crate::ui::tabs::{Context, Hits, List};
use sections::{SECTIONS, Section, SectionRow, Sections};

/// What was chosen in the detail of a process, and what is known of it.
#[derive(Debug)]
pub struct OpenProcess {
    key: ProcessKey,
    /// The newest row that was seen of it, and when.
    last: Option<(Arc<Process>, Timestamp)>,
    is_gone: bool,
    /// Whether the moment that is shown is one of the past.
    is_past: bool,
    detail: Option<Arc<ProcessDetail>>,
    section: usize,
    lists: Vec<ListState<u64>>,
    rows: Vec<SectionRow>,
}

impl OpenProcess {
    /// Opens a process; the row is what is known of it at once.
    #[must_use]
    pub fn new(key: ProcessKey) -> Self {
        Self {
            key,
            last: None,
            is_gone: false,
            is_past: false,
            detail: None,
            section: 0,
            lists: SECTIONS.iter().map(Section::list).collect(),
            rows: Vec::new(),
        }
    }

    /// Which process it is.
    #[must_use]
    pub fn key(&self) -> ProcessKey {
        self.key
    }

    /// Its newest row.
    #[must_use]
    pub fn process(&self) -> Option<&Arc<Process>> {
        self.last.as_ref().map(|(process, _)| process)
    }

    /// Its row at the moment that is shown.
    fn row_at(&self, at: Timestamp) -> Option<&Process> {
        let (row, seen) = self.last.as_ref()?;
        let is_of_then = *seen == at || !self.is_past;
        (is_of_then && !self.is_gone).then_some(row)
    }

    /// How it is called: `postgres (8121)`.
    #[must_use]
    pub fn name(&self) -> String {
        self.process().map_or_else(
            || format!("({})", self.key.pid),
            |process| deeds::name(process),
        )
    }

    /// Whether it can still be acted on.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.is_gone
    }

    /// Takes what a frame knows of it; `row` is its row there.
    pub fn refresh(&mut self, cx: &Context<'_>, row: Option<&Arc<Process>>) {
        let frame = cx.frame;
        self.is_past = cx.is_past;
        match row {
            Some(row) => {
                self.last = Some((row.clone(), frame.at));
                self.is_gone = false;
            }
            None => self.is_gone = frame.tables.processes.is_some(),
        }
        let detail = frame.tables.process_detail.as_ref();
        match detail.filter(|detail| detail.key == self.key) {
            Some(detail) => self.detail = Some(detail.clone()),
            // What was read at another moment says nothing of this one.
            None if self.is_past => self.detail = None,
            None => {}
        }
        self.arrange();
    }

    fn arrange(&mut self) {
        let list = &mut self.lists[self.section];
        let sections = Sections(self.detail.as_deref());
        let all = sections.rows(self.section);
        let total = all.len();
        let filter = list.filtering();
        let mut rows: Vec<SectionRow> = all
            .into_iter()
            .filter(|row| filter.passes(row.cells.iter().map(String::as_str)))
            .collect();
        sections::sort(&mut rows, list.order());
        list.arrange(rows.iter().map(|row| row.id).collect(), total);
        self.rows = rows;
    }

    /// The titles of the sub-lists, and which is shown.
    #[must_use]
    pub fn sub_lists(&self) -> (&[&'static str], usize) {
        (&sections::TITLES, self.section)
    }

    /// Shows another sub-list.
    pub fn show(&mut self, section: usize) {
        if section < SECTIONS.len() {
            self.section = section;
            self.arrange();
        }
    }

    /// The sub-list that is shown.
    pub fn list(&mut self) -> &mut dyn List {
        &mut self.lists[self.section]
    }

    /// The selected row of the sub-list as text.
    #[must_use]
    pub fn row_text(&self) -> Option<String> {
        let row = self.rows.get(self.lists[self.section].selected_index()?)?;
        Some(row.cells.join("  "))
    }

    /// Shows it.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        draw::draw(self, cx, area, buf, hits);
    }
}
