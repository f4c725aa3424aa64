//! Secrets kept out of what is shown: command lines, addresses and settings pass through here before they enter a frame.

use std::borrow::Cow;

/// What stands where a secret stood.
pub const HIDDEN: &str = "***";

/// Words that name a secret when they stand before `=` or as an option with a value.
const SECRET_WORDS: [&str; 10] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "credential",
    "private-key",
    "authorization",
];

/// One argument of a command line (or a URL) without its secrets: `--password=x`, `DB_TOKEN=x`, `scheme://user:x@host`.
#[must_use]
pub fn argument(text: &str) -> Cow<'_, str> {
    if let Some((name, value)) = text.split_once('=')
        && names_secret(name)
        && !name.contains("://")
        && !value.is_empty()
    {
        return Cow::Owned(format!("{name}={HIDDEN}"));
    }
    match words(text) {
        Cow::Borrowed(_) => url_password(text),
        Cow::Owned(hidden) => Cow::Owned(url_password(&hidden).into_owned()),
    }
}

/// A line of settings, or the beginning of one, without its secrets: `token = "x"`, `url = "http://user:x@host"`.
#[must_use]
pub fn setting(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some(equals) = rest.find('=') {
        let (head, value) = rest.split_at(equals + 1);
        shown.push_str(&url_password(head));
        let blanks = value.len() - value.trim_start().len();
        shown.push_str(&value[..blanks]);
        let (given, after) = split_value(&value[blanks..]);
        let key = head.trim_end_matches('=').trim_end().trim_end_matches('"');
        let key = key.rsplit([' ', ',', '{', '"', '&', '?', ';']).next();
        if key.is_some_and(names_secret) && !given.is_empty() {
            shown.push_str(HIDDEN);
        } else {
            let quotes: &[char] = &['"', '\''];
            let inside = given.trim_start_matches(quotes);
            let text = inside.trim_end_matches(quotes);
            shown.push_str(&given[..given.len() - inside.len()]);
            shown.push_str(&argument(text));
            shown.push_str(&inside[text.len()..]);
        }
        rest = after;
    }
    shown.push_str(&url_password(rest));
    shown
}

/// Cuts the value off that `text` begins with, with its quotes; a table or a list is entered.
fn split_value(text: &str) -> (&str, &str) {
    let end = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].find(quote).map_or(text.len(), |end| end + 2),
        Some('{' | '[') => 0,
        _ => text.find([',', '}', ']', '#', '"']).unwrap_or(text.len()),
    };
    text.split_at(end)
}

/// The secrets among `name=value` words of an address: `host=db password=x`, `redis://h/?token=x`.
fn words(text: &str) -> Cow<'_, str> {
    let mut hidden = String::new();
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let (head, value) = rest.split_at(equals + 1);
        let name = head
            .trim_end_matches('=')
            .rsplit([' ', '&', '?', ';'])
            .next();
        hidden.push_str(head);
        let end = value_end(value);
        if name.is_some_and(names_secret) && end > 0 {
            hidden.push_str(HIDDEN);
        } else {
            hidden.push_str(&value[..end]);
        }
        rest = &value[end..];
    }
    hidden.push_str(rest);
    if hidden == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(hidden)
    }
}

/// Where the value ends that `text` begins with; one in quotes may hold spaces.
fn value_end(text: &str) -> usize {
    if let Some(inside) = text.strip_prefix('\'') {
        return inside.find('\'').map_or(text.len(), |end| end + 2);
    }
    text.find([' ', '&', ';', '#']).unwrap_or(text.len())
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
            ("host=db password=pw user=a", "host=db password=*** user=a"),
            (
                "host=db password='p w' user=a",
                "host=db password=*** user=a",
            ),
            ("redis://:pw@h/?db=1", "redis://:***@h/?db=1"),
            ("mysql://h/?password=pw&x=1", "mysql://h/?password=***&x=1"),
            ("--password-file=/run/pw", "--password-file=/run/pw"),
            ("--port=5432", "--port=5432"),
        ];
        for (given, shown) in cases {
            assert_eq!(argument(given), shown);
        }
        let settings = [
            (
                "url = \"http://u:pw@h/x?token=t&a=1\" # shop",
                "url = \"http://u:***@h/x?token=***&a=1\" # shop",
            ),
            ("password = hunter2", "password = ***"),
            ("token = \"a b\" # kept", "token = *** # kept"),
            ("password_file = \"/run/pw\"", "password_file = \"/run/pw\""),
            (
                "headers = { Authorization = \"Bearer x\", \"X-Api-Key\" = 'k', Accept = \"*/*\" }",
                "headers = { Authorization = ***, \"X-Api-Key\" = ***, Accept = \"*/*\" }",
            ),
            (
                "urls = [\"http://u:pw@h\", \"http://h?token=x\"]",
                "urls = [\"http://u:***@h\", \"http://h?token=***\"]",
            ),
            ("interval = \"never\"", "interval = \"never\""),
            ("url = \"http://u:pw@h", "url = \"http://u:***@h"),
        ];
        for (given, shown) in settings {
            assert_eq!(setting(given), shown);
        }
        assert!(hides_next("--password"));
        assert!(!hides_next("--password=x"));
        assert!(!hides_next("password"));
    }
}
