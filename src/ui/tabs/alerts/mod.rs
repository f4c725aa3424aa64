//! The Alerts tab: what fires and what fired, when, and the value around the trigger; the rules that watch.

mod detail;
mod draw;
mod lists;
#[cfg(test)]
mod tests;
mod view;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::sheet::Sheet;
use super::sheets::Sheets;
use super::{Badge, Context, Hits, Jump, List, Route, RowId, Tab};
use crate::model::{Frame, Timestamp};

/// The tab's title.
const TITLE: &str = "Alerts";

/// The sub-list of incidents.
const INCIDENTS: usize = 0;
/// The sub-list of rules.
const RULES: usize = 1;

/// What a person chose in the tab.
pub struct AlertsTab {
    sheets: Sheets,
    /// The sub-list that was chosen; until then it is the one that has something to say.
    chosen: Option<usize>,
    /// The incident that is open.
    open: Option<String>,
    /// Whether there is anything to list.
    is_filled: bool,
    /// Whether another panel fills the tab.
    hides_list: bool,
}

impl AlertsTab {
    /// The tab with nothing chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sheets: Sheets::new(vec![
                Box::new(Sheet::new(&lists::INCIDENTS)),
                Box::new(Sheet::new(&lists::RULES)),
            ]),
            chosen: None,
            open: None,
            is_filled: false,
            hides_list: false,
        }
    }
}

impl Default for AlertsTab {
    fn default() -> Self {
        Self::new()
    }
}

impl Tab for AlertsTab {
    fn title(&self) -> &'static str {
        TITLE
    }

    fn badge(&self, frame: &Frame) -> Option<Badge> {
        let severity = frame.alerts.worst()?;
        Some(Badge {
            count: frame.alerts.firing_count(),
            severity,
        })
    }

    fn panels(&self) -> &[&'static str] {
        match self.open {
            None if self.is_filled => &draw::PANELS,
            _ => &[],
        }
    }

    fn first_focus(&self) -> usize {
        draw::LISTS
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        self.hides_list = cx.hides(draw::LISTS);
        let telling = if view::is_calm(cx.frame) {
            RULES
        } else {
            INCIDENTS
        };
        self.sheets.show(self.chosen.unwrap_or(telling));
        self.is_filled = view::has_something(cx.frame);
        self.sheets.refresh(cx.frame);
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        match &self.open {
            Some(incident) => detail::draw(cx, incident, area, buf),
            None => draw::draw(cx, &self.sheets, area, buf, hits),
        }
    }

    fn list(&mut self) -> Option<&mut dyn List> {
        match self.open {
            None if self.is_filled && !self.hides_list => self.sheets.list(),
            _ => None,
        }
    }

    fn sub_lists(&self) -> (&[&'static str], usize) {
        match self.open {
            None if self.is_filled && !self.hides_list => self.sheets.titles(),
            _ => (&[], 0),
        }
    }

    fn show_sub_list(&mut self, index: usize) {
        self.chosen = Some(index);
        self.sheets.show(index);
    }

    fn open(&mut self, cx: &Context<'_>) -> bool {
        if self.open.is_some() || cx.hides(draw::LISTS) || self.sheets.shown() != INCIDENTS {
            return false;
        }
        self.open = self.sheets.selected_in(INCIDENTS).map(str::to_owned);
        self.open.is_some()
    }

    fn back(&mut self) -> bool {
        self.open.take().is_some()
    }

    fn go_to(&mut self, row: &RowId, cx: &Context<'_>) -> bool {
        let RowId::Named(id) = row else {
            return false;
        };
        let found = self.sheets.go_to(id, cx.frame);
        self.chosen = found.or(self.chosen);
        self.open = (found == Some(INCIDENTS)).then(|| id.clone());
        found.is_some()
    }

    fn actions(&self) -> &'static [&'static str] {
        let is_list = self.is_filled && !self.hides_list && self.sheets.shown() == INCIDENTS;
        match self.open.is_some() || is_list {
            true => &["when-it-fired"],
            false => &[],
        }
    }

    fn moment(&self, cx: &Context<'_>) -> Option<Timestamp> {
        let of_row = || self.sheets.selected_in(INCIDENTS);
        let name = self.open.as_deref().or_else(of_row)?;
        view::find(cx.frame, name)?.fired
    }

    fn crumbs(&self) -> Vec<String> {
        self.open.iter().cloned().collect()
    }

    fn jumps(&self, frame: &Frame) -> Vec<Jump> {
        let incidents = view::incidents(frame).map(|incident| Jump {
            title: format!(
                "alert {} {} {}",
                incident.state.word(),
                incident.rule,
                incident.place
            ),
            route: Route::Row(TITLE, RowId::Named(view::name(incident))),
        });
        let rules = frame.alerts.rules.iter().map(|rule| Jump {
            title: format!("rule {}", rule.name),
            route: Route::Row(TITLE, RowId::Named(view::rule_name(rule))),
        });
        incidents.chain(rules).collect()
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        self.sheets.row_text(cx)
    }
}
