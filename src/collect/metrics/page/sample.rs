//! One line with a value: `name{label="value",…} 1.5 1700000000000 # {trace_id="…"} 0.3`.

use std::borrow::Cow;

use memchr::memchr2;

use super::{Flaw, Label};

/// Reads a line with a value; its labels go into `labels`, the time and the exemplar behind the value are only checked.
pub(super) fn sample<'a>(
    line: &'a str,
    labels: &mut Vec<Label<'a>>,
) -> Result<(Cow<'a, str>, f64), Flaw> {
    let mut cursor = Cursor::new(line);
    let mut name = cursor.word(is_name).map(Cow::Borrowed);
    cursor.blanks();
    if cursor.take(b'{') {
        let quoted = braces(&mut cursor, labels)?;
        if quoted.is_some() && name.is_some() {
            return Err("has two names");
        }
        name = name.or(quoted);
    }
    let name = name.ok_or("does not begin with a name")?;
    let value = cursor.token();
    if value.is_empty() {
        return Err("has no value");
    }
    let value = number(value).ok_or("has a value that is no number")?;
    behind(&mut cursor)?;
    Ok((name, value))
}

/// What may stand behind a value: a time, an exemplar.
fn behind(cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
    let time = cursor.token();
    if time.is_empty() {
        return Ok(());
    }
    if time != "#" {
        number(time).ok_or("has something behind its value that is no time")?;
        match cursor.token() {
            "" => return Ok(()),
            "#" => {}
            _ => return Err("goes on behind its time"),
        }
    }
    // An exemplar is of no use here: whatever it holds, the value before it is good.
    Ok(())
}

/// The labels up to the closing brace, and the quoted name among them.
fn braces<'a>(
    cursor: &mut Cursor<'a>,
    labels: &mut Vec<Label<'a>>,
) -> Result<Option<Cow<'a, str>>, Flaw> {
    let mut metric = None;
    loop {
        cursor.blanks();
        if cursor.take(b'}') {
            return Ok(metric);
        }
        let quoted = cursor.peek() == Some(b'"');
        let name = if quoted {
            cursor.quoted()?
        } else {
            let word = cursor.word(is_name).ok_or("has a label without a name")?;
            Cow::Borrowed(word)
        };
        cursor.blanks();
        if cursor.take(b'=') {
            cursor.blanks();
            labels.push((name, cursor.quoted()?));
        } else if quoted && metric.is_none() {
            metric = Some(name);
        } else {
            return Err("has a label without a value");
        }
        cursor.blanks();
        if !cursor.take(b',') && cursor.peek() != Some(b'}') {
            return Err("has labels that don't end");
        }
    }
}

/// A number as Go writes them.
fn number(text: &str) -> Option<f64> {
    // Most values are short whole numbers; those need no general parser.
    if text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let whole = text
            .bytes()
            .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        return Some(whole as f64);
    }
    text.parse().ok()
}

fn is_name(byte: u8, first: bool) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || (!first && byte.is_ascii_digit())
}

/// A place in a line.
pub(super) struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(line: &'a str) -> Self {
        Self { line, at: 0 }
    }

    /// Everything from here on.
    pub fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// The name of a family, quoted or not.
    pub fn family(&mut self) -> Option<Cow<'a, str>> {
        self.blanks();
        if self.peek() == Some(b'"') {
            return self.quoted().ok();
        }
        self.word(is_name).map(Cow::Borrowed)
    }

    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// The longest word of such bytes (they are ASCII).
    fn word(&mut self, is_part: fn(u8, bool) -> bool) -> Option<&'a str> {
        let bytes = &self.line.as_bytes()[self.at..];
        let mut end = 0;
        while end < bytes.len() && is_part(bytes[end], end == 0) {
            end += 1;
        }
        let word = &self.rest()[..end];
        self.at += end;
        (end > 0).then_some(word)
    }

    /// The next word up to a blank; empty at the end.
    fn token(&mut self) -> &'a str {
        self.blanks();
        let rest = self.rest();
        let end = memchr2(b' ', b'\t', rest.as_bytes()).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A text in quotes, with `\\`, `\"` and `\n` undone.
    fn quoted(&mut self) -> Result<Cow<'a, str>, Flaw> {
        const UNQUOTED: Flaw = "has a label whose value is not in quotes";
        if !self.take(b'"') {
            return Err(UNQUOTED);
        }
        let rest = self.rest();
        let mut end = 0;
        let mut escaped = false;
        loop {
            let Some(found) = memchr2(b'"', b'\\', &rest.as_bytes()[end..]) else {
                return Err("has quotes that don't end");
            };
            end += found;
            if rest.as_bytes()[end] == b'"' {
                break;
            }
            escaped = true;
            // The byte behind a backslash may be the first of a longer character: its others are no quotes.
            end += 2;
            if end > rest.len() {
                return Err("has quotes that don't end");
            }
        }
        self.at += end + 1;
        let text = &rest[..end];
        Ok(if escaped {
            Cow::Owned(unescaped(text))
        } else {
            Cow::Borrowed(text)
        })
    }
}

/// Any other escape stands for itself, as Prometheus has it.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some(c @ ('\\' | '"')) => plain.push(c),
            Some(c) => plain.extend(['\\', c]),
            None => plain.push('\\'),
        }
    }
    plain
}
