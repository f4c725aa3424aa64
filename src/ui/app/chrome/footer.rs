//! The keys that work here now, or what was last said, or what is being typed; and the breadcrumb at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{FULL, Writer, mark};
use crate::ui::action::{Action, all};
use crate::ui::app::{App, Position};
use crate::ui::tabs::{Hits, Target};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::text::width;

pub(super) fn draw(app: &mut App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    if area.height == 0 {
        return;
    }
    let screen = buf.area;
    let crumbs = crumbs(app);
    let crumbs_width = u16::try_from(width(&crumbs)).unwrap_or(u16::MAX);
    let input = app
        .dialog
        .as_ref()
        .and_then(super::super::dialog::Dialog::footer_input);
    if let Some((text, cursor)) = input {
        let line = format!(" filter: {text}");
        let mut writer = Writer::new(area, buf);
        writer.put(&line, app.look.style(Role::Bright));
        let column = area
            .x
            .saturating_add(u16::try_from(9 + cursor).unwrap_or(u16::MAX));
        if let Some(cell) = buf
            .cell_mut((column, area.y))
            .filter(|_| column < area.right())
        {
            cell.set_style(cell.style().add_modifier(Modifier::REVERSED));
        }
        let hint = " Enter keep  Esc clear ";
        let mut writer = Writer::new(area, buf);
        writer.skip(u16::try_from(width(&line) + 2).unwrap_or(u16::MAX));
        if writer.until_right(u16::try_from(hint.len()).unwrap_or(0)) {
            writer.put(hint, app.look.style(Role::Dim));
        }
        return;
    }
    let mut line = Writer::new(area, buf);
    line.skip(1);
    if let Some((text, role)) = said(app) {
        line.put(&text, app.look.style(role));
    } else if screen.width < FULL.0 || screen.height < FULL.1 {
        // A plain line says what is needed.
        let text = format!(
            "needs {}x{} ({}x{})",
            FULL.0, FULL.1, screen.width, screen.height
        );
        line.put(&text, app.look.style(Role::Dim));
        return;
    } else {
        keys(app, &mut line, crumbs_width + 2, hits);
    }
    line.skip(2);
    if line.until_right(crumbs_width + 1) {
        line.put(&crumbs, app.look.style(Role::Dim));
    }
}

fn crumbs(app: &App) -> String {
    let between = if app.look.symbols == Symbols::Ascii {
        " > "
    } else {
        " › "
    };
    app.crumbs().join(between)
}

/// What was last said, as long as it stands; then why the moment that is shown has no figures yet.
fn said(app: &App) -> Option<(String, Role)> {
    let message = app.message.as_ref().filter(|message| !message.is_over());
    let said = message.map(|message| (message.text.clone(), message.role));
    said.or_else(|| {
        let asking = app.feed.asking(app.position().held()?)?;
        Some((asking, Role::Info))
    })
}

fn keys(app: &mut App, line: &mut Writer<'_>, reserved: u16, hits: &mut Hits) {
    let mut shown: Vec<(u8, &'static str, &'static Action)> = all()
        .filter_map(|action| footer_of(app, action).map(|(rank, word)| (rank, word, action)))
        .collect();
    shown.retain(|(_, _, action)| app.can(action) && is_of_use(app, action));
    shown.sort_by_key(|(rank, _, _)| *rank);
    for (_, word, action) in shown {
        let Some(key) = app
            .keymap()
            .first_key(action.name)
            .map(|key| key.to_string())
        else {
            continue;
        };
        let key = match key.as_str() {
            "enter" => "Enter".to_owned(),
            "esc" => "Esc".to_owned(),
            "end" => "End".to_owned(),
            _ => key,
        };
        let needed = u16::try_from(width(&key) + width(word) + 1).unwrap_or(u16::MAX);
        if line.room() < needed + reserved {
            return;
        }
        let key = line.put(&key, app.look.style(Role::Key));
        line.skip(1);
        let word = line.put(word, app.look.style(Role::Dim));
        mark(hits, key.union(word), Target::Action(action.name));
        line.skip(2);
    }
}

/// How early an action is told here, and what it is called: a recording has an end and no present, and plays on.
fn footer_of(app: &App, action: &Action) -> Option<(u8, &'static str)> {
    match action.name {
        _ if !app.feed.link().is_recording() => action.footer,
        "live" => Some((2, "end")),
        "pause" if !app.plays() => Some((1, "play")),
        _ => action.footer,
    }
}

/// Whether an action that works leads anywhere from what is shown: the room is for those that do.
fn is_of_use(app: &mut App, action: &Action) -> bool {
    let is_live = app.position() == Position::Live;
    let is_recording = app.feed.link().is_recording();
    let never_acts = is_recording || app.frame.demo || app.options.read_only;
    let tab = &mut app.tabs[app.active];
    let is_detail = !tab.crumbs().is_empty();
    match action.name {
        "open" => !is_detail && tab.opens() && tab.list().is_some_and(|list| list.counts().0 > 0),
        "act" => tab.can_act() && !never_acts,
        "pause" => is_live || is_recording,
        "step-back" => is_live,
        "step-forward" | "go-to-moment" | "next-alert" => !is_live || is_recording,
        "live" => !is_live,
        "escape" => is_detail || app.zoomed,
        "next-list" => !tab.sub_lists().0.is_empty(),
        _ => true,
    }
}
