//! Secrets kept out of what is shown: command lines, addresses and settings pass through here before they enter a frame.

use std::borrow::Cow;

/// What stands where a secret stood.
pub const HIDDEN: &str = "***";

/// Words that name a secret when they stand before `=` or as an option with a value.
const SECRET_WORDS: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "credential",
    "private-key",
];

/// One argument of a command line (or a URL) without its secrets: `--password=x`, `DB_TOKEN=x`, `scheme://user:x@host`.
#[must_use]
pub fn argument(text: &str) -> Cow<'_, str> {
    if let Some((name, value)) = text.split_once('=')
        && names_secret(name)
        && !value.is_empty()
    {
        return Cow::Owned(format!("{name}={HIDDEN}"));
    }
    url_password(text)
}

/// Whether the argument after this one is a secret: `--password x`.
#[must_use]
pub fn hides_next(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains('=') && names_secret(argument)
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // `--password-file=…` and `TOKEN_PATH=…` name where a secret lies; that is no secret.
    let names_place = ["file", "path", "env", "dir", "command"]
        .iter()
        .any(|place| name.ends_with(place));
    !names_place && SECRET_WORDS.iter().any(|word| name.contains(word))
}

fn url_password(text: &str) -> Cow<'_, str> {
    let Some(start) = text.find("://").map(|i| i + 3) else {
        return Cow::Borrowed(text);
    };
    let authority_end = text[start..]
        .find(['/', '?', '#', ' '])
        .map_or(text.len(), |i| start + i);
    let Some(at) = text[start..authority_end].rfind('@').map(|i| start + i) else {
        return Cow::Borrowed(text);
    };
    let Some(colon) = text[start..at].find(':').map(|i| start + i) else {
        return Cow::Borrowed(text);
    };
    Cow::Owned(format!("{}{HIDDEN}{}", &text[..=colon], &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_the_rest_stays() {
        let cases = [
            ("--password=hunter2", "--password=***"),
            ("DB_TOKEN=abc", "DB_TOKEN=***"),
            (
                "postgres://app:pw@db:5432/x?y=1",
                "postgres://app:***@db:5432/x?y=1",
            ),
            ("postgres://app@db/x", "postgres://app@db/x"),
            ("--password-file=/run/pw", "--password-file=/run/pw"),
            ("--port=5432", "--port=5432"),
        ];
        for (given, shown) in cases {
            assert_eq!(argument(given), shown);
        }
        assert!(hides_next("--password"));
        assert!(!hides_next("--password=x"));
        assert!(!hides_next("password"));
    }
}
