//! A line of text being typed.

use crossterm::event::{KeyCode, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

use crate::model::text::printable;
use crate::ui::action::KeyPress;
use crate::ui::widgets::text::width;

/// A line of text being typed, with a cursor between its graphemes.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    text: String,
    /// Bytes before the cursor.
    cursor: usize,
}

impl Input {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            cursor: text.len(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text with the cursor's column in cells.
    pub fn shown(&self) -> (&str, usize) {
        (&self.text, width(&self.text[..self.cursor]))
    }

    /// Takes a key; whether the text changed.
    pub fn press(&mut self, key: KeyPress) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.cut(0, self.cursor),
            KeyCode::Char('w') if control => self.cut(self.word_start(), self.cursor),
            KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(&c.to_string())
            }
            KeyCode::Backspace => self.cut(self.before(), self.cursor),
            KeyCode::Delete => self.cut(self.cursor, self.after()),
            KeyCode::Left => self.go(self.before()),
            KeyCode::Right => self.go(self.after()),
            KeyCode::Home => self.go(0),
            KeyCode::End => self.go(self.text.len()),
            _ => false,
        }
    }

    /// Takes text at the cursor, its control characters made visible; whether the text changed.
    pub fn insert(&mut self, text: &str) -> bool {
        let text = printable(text.lines().next().unwrap_or_default());
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        !text.is_empty()
    }

    fn go(&mut self, to: usize) -> bool {
        self.cursor = to;
        false
    }

    fn cut(&mut self, from: usize, to: usize) -> bool {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        from != to
    }

    fn before(&self) -> usize {
        self.text[..self.cursor]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(start, _)| start)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..]
            .graphemes(true)
            .next()
            .map_or(self.cursor, |next| self.cursor + next.len())
    }

    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.rfind(' ').map_or(0, |space| space + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> Input {
        let mut input = Input::new("");
        for key in keys.split(' ') {
            input.press(key.parse().unwrap());
        }
        input
    }

    #[test]
    fn it_is_edited_by_graphemes() {
        let mut input = typed("a b");
        input.insert("日🧑‍🚀");
        assert_eq!(input.shown(), ("ab日🧑‍🚀", 6));
        input.press("backspace".parse().unwrap());
        assert_eq!(input.shown(), ("ab日", 4));
        for (key, left) in [
            ("home", "ab日"),
            ("delete", "b日"),
            ("end", "b日"),
            ("ctrl-u", ""),
        ] {
            input.press(key.parse().unwrap());
            assert_eq!(input.text(), left, "{key}");
        }
        assert!(
            !input.insert("\nsecond line"),
            "a pasted line break ends the text"
        );
    }
}
