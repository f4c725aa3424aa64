//! What can be done to the rows chosen, and the question before it is done. The rows are those of the moment when the
//! menu was opened, by their identity; the list may move below it. The default answer is No.

use crossterm::event::KeyCode;
use ratatui::text::{Line, Span};

use super::{App, Step, step, walk_menu};
use crate::ui::action::KeyPress;
use crate::ui::tabs::DeedMenu;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Popup, PopupLine};

const NO: usize = 0;
const YES: usize = 1;

const TOO_SMALL: &str = "enlarge the window: the question does not fit";

/// The menu, or its question.
pub(in crate::ui::app) struct Deeds {
    menu: DeedMenu,
    selected: usize,
    /// The deed that is asked about, and the answer that is selected.
    asked: Option<(usize, usize)>,
}

impl Deeds {
    pub fn new(menu: DeedMenu) -> Self {
        Self {
            menu,
            selected: 0,
            asked: None,
        }
    }

    pub fn press(&mut self, key: KeyPress, app: &mut App) -> Step {
        match self.asked {
            Some((deed, answer)) => self.press_answer(key, deed, answer, app),
            None => self.press_menu(key, app),
        }
    }

    fn press_menu(&mut self, key: KeyPress, app: &mut App) -> Step {
        match key.code {
            KeyCode::Enter => self.click(self.selected, app),
            KeyCode::Esc | KeyCode::Char('q' | 'x') => Step::Close,
            _ => {
                walk_menu(key, &mut self.selected, self.menu.deeds.len());
                Step::Stay
            }
        }
    }

    fn press_answer(&mut self, key: KeyPress, deed: usize, answer: usize, app: &mut App) -> Step {
        match key.code {
            KeyCode::Char('y' | 'Y') => self.carry_out(deed, app),
            KeyCode::Enter if answer == YES => self.carry_out(deed, app),
            KeyCode::Enter | KeyCode::Esc | KeyCode::Char('n' | 'N' | 'q') => Step::Close,
            KeyCode::Left | KeyCode::Right | KeyCode::Up | KeyCode::Down | KeyCode::Tab => {
                self.asked = Some((deed, if answer == NO { YES } else { NO }));
                Step::Stay
            }
            _ => Step::Stay,
        }
    }

    fn carry_out(&self, deed: usize, app: &mut App) -> Step {
        match (app.locked(), self.menu.deeds.get(deed)) {
            // The window may have become smaller while the question stood.
            _ if !self.popup(&app.look).fits(app.drawn.area) => app.say(TOO_SMALL, Role::Warning),
            // The screen may have been rewound while the question stood.
            (Some(why), _) => app.say(why, Role::Warning),
            (None, Some(deed)) => app.order(deed.command.clone()),
            (None, None) => {}
        }
        Step::Close
    }

    pub fn scroll(&mut self, rows: isize) {
        if self.asked.is_none() {
            step(&mut self.selected, rows, self.menu.deeds.len());
        }
    }

    /// Chooses a deed of the menu, or an answer; a click alone never answers Yes.
    pub fn click(&mut self, row: usize, app: &mut App) -> Step {
        match &mut self.asked {
            Some((_, answer)) => *answer = if row == YES { YES } else { NO },
            None if row < self.menu.deeds.len() => return self.ask(row, app),
            None => {}
        }
        Step::Stay
    }

    /// Asks, if the question can be read to its end: nobody answers what they can't see.
    fn ask(&mut self, deed: usize, app: &mut App) -> Step {
        self.asked = Some((deed, NO));
        if self.popup(&app.look).fits(app.drawn.area) {
            return Step::Stay;
        }
        app.say(TOO_SMALL, Role::Warning);
        Step::Close
    }

    pub fn popup(&self, look: &Look) -> Popup<'_> {
        match self
            .asked
            .and_then(|(deed, answer)| Some((self.menu.deeds.get(deed)?, answer)))
        {
            Some((deed, answer)) => Popup {
                title: Span::styled("Sure?", look.style(Role::Warning)).into(),
                text: &deed.question,
                lines: ["No, do nothing", "Yes, do it"]
                    .map(|text| PopupLine {
                        left: text.into(),
                        right: Line::default(),
                    })
                    .into(),
                selected: Some(answer),
                hint: Line::from("y yes  n no  Enter the one selected"),
                width: 44,
                ..Popup::default()
            },
            None => Popup {
                title: Line::from(self.menu.title.as_str()),
                lines: self
                    .menu
                    .deeds
                    .iter()
                    .map(|deed| PopupLine {
                        left: deed.title.as_str().into(),
                        right: Line::default(),
                    })
                    .collect(),
                selected: Some(self.selected),
                hint: Line::from("Enter choose, asks again  Esc leave"),
                width: 44,
                ..Popup::default()
            },
        }
    }
}
