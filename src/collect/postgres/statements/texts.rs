//! The texts of statements, with the names of who ran them and where: fetched once for each, because the server reads
//! its whole file of texts for any of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::read::{Key, Questions, key};
use crate::collect::postgres::failure::Failure;
use crate::collect::postgres::flat::flat;
use crate::collect::postgres::session::{MARK, PLAN_NAME, Session, field, shown};

/// The longest text that is kept, characters.
const LONGEST: usize = 4000;

/// So many are kept.
const MOST: usize = 5000;

/// Fetching that takes this long must not be more than one part in so many of the time.
const DEAR: Duration = Duration::from_millis(20);
const SPARING: u32 = 50;

/// What stands for a text that is not there yet.
pub(super) const LATER: &str = "(its text comes later)";

/// What is known of a statement besides its figures.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    /// On one line, safe to show, cut when it is very long.
    pub text: Arc<str>,
    /// The user.
    pub user: Arc<str>,
    /// The database.
    pub database: Arc<str>,
    /// Whether it is one of hubtop's own questions.
    pub is_own: bool,
}

/// The texts that were fetched.
#[derive(Debug, Default)]
pub(super) struct Texts {
    known: HashMap<Key, Text>,
    not_before: Option<Instant>,
}

impl Texts {
    /// The text of a statement, if it was fetched.
    pub fn of(&self, key: &Key) -> Option<&Text> {
        self.known.get(key)
    }

    /// Fetches the texts of those that are not known yet, unless that took so long lately that it must wait.
    ///
    /// # Errors
    /// Why they can't be had.
    pub async fn fetch(
        &mut self,
        session: &mut Session,
        questions: &Questions,
        wanted: &[Key],
    ) -> Result<(), Failure> {
        let mut missing: Vec<i64> = wanted
            .iter()
            .filter(|key| !self.known.contains_key(key))
            .map(|key| key.query)
            .collect();
        missing.sort_unstable();
        missing.dedup();
        let begin = Instant::now();
        if missing.is_empty() || self.not_before.is_some_and(|then| begin < then) {
            return Ok(());
        }
        if self.known.len() > MOST {
            self.known.retain(|key, _| wanted.contains(key));
        }
        let rows = session.rows(&questions.texts(LONGEST), &[&missing]).await?;
        for row in &rows {
            let Some(key) = key(row) else { continue };
            let text: &str = field(row, "text").unwrap_or_default();
            let is_cut: bool = field(row, "is_cut").unwrap_or_default();
            let mut flat = flat(text);
            if is_cut {
                flat.push('…');
            }
            let known = Text {
                is_own: text.contains(MARK) || text.contains(PLAN_NAME),
                text: flat.into(),
                user: shown(row, "username"),
                database: shown(row, "database"),
            };
            self.known.insert(key, known);
        }
        let took = begin.elapsed();
        self.not_before = (took >= DEAR).then(|| Instant::now() + took * SPARING);
        Ok(())
    }
}
