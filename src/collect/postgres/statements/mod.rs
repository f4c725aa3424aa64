//! What the statements of a server did from one look to the next.

pub(super) mod read;
mod texts;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::facts::Facts;
use super::failure::Failure;
use super::server::Server;
use super::session::Session;
use crate::collect::Surroundings;
use crate::collect::counter::{Interval, per_second};
use crate::collect::database::{Costliest, Usual};
use crate::model::statement::{Statement, StatementTotals};
use crate::model::{Advice, Reading, Rows, SourceName, Timestamp};
use read::{Counted, Entries, Key, Questions};
use texts::{Text, Texts};

/// Bytes of a block. Servers built with another size are rarer than those that would pay for the question.
const BLOCK: f64 = 8192.0;

/// So many statements are remembered as seen.
const MOST_SEEN: usize = 50_000;

/// The statements of a server, as they were at the last look.
pub(super) struct Statements {
    instance: SourceName,
    most: usize,
    slow_ms: f64,
    questions: Option<(Arc<str>, Questions)>,
    before: Option<Entries>,
    interval: Interval,
    /// All that were ever seen, and those that were there when the looking began.
    seen: HashSet<Key>,
    at_first: HashSet<Key>,
    texts: Texts,
    usual: Usual<Key>,
    series: Costliest,
    /// What was said of each statement, and on which edition of the facts.
    advice: HashMap<Key, (u64, Vec<Advice>)>,
}

/// One entry with what it did in the interval; `None` when that can't be told.
struct Entry {
    key: Key,
    counted: Counted,
    rise: Option<Counted>,
    is_new: bool,
}

/// Sums over all entries, which shares are of.
struct Sums {
    interval: Option<Duration>,
    /// Time in the interval, milliseconds.
    rise_ms: Option<f64>,
    /// Time since the reset, milliseconds.
    total_ms: f64,
    reset: Option<Timestamp>,
}

impl Statements {
    /// Nothing is known yet.
    pub fn new(instance: &SourceName, around: &Surroundings) -> Self {
        Self {
            instance: instance.clone(),
            most: around.limits.most_statements,
            slow_ms: around.limits.slow_statement.as_secs_f64() * 1000.0,
            questions: None,
            before: None,
            interval: Interval::default(),
            seen: HashSet::new(),
            at_first: HashSet::new(),
            texts: Texts::default(),
            usual: Usual::default(),
            series: Costliest::new(instance, &around.catalog),
            advice: HashMap::new(),
        }
    }

    /// Forgets what was counted: the next look has no interval.
    pub fn forget(&mut self) {
        self.before = None;
    }

    /// The questions that suit the server, once they are known.
    pub fn questions(&self) -> Option<&Questions> {
        self.questions.as_ref().map(|(_, questions)| questions)
    }

    /// Rows that a call of this statement returned or changed since the reset.
    pub fn rows_per_call(&self, key: &Key) -> Option<f64> {
        let counted = self.before.as_ref()?.counted.get(key)?;
        counted.per_call(counted.rows as f64)
    }

    /// Asks the server, and puts list and figures into the reading. What it lacks comes back as a line.
    ///
    /// # Errors
    /// Why there is no list.
    pub async fn ask(
        &mut self,
        session: &mut Session,
        server: &Server,
        facts: &Facts,
        now: Duration,
        reading: &mut Reading,
    ) -> Result<Option<String>, Failure> {
        if let Some(line) = lack(server) {
            self.forget();
            reading.rows.push(Rows::Statements(Vec::new()));
            return Ok(Some(line));
        }
        let questions = self.suiting(session, server).await?;
        let asked = questions.entries(session).await;
        let entries = match asked {
            Ok(entries) => entries,
            Err(failure) => {
                // The extension may have been changed: the columns are looked at again.
                self.questions = None;
                return Err(failure);
            }
        };
        let interval = self.interval.next(now);
        let hidden = entries.hidden;
        let before = self.before.as_ref().and_then(|before| before.thrown_out);
        let is_crowded = before.is_some() && before < entries.thrown_out;
        let (listed, sums) = self.advance(entries, interval);
        let keys: Vec<Key> = listed.iter().map(|entry| entry.key).collect();
        self.texts.fetch(session, &questions, &keys).await?;
        let mut rows = self.rows(listed, &sums, server.times_io);
        self.advise(&mut rows, facts);
        self.series.take(&rows, |row| &*row.text != texts::LATER);
        reading.rows.push(Rows::Statements(rows));
        Ok(if hidden > 0 {
            Some(format!(
                "{hidden} of other users are hidden: GRANT pg_monitor TO {}",
                server.user
            ))
        } else if is_crowded {
            Some(
                "the server throws out statements for lack of room: raise pg_stat_statements.max"
                    .to_owned(),
            )
        } else {
            None
        })
    }

    /// Puts the figures of the last look into a reading; they hold until the next.
    pub fn report(&self, reading: &mut Reading) {
        self.series.report(reading);
    }

    async fn suiting(
        &mut self,
        session: &mut Session,
        server: &Server,
    ) -> Result<Questions, Failure> {
        let schema = server.statements_schema.clone().unwrap_or_default();
        if let Some((known, questions)) = &self.questions
            && *known == schema
        {
            return Ok(questions.clone());
        }
        let questions = Questions::suiting(session, &schema).await?;
        self.questions = Some((schema, questions.clone()));
        Ok(questions)
    }

    /// The entries worth listing, costliest first: of the interval, and some of those that were since the reset.
    fn advance(&mut self, entries: Entries, interval: Option<Duration>) -> (Vec<Entry>, Sums) {
        let before = self.before.take().filter(|before| {
            // Rights that were granted make old entries appear.
            interval.is_some() && before.reset == entries.reset && before.hidden <= entries.hidden
        });
        if before.is_none() {
            self.at_first.extend(entries.counted.keys());
        }
        let mut listed: Vec<Entry> = Vec::with_capacity(entries.counted.len());
        for (key, counted) in &entries.counted {
            let was_seen = self.seen.contains(key);
            let rise = match &before {
                None => None,
                Some(before) => match before.counted.get(key) {
                    Some(known) => counted.since(known),
                    // It was thrown out and came back: what it did in between is not known.
                    None if was_seen => None,
                    None => Some(*counted),
                },
            };
            listed.push(Entry {
                key: *key,
                counted: *counted,
                rise,
                is_new: !self.at_first.contains(key),
            });
        }
        let sums = Sums {
            interval: before.as_ref().and(interval),
            rise_ms: before
                .as_ref()
                .map(|_| listed.iter().filter_map(|it| Some(it.rise?.time_ms)).sum()),
            total_ms: listed.iter().map(|it| it.counted.time_ms).sum(),
            reset: entries.reset.map(Timestamp),
        };
        self.remember(&entries);
        self.before = Some(entries);
        (costliest(listed, self.most), sums)
    }

    fn remember(&mut self, entries: &Entries) {
        for seen in [&mut self.seen, &mut self.at_first] {
            if seen.len() > MOST_SEEN {
                seen.retain(|key| entries.counted.contains_key(key));
            }
        }
        self.seen.extend(entries.counted.keys());
    }

    fn rows(&mut self, listed: Vec<Entry>, sums: &Sums, times_io: bool) -> Vec<Statement> {
        let mut rows = Vec::with_capacity(listed.len());
        for entry in listed {
            let text = self.texts.of(&entry.key).cloned();
            if text.as_ref().is_some_and(|text| text.is_own) {
                continue;
            }
            let mean = entry.rise.and_then(|rise| rise.mean_ms());
            let usual = self.usual.told_and_taught(&entry.key, mean);
            let mut row = self.row(&entry, sums, text.unwrap_or_else(unfetched), times_io);
            row.usual_mean_ms = usual;
            row.is_new = entry.is_new;
            rows.push(row);
        }
        rows
    }

    /// Parsing a statement costs more than its row: it is done anew only when the facts are new.
    fn advise(&mut self, rows: &mut [Statement], facts: &Facts) {
        let mut said = HashMap::with_capacity(rows.len());
        for row in rows {
            let Some(key) = Key::of_id(&row.id).filter(|key| self.texts.of(key).is_some()) else {
                continue;
            };
            let known = self
                .advice
                .remove(&key)
                .filter(|(edition, _)| *edition == facts.edition);
            let (edition, advice) = known.unwrap_or_else(|| {
                let rows_per_call = row.since_reset.rows_per_call;
                (
                    facts.edition,
                    facts.advice(&row.text, &row.database, rows_per_call, None),
                )
            });
            row.advice.clone_from(&advice);
            said.insert(key, (edition, advice));
        }
        self.advice = said;
    }

    fn row(&self, entry: &Entry, sums: &Sums, text: Text, times_io: bool) -> Statement {
        let rise = entry.rise;
        let per_call = |of: fn(&Counted) -> f64| rise.and_then(|rise| rise.per_call(of(&rise)));
        let mean_ms = rise.and_then(|rise| rise.mean_ms());
        Statement {
            instance: self.instance.clone(),
            id: entry.key.id().into(),
            text: text.text,
            database: text.database,
            user: text.user,
            time_percent: rise.and_then(|rise| share(rise.time_ms, sums.rise_ms?)),
            calls_per_sec: rise.and_then(|rise| per_second(rise.calls, sums.interval)),
            mean_ms,
            p95_ms: rise.and_then(|rise| rise.p95_ms()),
            rows_per_call: per_call(|rise| rise.rows as f64),
            hit_percent: rise.and_then(|rise| rise.hit_percent()),
            calls: rise.map(|rise| rise.calls),
            temp_bytes_per_call: per_call(|rise| rise.temp_blocks as f64 * BLOCK),
            io_ms_per_call: per_call(|rise| rise.io_ms).filter(|_| times_io),
            usual_mean_ms: None,
            since_reset: since_reset(&entry.counted, sums),
            advice: Vec::new(),
            is_new: false,
            is_slow: mean_ms.is_some_and(|mean| mean > self.slow_ms),
        }
    }
}

/// What stands for a text that is not there yet.
fn unfetched() -> Text {
    Text {
        text: texts::LATER.into(),
        ..Text::default()
    }
}

/// Why there can be no list, with the lines that mend it.
fn lack(server: &Server) -> Option<String> {
    match (server.statements_loaded, &server.statements_schema) {
        (true, Some(_)) => None,
        (true, None) => Some(format!(
            "CREATE EXTENSION pg_stat_statements in database {}",
            server.database
        )),
        (false, schema) => {
            let create = if schema.is_none() {
                ", then CREATE EXTENSION pg_stat_statements"
            } else {
                ""
            };
            Some(format!(
                "shared_preload_libraries = 'pg_stat_statements' in postgresql.conf, restart the server{create}"
            ))
        }
    }
}

/// The costliest of the interval, then of all time: a fourth as many of those at least.
fn costliest(mut entries: Vec<Entry>, most: usize) -> Vec<Entry> {
    let cost = |entry: &Entry| entry.rise.map_or(0.0, |rise| rise.time_ms);
    if entries.len() > most {
        entries.sort_by(|a, b| b.counted.time_ms.total_cmp(&a.counted.time_ms));
        let rest = entries.split_off(most / 4);
        let mut rest: Vec<Entry> = rest;
        rest.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
        rest.truncate(most - entries.len());
        entries.append(&mut rest);
    }
    entries.sort_by(|a, b| {
        let of_interval = cost(b).total_cmp(&cost(a));
        of_interval.then(b.counted.time_ms.total_cmp(&a.counted.time_ms))
    });
    entries
}

fn since_reset(counted: &Counted, sums: &Sums) -> StatementTotals {
    StatementTotals {
        since: counted.since.map(Timestamp).or(sums.reset),
        time_percent: share(counted.time_ms, sums.total_ms),
        calls: counted.calls,
        total_ms: counted.time_ms,
        mean_ms: counted.mean_ms(),
        max_ms: Some(counted.max_ms),
        rows_per_call: counted.per_call(counted.rows as f64),
        hit_percent: counted.hit_percent(),
    }
}

/// `part` of `whole` in percent; `None` of nothing.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| 100.0 * part / whole)
}

#[cfg(test)]
mod tests;
