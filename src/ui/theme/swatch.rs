//! A theme shown in one line of an ordinary terminal, without the screen being taken.

use std::fmt::Write as _;

use crossterm::style::{Attribute, Color as TermColor, SetAttribute, SetForegroundColor};
use ratatui::style::Color;

use super::{Look, Role, Symbols};

/// What a swatch shows, from calm to worst and then the curves.
const SHOWN: [Role; 9] = [
    Role::Accent,
    Role::Ok,
    Role::Info,
    Role::Warning,
    Role::Critical,
    Role::Curve1,
    Role::Curve2,
    Role::Curve3,
    Role::Curve4,
];

/// One block for each of the roles that make a theme, with the escape sequences for an ordinary terminal.
#[must_use]
pub fn swatch(look: &Look) -> String {
    let block = if look.symbols == Symbols::Ascii {
        "##"
    } else {
        "██"
    };
    let mut line = String::new();
    for role in SHOWN {
        if let Some(color) = look.style(role).fg {
            // Writing to a String can't fail.
            let _ = write!(line, "{}", SetForegroundColor(terminal_color(color)));
        }
        line.push_str(block);
    }
    let _ = write!(line, "{}", SetAttribute(Attribute::Reset));
    line
}

fn terminal_color(color: Color) -> TermColor {
    match color {
        Color::Reset => TermColor::Reset,
        Color::Rgb(r, g, b) => TermColor::Rgb { r, g, b },
        Color::Indexed(index) => TermColor::AnsiValue(index),
        Color::Black => TermColor::Black,
        Color::Red => TermColor::DarkRed,
        Color::Green => TermColor::DarkGreen,
        Color::Yellow => TermColor::DarkYellow,
        Color::Blue => TermColor::DarkBlue,
        Color::Magenta => TermColor::DarkMagenta,
        Color::Cyan => TermColor::DarkCyan,
        Color::Gray => TermColor::Grey,
        Color::DarkGray => TermColor::DarkGrey,
        Color::LightRed => TermColor::Red,
        Color::LightGreen => TermColor::Green,
        Color::LightYellow => TermColor::Yellow,
        Color::LightBlue => TermColor::Blue,
        Color::LightMagenta => TermColor::Magenta,
        Color::LightCyan => TermColor::Cyan,
        Color::White => TermColor::White,
    }
}
