//! A moment, typed: what is understood of it is told with each key, with the forms there are and what is remembered.

use crossterm::event::KeyCode;
use ratatui::text::{Line, Span};

use super::{App, Step, input::Input};
use crate::model::{Timestamp, format, moment_text};
use crate::ui::action::KeyPress;
use crate::ui::app::position::Bounds;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Popup, PopupLine};

/// How a moment may be typed, in the two lines that a small screen has room for.
const FORMS: [&str; 2] = [
    "14:28   14:28:07   -34m   -2h   yesterday 9:00",
    "2026-11-21 14:28   or seconds since 1970",
];

/// The moment that is being typed.
pub(in crate::ui::app) struct MomentInput {
    input: Input,
    now: Timestamp,
    bounds: Bounds,
}

impl MomentInput {
    pub fn new(app: &App) -> Self {
        Self {
            input: Input::new(""),
            now: app.feed.newest().at,
            bounds: app.bounds(),
        }
    }

    pub fn press(&mut self, key: KeyPress, app: &mut App) -> Step {
        // Time goes on while somebody types.
        (self.now, self.bounds) = (app.feed.newest().at, app.bounds());
        match key.code {
            KeyCode::Esc => return Step::Close,
            KeyCode::Enter if self.input.text().trim().is_empty() => return Step::Close,
            KeyCode::Enter => {
                if let Ok(moment) = self.meant() {
                    app.travel(moment);
                    return Step::Close;
                }
            }
            _ => {
                self.input.press(key);
            }
        }
        Step::Stay
    }

    pub fn paste(&mut self, text: &str) {
        self.input.insert(text);
    }

    /// The moment that was typed, if it can be shown.
    fn meant(&self) -> Result<Timestamp, String> {
        let bounds = self.bounds;
        let moment = moment_text::parse(self.input.text(), self.now, bounds.latest)?;
        if moment < bounds.oldest {
            let asked = moment.dated_text(bounds.latest);
            return Err(format!("{asked}: {}", bounds.begin_text()));
        }
        Ok(moment)
    }

    /// What is understood, or why nothing is.
    fn told(&self) -> (String, Role) {
        if self.input.text().trim().is_empty() {
            return ("a time, or how long ago".to_owned(), Role::Dim);
        }
        match self.meant() {
            Ok(moment) => {
                let when = moment.dated_text(self.bounds.latest);
                let ago = format::duration(self.bounds.latest.since(moment));
                let before = if self.bounds.is_recording {
                    "before the end"
                } else {
                    "ago"
                };
                (format!("{when}, {ago} {before}"), Role::Ok)
            }
            // The forms stand below already.
            Err(why) => {
                let why = why.split("; write ").next().unwrap_or_default();
                (why.to_owned(), Role::Warning)
            }
        }
    }

    pub fn popup(&self, look: &Look) -> Popup<'_> {
        let (told, role) = self.told();
        let bounds = self.bounds;
        let remembered = format!(
            "{} – {}",
            bounds.oldest.dated_text(bounds.latest),
            bounds.latest.clock_text()
        );
        let labelled = |label: &'static str, text: Span<'static>| PopupLine {
            left: Line::from(vec![Span::styled(label, look.style(Role::Dim)), text]),
            right: Line::default(),
        };
        let forms = |index: usize, label| labelled(label, Span::raw(FORMS[index]));
        Popup {
            title: Line::from("Go to a moment"),
            input: Some(self.input.shown()),
            lines: vec![
                PopupLine {
                    left: Line::from(Span::styled(told, look.style(role))),
                    right: Line::default(),
                },
                PopupLine::default(),
                forms(0, "write       "),
                forms(1, "            "),
                labelled("remembered  ", Span::raw(remembered)),
            ],
            hint: Line::from("Enter go there  Esc stay here"),
            width: 66,
            ..Popup::default()
        }
    }
}
