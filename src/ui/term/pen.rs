//! The colours and attributes that the terminal prints with, and the shortest change from one to another (ECMA-48, SGR).

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What the terminal prints with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// An attribute, the number that turns it on, and the one that turns it off.
const ATTRIBUTES: [(Modifier, u16, u16); 8] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Pen {
    /// Attributes that are seen where nothing is written.
    pub(super) const SEEN_ON_BLANK: Modifier = Modifier::UNDERLINED
        .union(Modifier::REVERSED)
        .union(Modifier::CROSSED_OUT);

    /// The pen that a cell is written with.
    pub(super) fn of(cell: &Cell) -> Self {
        let mut modifier = cell.modifier.difference(Modifier::HIDDEN);
        // Terminals do not agree on what both are; most show one of them.
        if modifier.contains(Modifier::BOLD) {
            modifier.remove(Modifier::DIM);
        }
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier,
        }
    }

    /// This pen changed as little as a blank on `bg` needs.
    pub(super) fn on_blank(self, bg: Color) -> Self {
        Self {
            fg: self.fg,
            bg,
            modifier: self.modifier.difference(Self::SEEN_ON_BLANK),
        }
    }

    /// Appends the shorter of two ways to `wanted`: change what differs, or reset and set everything.
    pub(super) fn change_to(&mut self, wanted: &Self, out: &mut Vec<u8>) {
        if self == wanted {
            return;
        }
        let start = out.len();
        self.write_change(wanted, out);
        let length = out.len() - start;
        // A reset is only worth a try when something has to go.
        if !self.modifier.difference(wanted.modifier).is_empty()
            || wanted.fg == Color::Reset
            || wanted.bg == Color::Reset
        {
            out.extend_from_slice(b"\x1b[0");
            write_attributes(wanted.modifier, out);
            write_color(wanted.fg, 30, out);
            write_color(wanted.bg, 40, out);
            let second = out.len() - start - length + 1;
            if second < length {
                out.drain(start..start + length);
                out.push(b'm');
            } else {
                out.truncate(start + length);
            }
        }
        *self = *wanted;
    }

    fn write_change(&self, wanted: &Self, out: &mut Vec<u8>) {
        let start = out.len();
        let gone = self.modifier.difference(wanted.modifier);
        let mut kept = self.modifier.difference(gone);
        let mut last_off = 0;
        for (attribute, _, off) in ATTRIBUTES {
            if gone.contains(attribute) && off != last_off {
                push_parameter(off, out);
                last_off = off;
                // Bold and dim go together, and so do the two blinks.
                for (other, _, other_off) in ATTRIBUTES {
                    if other_off == off {
                        kept.remove(other);
                    }
                }
            }
        }
        write_attributes(wanted.modifier.difference(kept), out);
        for (was, is, base) in [(self.fg, wanted.fg, 30), (self.bg, wanted.bg, 40)] {
            match is {
                _ if was == is => {}
                Color::Reset => push_parameter(base + 9, out),
                color => write_color(color, base, out),
            }
        }
        // The parameters were written as `;a;b`.
        out.splice(start..=start, *b"\x1b[");
        out.push(b'm');
    }
}

fn write_attributes(modifier: Modifier, out: &mut Vec<u8>) {
    for (attribute, on, _) in ATTRIBUTES {
        if modifier.contains(attribute) {
            push_parameter(on, out);
        }
    }
}

/// Appends the parameters of a colour; nothing for the default, which a reset has set. `base` is 30 or 40.
fn write_color(color: Color, base: u16, out: &mut Vec<u8>) {
    let ansi = |number: u16| {
        if number < 8 {
            base + number
        } else {
            base + 52 + number
        }
    };
    let number = match color {
        Color::Reset => return,
        Color::Black => ansi(0),
        Color::Red => ansi(1),
        Color::Green => ansi(2),
        Color::Yellow => ansi(3),
        Color::Blue => ansi(4),
        Color::Magenta => ansi(5),
        Color::Cyan => ansi(6),
        Color::Gray => ansi(7),
        Color::DarkGray => ansi(8),
        Color::LightRed => ansi(9),
        Color::LightGreen => ansi(10),
        Color::LightYellow => ansi(11),
        Color::LightBlue => ansi(12),
        Color::LightMagenta => ansi(13),
        Color::LightCyan => ansi(14),
        Color::White => ansi(15),
        Color::Indexed(index) => {
            for parameter in [base + 8, 5, u16::from(index)] {
                push_parameter(parameter, out);
            }
            return;
        }
        Color::Rgb(r, g, b) => {
            for parameter in [base + 8, 2, u16::from(r), u16::from(g), u16::from(b)] {
                push_parameter(parameter, out);
            }
            return;
        }
    };
    push_parameter(number, out);
}

fn push_parameter(number: u16, out: &mut Vec<u8>) {
    out.push(b';');
    push_number(number, out);
}

/// Appends a number in decimal.
pub(super) fn push_number(number: u16, out: &mut Vec<u8>) {
    let mut digits = [0; 5];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
