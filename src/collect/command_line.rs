//! Command lines, made safe to show.

use crate::model::redact;
use crate::model::text::printable_bytes;

/// A command line as it is shown: safe, without secrets, `None` when there is none.
#[must_use]
pub fn command_text(raw: &[u8]) -> Option<String> {
    let end = raw.iter().rposition(|&b| b != 0)? + 1;
    let mut shown = String::with_capacity(end);
    let mut hide = false;
    for raw in raw[..end].split(|&b| b == 0) {
        if !shown.is_empty() {
            shown.push(' ');
        }
        let argument = printable_bytes(raw);
        if std::mem::take(&mut hide) {
            shown.push_str(redact::HIDDEN);
        } else {
            hide = push_without_secrets(&argument, &mut shown);
        }
    }
    Some(shown)
}

/// Adds one argument; the answer is whether the next one is a secret. An argument with blanks in it is often a command
/// line of its own (`sh -c "…"`), so that its words are looked at too, unless it is `NAME=value with blanks`.
fn push_without_secrets(argument: &str, shown: &mut String) -> bool {
    let before_value = argument.split('=').next().unwrap_or(argument);
    let redacted = redact::argument(argument);
    let is_value = !before_value.contains(' ') && redacted != argument;
    if is_value || !argument.contains(' ') {
        shown.push_str(&redacted);
        return redact::hides_next(argument);
    }
    let mut hide = false;
    for (i, word) in argument.split(' ').enumerate() {
        if i > 0 {
            shown.push(' ');
        }
        if hide && !word.is_empty() {
            shown.push_str(redact::HIDDEN);
            hide = false;
        } else {
            shown.push_str(&redact::argument(word));
            hide |= redact::hides_next(word);
        }
    }
    hide
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn command_lines_are_safe_and_without_secrets() {
        let cases: [(&[u8], &str); 6] = [
            (b"nginx: master process\0\0\0", "nginx: master process"),
            (b"psql\0--password\0hunter2\0db\0", "psql --password *** db"),
            (
                b"app\0--token=a b c\0postgres://u:pw@h/d\0",
                "app --token=*** postgres://u:***@h/d",
            ),
            (
                b"sh\0-c\0DB_PASSWORD=x run --secret y z\0",
                "sh -c DB_PASSWORD=***",
            ),
            (
                b"sh\0-c\0run --secret y API_TOKEN=k z\0",
                "sh -c run --secret *** API_TOKEN=*** z",
            ),
            (b"a\x1b[31m\0\xff\0", "a␛[31m \u{fffd}"),
        ];
        for (raw, shown) in cases {
            assert_eq!(command_text(raw).as_deref(), Some(shown));
        }
        assert_eq!(command_text(b""), None);
        assert_eq!(command_text(b"\0\0"), None);
    }

    proptest! {
        #[test]
        fn nothing_unsafe_gets_through(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(text) = command_text(&raw) {
                prop_assert!(!text.chars().any(char::is_control));
            }
        }
    }
}
