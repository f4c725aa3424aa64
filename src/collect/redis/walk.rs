//! The walk over the keys of a server, a slice at each reading: SCAN, never KEYS, bounded in keys a second and in all,
//! and waiting while the server is slow. What it saw is kept by prefix; sizes are measured on a part of the keys. What it
//! costs is what the server counts for its commands, known one reading later.

use std::time::{Duration, Instant};

use redis::{Pipeline, Value};

use super::key_space::KeyCensus;
use super::link::words;
use super::load::Load;
use super::parts::{Asking, KEY_SIZES, KEY_SPACE};
use super::round_trips::RoundTrips;
use super::tally::Tally;
use crate::collect::CollectError;
use crate::model::{KeySpace, Moment, ScanState, Timestamp};

/// So many keys a second: SCAN takes about 1 ms of the server for 1,000 keys, so this is half a percent of its time.
pub(super) const KEYS_PER_SEC: u64 = 5_000;
/// After so many it stops.
pub(super) const MOST_KEYS: u64 = 1_000_000;
/// About so many keys are measured in one walk, evenly spread.
const MOST_MEASURED: u64 = 20_000;
/// Keys asked for at once: few while answers are slow.
const FEWEST_AT_ONCE: u64 = 100;
const MOST_AT_ONCE: u64 = 1_000;
/// When even the quickest of the last answers took longer, they hold up other clients: fewer keys at once, and no more in
/// this reading.
const SLOW_ANSWER: Duration = Duration::from_millis(10);
/// A slice ends after so long, whatever it has seen.
const LONGEST_SLICE: Duration = Duration::from_millis(300);
/// The first slice is as if so long had passed.
const FIRST_SLICE: Duration = Duration::from_millis(200);
/// After a pause not all of it is caught up with.
const MOST_SECONDS: f64 = 4.0;

/// A walk that is under way or over.
pub(super) struct Walk {
    state: ScanState,
    begun: Timestamp,
    last_slice: Duration,
    /// Where SCAN goes on.
    cursor: String,
    at_once: u64,
    seen: u64,
    /// Every so-many-th key is measured.
    stride: u64,
    is_refused: bool,
    answers: RoundTrips,
    /// What was sent and is not in the cost yet.
    sent: Load,
    /// Time of the server, milliseconds.
    cost_ms: f64,
    census: KeyCensus,
}

impl Walk {
    /// From the first key; `keys` is how many there are.
    pub fn begin(now: Moment, keys: u64) -> Self {
        Self {
            state: ScanState::Running,
            begun: now.wall,
            last_slice: now.mono.saturating_sub(FIRST_SLICE),
            cursor: "0".to_owned(),
            at_once: 500,
            seen: 0,
            stride: keys.div_ceil(MOST_MEASURED).max(1),
            is_refused: false,
            answers: RoundTrips::default(),
            sent: Load::default(),
            cost_ms: 0.0,
            census: KeyCensus::default(),
        }
    }

    pub fn is_running(&self) -> bool {
        self.state == ScanState::Running
    }

    /// Goes no further.
    pub fn stop(&mut self) {
        if self.is_running() {
            self.state = ScanState::Stopped;
        }
    }

    /// Whether it ended because the right to it is missing.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Adds what the server counted for the slice before; a reset of its counters leaves that slice out.
    pub fn settle(&mut self, now: &Tally, before: &Tally) {
        let sent = std::mem::take(&mut self.sent);
        self.cost_ms += now.own_ms(before, &sent).unwrap_or(0.0);
    }

    /// What it saw so far; `keys` is how many there are now.
    pub fn picture(&self, keys: u64) -> KeySpace {
        KeySpace {
            state: self.state,
            begun: self.begun,
            seen: self.seen,
            keys,
            cost_ms: self.cost_ms,
            prefixes: self.census.prefixes(self.seen),
            largest: self.census.largest(),
        }
    }

    /// Walks on as far as the time since the last slice allows.
    pub async fn walk_on(&mut self, asking: &mut Asking<'_>) -> Result<(), CollectError> {
        let since = asking.now.saturating_sub(self.last_slice).as_secs_f64();
        self.last_slice = asking.now;
        let mut allowed = (since.min(MOST_SECONDS) * KEYS_PER_SEC as f64) as u64;
        let begun = Instant::now();
        let sent_before = asking.link.load().clone();
        while self.is_running() && allowed > 0 && begun.elapsed() < LONGEST_SLICE {
            let asked = Instant::now();
            let Some(seen) = self.step(asking, allowed).await? else {
                self.is_refused = true;
                self.stop();
                break;
            };
            let lately = self.answers.least_with(asked.elapsed());
            allowed = allowed.saturating_sub(seen.max(1));
            if lately > SLOW_ANSWER {
                self.at_once = (self.at_once / 2).max(FEWEST_AT_ONCE);
                break;
            }
            self.at_once = (self.at_once * 2).min(MOST_AT_ONCE);
        }
        self.sent.add_rise(&sent_before, asking.link.load());
        Ok(())
    }

    /// One SCAN and the measuring of a part of what it told; `None` when it is refused.
    async fn step(
        &mut self,
        asking: &mut Asking<'_>,
        allowed: u64,
    ) -> Result<Option<u64>, CollectError> {
        let count = self.at_once.min(allowed.max(FEWEST_AT_ONCE)).to_string();
        let scan = words(&["SCAN", &self.cursor, "COUNT", &count]);
        let answer = asking.part(KEY_SPACE, scan).await?;
        let Some((cursor, keys)) = answer.and_then(told) else {
            return Ok(None);
        };
        for key in &keys {
            self.census.add(key);
        }
        self.measure(asking, &keys).await?;
        self.seen += keys.len() as u64;
        self.state = match cursor.as_str() {
            "0" => ScanState::Complete,
            _ if self.seen >= MOST_KEYS => ScanState::Stopped,
            _ => ScanState::Running,
        };
        self.cursor = cursor;
        // Keys that SCAN looked at without finding any count as well: an emptied table is large.
        Ok(Some(keys.len().max(count.parse().unwrap_or(0)) as u64))
    }

    async fn measure(
        &mut self,
        asking: &mut Asking<'_>,
        keys: &[Vec<u8>],
    ) -> Result<(), CollectError> {
        let chosen: Vec<&Vec<u8>> = (self.seen..)
            .zip(keys)
            .filter(|(number, _)| number % self.stride == 0)
            .map(|(_, key)| key)
            .collect();
        let mut sizes = Pipeline::new();
        for key in &chosen {
            sizes.cmd("MEMORY").arg("USAGE").arg(key.as_slice());
            sizes.cmd("TTL").arg(key.as_slice());
        }
        let answers = asking.part_all(KEY_SIZES, &sizes).await?;
        let mut large = Vec::new();
        for (key, answers) in chosen.into_iter().zip(answers.chunks_exact(2)) {
            if let Some(Value::Int(ttl)) = &answers[1] {
                asking.own.count(*ttl != -2);
            }
            // A key that went in the meantime has no size.
            if let [Some(Value::Int(bytes)), Some(Value::Int(ttl))] = answers {
                let bytes = u64::try_from(*bytes).unwrap_or(0);
                self.census.measured(key, bytes, *ttl == -1);
                if self.census.is_large(bytes) {
                    large.push((key, bytes));
                }
            }
        }
        self.name_large(asking, large).await
    }

    async fn name_large(
        &mut self,
        asking: &mut Asking<'_>,
        large: Vec<(&Vec<u8>, u64)>,
    ) -> Result<(), CollectError> {
        let mut types = Pipeline::new();
        for (key, _) in &large {
            types.cmd("TYPE").arg(key.as_slice());
        }
        let answers = asking.part_all(KEY_SIZES, &types).await?;
        for ((key, bytes), answer) in large.into_iter().zip(answers) {
            let kind = match &answer {
                Some(Value::SimpleString(word)) => {
                    asking.own.count(word != "none");
                    word.as_str()
                }
                _ => "",
            };
            self.census.add_large(key, kind, bytes);
        }
        Ok(())
    }
}

/// The answer to SCAN: where to go on, and keys.
fn told(answer: Value) -> Option<(String, Vec<Vec<u8>>)> {
    let Value::Array(parts) = answer else {
        return None;
    };
    let [Value::BulkString(cursor), Value::Array(keys)] = <[Value; 2]>::try_from(parts).ok()?
    else {
        return None;
    };
    let keys = keys.into_iter().filter_map(|key| match key {
        Value::BulkString(key) => Some(key),
        _ => None,
    });
    Some((String::from_utf8(cursor).ok()?, keys.collect()))
}
