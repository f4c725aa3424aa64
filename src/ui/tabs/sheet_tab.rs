//! The part that tabs of lists share: charts above, sheets below, and one row of them open at a time. What such a tab is
//! of is its [`Subject`]; what stands there while a row is open is its [`Detail`].

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::notices::Absent;
use super::sheets::Sheets;
use super::{Badge, Context, DeedMenu, Hits, Jump, List, RowId, Tab};
use crate::model::{Focus, Frame, SourceKind};

/// What a tab of sheets is of, and what a person chose in it beyond its lists.
pub trait Subject: 'static {
    /// The tab's title.
    const TITLE: &'static str;
    /// What brings its rows, if sources of one kind do.
    const KIND: Option<SourceKind>;
    /// What it says of itself while it has no source.
    const ABSENT: Absent;
    /// Its panels in the order of Tab.
    const PANELS: &'static [&'static str];
    /// The panel of the lists.
    const LISTS: usize;

    /// Its lists.
    fn sheets() -> Sheets;

    /// Whether a frame has anything that the tab shows.
    fn has_source(frame: &Frame) -> bool;

    /// What stands beside the title.
    fn badge(frame: &Frame) -> Option<Badge>;

    /// The places that the palette can jump to.
    fn jumps(frame: &Frame) -> Vec<Jump>;

    /// Brings what was chosen and a frame together, before the lists do.
    fn refresh(&mut self, _sheets: &mut Sheets, _frame: &Frame) {}

    /// Shows the panels.
    fn draw(
        &self,
        cx: &Context<'_>,
        sheets: &Sheets,
        area: Rect,
        buf: &mut Buffer,
        hits: &mut Hits,
    );

    /// What is open after Enter on a row of the sheet with this index.
    fn detail(&self, sheet: usize, id: &str, frame: &Frame) -> Option<Box<dyn Detail>>;

    /// Whether the rows of the sheet with this index have a detail.
    fn opens(&self, _sheet: usize) -> bool {
        true
    }

    /// Goes where a jump leads that is no row; whether it is one of the tab's.
    fn go_to(&mut self, _name: &str, _sheets: &mut Sheets, _frame: &Frame) -> bool {
        false
    }

    /// The names of its actions that work on what is shown: all panels, or the one that fills the tab.
    fn actions(&self, _sheets: &Sheets, _only: Option<usize>) -> &'static [&'static str] {
        &[]
    }

    /// Does one of them; what there is to say of it.
    fn act(&mut self, _action: &str, _sheets: &mut Sheets, _frame: &Frame) -> Option<String> {
        None
    }

    /// What can be done to the rows chosen.
    fn deeds(&self, _sheets: &Sheets, _frame: &Frame) -> Option<DeedMenu> {
        None
    }
}

/// What stands in a tab while a row is open.
pub trait Detail {
    /// The breadcrumb of it.
    fn crumb(&self) -> String;

    /// Takes what a frame knows of it.
    fn refresh(&mut self, _cx: &Context<'_>) {}

    /// Shows it.
    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits);

    /// Its own lists.
    fn sheets(&self) -> Option<&Sheets> {
        None
    }

    /// The same, to be walked.
    fn sheets_mut(&mut self) -> Option<&mut Sheets> {
        None
    }

    /// What is collected only because it is open.
    fn focus(&self) -> Focus {
        Focus::None
    }

    /// What can be done to it.
    fn deeds(&self, _frame: &Frame) -> Option<DeedMenu> {
        None
    }
}

/// A tab of sheets.
pub struct SheetTab<S> {
    subject: S,
    sheets: Sheets,
    /// The row that is open.
    open: Option<Box<dyn Detail>>,
    /// Whether there is anything to choose from.
    is_filled: bool,
    /// The panel that fills the tab.
    only: Option<usize>,
    /// Whether there is something to be done to what is chosen.
    can_act: bool,
}

impl<S: Subject + Default> Default for SheetTab<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Subject + Default> SheetTab<S> {
    /// The tab with nothing chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            subject: S::default(),
            sheets: match S::KIND {
                Some(kind) => S::sheets().of(kind),
                None => S::sheets(),
            },
            open: None,
            is_filled: false,
            only: None,
            can_act: false,
        }
    }
}

impl<S: Subject> SheetTab<S> {
    /// Whether another panel fills the tab.
    fn hides_list(&self) -> bool {
        self.only.is_some_and(|panel| panel != S::LISTS)
    }

    /// The lists of the tab itself, as long as they are on the screen.
    fn shown_sheets(&self) -> Option<&Sheets> {
        match &self.open {
            _ if !self.is_filled => None,
            Some(detail) => detail.sheets(),
            None if self.hides_list() => None,
            None => Some(&self.sheets),
        }
    }

    fn shown_sheets_mut(&mut self) -> Option<&mut Sheets> {
        let hides_list = self.hides_list();
        match &mut self.open {
            _ if !self.is_filled => None,
            Some(detail) => detail.sheets_mut(),
            None if hides_list => None,
            None => Some(&mut self.sheets),
        }
    }

    fn menu(&self, frame: &Frame) -> Option<DeedMenu> {
        match &self.open {
            _ if !self.is_filled => None,
            Some(detail) => detail.deeds(frame),
            None if self.hides_list() => None,
            None => self.subject.deeds(&self.sheets, frame),
        }
    }
}

/// Whether a source has brought anything for the tab, at the moment that is shown or later.
fn is_filled<S: Subject>(cx: &Context<'_>) -> bool {
    S::has_source(cx.frame) || S::has_source(&cx.feed.newest())
}

impl<S: Subject> Tab for SheetTab<S> {
    fn title(&self) -> &'static str {
        S::TITLE
    }

    fn badge(&self, frame: &Frame) -> Option<Badge> {
        S::badge(frame)
    }

    fn panels(&self) -> &[&'static str] {
        match self.open {
            None if self.is_filled => S::PANELS,
            _ => &[],
        }
    }

    fn first_focus(&self) -> usize {
        S::LISTS
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        self.only = cx.zoomed.then_some(cx.focus);
        self.is_filled = is_filled::<S>(cx);
        self.subject.refresh(&mut self.sheets, cx.frame);
        self.sheets.refresh(cx.frame);
        if let Some(detail) = &mut self.open {
            detail.refresh(cx);
        }
        self.can_act = self.menu(cx.frame).is_some();
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        if !is_filled::<S>(cx) {
            S::ABSENT.draw(cx, area, buf);
        } else if let Some(detail) = &self.open {
            detail.draw(cx, area, buf, hits);
        } else {
            self.subject.draw(cx, &self.sheets, area, buf, hits);
        }
    }

    fn list(&mut self) -> Option<&mut dyn List> {
        self.shown_sheets_mut()?.list()
    }

    fn sub_lists(&self) -> (&[&'static str], usize) {
        let several = self
            .shown_sheets()
            .filter(|sheets| sheets.titles().0.len() > 1);
        several.map_or((&[], 0), Sheets::titles)
    }

    fn show_sub_list(&mut self, index: usize) {
        match &mut self.open {
            Some(detail) => {
                if let Some(sheets) = detail.sheets_mut() {
                    sheets.show(index);
                }
            }
            None => self.sheets.show(index),
        }
    }

    fn open(&mut self, cx: &Context<'_>) -> bool {
        if self.open.is_some() || cx.hides(S::LISTS) || !self.is_filled {
            return false;
        }
        let sheet = self.sheets.shown();
        let detail = self
            .sheets
            .selected_in(sheet)
            .and_then(|id| self.subject.detail(sheet, id, cx.frame));
        self.open = detail;
        self.refresh(cx);
        self.open.is_some()
    }

    fn opens(&self) -> bool {
        self.subject.opens(self.sheets.shown())
    }

    fn back(&mut self) -> bool {
        self.is_filled && self.open.take().is_some()
    }

    fn go_to(&mut self, row: &RowId, cx: &Context<'_>) -> bool {
        let RowId::Named(id) = row else {
            return false;
        };
        if self.subject.go_to(id, &mut self.sheets, cx.frame) {
            self.open = None;
            self.refresh(cx);
            return true;
        }
        // A row that the list does not show is found all the same.
        let only = self.sheets.only().cloned();
        self.sheets.show_only(None);
        self.sheets.refresh(cx.frame);
        let found = self.sheets.go_to(id, cx.frame);
        self.sheets.show_only(only);
        self.open = found.and_then(|sheet| self.subject.detail(sheet, id, cx.frame));
        self.refresh(cx);
        found.is_some()
    }

    fn crumbs(&self) -> Vec<String> {
        let open = self.open.iter().filter(|_| self.is_filled);
        open.map(|detail| detail.crumb()).collect()
    }

    fn actions(&self) -> &'static [&'static str] {
        match &self.open {
            None if self.is_filled => self.subject.actions(&self.sheets, self.only),
            _ => &[],
        }
    }

    fn act(&mut self, action: &str, cx: &Context<'_>) -> Option<String> {
        let said = self.subject.act(action, &mut self.sheets, cx.frame);
        self.refresh(cx);
        said
    }

    fn focus(&self) -> Focus {
        let open = self.open.as_ref().filter(|_| self.is_filled);
        open.map_or(Focus::None, |detail| detail.focus())
    }

    fn can_act(&self) -> bool {
        self.can_act
    }

    fn deeds(&self, cx: &Context<'_>) -> Option<DeedMenu> {
        match cx.locked {
            Some(_) => None,
            None => self.menu(cx.frame),
        }
    }

    fn jumps(&self, frame: &Frame) -> Vec<Jump> {
        S::jumps(frame)
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        self.shown_sheets()?.row_text(cx)
    }
}
