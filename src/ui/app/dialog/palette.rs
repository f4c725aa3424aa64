//! The palette: every action, every place, every theme, by a few letters of it. What was chosen last comes first. A theme
//! is worn while it is selected, and given up on Esc.

use std::borrow::Cow;

use crossterm::event::KeyCode;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::text::{Line, Span};

use super::found::FoundLines;
use super::{App, Dialog, Step, input::Input, step, walk};
use crate::model::Found;
use crate::ui::action::{Action, KeyPress, all};
use crate::ui::tabs::{Range, Route};
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Popup, PopupLine};

/// What an entry does when it is chosen.
enum Deed {
    Act(&'static Action),
    Go(Route),
    Wear(String),
    Show(Range),
    Settings(Found),
}

struct Entry {
    /// What it is called; a match here counts before one in `doc`.
    title: String,
    /// What it does, or why it can't be done now.
    doc: Cow<'static, str>,
    /// Its keys, or where it leads.
    hint: String,
    deed: Deed,
}

/// The palette.
pub(in crate::ui::app) struct Palette {
    title: &'static str,
    input: Input,
    entries: Vec<Entry>,
    /// Indexes of the entries that match, best first.
    found: Vec<usize>,
    selected: usize,
    /// The theme that was worn when the palette was opened.
    worn: String,
}

impl Palette {
    pub fn of_everything(app: &mut App) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let locked = app.locked().filter(|_| !app.frame.demo);
        for action in all().filter(|action| action.name != "palette") {
            if app.can(action) {
                entries.push(Entry {
                    title: action.name.to_owned(),
                    doc: match &locked {
                        Some(why) if action.name == "act" => format!("off: {why}").into(),
                        _ => action.doc.into(),
                    },
                    hint: app.keymap().keys_text(action.name),
                    deed: Deed::Act(action),
                });
            }
        }
        entries.extend(Range::ALL.map(|range| Entry {
            title: format!("range {}", range.word()),
            doc: "Charts show so much time".into(),
            hint: String::new(),
            deed: Deed::Show(range),
        }));
        entries.extend(themes(app));
        for tab in &app.tabs {
            entries.extend(tab.jumps(&app.frame).into_iter().map(|jump| Entry {
                title: jump.title,
                doc: "".into(),
                hint: tab.title().to_owned(),
                deed: Deed::Go(jump.route),
            }));
        }
        entries.extend(found(app));
        Self::new("Find anything", entries, app)
    }

    pub fn of_themes(app: &mut App) -> Self {
        let mut palette = Self::new("Themes", themes(app), app);
        let is_worn = |index: &usize| matches!(&palette.entries[*index].deed, Deed::Wear(name) if *name == app.theme);
        palette.selected = palette.found.iter().position(is_worn).unwrap_or(0);
        palette
    }

    fn new(title: &'static str, entries: Vec<Entry>, app: &App) -> Self {
        let mut palette = Self {
            title,
            input: Input::new(""),
            entries,
            found: Vec::new(),
            selected: 0,
            worn: app.theme.clone(),
        };
        palette.search(app);
        palette
    }

    pub fn press(&mut self, key: KeyPress, app: &mut App) -> Step {
        match key.code {
            KeyCode::Enter => return self.choose(self.selected, app),
            KeyCode::Esc => {
                let worn = self.worn.clone();
                app.wear(&worn);
                return Step::Close;
            }
            _ if walk(key, &mut self.selected, self.found.len()) => {}
            _ => {
                if !self.input.press(key) {
                    return Step::Stay;
                }
                self.search(app);
            }
        }
        self.preview(app);
        Step::Stay
    }

    pub fn paste(&mut self, text: &str, app: &mut App) {
        if self.input.insert(text) {
            self.search(app);
            self.preview(app);
        }
    }

    pub fn scroll(&mut self, rows: isize, app: &mut App) {
        step(&mut self.selected, rows, self.found.len());
        self.preview(app);
    }

    /// Does what the entry says that stands at `row`.
    pub fn choose(&mut self, row: usize, app: &mut App) -> Step {
        let Some(entry) = self.found.get(row).map(|index| &self.entries[*index]) else {
            return Step::Close;
        };
        app.recent.retain(|title| *title != entry.title);
        app.recent.insert(0, entry.title.clone());
        if !matches!(entry.deed, Deed::Wear(_)) {
            app.wear(&self.worn);
        }
        match &entry.deed {
            Deed::Act(action) => (action.run)(app),
            Deed::Go(route) => app.follow(route),
            Deed::Wear(theme) => app.wear(theme),
            Deed::Show(range) => app.range = *range,
            Deed::Settings(found) => app.dialog = Some(Dialog::Found(FoundLines::new(found))),
        }
        Step::Close
    }

    pub fn popup(&self, look: &Look) -> Popup<'_> {
        let line = |index: &usize| {
            let entry = &self.entries[*index];
            PopupLine {
                left: Line::from(vec![
                    Span::raw(entry.title.as_str()),
                    Span::raw(if entry.doc.is_empty() { "" } else { "  " }),
                    Span::styled(entry.doc.as_ref(), look.style(Role::Dim)),
                ]),
                right: Span::styled(entry.hint.as_str(), look.style(Role::Key)).into(),
            }
        };
        Popup {
            title: Line::from(self.title),
            input: Some(self.input.shown()),
            text: "",
            first: 0,
            lines: self.found.iter().map(line).collect(),
            selected: (!self.found.is_empty()).then_some(self.selected),
            hint: Line::from(if self.found.is_empty() {
                "nothing is called like that"
            } else {
                "↑↓ choose  Enter do it  Esc leave"
            }),
            width: 76,
        }
    }

    /// Wears the theme that is selected, so that it is seen before it is chosen.
    fn preview(&self, app: &mut App) {
        let entry = self
            .found
            .get(self.selected)
            .map(|index| &self.entries[*index]);
        match entry.map(|entry| &entry.deed) {
            Some(Deed::Wear(theme)) => app.wear(theme),
            _ if app.theme != self.worn => app.wear(&self.worn),
            _ => {}
        }
    }

    fn search(&mut self, app: &App) {
        self.selected = 0;
        if self.input.text().is_empty() {
            let used = |index: &usize| {
                app.recent
                    .iter()
                    .position(|title| *title == self.entries[*index].title)
                    .unwrap_or(usize::MAX)
            };
            self.found = (0..self.entries.len()).collect();
            self.found.sort_by_key(used);
            return;
        }
        let pattern = Pattern::parse(
            self.input.text(),
            CaseMatching::Ignore,
            Normalization::Smart,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut text = Vec::new();
        let mut scored: Vec<((bool, u32), usize)> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let mut score = |of: &str| pattern.score(Utf32Str::new(of, &mut text), &mut matcher);
            let found = score(&entry.title)
                .map(|score| (true, score))
                .or_else(|| score(&entry.doc).map(|score| (false, score)));
            scored.extend(found.map(|score| (score, index)));
        }
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.found = scored.into_iter().map(|(_, index)| index).collect();
    }
}

/// What was found and is not watched, a line each; it leads to the lines of the settings that would watch it.
fn found(app: &App) -> Vec<Entry> {
    let rows = app.frame.tables.found.iter().flat_map(|rows| rows.iter());
    let entry = |row: &Found| Entry {
        title: format!("watch {} {}", row.kind, row.address),
        doc: "".into(),
        hint: "found, not watched".to_owned(),
        deed: Deed::Settings(row.clone()),
    };
    rows.filter(|row| row.attached.is_none())
        .map(entry)
        .collect()
}

fn themes(app: &App) -> Vec<Entry> {
    let entry = |name: &str| {
        let hint = if name == app.theme {
            "worn now"
        } else {
            "theme"
        };
        Entry {
            title: format!("theme {name}"),
            doc: "".into(),
            hint: hint.to_owned(),
            deed: Deed::Wear(name.to_owned()),
        }
    };
    app.options.themes.names().map(entry).collect()
}
