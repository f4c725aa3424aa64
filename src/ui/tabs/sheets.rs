//! The sub-lists of a tab: several sheets of which one is shown, their titles in the border.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::sheet::AnySheet;
use super::{Context, Hits, List, Target};
use crate::model::Frame;
use crate::ui::theme::Role;
use crate::ui::widgets::{Panel, text};

/// Several sheets of which one is shown.
pub struct Sheets {
    sheets: Vec<Box<dyn AnySheet>>,
    titles: Vec<&'static str>,
    shown: usize,
}

impl Sheets {
    /// These sheets; the first is shown. There must be one.
    #[must_use]
    pub fn new(sheets: Vec<Box<dyn AnySheet>>) -> Self {
        Self {
            titles: sheets.iter().map(|sheet| sheet.title()).collect(),
            sheets,
            shown: 0,
        }
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
            sheet.refresh(frame);
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
        let Some(sheet) = self.sheets.get(self.shown) else {
            return;
        };
        if area.is_empty() {
            return;
        }
        hits.add(area, Target::Panel(panel));
        let focused = cx.focus == panel;
        let frame = Panel {
            title: self.title(cx),
            right: Line::from(count_text(sheet.as_ref())),
            focused,
        };
        let inner = frame.render(area, buf, cx.look);
        self.add_hits(area, hits);
        sheet.draw(cx, inner, buf, hits, focused);
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

/// How many rows there are, and through which filter.
fn count_text(sheet: &dyn AnySheet) -> String {
    match (sheet.counts(), sheet.filter()) {
        ((0, 0), _) => String::new(),
        ((_, all), "") => all.to_string(),
        ((shown, all), filter) => format!("{shown} of {all} · filter: {filter}"),
    }
}
