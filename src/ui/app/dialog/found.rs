//! What was found and is not watched: why, and the lines of the settings that would watch it, to be copied.

use crossterm::event::KeyCode;
use ratatui::text::Line;

use super::{App, Step};
use crate::model::Found;
use crate::ui::action::KeyPress;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Popup, PopupLine};

/// One thing that was found.
pub(in crate::ui::app) struct FoundLines {
    title: String,
    why: String,
    settings: String,
}

impl FoundLines {
    pub fn new(found: &Found) -> Self {
        let why = found.why_not.as_deref().unwrap_or_default();
        Self {
            title: format!("{} at {}", found.kind, found.address),
            why: format!(
                "It was found and is not watched: {why}. These lines in the settings watch it:"
            ),
            settings: found.settings.to_string(),
        }
    }

    pub fn press(&self, key: KeyPress, app: &mut App) -> Step {
        match key.code {
            KeyCode::Enter | KeyCode::Char('c' | 'y') => {
                app.copy_text(self.settings.clone(), "lines");
                Step::Close
            }
            KeyCode::Esc | KeyCode::Char('q') => Step::Close,
            _ => Step::Stay,
        }
    }

    pub fn popup(&self, look: &Look) -> Popup<'_> {
        let line = |text| PopupLine {
            left: Line::styled(text, look.style(Role::Key)),
            right: Line::default(),
        };
        Popup {
            title: Line::from(self.title.as_str()),
            text: &self.why,
            lines: self.settings.lines().map(line).collect(),
            hint: Line::from("Enter copy the lines  Esc leave"),
            width: 76,
            ..Popup::default()
        }
    }
}
