//! The keys that work here, made from the table of actions.

use crossterm::event::KeyCode;
use ratatui::text::{Line, Span};

use super::{App, Step, step, walk_menu};
use crate::ui::action::{KeyPress, Scope, all};
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Popup, PopupLine};

enum Entry {
    Heading(&'static str),
    Action { keys: String, doc: &'static str },
}

/// The help.
pub(in crate::ui::app) struct Help {
    entries: Vec<Entry>,
    top: usize,
}

impl Help {
    pub fn new(app: &mut App) -> Self {
        let mut entries = Vec::new();
        for scope in [Scope::Tab, Scope::List, Scope::Everywhere] {
            let here: Vec<_> = all()
                .filter(|action| action.scope == scope && app.can(action))
                .collect();
            if here.is_empty() {
                continue;
            }
            entries.push(Entry::Heading(scope.heading()));
            entries.extend(here.iter().map(|action| Entry::Action {
                keys: app.keymap().keys_text(action.name),
                doc: action.doc,
            }));
        }
        Self { entries, top: 0 }
    }

    pub fn press(&mut self, key: KeyPress, app: &App) -> Step {
        match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::F(1) | KeyCode::Char('q' | '?') => Step::Close,
            _ => {
                walk_menu(key, &mut self.top, self.entries.len());
                self.stay_inside(app);
                Step::Stay
            }
        }
    }

    pub fn scroll(&mut self, rows: isize, app: &App) {
        step(&mut self.top, rows, self.entries.len());
        self.stay_inside(app);
    }

    /// No further than the last line, so that the way back begins at once.
    fn stay_inside(&mut self, app: &App) {
        let furthest = self.popup(&app.look).furthest(app.drawn.area);
        self.top = self.top.min(furthest);
    }

    pub fn popup(&self, look: &Look) -> Popup<'_> {
        let line = |entry: &'_ Entry| match entry {
            Entry::Heading(text) => PopupLine {
                left: Span::styled(*text, look.style(Role::Title)).into(),
                ..PopupLine::default()
            },
            Entry::Action { keys, doc } => PopupLine {
                left: Line::from(vec![
                    Span::styled(format!("  {keys:<12} "), look.style(Role::Key)),
                    Span::raw(*doc),
                ]),
                ..PopupLine::default()
            },
        };
        Popup {
            title: Line::from("Keys that work here"),
            lines: self.entries.iter().map(line).collect(),
            first: self.top,
            hint: Line::from("↑↓ scroll  : find any of them  Esc leave"),
            width: 76,
            ..Popup::default()
        }
    }
}
