//! What a terminal shows of a cell: a glyph of one or two columns.

use ratatui::buffer::Cell;

/// The glyph that stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph<'a> {
    /// Its text.
    pub(super) symbol: &'a str,
    /// How many columns it takes, 1 or more.
    pub(super) width: usize,
    /// Whether every terminal takes it to be that wide.
    pub(super) certain: bool,
}

impl<'a> Glyph<'a> {
    const BLANK: Self = Self {
        symbol: " ",
        width: 1,
        certain: true,
    };

    /// The glyph in column `x` of a row. A wide one that another is drawn over, or that the row's end cuts, is blank.
    pub(super) fn at(row: &'a [Cell], x: usize) -> Self {
        let symbol = row[x].symbol();
        let (width, certain) = width(symbol);
        let covered = || {
            let rest = row.get(x + 1..x + width);
            rest.is_none_or(|rest| rest.iter().any(|cell| cell.symbol() != " "))
        };
        if width == 0 || (width > 1 && covered()) {
            return Self::BLANK;
        }
        Self {
            symbol,
            width,
            certain,
        }
    }
}

/// How wide a text is, and whether all terminals agree on it.
fn width(symbol: &str) -> (usize, bool) {
    if symbol.len() == 1 {
        return (1, true);
    }
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        // Latin, lines, blocks, braille: what most of a screen is made of.
        (Some('\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}'), None) => (1, true),
        (Some('\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}'), None) => (1, true),
        // Kana, CJK ideographs, Hangul.
        (
            Some('\u{3041}'..='\u{3096}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'),
            None,
        ) => (2, true),
        _ => (unicode_width::UnicodeWidthStr::width(symbol), false),
    }
}
