//! The parts that each rest on a right of their own: one that is refused dims its panel and nothing else.

use std::collections::HashMap;
use std::time::Duration;

use redis::{Cmd, Pipeline, Value};

use super::fault::{Fault, Refusal};
use super::link::Link;
use super::tally::OwnLookups;
use crate::collect::CollectError;
use crate::model::Reading;

/// A refused command is asked again after so long: each refusal costs the server a line in its ACL LOG.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// A part of what is told of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// As the screen calls it.
    pub name: &'static str,
    /// The rights that it needs.
    pub rights: &'static str,
}

const fn part(name: &'static str, rights: &'static str) -> Part {
    Part { name, rights }
}

pub(super) const PING: Part = part("ping", "+ping");
pub(super) const PERCENTILES: Part = part("command percentiles", "+latency|histogram");
pub(super) const SLOW_LOG: Part = part("slow log", "+slowlog|get");
pub(super) const COMMAND_LOG: Part = part("slow log", "+commandlog|get");
pub(super) const CLIENTS: Part = part("clients", "+client|list");
pub(super) const CLUSTER: Part = part("cluster", "+cluster|info");
pub(super) const QUEUES: Part = part("queues", "+type +llen +xlen +zcard");
pub(super) const KEY_SPACE: Part = part("key space", "+scan");
pub(super) const KEY_SIZES: Part = part("key sizes", "+memory|usage +ttl +type");

/// The parts that were refused, since when, and what is said of them.
#[derive(Default)]
pub(super) struct Refused(HashMap<&'static str, (Duration, String)>);

/// One round of questions.
pub(super) struct Asking<'a> {
    pub link: &'a mut Link,
    pub refused: &'a mut Refused,
    pub reading: &'a mut Reading,
    pub own: &'a mut OwnLookups,
    pub user: &'a str,
    /// The monotonic time.
    pub now: Duration,
}

impl Asking<'_> {
    /// The answer of a part; `None` when it is refused, which the reading then says.
    pub async fn part(&mut self, part: Part, command: Cmd) -> Result<Option<Value>, CollectError> {
        if self.is_refused(part) {
            return Ok(None);
        }
        match self.link.ask(command).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Fault::Said(refusal)) => {
                self.refuse(part, &refusal);
                Ok(None)
            }
            Err(Fault::Lost(error)) => Err(error),
        }
    }

    /// The answers of a part that asks several commands; whichever is refused has none.
    pub async fn part_all(
        &mut self,
        part: Part,
        commands: &Pipeline,
    ) -> Result<Vec<Option<Value>>, CollectError> {
        if commands.is_empty() || self.is_refused(part) {
            return Ok(vec![None; commands.len()]);
        }
        let answers = match self.link.ask_all(commands).await {
            Ok(answers) => answers,
            Err(Fault::Said(refusal)) => {
                self.refuse(part, &refusal);
                return Ok(vec![None; commands.len()]);
            }
            Err(Fault::Lost(error)) => return Err(error),
        };
        if let Some(refusal) = answers.iter().find_map(|answer| answer.as_ref().err()) {
            self.refuse(part, refusal);
        }
        Ok(answers.into_iter().map(Result::ok).collect())
    }

    /// Whether a part was refused lately; if so, the reading says so again.
    pub fn is_refused(&mut self, part: Part) -> bool {
        let Some((since, line)) = self.refused.0.get(part.name) else {
            return false;
        };
        if self.now.saturating_sub(*since) >= ASK_AGAIN {
            return false;
        }
        self.reading.lacks(part.name, line.as_str());
        true
    }

    fn refuse(&mut self, part: Part, refusal: &Refusal) {
        let line = if refusal.is_unknown_command() {
            format!("this version has no {}", command_of(part))
        } else {
            refusal.line(self.user, part.rights)
        };
        self.reading.lacks(part.name, line.as_str());
        // What passes by itself (a load from disk) is asked again at once.
        if refusal.is_missing_right() || refusal.is_unknown_command() {
            self.refused.0.insert(part.name, (self.now, line));
        }
    }
}

/// `+latency|histogram` as a person types it: `LATENCY HISTOGRAM`.
fn command_of(part: Part) -> String {
    let first = part.rights.split(' ').next().unwrap_or_default();
    first
        .trim_start_matches('+')
        .replace('|', " ")
        .to_uppercase()
}
