//! Keys, pasted text and the mouse, turned into actions.

use crossterm::event::{
    Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::dialog::{Dialog, Step};
use super::state::App;
use crate::ui::action::{Action, KeyPress, find, is_step};
use crate::ui::tabs::Target;
use crate::ui::theme::Role;

/// Rows that one notch of the wheel moves.
const WHEEL_ROWS: isize = 3;

const ESCAPE: KeyPress = KeyPress {
    code: KeyCode::Esc,
    modifiers: KeyModifiers::NONE,
};

impl App {
    /// Takes what the terminal sent. Steps through time fetch no frame yet: of many that come at once (a held key, a
    /// cursor that is dragged) only the last is shown.
    pub fn handle(&mut self, event: &Event) {
        let steps = self.steps_through_time(event);
        if !steps {
            self.settle();
        }
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.press((*key).into()),
            Event::Mouse(mouse) => self.mouse(*mouse),
            // A pasted line is text for an open input, and never keys.
            Event::Paste(text) => self.paste(text),
            _ => return,
        }
        if steps {
            self.has_moved = true;
        } else {
            self.refresh();
        }
    }

    /// Whether an event can do nothing but go to another moment.
    fn steps_through_time(&self, event: &Event) -> bool {
        match event {
            _ if self.dialog.is_some() => false,
            Event::Key(key) => {
                let actions = self.keymap().actions((*key).into());
                !actions.is_empty() && actions.iter().all(|action| is_step(action))
            }
            Event::Mouse(mouse) => {
                matches!(mouse.kind, MouseEventKind::Drag(_)) && self.holds_time_bar()
            }
            _ => false,
        }
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
        let on_bar = target == Some(Target::TimeBar) && self.dialog.is_none();
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) if on_bar => self.click_time_bar(mouse.column),
            MouseEventKind::Drag(MouseButton::Left) if self.holds_time_bar() => {
                self.drag_time_bar(mouse.column);
            }
            MouseEventKind::Up(MouseButton::Left) => self.release_time_bar(),
            MouseEventKind::ScrollDown | MouseEventKind::ScrollRight if on_bar => {
                self.walk_time_bar(1);
            }
            MouseEventKind::ScrollUp | MouseEventKind::ScrollLeft if on_bar => {
                self.walk_time_bar(-1);
            }
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
            Some(Target::DialogRow(_) | Target::TimeBar) | None => {}
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
