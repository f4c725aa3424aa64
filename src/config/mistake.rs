//! What is wrong with settings, and the mend.

use std::fmt;

use thiserror::Error;

use super::place::Place;
use crate::model::redact;

/// One thing that is wrong: `file:line:column: key: what; did you mean …?`, then the line itself with carets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// The setting, if it is about one.
    pub key: Option<String>,
    /// What is wrong, in a few words.
    pub what: String,
    /// The nearest right name, if one is near.
    pub nearest: Option<String>,
}

impl Mistake {
    /// Something wrong at `place`.
    pub fn at(place: &Place, what: impl Into<String>) -> Self {
        Self {
            place: place.clone(),
            key: None,
            what: what.into(),
            nearest: None,
        }
    }

    /// The same, about the setting `key`.
    #[must_use]
    pub fn of(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same, with the nearest right name.
    #[must_use]
    pub fn near(mut self, nearest: Option<String>) -> Self {
        self.nearest = nearest;
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place.pointer())?;
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        // What is wrong may quote an address.
        if self.what.contains("://") {
            f.write_str(&redact::argument(&self.what))?;
        } else {
            f.write_str(&self.what)?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        if let Some(excerpt) = self.place.excerpt() {
            write!(f, "\n{excerpt}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong, in the order in which it was found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

/// The candidate that `word` was most likely meant to be: at most a third of its letters differ, case aside.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::osa_distance(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}
