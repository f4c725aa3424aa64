//! Text measured and cut in terminal cells (CJK and emoji take two).

/// How many cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// The beginning of a text that fits into `cells`, ending in `…` when it was cut.
#[must_use]
pub fn fit(text: &str, cells: usize) -> std::borrow::Cow<'_, str> {
    if width(text) <= cells {
        return text.into();
    }
    if cells == 0 {
        return "".into();
    }
    let mut out = String::new();
    let mut used = 1;
    for grapheme in unicode_segmentation::UnicodeSegmentation::graphemes(text, true) {
        used += width(grapheme);
        if used > cells {
            break;
        }
        out.push_str(grapheme);
    }
    out.push('…');
    out.into()
}
