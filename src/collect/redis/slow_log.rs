//! The slow log: how many entries the last minute brought, and the entries themselves with their secrets hidden.

use std::collections::VecDeque;
use std::time::Duration;

use redis::{Cmd, Value};

use super::info::Info;
use super::link::words;
use super::parts::{COMMAND_LOG, Part, SLOW_LOG};
use super::row::valkey_version;
use crate::model::redact::{self, HIDDEN};
use crate::model::text::{printable, printable_bytes};
use crate::model::{SlowCommand, Timestamp};

/// What "lately" means.
const WINDOW: Duration = Duration::from_secs(60);
/// So many entries are fetched: the length of the log unless somebody changed it.
const MOST_ENTRIES: &str = "128";
/// An argument and a whole command are cut at so many characters.
const LONGEST_ARGUMENT: usize = 64;
const LONGEST_COMMAND: usize = 256;

/// The question for the newest entry or for all, and the right it needs. Valkey 8.1 has it under another name.
pub(super) fn question(info: &Info, all: bool) -> (Part, Cmd) {
    let count = if all { MOST_ENTRIES } else { "1" };
    match valkey_version(info) {
        Some(version) if version >= (8, 1) => {
            (COMMAND_LOG, words(&["COMMANDLOG", "GET", count, "slow"]))
        }
        _ => (SLOW_LOG, words(&["SLOWLOG", "GET", count])),
    }
}

/// Tells from the number of the newest entry how many the last minute brought: numbers only rise, also when somebody
/// empties the log.
#[derive(Default)]
pub(super) struct SlowRate {
    /// When how many had been logged in all.
    marks: VecDeque<(Duration, u64)>,
    was_empty: bool,
}

impl SlowRate {
    /// Takes the number of the newest entry, none when the log is empty, and tells how many the last minute brought as
    /// far as it was watched.
    pub fn take(&mut self, now: Duration, newest: Option<u64>) -> u64 {
        let known = self.marks.back().map(|(_, total)| *total);
        let total = match (newest, known) {
            (Some(number), None) if self.was_empty => {
                // Whatever was before its first entry is not known to be new.
                self.marks.push_back((now, number));
                number + 1
            }
            (Some(number), _) => number + 1,
            (None, Some(total)) => total,
            (None, None) => {
                self.was_empty = true;
                return 0;
            }
        };
        if known.is_some_and(|known| total < known) {
            // Another run of the server counts anew.
            self.marks.clear();
        }
        self.marks.push_back((now, total));
        // The youngest mark that is a minute old stays: from it on is counted.
        while self
            .marks
            .get(1)
            .is_some_and(|(at, _)| now.saturating_sub(*at) >= WINDOW)
        {
            self.marks.pop_front();
        }
        let base = self.marks.front().map_or(total, |(_, base)| *base);
        total - base
    }
}

/// The number of the newest entry in an answer.
pub(super) fn newest(answer: &Value) -> Option<u64> {
    entries(answer).first().map(|entry| entry.id)
}

/// The entries in an answer, the newest first, each once.
pub(super) fn entries(answer: &Value) -> Vec<SlowCommand> {
    let Value::Array(entries) = answer else {
        return Vec::new();
    };
    let mut read: Vec<SlowCommand> = entries.iter().filter_map(entry).collect();
    read.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    read.dedup_by_key(|entry| entry.id);
    read
}

fn entry(entry: &Value) -> Option<SlowCommand> {
    let Value::Array(fields) = entry else {
        return None;
    };
    let [
        Value::Int(id),
        Value::Int(at),
        Value::Int(micros),
        Value::Array(command),
        rest @ ..,
    ] = fields.as_slice()
    else {
        return None;
    };
    let text = |place: usize| match rest.get(place) {
        Some(Value::BulkString(bytes)) => printable_bytes(bytes),
        _ => String::new(),
    };
    let (address, name) = (text(0), text(1));
    let client = if name.is_empty() {
        address
    } else {
        format!("{name} {address}")
    };
    Some(SlowCommand {
        id: u64::try_from(*id).ok()?,
        at: Timestamp(at.checked_mul(1000)?),
        took_ms: *micros as f64 / 1000.0,
        command: command_line(command).into(),
        client: client.into(),
    })
}

/// A command with its arguments, without secrets.
fn command_line(words: &[Value]) -> String {
    let words: Vec<String> = words.iter().map(word).collect();
    let mut line = String::new();
    for (place, word) in words.iter().enumerate() {
        if !line.is_empty() {
            line.push(' ');
        }
        if is_secret(&words, place) {
            line.push_str(HIDDEN);
        } else {
            line.push_str(&cut(&redact::argument(word), LONGEST_ARGUMENT));
        }
        if line.len() > LONGEST_COMMAND {
            return cut(&line, LONGEST_COMMAND);
        }
    }
    line
}

fn word(value: &Value) -> String {
    match value {
        Value::BulkString(bytes) => printable_bytes(bytes),
        Value::SimpleString(text) => printable(text).into_owned(),
        Value::Int(number) => number.to_string(),
        _ => "…".to_owned(),
    }
}

/// Whether the word at this place is a secret: of AUTH and of what carries one; newer servers hide these themselves.
fn is_secret(words: &[String], place: usize) -> bool {
    let is = |at: usize, names: &[&str]| {
        let word = words.get(at);
        word.is_some_and(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)))
    };
    let follows = |names: &[&str], distance: usize| {
        place
            .checked_sub(distance)
            .is_some_and(|at| at > 0 && is(at, names))
    };
    match place {
        0 => false,
        _ if is(0, &["auth"]) => true,
        _ if is(0, &["hello", "migrate"]) => {
            follows(&["auth", "auth2"], 1) || follows(&["auth", "auth2"], 2)
        }
        _ if is(0, &["acl"]) => words[place].starts_with(['>', '<', '#', '!']),
        _ if is(0, &["config"]) => {
            let name = words[place - 1].to_ascii_lowercase();
            place > 2 && (name.contains("pass") || name.contains("auth"))
        }
        _ => redact::hides_next(&words[place - 1]),
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &str) -> String {
        let words: Vec<Value> = command
            .split(' ')
            .map(|word| Value::BulkString(word.as_bytes().to_vec()))
            .collect();
        command_line(&words)
    }

    #[test]
    fn secrets_do_not_come_out_of_the_slow_log() {
        let cases = [
            ("AUTH hunter2", "AUTH ***"),
            ("auth mon hunter2", "auth *** ***"),
            (
                "HELLO 3 AUTH mon hunter2 SETNAME x",
                "HELLO 3 AUTH *** *** SETNAME x",
            ),
            (
                "CONFIG SET requirepass hunter2",
                "CONFIG SET requirepass ***",
            ),
            ("CONFIG SET maxmemory 2gb", "CONFIG SET maxmemory 2gb"),
            (
                "ACL SETUSER mon on >hunter2 +info",
                "ACL SETUSER mon on *** +info",
            ),
            (
                "MIGRATE h 6379 k 0 9 AUTH hunter2 KEYS a",
                "MIGRATE h 6379 k 0 9 AUTH *** *** a",
            ),
            ("SET url redis://u:pw@h/0", "SET url redis://u:***@h/0"),
            ("LPUSH auth-queue x", "LPUSH auth-queue x"),
            ("DEBUG SLEEP 1", "DEBUG SLEEP 1"),
        ];
        for (given, shown) in cases {
            assert_eq!(line(given), shown);
        }
        let long = line(&format!("SET k {}", "x".repeat(10_000)));
        assert_eq!(long.chars().count(), "SET k ".len() + LONGEST_ARGUMENT + 1);
        let many = line(&"MGET ".repeat(1000));
        assert!(many.chars().count() <= LONGEST_COMMAND + 1);
        assert_eq!(line("SET a\x1b[31m b"), "SET a␛[31m b");
    }

    #[test]
    fn the_last_minute_is_counted_over_resets_and_restarts() {
        let at = Duration::from_secs;
        let mut rate = SlowRate::default();
        assert_eq!(rate.take(at(0), Some(99)), 0, "what was before is not new");
        assert_eq!(rate.take(at(10), Some(103)), 4);
        assert_eq!(rate.take(at(20), None), 4, "somebody emptied the log");
        assert_eq!(rate.take(at(65), Some(104)), 5);
        assert_eq!(rate.take(at(72), Some(104)), 1);
        assert_eq!(rate.take(at(140), Some(104)), 0);
        assert_eq!(rate.take(at(141), Some(2)), 0, "another run");
        let mut rate = SlowRate::default();
        assert_eq!(rate.take(at(0), None), 0);
        assert_eq!(
            rate.take(at(1), Some(5000)),
            1,
            "an emptied log of an old server"
        );
    }
}
