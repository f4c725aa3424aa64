//! Bytes from outside, made safe to show: process names, SQL, log lines, keys, remote JSON.
//!
//! Everything that reaches a frame from outside passes through [`printable`]; nothing after it has to think of escape
//! sequences again.

use std::borrow::Cow;

/// The same text with every control character made visible, so that no terminal acts on it.
///
/// C0 controls and DEL become their control pictures (`␛`), C1 controls and bidirectional overrides (which can
/// reorder what is read, Unicode UAX 9) become `�`; tabs and newlines become a space.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(visible).collect())
}

/// [`printable`] for bytes that may not be UTF-8: what isn't becomes `�`.
#[must_use]
pub fn printable_bytes(bytes: &[u8]) -> String {
    printable(&String::from_utf8_lossy(bytes)).into_owned()
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || is_reordering(c)
}

fn is_reordering(c: char) -> bool {
    // Marks, embeddings, overrides, isolates, and the separators that some terminals break lines at.
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn visible(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        '\u{7f}' => '\u{2421}',
        // The block of control pictures lies in the order of the controls.
        c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        c if is_unsafe(c) => '\u{fffd}',
        c => c,
    }
}

/// Whether a name matches a pattern in which `*` stands for anything and `?` for one character.
#[must_use]
pub fn matches_glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stood, and how far the name was when it was met: what fails later begins one further there.
    let mut star: Option<(usize, usize)> = None;
    while from < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[from] => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((stood, taken)) = star else {
                    return false;
                };
                star = Some((stood, taken + 1));
                at = stood + 1;
                from = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names() {
        let name = "system.cpu.usage_percent";
        for yes in [
            "*",
            name,
            "system.*",
            "*percent",
            "*.cpu.*",
            "s?stem.cpu.*_percent",
            "**t*",
        ] {
            assert!(matches_glob(yes, name), "{yes}");
        }
        for no in [
            "",
            "system",
            "cpu",
            "*.mem.*",
            "system.cpu.usage_percent?",
            "?",
        ] {
            assert!(!matches_glob(no, name), "{no}");
        }
        assert!(matches_glob("*", "") && matches_glob("", ""));
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        let evil = "a\x1b]0;owned\x07b\u{9b}31mc\u{202e}d\te\u{7f}";
        let shown = printable(evil);
        assert_eq!(shown, "a␛]0;owned␇b\u{fffd}31mc\u{fffd}d e␡");
        assert!(!shown.chars().any(is_unsafe));
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(printable("日本語 naïve 🚀"), Cow::Borrowed(_)));
        assert_eq!(printable_bytes(b"ok\xff"), "ok\u{fffd}");
    }
}
