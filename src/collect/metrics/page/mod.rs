//! A page of metrics, bytes in: the text format 0.0.4 of Prometheus and OpenMetrics 1.0, with the quoted names of both.
//!
//! What is brought is borrowed from the page. A line that can't be read is told and left out; it never costs another one.

mod sample;

use std::borrow::Cow;

use memchr::memchr;

use sample::{Cursor, sample};

/// A label with its value.
pub(super) type Label<'a> = (Cow<'a, str>, Cow<'a, str>);

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'p, 'a> {
    /// A value.
    Sample(Sample<'p, 'a>),
    /// `# TYPE`: what a family of series is.
    Type(Cow<'a, str>, Type),
    /// `# UNIT`: what a family is measured in.
    Unit(Cow<'a, str>, &'a str),
}

/// A value of one series.
#[derive(Debug, PartialEq)]
pub(super) struct Sample<'p, 'a> {
    /// The name of the metric, with `_bucket`, `_total` and so on as it stands there.
    pub name: Cow<'a, str>,
    /// The labels, in the order of the page.
    pub labels: &'p [Label<'a>],
    /// The value.
    pub value: f64,
}

impl Sample<'_, '_> {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        let known = self.labels.iter().find(|(known, _)| known == name);
        known.map(|(_, value)| &**value)
    }
}

/// What `# TYPE` says of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// It only rises.
    Counter,
    /// It rises and falls.
    Gauge,
    /// Observations in buckets.
    Histogram,
    /// Observations with quantiles reckoned by the application.
    Summary,
    /// Anything else.
    Other,
}

/// Why a line can't be read, in the words that stand behind "line 7 ".
pub(super) type Flaw = &'static str;

/// The lines of a page that say something.
pub(super) struct Page<'a> {
    rest: &'a [u8],
    number: u32,
    labels: Vec<Label<'a>>,
}

impl<'a> Page<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            // Some programs of Windows begin whatever they write with a byte order mark.
            rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
            number: 0,
            labels: Vec::with_capacity(16),
        }
    }

    /// The number of the line that was read last, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The next line that says something, or why it can't be read; `None` at the end of the page.
    pub fn next(&mut self) -> Option<Result<Line<'_, 'a>, Flaw>> {
        loop {
            let line = trimmed(self.line()?);
            match line.first() {
                None => {}
                Some(b'#') => {
                    let Some(told) = comment(&line[1..]) else {
                        continue;
                    };
                    return match told {
                        Ok(Comment::End) => {
                            self.rest = &[];
                            None
                        }
                        Ok(Comment::Type(name, kind)) => Some(Ok(Line::Type(name, kind))),
                        Ok(Comment::Unit(name, unit)) => Some(Ok(Line::Unit(name, unit))),
                        Err(flaw) => Some(Err(flaw)),
                    };
                }
                Some(_) => {
                    self.labels.clear();
                    let read = std::str::from_utf8(line)
                        .map_err(|_| "is not UTF-8")
                        .and_then(|line| sample(line, &mut self.labels));
                    let labels = &self.labels;
                    return Some(read.map(|(name, value)| {
                        Line::Sample(Sample {
                            name,
                            labels,
                            value,
                        })
                    }));
                }
            }
        }
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let (line, rest) = match memchr(b'\n', self.rest) {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        Some(line)
    }
}

/// A line without the blanks around it.
fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}

enum Comment<'a> {
    Type(Cow<'a, str>, Type),
    Unit(Cow<'a, str>, &'a str),
    End,
}

/// What stands behind a `#`; `None` for what is written for people.
fn comment(text: &[u8]) -> Option<Result<Comment<'_>, Flaw>> {
    // OpenMetrics has exactly one blank here; Prometheus takes any number.
    let text = text.trim_ascii_start();
    if text == b"EOF" {
        return Some(Ok(Comment::End));
    }
    let (word, rest) = text.split_at_checked(5)?;
    let is_type = word == b"TYPE " || word == b"TYPE\t";
    let is_unit = word == b"UNIT " || word == b"UNIT\t";
    if !is_type && !is_unit {
        return None;
    }
    let read = || {
        let rest = std::str::from_utf8(rest).map_err(|_| "is not UTF-8")?;
        let mut cursor = Cursor::new(rest);
        let name = cursor
            .family()
            .ok_or("has no name behind its # TYPE or # UNIT")?;
        let word = cursor.rest().trim();
        Ok(if is_type {
            Comment::Type(name, kind(word)?)
        } else {
            Comment::Unit(name, word)
        })
    };
    Some(read())
}

fn kind(word: &str) -> Result<Type, Flaw> {
    Ok(match word {
        "counter" => Type::Counter,
        "gauge" => Type::Gauge,
        "histogram" => Type::Histogram,
        "summary" => Type::Summary,
        "untyped" | "unknown" | "info" | "stateset" | "gaugehistogram" => Type::Other,
        _ => return Err("has a # TYPE that there is not"),
    })
}

#[cfg(test)]
mod tests;
