//! Keys as people write them, and which action each one means.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use thiserror::Error;

use super::{Action, all, find};

/// A key with what is held down, in one form: shift is part of a character, never beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyPress {
    /// The key.
    pub code: KeyCode,
    /// Control and alt; shift for keys that are no characters.
    pub modifiers: KeyModifiers,
}

impl KeyPress {
    /// What ends the program from everywhere.
    pub const CTRL_C: Self = Self {
        code: KeyCode::Char('c'),
        modifiers: KeyModifiers::CONTROL,
    };
}

impl From<KeyEvent> for KeyPress {
    fn from(event: KeyEvent) -> Self {
        let held =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        match event.code {
            KeyCode::Char(_) => Self {
                code: event.code,
                modifiers: held - KeyModifiers::SHIFT,
            },
            KeyCode::BackTab => Self {
                code: KeyCode::Tab,
                modifiers: KeyModifiers::SHIFT,
            },
            code => Self {
                code,
                modifiers: held,
            },
        }
    }
}

/// Why a text names no key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// No such key.
    #[error("{0:?} is no key; write a character, or one of {names}", names = NAMES.map(|(name, _)| name).join(" "))]
    Unknown(String),
    /// No such action.
    #[error("there is no action {name:?}{hint}")]
    Action {
        /// As it was written.
        name: String,
        /// The nearest right name, as an appended question.
        hint: String,
    },
}

const NAMES: [(&str, KeyCode); 15] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
];

impl FromStr for KeyPress {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let unknown = || KeyError::Unknown(text.to_owned());
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        // "-" alone, and the "-" of "ctrl--", is the key itself.
        while let Some((prefix, tail)) = rest
            .split_once('-')
            .filter(|(prefix, tail)| !prefix.is_empty() && !tail.is_empty())
        {
            modifiers |= match prefix {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return Err(unknown()),
            };
            rest = tail;
        }
        let code = match code_of(rest).ok_or_else(unknown)? {
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(c.to_ascii_uppercase())
            }
            code => code,
        };
        Ok(Self { code, modifiers })
    }
}

fn code_of(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(KeyCode::Char(only));
    }
    if let Some(number) = text
        .strip_prefix('f')
        .and_then(|number| number.parse().ok())
    {
        return Some(KeyCode::F(number));
    }
    NAMES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, code)| *code)
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ] {
            if self.modifiers.contains(held) {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            code => write!(f, "{code:?}"),
        }
    }
}

/// Which keys mean which actions.
#[derive(Debug)]
pub struct Keymap {
    by_key: HashMap<KeyPress, Vec<&'static Action>>,
    keys: HashMap<&'static str, Vec<KeyPress>>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut keymap = Self {
            by_key: HashMap::new(),
            keys: HashMap::new(),
        };
        for action in all() {
            // The keys of the table can be read: a test holds them to it.
            let keys = action
                .keys
                .iter()
                .filter_map(|key| key.parse().ok())
                .collect();
            keymap.keys.insert(action.name, keys);
        }
        keymap.index();
        keymap
    }
}

impl Keymap {
    /// Gives an action keys of a person's own in the place of the ones it has. Ctrl-C stays with quit.
    ///
    /// # Errors
    /// A name that is no action or no key.
    pub fn bind(&mut self, name: &str, keys: &[String]) -> Result<(), KeyError> {
        let action = find(name).ok_or_else(|| unknown_action(name))?;
        let mut keys = keys
            .iter()
            .map(|key| key.parse())
            .collect::<Result<Vec<KeyPress>, _>>()?;
        if action.name == "quit" && !keys.contains(&KeyPress::CTRL_C) {
            keys.push(KeyPress::CTRL_C);
        }
        self.keys.insert(action.name, keys);
        self.index();
        Ok(())
    }

    /// The actions that a key may mean; which one depends on the screen.
    #[must_use]
    pub fn actions(&self, key: KeyPress) -> &[&'static Action] {
        self.by_key.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The first key of an action, as it stands in the footer.
    #[must_use]
    pub fn first_key(&self, action: &str) -> Option<KeyPress> {
        self.keys.get(action)?.first().copied()
    }

    /// The keys of an action as they stand in the help: `j down`.
    #[must_use]
    pub fn keys_text(&self, action: &str) -> String {
        let keys = self.keys.get(action).map_or(&[][..], Vec::as_slice);
        keys.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn index(&mut self) {
        self.by_key.clear();
        for action in all() {
            for key in self.keys.get(action.name).into_iter().flatten() {
                self.by_key.entry(*key).or_default().push(action);
            }
        }
    }
}

fn unknown_action(name: &str) -> KeyError {
    let nearest = all().map(|action| action.name).max_by(|a, b| {
        let near = |candidate| strsim::jaro_winkler(candidate, name);
        near(*a).total_cmp(&near(*b))
    });
    let hint = nearest
        .map(|nearest| format!("; did you mean {nearest:?}?"))
        .unwrap_or_default();
    KeyError::Action {
        name: name.to_owned(),
        hint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_they_are_written() {
        for text in [
            "q",
            "G",
            "ctrl-c",
            "shift-tab",
            "f1",
            "space",
            "pgdn",
            "-",
            "ctrl--",
            "[",
            "/",
            "alt-enter",
        ] {
            assert_eq!(text.parse::<KeyPress>().unwrap().to_string(), text);
        }
        for text in ["", "ctr-c", "pagedown", "ctrl-"] {
            assert!(text.parse::<KeyPress>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn own_keys_take_the_place_of_the_given_ones() {
        let mut keymap = Keymap::default();
        keymap.bind("quit", &["ctrl-q".to_owned()]).unwrap();
        let press = |text: &str| text.parse::<KeyPress>().unwrap();
        assert_eq!(keymap.actions(press("ctrl-q"))[0].name, "quit");
        assert_eq!(
            keymap.actions(press("ctrl-c"))[0].name,
            "quit",
            "there is always a way out"
        );
        keymap.bind("help", &["f5".to_owned()]).unwrap();
        assert!(keymap.actions(press("?")).is_empty());
        assert_eq!(press("shift-a"), press("A"));
        let wrong = keymap.bind("quti", &[]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "there is no action \"quti\"; did you mean \"quit\"?"
        );
    }
}
