//! Keys, pasted text and the mouse, turned into actions.

use crossterm::event::{
    Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::dialog::{Dialog, Step};
use super::state::App;
use crate::ui::action::{Action, KeyPress, find};
use crate::ui::tabs::Target;
use crate::ui::theme::Role;

/// Rows that one notch of the wheel moves.
const WHEEL_ROWS: isize = 3;

const ESCAPE: KeyPress = KeyPress {
    code: KeyCode::Esc,
    modifiers: KeyModifiers::NONE,
};

impl App {
    /// Takes what the terminal sent.
    pub fn handle(&mut self, event: &Event) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.press((*key).into()),
            Event::Mouse(mouse) => self.mouse(*mouse),
            // A pasted line is text for an open input, and never keys.
            Event::Paste(text) => self.paste(text),
            _ => return,
        }
        self.refresh();
    }

    /// Takes a key. Ctrl-C ends the program from everywhere, whatever the config says.
    pub fn press(&mut self, key: KeyPress) {
        if key == KeyPress::CTRL_C {
            return self.quit();
        }
        if let Some(mut dialog) = self.dialog.take() {
            match dialog.press(key, self) {
                Step::Stay => self.dialog = self.dialog.take().or(Some(dialog)),
                Step::Close => {}
            }
            return;
        }
        // The nearest meaning first: what the tab itself has, then the list, then everywhere.
        let mut meanings: Vec<&'static Action> = self.keymap().actions(key).to_vec();
        meanings.sort_by_key(|action| match action.scope {
            crate::ui::action::Scope::Tab => 0,
            crate::ui::action::Scope::List => 1,
            crate::ui::action::Scope::Everywhere => 2,
        });
        let Some(action) = meanings.iter().copied().find(|action| self.can(action)) else {
            let hint = match meanings.first() {
                Some(action) => format!("{key}: {} does not work here", action.name),
                None => format!("{key} does nothing; ? shows the keys"),
            };
            return self.say(hint, Role::Dim);
        };
        self.message = None;
        (action.run)(self);
    }

    fn paste(&mut self, text: &str) {
        if let Some(mut dialog) = self.dialog.take() {
            dialog.paste(text, self);
            self.dialog = Some(dialog);
        } else {
            self.say(
                "pasted text is only taken where something is typed",
                Role::Dim,
            );
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) {
        let target = self.hits.at(mouse.column, mouse.row).cloned();
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(target),
            MouseEventKind::ScrollDown => self.wheel(WHEEL_ROWS),
            MouseEventKind::ScrollUp => self.wheel(-WHEEL_ROWS),
            _ => {}
        }
    }

    fn wheel(&mut self, rows: isize) {
        if let Some(mut dialog) = self.dialog.take() {
            dialog.scroll(rows, self);
            self.dialog = Some(dialog);
        } else {
            self.with_list(|list, _| list.move_by(rows));
        }
    }

    fn click(&mut self, target: Option<Target>) {
        // The filter covers nothing but the footer: it is kept as it was typed, and the click means what it hit.
        self.dialog
            .take_if(|dialog| matches!(dialog, Dialog::Filter(_)));
        if let Some(mut dialog) = self.dialog.take() {
            let step = match target {
                Some(Target::DialogRow(row)) => dialog.click(row, self),
                // A click beside a dialog closes it, as Esc does.
                _ => dialog.press(ESCAPE, self),
            };
            if step == Step::Stay {
                self.dialog = self.dialog.take().or(Some(dialog));
            }
            return;
        }
        match target {
            Some(Target::Tab(index)) => self.show_tab(index),
            Some(Target::Panel(index)) => self.focus[self.active] = index,
            Some(Target::Row(index)) => self.click_row(index),
            Some(Target::ColumnHead(column)) => self.with_list(|list, _| list.sort_by(column)),
            Some(Target::SubList(index)) => self.tabs[self.active].show_sub_list(index),
            Some(Target::Action(name)) => {
                if let Some(action) = find(name).filter(|action| self.can(action)) {
                    (action.run)(self);
                }
            }
            Some(Target::DialogRow(_)) | None => {}
        }
    }

    /// A click selects; a click on what is selected opens it.
    fn click_row(&mut self, index: usize) {
        let mut was_selected = false;
        self.with_list(|list, _| {
            was_selected = list.selected_index() == Some(index);
            list.select_index(index);
        });
        if was_selected {
            self.open_row();
        }
    }
}
