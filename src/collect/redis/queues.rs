//! The lengths of the lists, streams and sorted sets that are watched.

use std::collections::HashMap;

use redis::{Pipeline, Value};

use super::link::words;
use super::parts::{Asking, QUEUES};
use crate::collect::CollectError;
use crate::collect::form::SourceForm;
use crate::model::QueueLength;
use crate::model::text::printable;
use crate::net::FormError;

/// Watched if nobody says otherwise: where Celery keeps its tasks.
const USUAL: &str = "celery";
/// Each is a series of its own.
const MOST_QUEUES: usize = 32;

/// The queues of one server.
pub(super) struct Queues {
    keys: Vec<String>,
    /// Whether a person named them: then one that is not there is empty, not absent.
    are_wanted: bool,
    /// What each was when it was last there: an empty list does not exist.
    kinds: HashMap<String, Kind>,
    lengths: HashMap<String, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Stream,
    SortedSet,
}

impl Kind {
    /// After the answer to TYPE.
    fn of(word: &str) -> Option<Self> {
        match word {
            "list" => Some(Self::List),
            "stream" => Some(Self::Stream),
            "zset" => Some(Self::SortedSet),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Stream => "stream",
            Self::SortedSet => "sorted set",
        }
    }

    fn length_command(self) -> &'static str {
        match self {
            Self::List => "LLEN",
            Self::Stream => "XLEN",
            Self::SortedSet => "ZCARD",
        }
    }
}

impl Queues {
    /// Those of the form, or the usual one.
    ///
    /// # Errors
    /// When there are too many.
    pub fn of(form: &SourceForm) -> Result<Self, FormError> {
        let keys = form.queues.clone();
        let are_wanted = keys.is_some();
        let keys = keys.unwrap_or_else(|| vec![USUAL.to_owned()]);
        if keys.len() > MOST_QUEUES {
            let why = format!("at most {MOST_QUEUES} can be watched");
            return Err(FormError::of("queues", why));
        }
        Ok(Self {
            keys,
            are_wanted,
            kinds: HashMap::new(),
            lengths: HashMap::new(),
        })
    }

    /// Asks for their lengths. What nobody asked for by name and was never there is left out.
    pub async fn ask(&mut self, asking: &mut Asking<'_>) -> Result<Vec<QueueLength>, CollectError> {
        let there = self.look(asking).await?;
        let mut lengths = Pipeline::new();
        for (key, kind) in &there {
            lengths.add_command(words(&[kind.length_command(), key]));
        }
        let answers = asking.part_all(QUEUES, &lengths).await?;
        for ((key, _), answer) in there.iter().zip(answers) {
            if let Some(Value::Int(length)) = answer {
                asking.own.count(true);
                let length = u64::try_from(length).unwrap_or(0);
                self.lengths.insert(key.clone(), length);
            }
        }
        Ok(self.told())
    }

    /// Which of them are there now, and what they are.
    async fn look(&mut self, asking: &mut Asking<'_>) -> Result<Vec<(String, Kind)>, CollectError> {
        let mut types = Pipeline::new();
        for key in &self.keys {
            types.add_command(words(&["TYPE", key]));
        }
        let said = asking.reading.partial.len();
        let answers = asking.part_all(QUEUES, &types).await?;
        if !self.are_wanted && self.kinds.is_empty() {
            // Nobody misses what nobody asked for.
            asking.reading.partial.truncate(said);
        }
        self.lengths.clear();
        let mut there = Vec::new();
        for (key, answer) in self.keys.iter().zip(&answers) {
            let Some(Value::SimpleString(word)) = answer else {
                continue;
            };
            let is_there = word != "none";
            asking.own.count(is_there);
            if let Some(kind) = Kind::of(word) {
                self.kinds.insert(key.clone(), kind);
                there.push((key.clone(), kind));
            } else if !is_there && (self.are_wanted || self.kinds.contains_key(key)) {
                self.lengths.insert(key.clone(), 0);
            }
        }
        Ok(there)
    }

    fn told(&self) -> Vec<QueueLength> {
        let known = self.keys.iter().filter_map(|key| {
            let kind = self.kinds.get(key).copied().unwrap_or(Kind::List);
            Some(QueueLength {
                key: printable(key).into(),
                kind: kind.word().into(),
                length: *self.lengths.get(key)?,
            })
        });
        known.collect()
    }
}
