//! What lies over the screen: help, palette, themes, filter, sort, the menu of deeds and its question. One at a time.

mod deeds;
mod filter;
mod found;
mod help;
mod input;
mod moment;
mod palette;
mod sort;

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::state::App;
use crate::ui::action::KeyPress;
use crate::ui::tabs::{DeedMenu, Hits, Target};
use crate::ui::theme::Look;
use crate::ui::widgets::Popup;

use deeds::Deeds;
use filter::Filter;
use found::FoundLines;
use help::Help;
use moment::MomentInput;
use palette::Palette;
use sort::Sort;

/// Whether a dialog stays after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It stays.
    Stay,
    /// It goes.
    Close,
}

/// What lies over the screen.
pub(super) enum Dialog {
    /// The keys that work here.
    Help(Help),
    /// Any action, place or theme by a few letters.
    Palette(Palette),
    /// The filter of the list, in the footer.
    Filter(Filter),
    /// The columns to sort by.
    Sort(Sort),
    /// What can be done to the rows, and the question before it is.
    Deeds(Deeds),
    /// What was found and is not watched.
    Found(FoundLines),
    /// The moment to go to.
    Moment(MomentInput),
}

impl Dialog {
    pub fn help(app: &mut App) -> Self {
        Self::Help(Help::new(app))
    }

    pub fn palette(app: &mut App) -> Self {
        Self::Palette(Palette::of_everything(app))
    }

    pub fn themes(app: &mut App) -> Self {
        Self::Palette(Palette::of_themes(app))
    }

    pub fn filter(text: &str) -> Self {
        Self::Filter(Filter::new(text))
    }

    pub fn sort(columns: &'static [&'static str], order: (usize, bool)) -> Self {
        Self::Sort(Sort::new(columns, order))
    }

    pub fn deeds(menu: DeedMenu) -> Self {
        Self::Deeds(Deeds::new(menu))
    }

    pub fn moment(app: &App) -> Self {
        Self::Moment(MomentInput::new(app))
    }

    /// Takes a key. Where nothing is typed, a person's own key for quit ends the program too.
    pub fn press(&mut self, key: KeyPress, app: &mut App) -> Step {
        let types = matches!(self, Self::Palette(_) | Self::Filter(_) | Self::Moment(_));
        let actions = app.keymap().actions(key);
        if !types && actions.iter().any(|action| action.name == "quit") {
            app.quit();
            return Step::Close;
        }
        match self {
            Self::Palette(palette) => palette.press(key, app),
            Self::Filter(filter) => filter.press(key, app),
            Self::Moment(moment) => moment.press(key, app),
            // In menus a key with something held down is another key, and means nothing.
            _ if !key.modifiers.is_empty() => Step::Stay,
            Self::Help(help) => help.press(key, app),
            Self::Sort(sort) => sort.press(key, app),
            Self::Deeds(deeds) => deeds.press(key, app),
            Self::Found(found) => found.press(key, app),
        }
    }

    /// Takes pasted text where something is typed.
    pub fn paste(&mut self, text: &str, app: &mut App) {
        match self {
            Self::Palette(palette) => palette.paste(text, app),
            Self::Filter(filter) => filter.paste(text, app),
            Self::Moment(moment) => moment.paste(text),
            Self::Help(_) | Self::Sort(_) | Self::Deeds(_) | Self::Found(_) => {}
        }
    }

    /// The wheel.
    pub fn scroll(&mut self, rows: isize, app: &mut App) {
        match self {
            Self::Help(help) => help.scroll(rows, app),
            Self::Palette(palette) => palette.scroll(rows, app),
            Self::Sort(sort) => sort.scroll(rows),
            Self::Deeds(deeds) => deeds.scroll(rows),
            Self::Found(_) | Self::Moment(_) => {}
            Self::Filter(_) => app.with_list(|list, _| list.move_by(rows)),
        }
    }

    /// A click on one of its lines: chooses it.
    pub fn click(&mut self, row: usize, app: &mut App) -> Step {
        match self {
            Self::Help(_) | Self::Filter(_) | Self::Found(_) | Self::Moment(_) => Step::Stay,
            Self::Palette(palette) => palette.choose(row, app),
            Self::Sort(sort) => sort.choose(row, app),
            Self::Deeds(deeds) => deeds.click(row, app),
        }
    }

    /// Draws it over the screen. The filter is drawn by the footer.
    pub fn draw(&self, screen: Rect, buf: &mut Buffer, look: &Look, hits: &mut Hits) {
        match self {
            Self::Help(help) => show(&help.popup(look), screen, buf, look, hits),
            Self::Palette(palette) => show(&palette.popup(look), screen, buf, look, hits),
            Self::Sort(sort) => show(&sort.popup(look), screen, buf, look, hits),
            Self::Deeds(deeds) => show(&deeds.popup(look), screen, buf, look, hits),
            Self::Found(found) => show(&found.popup(look), screen, buf, look, hits),
            Self::Moment(moment) => show(&moment.popup(look), screen, buf, look, hits),
            Self::Filter(_) => {}
        }
    }

    /// The text that is typed into the footer, with the cursor's column.
    pub fn footer_input(&self) -> Option<(&str, usize)> {
        match self {
            Self::Filter(filter) => Some(filter.shown()),
            _ => None,
        }
    }
}

fn show(popup: &Popup<'_>, screen: Rect, buf: &mut Buffer, look: &Look, hits: &mut Hits) {
    for (area, index) in popup.render(screen, buf, look) {
        hits.add(area, Target::DialogRow(index));
    }
}

/// [`walk`] where nothing is typed, so that the letters move too.
fn walk_menu(key: KeyPress, selected: &mut usize, count: usize) {
    match key.code {
        KeyCode::Char('j') => step(selected, 1, count),
        KeyCode::Char('k') => step(selected, -1, count),
        _ => {
            walk(key, selected, count);
        }
    }
}

/// Moves a selection among `count` lines by the keys of lists; whether the key was one of them.
fn walk(key: KeyPress, selected: &mut usize, count: usize) -> bool {
    let by = match key.code {
        KeyCode::Down => 1,
        KeyCode::Up => -1,
        KeyCode::PageDown => 10,
        KeyCode::PageUp => -10,
        _ => return false,
    };
    step(selected, by, count);
    true
}

fn step(selected: &mut usize, by: isize, count: usize) {
    *selected = selected
        .saturating_add_signed(by)
        .min(count.saturating_sub(1));
}
