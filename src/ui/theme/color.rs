//! Colours as a theme file writes them, and the nearest ones that a terminal with fewer of them has.
//!
//! Distance is measured in OKLab (Björn Ottosson, 2020), where equal steps look equally large: plain RGB distance turns
//! the pastel colours of many themes into greys.

use ratatui::style::Color;

/// Red, green and blue, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The colour of a role: one of its own, or one of the terminal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// A colour of its own.
    Rgb(Rgb),
    /// The terminal's own: its default, or one of its sixteen.
    Terminal(Color),
}

/// The sixteen colours by name. Their shades are the terminal's choice; these are xterm's.
pub const ANSI: [(&str, Color, Rgb); 16] = [
    ("black", Color::Black, Rgb(0, 0, 0)),
    ("red", Color::Red, Rgb(205, 0, 0)),
    ("green", Color::Green, Rgb(0, 205, 0)),
    ("yellow", Color::Yellow, Rgb(205, 205, 0)),
    ("blue", Color::Blue, Rgb(0, 0, 238)),
    ("magenta", Color::Magenta, Rgb(205, 0, 205)),
    ("cyan", Color::Cyan, Rgb(0, 205, 205)),
    ("gray", Color::Gray, Rgb(229, 229, 229)),
    ("dark_gray", Color::DarkGray, Rgb(127, 127, 127)),
    ("light_red", Color::LightRed, Rgb(255, 0, 0)),
    ("light_green", Color::LightGreen, Rgb(0, 255, 0)),
    ("light_yellow", Color::LightYellow, Rgb(255, 255, 0)),
    ("light_blue", Color::LightBlue, Rgb(92, 92, 255)),
    ("light_magenta", Color::LightMagenta, Rgb(255, 0, 255)),
    ("light_cyan", Color::LightCyan, Rgb(0, 255, 255)),
    ("white", Color::White, Rgb(255, 255, 255)),
];

impl Paint {
    /// The paint written as `#rrggbb`, as one of [`ANSI`], or as `default` (the terminal's own).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Terminal(Color::Reset));
        }
        if let Some(hex) = text.strip_prefix('#') {
            return Rgb::from_hex(hex).map(Self::Rgb);
        }
        ansi_named(text).map(Self::Terminal)
    }
}

/// The terminal's colour called `name`.
#[must_use]
pub fn ansi_named(name: &str) -> Option<Color> {
    ANSI.iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, color, _)| *color)
}

impl Rgb {
    /// `rrggbb`.
    fn from_hex(hex: &str) -> Option<Self> {
        if hex.len() != 6 || !hex.is_ascii() {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// The colour `share` (0 to 1) of the way to `other`.
    #[must_use]
    pub fn mix(self, other: Self, share: f64) -> Self {
        let blend = |a: u8, b: u8| {
            let mixed = f64::from(a) + (f64::from(b) - f64::from(a)) * share.clamp(0.0, 1.0);
            mixed.round() as u8
        };
        Self(
            blend(self.0, other.0),
            blend(self.1, other.1),
            blend(self.2, other.2),
        )
    }

    /// The nearest of the 6x6x6 cube and the 24 greys of a terminal with 256 colours. The first sixteen are left out:
    /// what they look like is not known.
    #[must_use]
    pub fn to_256(self) -> Color {
        let nearest = nearest(self, (16..=255).map(|index| (index, xterm(index))));
        Color::Indexed(nearest.unwrap_or(16))
    }

    /// The nearest of the sixteen.
    #[must_use]
    pub fn to_16(self) -> Color {
        nearest(self, ANSI.iter().map(|(_, color, rgb)| (*color, *rgb))).unwrap_or(Color::Reset)
    }

    /// How bright it is to the eye, 0 to 1 (WCAG 2.1, relative luminance).
    #[must_use]
    pub fn luminance(self) -> f64 {
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The contrast to another colour, 1 to 21 (WCAG 2.1, contrast ratio).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    fn oklab(self) -> [f64; 3] {
        let (r, g, b) = (linear(self.0), linear(self.1), linear(self.2));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
        ]
    }
}

fn nearest<T>(wanted: Rgb, known: impl Iterator<Item = (T, Rgb)>) -> Option<T> {
    let wanted = wanted.oklab();
    let distance = |rgb: Rgb| -> f64 {
        let other = rgb.oklab();
        (0..3).map(|i| (wanted[i] - other[i]).powi(2)).sum()
    };
    known
        .map(|(value, rgb)| (distance(rgb), value))
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, value)| value)
}

/// The colour behind an index of 16 and more, as xterm paints it.
fn xterm(index: u8) -> Rgb {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return Rgb(grey, grey, grey);
    }
    let cube = usize::from(index.saturating_sub(16));
    Rgb(LEVELS[cube / 36], LEVELS[cube / 6 % 6], LEVELS[cube % 6])
}

fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.040_45 {
        part / 12.92
    } else {
        ((part + 0.055) / 1.055).powf(2.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_written_as_people_write_them() {
        assert_eq!(
            Paint::parse("#ff5555"),
            Some(Paint::Rgb(Rgb(255, 0x55, 0x55)))
        );
        assert_eq!(
            Paint::parse("light_red"),
            Some(Paint::Terminal(Color::LightRed))
        );
        assert_eq!(Paint::parse("default"), Some(Paint::Terminal(Color::Reset)));
        for wrong in ["#fff", "#ff55", "#gg0000", "#ff555é", "", "rot"] {
            assert_eq!(Paint::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn fewer_colours_keep_the_hue() {
        assert_eq!(Rgb(255, 0, 0).to_256(), Color::Indexed(196));
        assert_eq!(Rgb(8, 8, 8).to_256(), Color::Indexed(232));
        assert_eq!(Rgb(0xf7, 0x76, 0x8e).to_256(), Color::Indexed(204));
        assert_eq!(Rgb(250, 20, 10).to_16(), Color::LightRed);
        assert_eq!(Rgb(10, 200, 30).to_16(), Color::Green);
    }

    #[test]
    fn contrast_is_as_wcag_defines_it() {
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        assert!((Rgb(0x77, 0x77, 0x77).contrast(white) - 4.48).abs() < 0.01);
    }
}
