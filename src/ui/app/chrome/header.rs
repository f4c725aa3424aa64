//! ` hubtop  web-01 ▸ LIVE      ● 1 critical  ▲ 2 warning      14:32:07  1s`

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Writer, mark};
use crate::model::{Keeping, KeepingState, Severity, format};
use crate::ui::app::{App, Position};
use crate::ui::tabs::{Hits, Target};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::text::{fit, width};

/// Cells from which on the beginning of a reason says something.
const LEAST_REASON: usize = 8;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let look = &app.look;
    let mut line = Writer::new(area, buf);
    line.put(" hubtop  ", look.style(Role::Accent));
    if app.frame.demo {
        line.put("DEMO", look.style(Role::Mode));
        line.skip(2);
    }
    if !app.frame.host.name.is_empty() {
        line.put(&app.frame.host.name, look.style(Role::Bright));
        line.put(
            if look.symbols == Symbols::Ascii {
                " > "
            } else {
                " ▸ "
            },
            look.style(Role::Dim),
        );
    }
    let (mode, role) = mode(app);
    line.put(&mode, look.style(role));
    if app.options.read_only {
        line.put("  READ-ONLY", look.style(Role::Dim));
    }
    let alerts = alerts(app);
    let clock = format!("{}  {} ", clock(app), tick(app));
    let alert_width: usize = alerts.iter().map(|(text, _)| width(text) + 2).sum();
    let right = u16::try_from(alert_width + width(&clock) + 2).unwrap_or(u16::MAX);
    line.skip(2);
    if let Some((text, role)) = keeping(app, line.room().saturating_sub(right + 2)) {
        line.put(&text, look.style(role));
        line.skip(2);
    }
    if !line.until_right(right) && alerts.is_empty() {
        return;
    }
    let alerts_tab = app.tabs.iter().position(|tab| tab.title() == "Alerts");
    for (text, role) in &alerts {
        let taken = line.put(text, look.style(*role));
        if let Some(tab) = alerts_tab {
            mark(hits, taken, Target::Tab(tab));
        }
        line.skip(2);
    }
    let clock_width = u16::try_from(width(&clock)).unwrap_or(u16::MAX);
    if line.until_right(clock_width) {
        line.put(&clock, look.style(Role::Dim));
    }
}

/// The present, since a moment of the past stands with its mode; of a recording, which says no more than the time, the
/// day.
fn clock(app: &App) -> String {
    let newest = app.feed.newest().at;
    if app.feed.link().is_recording() {
        newest.local().format("%Y-%m-%d").to_string()
    } else {
        newest.clock_text()
    }
}

/// What is wrong with the places in which frames are kept: the worst of it, in as many cells as there are; as a mark
/// where those are few. What is to be done stands in `hubtop doctor`.
fn keeping(app: &App, cells: u16) -> Option<(String, Role)> {
    let newest = app.feed.newest();
    let rank = |place: &&Keeping| match place.state {
        KeepingState::Failing => 3,
        KeepingState::Queueing => 2,
        // What is over and was news, as a damaged file, or that another hubtop keeps it.
        _ if !place.line.is_empty() => 1,
        KeepingState::Starting | KeepingState::Keeping | KeepingState::Reading => 0,
    };
    let troubled = newest.keeping.iter().filter(|place| rank(place) > 0);
    let place = troubled.max_by_key(rank)?;
    let role = match place.state {
        KeepingState::Failing => Role::Warning,
        _ => Role::Info,
    };
    let (sign, since) = if rank(&place) > 1 {
        ("! ", format!(" since {}", place.since.minute_text()))
    } else {
        ("", String::new())
    };
    let name = format!("{sign}{}", place.name);
    let cells = usize::from(cells);
    let room = cells.saturating_sub(width(&name) + 2 + width(&since));
    let text = match room {
        _ if width(&place.line) <= room => format!("{name}: {}{since}", place.line),
        LEAST_REASON.. => format!("{name}: {}{since}", fit(&place.line, room)),
        _ if width(&name) <= cells => name,
        _ => "!".to_owned(),
    };
    Some((text, role))
}

/// The mode is a word with a colour, never a colour alone.
fn mode(app: &App) -> (String, Role) {
    let newest = app.feed.newest();
    if app.position == Position::Live && newest.number == 0 {
        return ("STARTING".to_owned(), Role::Dim);
    }
    let role = if app.position == Position::Live {
        Role::Ok
    } else {
        Role::Mode
    };
    if let (Position::Live, Some(age)) = (app.position, app.age)
        && age > app.silence()
    {
        return (format!("STALE {}", format::duration(age)), Role::Warning);
    }
    (app.position.word(&newest, app.feed.link()), role)
}

fn alerts(app: &App) -> Vec<(String, Role)> {
    let ascii = app.look.symbols == Symbols::Ascii;
    let signs = if ascii {
        ["!!", "!", "i"]
    } else {
        ["●", "▲", "·"]
    };
    [Severity::Critical, Severity::Warning, Severity::Info]
        .into_iter()
        .zip(signs)
        .filter_map(|(severity, sign)| match app.frame.alerts.firing(severity) {
            0 => None,
            count => Some((
                format!("{sign} {count} {}", severity.word()),
                Role::of(severity),
            )),
        })
        .collect()
}

fn tick(app: &App) -> String {
    let ms = app.frame.tick.as_millis();
    if ms.is_multiple_of(1000) {
        format!("{}s", ms / 1000)
    } else {
        format!("{ms}ms")
    }
}
