//! The sub-lists of a tab: several sheets of which one is shown, their titles in the border.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::pen::{Pen, Words};
use super::plot::padded;
use super::sheet::AnySheet;
use super::{Context, Hits, List, Target, notices, past, source};
use crate::model::{Frame, SourceKind, SourceName};
use crate::ui::theme::Role;
use crate::ui::widgets::{Panel, text};

/// The lines from which on one of them is given to what was found: below it rows are worth more.
const ROOM_FOR_FOUND: u16 = 6;

/// Several sheets of which one is shown.
pub struct Sheets {
    sheets: Vec<Box<dyn AnySheet>>,
    titles: Vec<&'static str>,
    shown: usize,
    /// What brings their rows, to say what is the matter where there is none.
    kind: Option<SourceKind>,
    /// The source whose rows alone are shown.
    only: Option<SourceName>,
}

impl Sheets {
    /// These sheets; the first is shown. There must be one.
    #[must_use]
    pub fn new(sheets: Vec<Box<dyn AnySheet>>) -> Self {
        Self {
            titles: sheets.iter().map(|sheet| sheet.title()).collect(),
            sheets,
            shown: 0,
            kind: None,
            only: None,
        }
    }

    /// The same sheets, whose rows come from sources of this kind.
    #[must_use]
    pub fn of(mut self, kind: SourceKind) -> Self {
        self.kind = Some(kind);
        for sheet in &mut self.sheets {
            sheet.tell_of(kind);
        }
        self
    }

    /// The same sheets with the rows of one source alone.
    #[must_use]
    pub fn with_only(mut self, source: SourceName) -> Self {
        self.only = Some(source);
        self
    }

    /// Shows the rows of one source alone, or of all.
    pub fn show_only(&mut self, source: Option<SourceName>) {
        self.only = source;
    }

    /// The source whose rows alone are shown.
    #[must_use]
    pub fn only(&self) -> Option<&SourceName> {
        self.only.as_ref()
    }

    /// Turns the sheet that is shown to its other side; whether it has one.
    pub fn turn(&mut self) -> bool {
        self.sheets
            .get_mut(self.shown)
            .is_some_and(|sheet| sheet.turn())
    }

    /// The identities of the marked rows of the sheet that is shown, or of the selected one.
    #[must_use]
    pub fn chosen(&self) -> Vec<&str> {
        self.sheets
            .get(self.shown)
            .map_or_else(Vec::new, |sheet| sheet.chosen())
    }

    /// The identity of the selected row of the one shown.
    #[must_use]
    pub fn selected(&self) -> Option<&str> {
        self.selected_in(self.shown)
    }

    /// Their titles, and which is shown.
    #[must_use]
    pub fn titles(&self) -> (&[&'static str], usize) {
        (&self.titles, self.shown)
    }

    /// Which is shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Shows another.
    pub fn show(&mut self, index: usize) {
        if index < self.sheets.len() {
            self.shown = index;
        }
    }

    /// The list of the one shown.
    pub fn list(&mut self) -> Option<&mut dyn List> {
        Some(self.sheets.get_mut(self.shown)?.list())
    }

    /// Orders and filters the rows of a frame.
    pub fn refresh(&mut self, frame: &Frame) {
        for sheet in &mut self.sheets {
            sheet.refresh(frame, self.only.as_ref());
        }
    }

    /// The identity of the selected row of one of them.
    #[must_use]
    pub fn selected_in(&self, index: usize) -> Option<&str> {
        self.sheets.get(index)?.selected()
    }

    /// Shows the sheet that has a row with this identity, selects it, and says which sheet that is.
    pub fn go_to(&mut self, id: &str, frame: &Frame) -> Option<usize> {
        let found = self
            .sheets
            .iter_mut()
            .position(|sheet| sheet.select(id, frame))?;
        self.shown = found;
        Some(found)
    }

    /// The selected row of the one shown as text.
    #[must_use]
    pub fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        self.sheets.get(self.shown)?.row_text(cx)
    }

    /// Shows them in a panel, which is the one with this index of the tab.
    pub fn draw(
        &self,
        cx: &Context<'_>,
        panel: usize,
        area: Rect,
        buf: &mut Buffer,
        hits: &mut Hits,
    ) {
        if area.is_empty() {
            return;
        }
        hits.add(area, Target::Panel(panel));
        let focused = cx.focus == panel;
        let inner = self.draw_frame(cx, focused, area, buf, hits);
        self.draw_rows(cx, focused, inner, buf, hits);
    }

    /// Draws the border with the titles in it, and returns the area inside.
    pub fn draw_frame(
        &self,
        cx: &Context<'_>,
        focused: bool,
        area: Rect,
        buf: &mut Buffer,
        hits: &mut Hits,
    ) -> Rect {
        let sheet = self.sheets.get(self.shown);
        let right = sheet.map(|sheet| right_text(cx, sheet.as_ref()));
        let frame = Panel {
            title: self.title(cx),
            right: Line::from(right.unwrap_or_default()),
            focused,
        };
        let inner = frame.render(area, buf, cx.look);
        self.add_hits(area, hits);
        inner
    }

    /// Shows the rows of the sheet that is shown, or what is the matter with their source.
    pub fn draw_rows(
        &self,
        cx: &Context<'_>,
        focused: bool,
        area: Rect,
        buf: &mut Buffer,
        hits: &mut Hits,
    ) {
        let Some(sheet) = self.sheets.get(self.shown) else {
            return;
        };
        let only = self.only.as_deref();
        let no_rows = self.kind.filter(|_| sheet.counts().1 == 0);
        // While another source answers, a line above what it says of itself is enough.
        let silent = no_rows.filter(|kind| !source::any_answers(cx.frame, *kind, only));
        let trouble = silent.and_then(|kind| source::trouble_of_kind(cx.frame, kind, only));
        match trouble {
            Some((name, trouble)) => {
                notices::silent(cx, notices::no_answer(&name, &trouble), &trouble, area, buf);
            }
            None => {
                let area = self.draw_found(cx, area, buf);
                sheet.draw(cx, area, buf, hits, focused);
            }
        }
    }

    /// Says above the rows what else was found; what is left of the area.
    fn draw_found(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) -> Rect {
        let kind = self.kind.filter(|_| self.only.is_none());
        let found = kind.and_then(|kind| notices::more_found(cx, kind));
        let Some(line) = found.filter(|_| area.height >= ROOM_FOR_FOUND) else {
            return area;
        };
        let [above, below] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
        Pen::new(padded(above), buf, cx.look).words(Words::new(cx.look).dim(line));
        below
    }

    fn title(&self, cx: &Context<'_>) -> Line<'static> {
        let mut spans = Vec::new();
        for (n, title) in self.titles.iter().enumerate() {
            if n > 0 {
                spans.push(Span::styled(SEPARATOR, cx.look.style(Role::Dim)));
            }
            let role = match n == self.shown {
                true if self.titles.len() > 1 => Role::TabActive,
                true => Role::Title,
                false => Role::TabInactive,
            };
            spans.push(Span::styled(*title, cx.look.style(role)));
        }
        Line::from(spans)
    }

    /// Where the titles stand: behind the corner and a space.
    fn add_hits(&self, area: Rect, hits: &mut Hits) {
        let mut x = area.x.saturating_add(2);
        for (n, title) in self.titles.iter().enumerate() {
            let width = cells(title);
            let place = Rect::new(x, area.y, width, 1).intersection(area);
            if !place.is_empty() {
                hits.add(place, Target::SubList(n));
            }
            x = x.saturating_add(width).saturating_add(cells(SEPARATOR));
        }
    }
}

const SEPARATOR: &str = " · ";

fn cells(words: &str) -> u16 {
    u16::try_from(text::width(words)).unwrap_or(u16::MAX)
}

/// The count, with the moment that the rows are of where that is an earlier one, and how many were not kept.
fn right_text(cx: &Context<'_>, sheet: &dyn AnySheet) -> String {
    let count = Some(count_text(sheet)).filter(|count| !count.is_empty());
    let cut = past::cut_text(cx.frame, sheet.title());
    let told: Vec<String> = [past::rows_text(cx), count, cut]
        .into_iter()
        .flatten()
        .collect();
    told.join(SEPARATOR)
}

/// How many rows there are, and through which filter.
fn count_text(sheet: &dyn AnySheet) -> String {
    match (sheet.counts(), sheet.filter()) {
        ((0, 0), _) => String::new(),
        ((_, all), "") => all.to_string(),
        ((shown, all), filter) => format!("{shown} of {all} · filter: {filter}"),
    }
}
