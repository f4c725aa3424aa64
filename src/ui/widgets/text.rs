//! Text measured, cut and put in terminal cells (CJK and emoji take two).

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_segmentation::UnicodeSegmentation;

use crate::ui::theme::{Look, Symbols};

/// How many cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    unicode_width::UnicodeWidthStr::width(text)
}

/// The beginning of a text that fits into `cells`, ending in `…` when it was cut.
#[must_use]
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return text.into();
    }
    if cells == 0 {
        return "".into();
    }
    let mut out = String::with_capacity(cells + 3);
    out.push_str(head(text, cells - 1));
    out.push('…');
    out.into()
}

/// The end of a text that fits into `cells`, beginning with `…` when it was cut: for paths, which differ at their end.
#[must_use]
pub fn fit_end(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return text.into();
    }
    let mut used = 1;
    let mut from = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > cells {
            break;
        }
        from = at;
    }
    match cells {
        0 => "".into(),
        _ => format!("…{}", &text[from..]).into(),
    }
}

/// [`fit`] for the terminal at hand: `~` stands for `…` where there is only ASCII.
#[must_use]
pub fn fit_look<'a>(text: &'a str, cells: usize, look: &Look) -> Cow<'a, str> {
    match fit(text, cells) {
        Cow::Owned(mut cut) if look.symbols == Symbols::Ascii => {
            cut.pop();
            cut.push('~');
            cut.into()
        }
        kept => kept,
    }
}

/// The text cut or filled with spaces at its right to exactly `cells`.
#[must_use]
pub fn pad_right(text: &str, cells: usize) -> String {
    let fitted = fit(text, cells);
    let fill = cells - width(&fitted);
    format!("{fitted}{:fill$}", "")
}

/// The text cut or filled with spaces at its left to exactly `cells`.
#[must_use]
pub fn pad_left(text: &str, cells: usize) -> String {
    let fitted = fit(text, cells);
    let fill = cells - width(&fitted);
    format!("{:fill$}{fitted}", "")
}

/// The longest beginning of a text that takes at most `cells`, cut between graphemes.
#[must_use]
pub fn head(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells {
            return &text[..at];
        }
    }
    text
}

/// Puts a text into one line of the buffer, at most `cells` of it, and returns the column after it. Quicker than
/// [`Buffer::set_stringn`] for plain text; nothing is put outside the buffer.
pub fn put(buf: &mut Buffer, x: u16, y: u16, text: &str, cells: u16, style: Style) -> u16 {
    if !(Rect {
        x,
        y,
        width: 1,
        height: 1,
    })
    .intersects(buf.area)
    {
        return x;
    }
    if !text.is_ascii() {
        return buf.set_stringn(x, y, text, usize::from(cells), style).0;
    }
    let room = usize::from(buf.area.right().saturating_sub(x).min(cells));
    let start = buf.index_of(x, y);
    let visible = text
        .bytes()
        .filter(|byte| !byte.is_ascii_control())
        .take(room);
    let mut end = x;
    for (cell, byte) in buf.content[start..].iter_mut().zip(visible) {
        cell.set_char(char::from(byte)).set_style(style);
        end += 1;
    }
    end
}

/// Puts a text of at most `cells`, ending in `…` when it was cut; returns the column after it.
pub fn put_fit(
    buf: &mut Buffer,
    (x, y): (u16, u16),
    text: &str,
    cells: u16,
    style: Style,
    look: &Look,
) -> u16 {
    let fitted = fit_look(text, usize::from(cells), look);
    put(buf, x, y, &fitted, cells, style)
}

/// Puts a line of styled text over `base`, at most `cells` of it; returns the column after it. The last piece that
/// does not fit ends in `…`.
pub fn put_line(
    buf: &mut Buffer,
    (x, y): (u16, u16),
    line: &Line<'_>,
    cells: u16,
    base: Style,
    look: &Look,
) -> u16 {
    let end = x.saturating_add(cells);
    let mut at = x;
    for span in &line.spans {
        if at >= end {
            break;
        }
        let style = base.patch(line.style).patch(span.style);
        at = put_fit(buf, (at, y), &span.content, end - at, style, look);
    }
    at
}

/// Fills an area with spaces in a style.
pub(super) fn clear(buf: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buf.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buf[(x, y)];
            cell.reset();
            cell.set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_between_graphemes() {
        assert_eq!(fit("postgres", 8), "postgres");
        assert_eq!(fit("postgres", 5), "post…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("👩‍💻 dev", 3), "👩‍💻…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(pad_left("7%", 4), "  7%");
        assert_eq!(pad_right("日本", 5), "日本 ");
    }

    #[test]
    fn plain_and_wide_text_end_where_they_take_their_cells() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 1));
        assert_eq!(put(&mut buf, 2, 0, "abc", 10, Style::new()), 5);
        assert_eq!(put(&mut buf, 0, 0, "日本", 3, Style::new()), 2);
        assert_eq!(put(&mut buf, 8, 0, "abc", 10, Style::new()), 10);
        assert_eq!(put(&mut buf, 12, 0, "abc", 10, Style::new()), 12);
        assert_eq!(put(&mut buf, 0, 3, "abc", 10, Style::new()), 0);
    }

    proptest! {
        #[test]
        fn a_fitted_text_never_takes_more(text in "\\PC{0,40}", cells in 0usize..30) {
            prop_assert!(width(&fit(&text, cells)) <= cells);
            prop_assert_eq!(width(&pad_left(&text, cells)), cells);
        }
    }
}
