//! Where a setting was written.

use std::fmt;
use std::ops;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::model::redact;
use crate::model::text::printable;

/// A file of settings as it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Its path.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// A spot in a [`SourceText`], as editors count: from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl SourceText {
    /// The position of the byte `offset`; the end of the text when it lies beyond.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The line with the number `line`, without its end.
    fn line(&self, line: usize) -> &str {
        self.text.lines().nth(line - 1).unwrap_or("")
    }

    /// The first line that `span` touches, without secrets, with carets under what it touches.
    fn excerpt(&self, span: &ops::Range<usize>) -> String {
        let Position { line, column } = self.position(span.start);
        let text = self.line(line);
        let spanned = self.text.get(span.clone()).unwrap_or("");
        let end = column - 1 + spanned.chars().count();
        // What is hidden is shorter or longer than what is shown in its place.
        let shown = redact::setting(text);
        let width_to = |end: usize| {
            let part: String = text.chars().take(end).collect();
            redact::setting(&part).chars().count()
        };
        let indent = width_to(column - 1);
        let left = shown.chars().count().saturating_sub(indent).max(1);
        let carets = width_to(end).saturating_sub(indent).clamp(1, left);
        let number = line.to_string();
        format!(
            "  {number} | {}\n  {:pad$} | {:indent$}{}",
            printable(&shown),
            "",
            "",
            "^".repeat(carets),
            pad = number.len(),
        )
    }
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nobody wrote it.
    Default,
    /// Bytes of a file.
    File {
        /// The file.
        source: Arc<SourceText>,
        /// From where to where.
        span: ops::Range<usize>,
    },
    /// A file as a whole, for one that can't be read.
    WholeFile(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// An option of the command line.
    Flag(&'static str),
}

impl Place {
    /// `path:line:column`, the variable or the option: how a message begins.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::File { source, span } => {
                let Position { line, column } = source.position(span.start);
                format!("{}:{line}:{column}", source.path.display())
            }
            _ => self.to_string(),
        }
    }

    /// The line of the file with carets below it; nothing for other places.
    #[must_use]
    pub fn excerpt(&self) -> Option<String> {
        match self {
            Self::File { source, span } => Some(source.excerpt(span)),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { source, span } => {
                let line = source.position(span.start).line;
                write!(f, "{}:{line}", source.path.display())
            }
            Self::WholeFile(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment {}", printable(name)),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// The entries of a table in the order in which they were written; the parser keeps them by name.
pub fn as_written<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(&'a Spanned<DeString<'i>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// Something with the place where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The thing.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

impl<T> Located<T> {
    /// `value`, written at `place`.
    pub const fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}
