//! Texts of statements on one line: what a line break meant (the end of a comment) is kept, the rest is blanks.

use crate::model::redact::HIDDEN;
use crate::model::text;

/// The text on one line, safe to show. Comments to the end of a line are left out, because on one line they would
/// swallow what follows; those of hubtop's own and of programs (`/* … */`) stay. Passwords that someone sets are hidden:
/// the server keeps such statements as they were sent.
pub(super) fn flat(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    for part in Parts::of(sql) {
        match part {
            Part::LineComment => out.push(' '),
            Part::Quoted(text) if is_secret(&out, text) => {
                out.push('\'');
                out.push_str(HIDDEN);
                out.push('\'');
            }
            Part::Quoted(text) => out.push_str(&text::printable(text)),
            Part::Plain(text) => out.push_str(&text::printable(text)),
        }
    }
    // Blanks at the beginning of lines were for the eye.
    let mut flat = String::with_capacity(out.len());
    let mut blanks = 0;
    for c in out.trim().chars() {
        blanks = if c == ' ' { blanks + 1 } else { 0 };
        if blanks < 2 {
            flat.push(c);
        }
    }
    flat
}

/// Whether a quotation holds a password: it stands behind that word, or is a connection string with one.
fn is_secret(before: &str, quoted: &str) -> bool {
    if !quoted.starts_with(['\'', '$']) {
        return false;
    }
    let before = before
        .trim_end_matches(['E', 'e', 'U', 'u', '&'])
        .trim_end();
    let word_start = before.len().saturating_sub("password".len());
    let is_named = before
        .get(word_start..)
        .is_some_and(|word| word.eq_ignore_ascii_case("password"));
    is_named || quoted.to_ascii_lowercase().contains("password=")
}

/// Whether the text leaves values open: `$1` outside of quotes.
pub(super) fn has_parameters(sql: &str) -> bool {
    most_parameter(sql) > 0
}

/// The highest number of a parameter, 0 when there is none.
pub(super) fn most_parameter(sql: &str) -> usize {
    let mut most = 0;
    for part in Parts::of(sql) {
        let Part::Plain(text) = part else { continue };
        for piece in text.split('$').skip(1) {
            let end = piece
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(piece.len());
            most = most.max(piece[..end].parse().unwrap_or(0));
        }
    }
    most
}

/// The first word of a statement in upper case, behind comments and brackets.
pub(super) fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    loop {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
        } else if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.find('\n').map_or("", |end| &comment[end..]);
        } else {
            break;
        }
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    }
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    rest[..end].to_ascii_uppercase()
}

enum Part<'a> {
    Plain(&'a str),
    Quoted(&'a str),
    LineComment,
}

/// A text cut into what is quoted (or a comment) and what is not.
struct Parts<'a> {
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(sql: &'a str) -> Self {
        Self { rest: sql }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if self.rest.starts_with("--") {
            let end = self.rest.find('\n').map_or(self.rest.len(), |end| end + 1);
            self.take(end);
            return Some(Part::LineComment);
        }
        if let Some(length) = quoted_length(self.rest) {
            return Some(Part::Quoted(self.take(length)));
        }
        // At least one character, then up to where the next quote or comment may begin.
        let first = self.rest.chars().next().map_or(1, char::len_utf8);
        let special = self.rest[first..].find(['\'', '"', '$', '-', '/']);
        // `$1` is no quote, and `a$b` no beginning of one: what follows is looked at in its turn.
        let end = special.map_or(self.rest.len(), |at| first + at);
        let end = if self.rest.starts_with('$') {
            parameter_end(self.rest).max(1)
        } else {
            end
        };
        Some(Part::Plain(self.take(end)))
    }
}

fn parameter_end(text: &str) -> usize {
    let digits = text[1..].find(|c: char| !c.is_ascii_digit());
    digits.map_or(text.len(), |end| end + 1)
}

/// The length of the quotation or comment that the text begins with; `None` when it begins with neither.
fn quoted_length(text: &str) -> Option<usize> {
    let end_of = |open: usize, close: &str| {
        let end = text[open..].find(close);
        end.map_or(text.len(), |at| open + at + close.len())
    };
    match text.as_bytes() {
        [b'\'', ..] => Some(end_of(1, "'")),
        [b'"', ..] => Some(end_of(1, "\"")),
        [b'/', b'*', ..] => Some(end_of(2, "*/")),
        [b'$', ..] => {
            let tag_end = text[1..].find('$')? + 2;
            let tag = &text[..tag_end];
            let name = &tag[1..tag_end - 1];
            let is_tag = !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_tag.then(|| end_of(tag_end, tag))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_of_many_lines_means_the_same_on_one() {
        let sql = "SELECT a, -- the first\n       '--no' AS b\n\tFROM t /* app:x */ WHERE c = $1";
        assert_eq!(
            flat(sql),
            "SELECT a, '--no' AS b FROM t /* app:x */ WHERE c = $1"
        );
        assert_eq!(
            flat("SELECT $tag$ -- kept $tag$"),
            "SELECT $tag$ -- kept $tag$"
        );
        assert_eq!(flat("evil \x1b[2J"), "evil ␛[2J");
        assert_eq!(flat("SELECT 'never closed"), "SELECT 'never closed");
    }

    #[test]
    fn passwords_are_hidden() {
        let cases = [
            (
                "ALTER ROLE x PASSWORD 'hunter2' VALID UNTIL '2030'",
                "ALTER ROLE x PASSWORD '***' VALID UNTIL '2030'",
            ),
            (
                "alter user x password E'hunter2",
                "alter user x password E'***'",
            ),
            (
                "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2'",
                "CREATE SUBSCRIPTION s CONNECTION '***'",
            ),
            (
                "SELECT password, 'x' FROM users",
                "SELECT password, 'x' FROM users",
            ),
        ];
        for (sql, shown) in cases {
            assert_eq!(flat(sql), shown);
        }
    }

    #[test]
    fn parameters_are_seen_only_where_they_are_some() {
        assert_eq!(most_parameter("SELECT $2 WHERE a=$11 AND b = '$99'"), 11);
        assert!(!has_parameters(
            "SELECT '$1', $$ $2 $$, \"$3\" /* $4 */ -- $5"
        ));
        assert!(!has_parameters("SELECT 1 - 2 / 3"));
    }

    #[test]
    fn the_first_word_tells_what_it_is() {
        assert_eq!(first_word("/* app */ -- x\n ((select 1))"), "SELECT");
        assert_eq!(first_word("vacuum t"), "VACUUM");
        assert_eq!(first_word("-- nothing"), "");
    }
}
