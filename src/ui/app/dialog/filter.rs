//! The filter of the list, typed into the footer; the list follows each key.

use crossterm::event::KeyCode;

use super::{App, Step, input::Input};
use crate::ui::action::KeyPress;

/// The filter that is being typed.
pub(in crate::ui::app) struct Filter {
    input: Input,
}

impl Filter {
    pub fn new(text: &str) -> Self {
        Self {
            input: Input::new(text),
        }
    }

    pub fn shown(&self) -> (&str, usize) {
        self.input.shown()
    }

    pub fn press(&mut self, key: KeyPress, app: &mut App) -> Step {
        match key.code {
            KeyCode::Enter => return Step::Close,
            KeyCode::Esc => {
                app.with_list(|list, _| list.set_filter(""));
                return Step::Close;
            }
            // The matches can be walked while typing.
            KeyCode::Down => app.with_list(|list, _| list.move_by(1)),
            KeyCode::Up => app.with_list(|list, _| list.move_by(-1)),
            _ => {
                if self.input.press(key) {
                    self.apply(app);
                }
            }
        }
        Step::Stay
    }

    pub fn paste(&mut self, text: &str, app: &mut App) {
        if self.input.insert(text) {
            self.apply(app);
        }
    }

    fn apply(&self, app: &mut App) {
        app.with_list(|list, _| list.set_filter(self.input.text()));
    }
}
