//! What the terminal can show: how many colours, which glyphs. Told by its environment, or by the person.

use std::str::FromStr;

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None: bold, dim, underline and reverse alone.
    None,
    /// The sixteen of the terminal's own palette.
    Ansi16,
    /// 256.
    Ansi256,
    /// 24 bit.
    True,
}

impl ColorDepth {
    /// What the environment says: `NO_COLOR` (no-color.org) before `COLORTERM` before `TERM`.
    #[must_use]
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| env(name).unwrap_or_default();
        let term = get("TERM");
        if !get("NO_COLOR").is_empty() || term.is_empty() || term == "dumb" {
            return Self::None;
        }
        if matches!(get("COLORTERM").as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
            return Self::True;
        }
        if term.contains("256color") {
            return Self::Ansi256;
        }
        if term.starts_with("vt1") || term.starts_with("vt2") {
            return Self::None;
        }
        Self::Ansi16
    }

    /// What `--color` was given; `Ok(None)` is `auto`.
    ///
    /// # Errors
    /// Names the words that are known.
    pub fn parse_option(text: &str) -> Result<Option<Self>, UnknownWord> {
        choice(text)
    }
}

impl FromStr for ColorDepth {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "true" | "truecolor" | "24bit" => Ok(Self::True),
            "256" => Ok(Self::Ansi256),
            "16" => Ok(Self::Ansi16),
            "none" | "never" => Ok(Self::None),
            _ => Err(UnknownWord {
                given: text.to_owned(),
                known: "auto, true, 256, 16, none",
            }),
        }
    }
}

/// Which glyphs the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    /// Everything, charts in braille.
    Braille,
    /// Blocks ▁–█ and lines, no braille.
    Blocks,
    /// ASCII alone.
    Ascii,
}

impl Symbols {
    /// What the environment says: ASCII when the locale is not UTF-8 or the terminal is Linux's own console.
    #[must_use]
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        // POSIX: LC_ALL before LC_CTYPE before LANG, an empty one counts as unset.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| env(name).filter(|value| !value.is_empty()))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let console = matches!(env("TERM").as_deref(), Some("linux"));
        if utf8 && !console {
            Self::Braille
        } else {
            Self::Ascii
        }
    }

    /// What `--symbols` was given; `Ok(None)` is `auto`.
    ///
    /// # Errors
    /// Names the words that are known.
    pub fn parse_option(text: &str) -> Result<Option<Self>, UnknownWord> {
        choice(text)
    }
}

impl FromStr for Symbols {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "braille" => Ok(Self::Braille),
            "blocks" => Ok(Self::Blocks),
            "ascii" => Ok(Self::Ascii),
            _ => Err(UnknownWord {
                given: text.to_owned(),
                known: "auto, braille, blocks, ascii",
            }),
        }
    }
}

/// A word that is none of those known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not known: use one of {known}")]
pub struct UnknownWord {
    /// What was given.
    pub given: String,
    /// What is known.
    pub known: &'static str,
}

fn choice<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<Option<T>, UnknownWord> {
    match text {
        "auto" => Ok(None),
        word => word.parse().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn colours_are_told_by_the_environment() {
        let cases: &[(&'static [(&str, &str)], ColorDepth)] = &[
            (&[], ColorDepth::None),
            (&[("TERM", "dumb")], ColorDepth::None),
            (&[("TERM", "linux")], ColorDepth::Ansi16),
            (&[("TERM", "screen")], ColorDepth::Ansi16),
            (&[("TERM", "xterm")], ColorDepth::Ansi16),
            (&[("TERM", "tmux-256color")], ColorDepth::Ansi256),
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
                ColorDepth::True,
            ),
            (
                &[("TERM", "xterm"), ("COLORTERM", "24bit")],
                ColorDepth::True,
            ),
            (
                &[("TERM", "xterm"), ("COLORTERM", "24bit"), ("NO_COLOR", "1")],
                ColorDepth::None,
            ),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "")],
                ColorDepth::Ansi256,
            ),
        ];
        for (pairs, depth) in cases {
            assert_eq!(ColorDepth::detect(env(pairs)), *depth, "{pairs:?}");
        }
    }

    #[test]
    fn glyphs_are_told_by_the_locale_and_the_console() {
        let cases: &[(&'static [(&str, &str)], Symbols)] = &[
            (&[], Symbols::Ascii),
            (&[("LANG", "C.UTF-8"), ("TERM", "xterm")], Symbols::Braille),
            (&[("LANG", "de_DE.utf8")], Symbols::Braille),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "C")], Symbols::Ascii),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "")], Symbols::Braille),
            (&[("LANG", "C.UTF-8"), ("TERM", "linux")], Symbols::Ascii),
        ];
        for (pairs, symbols) in cases {
            assert_eq!(Symbols::detect(env(pairs)), *symbols, "{pairs:?}");
        }
    }

    #[test]
    fn a_person_can_say_otherwise() {
        assert_eq!(ColorDepth::parse_option("auto"), Ok(None));
        assert_eq!(
            ColorDepth::parse_option("256"),
            Ok(Some(ColorDepth::Ansi256))
        );
        assert_eq!(Symbols::parse_option("ascii"), Ok(Some(Symbols::Ascii)));
        let message = Symbols::parse_option("emoji").unwrap_err().to_string();
        assert_eq!(
            message,
            "\"emoji\" is not known: use one of auto, braille, blocks, ascii"
        );
    }
}
