//! What can be said of a statement to the one who wrote it.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How sure a piece of advice is; the surest stand first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Seen in the plan or in the server's figures.
    Certain,
    /// Follows from the statement and what is known of its tables.
    Likely,
    /// Follows from the statement alone; it may be meant so.
    #[default]
    Possible,
}

impl Certainty {
    /// As a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Advice {
    /// Which kind, a short stable name: `select_star`, `seq_scan`.
    pub rule: Cow<'static, str>,
    /// How sure it is.
    pub certainty: Certainty,
    /// What to change, in one line.
    pub line: Arc<str>,
    /// Why, in one line, with the figures that it rests on.
    pub why: Arc<str>,
    /// A statement to try: `CREATE INDEX CONCURRENTLY …`, `ANALYZE orders`.
    pub try_this: Option<Arc<str>>,
}
