//! The tabs: one folder each, and one line in [`all`].
//!
//! A tab keeps only what a person chose (selection, order, filter, what is open). [`Tab::refresh`] brings that and a frame
//! together; [`Tab::draw`] shows it and changes nothing. No tab knows where a frame came from.

pub mod alerts;
pub mod api;
pub mod cache;
pub mod host;
pub mod list;
mod notices;
mod past;
pub mod pen;
mod plot;
pub mod queries;
mod sheet;
mod sheet_tab;
mod sheets;
pub mod source;
#[cfg(test)]
pub mod story;
#[cfg(test)]
pub mod testing;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::theme::Look;
use crate::feed::{Feed, Window};
pub use crate::model::Range;
use crate::model::command::Signal;
use crate::model::{Command, Focus, Frame, ProcessKey, Severity, Timestamp};

/// What a tab is given to look at.
pub struct Context<'a> {
    /// The frame that is shown: the newest, the paused one or one of the past.
    pub frame: &'a Frame,
    /// For history only.
    pub feed: &'a dyn Feed,
    /// Colours, symbols and formats.
    pub look: &'a Look,
    /// How much time charts show.
    pub range: Range,
    /// Which of [`Tab::panels`] has the keys.
    pub focus: usize,
    /// Whether that panel fills the tab.
    pub zoomed: bool,
    /// Whether what is shown was kept, and is not what the sources bring now.
    pub is_past: bool,
    /// Whether nothing may be killed or changed, and why.
    pub locked: Option<&'a str>,
}

impl Context<'_> {
    /// The window of a chart with `points` points that shows the chosen range up to the frame's moment.
    #[must_use]
    pub fn window(&self, points: usize) -> Window {
        Window::ending(self.frame.at, self.range.span(), points, self.frame.tick)
    }

    /// Whether the panel with this index is not on the screen, because another one fills the tab.
    #[must_use]
    pub fn hides(&self, panel: usize) -> bool {
        self.zoomed && self.focus != panel
    }

    /// The moment that is shown.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.frame.at
    }
}

/// What lies under the mouse; written while drawing, read when it is clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The tab with this index.
    Tab(usize),
    /// The panel with this index of the tab shown.
    Panel(usize),
    /// The row with this index of the list shown (in its order, not on the screen).
    Row(usize),
    /// The column with this index of the list shown.
    ColumnHead(usize),
    /// The sub-list with this index.
    SubList(usize),
    /// An action by its name (a word of the footer, a vitals card).
    Action(&'static str),
    /// The row with this index of the dialog that is open.
    DialogRow(usize),
    /// The bar of time; the column says which moment.
    TimeBar,
}

/// Where what was drawn; the last one that holds a position lies on top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    areas: Vec<(Rect, Target)>,
    /// Rows of the list that were visible at once; a page for PgUp and PgDn.
    pub page: usize,
}

impl Hits {
    /// Nothing drawn yet, over a list with so many rows a page.
    #[must_use]
    pub fn with_page(page: usize) -> Self {
        Self {
            areas: Vec::new(),
            page,
        }
    }

    /// Remembers that `target` was drawn in `area`.
    pub fn add(&mut self, area: Rect, target: Target) {
        self.areas.push((area, target));
    }

    /// What lies at a position.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<&Target> {
        let position = Position::new(column, row);
        self.areas
            .iter()
            .rev()
            .find(|(area, _)| area.contains(position))
            .map(|(_, target)| target)
    }
}

/// A list that can be walked, ordered, filtered and marked; see [`list::ListState`] for the one implementation.
pub trait List {
    /// Moves the selection by `rows` (negative is up), stopping at the ends.
    fn move_by(&mut self, rows: isize);
    /// Selects the row with this index in the list's order.
    fn select_index(&mut self, index: usize);
    /// The index of the selected row in the list's order.
    fn selected_index(&self) -> Option<usize>;
    /// Selects the last row.
    fn select_last(&mut self);
    /// The titles of the columns, in the order of [`Target::ColumnHead`].
    fn columns(&self) -> &'static [&'static str];
    /// The column that the list is ordered by, and whether the largest come first.
    fn order(&self) -> (usize, bool);
    /// Orders by a column; the same column again turns the order round.
    fn sort_by(&mut self, column: usize);
    /// Turns the order round.
    fn reverse(&mut self);
    /// The filter as it was typed.
    fn filter(&self) -> &str;
    /// Sets the filter: text; `!text` for not; `~regex`.
    fn set_filter(&mut self, filter: &str);
    /// How many rows are shown, and how many there are.
    fn counts(&self) -> (usize, usize);
    /// Marks the selected row or takes its mark away, and goes on to the next.
    fn toggle_mark(&mut self);
    /// Takes all marks away; whether there were any.
    fn clear_marks(&mut self) -> bool;
}

/// Something that can be done to the rows chosen, as a line of the menu that `x` opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// What it is, `SIGTERM  ask it to end`.
    pub title: String,
    /// The question that repeats what will be done to whom.
    pub question: String,
    /// What is ordered when the answer is yes.
    pub command: Command,
}

/// The menu of `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeedMenu {
    /// To whom, `postgres (8121)`.
    pub title: String,
    /// What can be done.
    pub deeds: Vec<Deed>,
}

/// A place that the palette can jump to.
#[derive(Debug, Clone, PartialEq)]
pub struct Jump {
    /// What the palette shows, `process 8121 postgres: app orders`.
    pub title: String,
    /// Where it leads.
    pub route: Route,
}

/// Where a jump leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// A tab by its title.
    Tab(&'static str),
    /// A row of a tab's list by its identity, opened.
    Row(&'static str, RowId),
}

/// The identity of a row, whatever the tab.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowId {
    /// A process.
    Process(ProcessKey),
    /// Anything that has a name: an endpoint, a statement, a cache, an incident.
    Named(String),
}

/// What stands beside a tab's title when something there is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// How many things are wrong.
    pub count: usize,
    /// How bad the worst is.
    pub severity: Severity,
}

/// One tab.
pub trait Tab {
    /// Its title, unique: `Host`.
    fn title(&self) -> &'static str;

    /// What stands beside the title.
    fn badge(&self, _frame: &Frame) -> Option<Badge> {
        None
    }

    /// The panels that can have the keys and be zoomed, in the order of Tab. Empty while a detail is open.
    fn panels(&self) -> &[&'static str];

    /// The panel that has the keys when the tab is first shown.
    fn first_focus(&self) -> usize {
        0
    }

    /// Brings what was chosen and a frame together. Called before drawing whenever one of them has changed.
    fn refresh(&mut self, cx: &Context<'_>);

    /// Shows it.
    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits);

    /// The list that has the keys; none while another panel fills the tab.
    fn list(&mut self) -> Option<&mut dyn List>;

    /// The titles of the sub-lists and which is shown, where the tab has them.
    fn sub_lists(&self) -> (&[&'static str], usize) {
        (&[], 0)
    }

    /// Shows another sub-list.
    fn show_sub_list(&mut self, _index: usize) {}

    /// Goes deeper (Enter); whether there was anywhere to go.
    fn open(&mut self, _cx: &Context<'_>) -> bool {
        false
    }

    /// Whether a row of the list that is shown leads anywhere.
    fn opens(&self) -> bool {
        true
    }

    /// Comes back from a detail (Esc, q); whether one was open.
    fn back(&mut self) -> bool {
        false
    }

    /// Selects a row by its identity, and opens it.
    fn go_to(&mut self, _row: &RowId, _cx: &Context<'_>) -> bool {
        false
    }

    /// The breadcrumb behind the tab's title.
    fn crumbs(&self) -> Vec<String> {
        Vec::new()
    }

    /// The names of the actions (see `ui/action/`) that work here beyond those that work everywhere.
    fn actions(&self) -> &'static [&'static str] {
        &[]
    }

    /// Does one of [`Tab::actions`]; a hint for the footer if there is something to say.
    fn act(&mut self, _action: &str, _cx: &Context<'_>) -> Option<String> {
        None
    }

    /// What is collected only because this tab shows it.
    fn focus(&self) -> Focus {
        Focus::None
    }

    /// Whether there may be something to be done to the rows that are on the screen.
    fn can_act(&self) -> bool {
        false
    }

    /// What can be done to the rows chosen.
    fn deeds(&self, _cx: &Context<'_>) -> Option<DeedMenu> {
        None
    }

    /// The moment that the selected row leads to: when its alert fired.
    fn moment(&self, _cx: &Context<'_>) -> Option<Timestamp> {
        None
    }

    /// The places here that the palette can jump to.
    fn jumps(&self, _frame: &Frame) -> Vec<Jump> {
        Vec::new()
    }

    /// The selected row as text, for the clipboard.
    fn row_text(&self, _cx: &Context<'_>) -> Option<String> {
        None
    }
}

/// The signals in the order in which a menu shows them.
pub type Signals = &'static [Signal];

/// Every tab, in the order of their numbers: one line each.
#[must_use]
pub fn all(signals: Signals) -> Vec<Box<dyn Tab>> {
    vec![
        Box::new(host::HostTab::new(signals)),
        Box::new(api::ApiTab::new()),
        Box::new(cache::CacheTab::new()),
        Box::new(queries::QueriesTab::new()),
        Box::new(alerts::AlertsTab::new()),
    ]
}
