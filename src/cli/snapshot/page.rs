//! A page of text: headings, lines and tables whose columns stand under each other.

use unicode_width::UnicodeWidthStr;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A page that grows downwards.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// The page as it is printed.
    pub fn finish(self) -> String {
        self.0
    }

    /// Adds a line.
    pub fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    /// Begins a section.
    pub fn heading(&mut self, text: &str) {
        self.0.push('\n');
        self.line(text);
    }

    /// Adds a table, indented by two. The first row holds the heads; each column is as wide as its widest cell.
    pub fn table(&mut self, sides: &[Side], rows: &[Vec<String>]) {
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..sides.len()).map(width).collect();
        for row in rows {
            let cells = row.iter().zip(sides).zip(&widths);
            let cells: Vec<String> = cells
                .map(|((cell, side), width)| padded(cell, *side, *width))
                .collect();
            self.line(&format!("  {}", cells.join("  ")));
        }
    }
}

fn padded(cell: &str, side: Side, width: usize) -> String {
    let gap = " ".repeat(width.saturating_sub(cell.width()));
    match side {
        Side::Left => format!("{cell}{gap}"),
        Side::Right => format!("{gap}{cell}"),
    }
}

/// Whether the locale says that what reads the output understands UTF-8; POSIX has the first of these decide that is
/// set and not empty.
pub fn locale_is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        .is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

/// The same text with nothing but ASCII in it.
pub fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => plain.push(c),
            '–' | '—' | '−' => plain.push('-'),
            'µ' => plain.push('u'),
            '°' => plain.push(' '),
            '·' => plain.push('|'),
            '…' => plain.push_str("..."),
            '✓' => plain.push('+'),
            '✗' => plain.push('x'),
            _ => plain.push('?'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_is_in_them() {
        let mut page = Page::default();
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        page.table(
            &[Side::Left, Side::Right],
            &[
                row(["NAME", "CPU%"]),
                row(["日本語", "7"]),
                row(["x", "100"]),
            ],
        );
        assert_eq!(
            page.finish(),
            "  NAME    CPU%\n  日本語     7\n  x        100\n"
        );
    }

    #[test]
    fn a_locale_without_utf8_gets_ascii() {
        let locale = |pairs: &'static [(&str, &str)]| {
            locale_is_utf8(|name| {
                let pair = pairs.iter().find(|(known, _)| *known == name)?;
                Some(pair.1.to_owned())
            })
        };
        assert!(locale(&[("LANG", "de_DE.UTF-8")]));
        assert!(!locale(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]));
        assert!(!locale(&[]));
        assert_eq!(ascii("– 12µs · 61°C 日"), "- 12us | 61 C ?");
    }
}
