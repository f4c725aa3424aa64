//! The columns to sort by.

use crossterm::event::KeyCode;
use ratatui::text::{Line, Span};

use super::{App, Step, step, walk_menu};
use crate::ui::action::KeyPress;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Popup, PopupLine};

/// The menu of columns.
pub(in crate::ui::app) struct Sort {
    columns: &'static [&'static str],
    order: (usize, bool),
    selected: usize,
}

impl Sort {
    pub fn new(columns: &'static [&'static str], order: (usize, bool)) -> Self {
        Self {
            columns,
            order,
            selected: order.0,
        }
    }

    pub fn press(&mut self, key: KeyPress, app: &mut App) -> Step {
        match key.code {
            KeyCode::Enter => self.choose(self.selected, app),
            KeyCode::Esc | KeyCode::Char('q' | 's') => Step::Close,
            _ => {
                walk_menu(key, &mut self.selected, self.columns.len());
                Step::Stay
            }
        }
    }

    pub fn scroll(&mut self, rows: isize) {
        step(&mut self.selected, rows, self.columns.len());
    }

    /// Sorts by a column; the one that it is sorted by already is turned round.
    pub fn choose(&mut self, column: usize, app: &mut App) -> Step {
        app.with_list(|list, _| list.sort_by(column));
        Step::Close
    }

    pub fn popup(&self, look: &Look) -> Popup<'_> {
        let line = |(index, title): (usize, &&'static str)| {
            let sign = match self.order {
                (column, true) if column == index => "▼",
                (column, false) if column == index => "▲",
                _ => "",
            };
            PopupLine {
                left: Line::from(*title),
                right: Span::styled(sign, look.style(Role::Accent)).into(),
            }
        };
        Popup {
            title: Line::from("Sort by"),
            lines: self.columns.iter().enumerate().map(line).collect(),
            selected: Some(self.selected),
            hint: Line::from("Enter sort, again to turn round  Esc leave"),
            width: 30,
            ..Popup::default()
        }
    }
}
