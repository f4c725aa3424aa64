//! What each part of a reading lacks: a question that is refused dims its part, and nothing else.

use std::collections::BTreeMap;

use crate::collect::CollectError;
use crate::model::Reading;

/// Why a question has no answer.
pub(in crate::collect) trait Unanswered {
    /// What its part lacks, in one line.
    ///
    /// # Errors
    /// When nothing more can be asked: the connection is lost.
    fn lack(self) -> Result<String, CollectError>;
}

/// What each part lacks at present.
#[derive(Debug, Default)]
pub(in crate::collect) struct Lacks(BTreeMap<&'static str, String>);

impl Lacks {
    /// What a question brought; when it was refused, its part lacks it from now on.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn told<T>(
        &mut self,
        part: &'static str,
        asked: Result<T, impl Unanswered>,
    ) -> Result<Option<T>, CollectError> {
        match asked {
            Ok(told) => {
                self.0.remove(part);
                Ok(Some(told))
            }
            Err(failure) => {
                self.0.insert(part, failure.lack()?);
                Ok(None)
            }
        }
    }

    /// The part lacks this, until a question of it is answered.
    pub fn insert(&mut self, part: &'static str, line: String) {
        self.0.insert(part, line);
    }

    /// Says it in a reading.
    pub fn report(&self, reading: &mut Reading) {
        for (part, line) in &self.0 {
            reading.lacks(part, line.as_str());
        }
    }
}
