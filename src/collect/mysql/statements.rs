//! The statements of a server: the digests of `performance_schema`, as differences between two looks. Their texts are
//! asked for once each.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::Row;

use super::digest::{Figures, PICOS_PER_MS, figures, question, share};
use super::failure::Failure;
use super::field::{quoted, shown, text};
use super::server::Server;
use super::session::Session;
use crate::collect::Limits;
use crate::collect::advice::{Dialect, Known, TableFact, advise};
use crate::collect::counter::{Interval, per_second};
use crate::collect::database::Usual;
use crate::model::{Advice, SourceName, Statement};

/// Texts asked for at once.
const MOST_TEXTS: usize = 100;

/// A text is shown to this length.
const TEXT_CHARS: usize = 4_096;

/// hubtop's own questions give this name to what they read; it stays in the digest.
const OWN_MARK: &str = "hubtop";

/// What is remembered of a digest.
#[derive(Debug, Clone, Default)]
struct Digest {
    database: Arc<str>,
    digest: Arc<str>,
    now: Figures,
    /// What it did in the interval; `None` when that can't be told.
    done: Option<Figures>,
    is_new: bool,
}

/// What stays the same of a statement.
#[derive(Debug, Clone, Default)]
struct Text {
    text: Arc<str>,
    is_own: bool,
    advice: Vec<Advice>,
}

/// The statements of one server.
pub(super) struct Statements {
    instance: SourceName,
    limits: Limits,
    digests: HashMap<Arc<str>, Digest>,
    texts: HashMap<Arc<str>, Text>,
    usual: Usual<Arc<str>>,
    interval: Interval,
    has_looked: bool,
    rows: Vec<Statement>,
    rest: Option<u64>,
}

impl Statements {
    /// Nothing is known yet.
    pub fn new(instance: &SourceName, limits: &Limits) -> Self {
        Self {
            instance: instance.clone(),
            limits: limits.clone(),
            digests: HashMap::new(),
            texts: HashMap::new(),
            usual: Usual::default(),
            interval: Interval::default(),
            has_looked: false,
            rows: Vec::new(),
            rest: None,
        }
    }

    /// After a restart of the server nothing can be compared with what was before.
    pub fn forget(&mut self) {
        self.digests.clear();
        self.rest = None;
        self.has_looked = false;
        self.interval = Interval::default();
    }

    /// The rows of the last look.
    pub fn rows(&self) -> &[Statement] {
        &self.rows
    }

    /// The database and the digest of a statement, by its id.
    pub fn digest(&self, id: &str) -> Option<(Arc<str>, Arc<str>)> {
        let known = self.digests.get(id)?;
        Some((known.database.clone(), known.digest.clone()))
    }

    /// Asks for what has been done since the last look. Brings what is wrong with the figures, if anything.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(
        &mut self,
        session: &mut Session,
        server: &Server,
        facts: &[TableFact],
        now: Duration,
    ) -> Result<Option<String>, Failure> {
        let rows = session.rows(&question(server)).await?;
        let interval = self.interval.next(now);
        let is_full = self.take(&rows);
        let listed = self.costliest();
        self.ask_texts(session, &listed, facts).await?;
        self.make_rows(&listed, interval);
        Ok(is_full.then(|| {
            "the table of statements is full and the rest is counted together: raise performance_schema_digests_size".to_owned()
        }))
    }

    /// Takes the figures; tells whether more statements came than the server can tell apart.
    fn take(&mut self, rows: &[Row]) -> bool {
        let mut before = std::mem::take(&mut self.digests);
        let mut rest = None;
        for row in rows {
            let now = figures(row);
            let Some(digest) = text(row, "digest") else {
                rest = Some(now.calls);
                continue;
            };
            let database = shown(row, "db");
            let id: Arc<str> = format!("{database}.{digest}").into();
            let (done, is_new) = match before.remove(&id) {
                Some(known) => (now.since(&known.now), known.is_new),
                // It was not there at the last look, so that all of it has happened since.
                None => (self.has_looked.then_some(now), self.has_looked),
            };
            let known = Digest {
                database,
                digest,
                now,
                done,
                is_new,
            };
            self.digests.insert(id, known);
        }
        self.has_looked = true;
        let digests = &self.digests;
        self.texts.retain(|id, _| digests.contains_key(id));
        let is_full = rest > self.rest && self.rest.is_some();
        self.rest = rest.or(Some(0));
        is_full
    }

    /// The ids to list: those that took the most time in the interval, then those that ever did.
    fn costliest(&self) -> Vec<Arc<str>> {
        let mut ids: Vec<(&Arc<str>, &Digest)> = self
            .digests
            .iter()
            .filter(|(id, _)| self.texts.get(*id).is_none_or(|text| !text.is_own))
            .collect();
        ids.sort_unstable_by_key(|(id, digest)| {
            let recent = digest.done.map_or(0, |done| done.picos);
            (Reverse((recent, digest.now.picos)), (*id).clone())
        });
        ids.truncate(self.limits.most_statements);
        ids.into_iter().map(|(id, _)| id.clone()).collect()
    }

    async fn ask_texts(
        &mut self,
        session: &mut Session,
        listed: &[Arc<str>],
        facts: &[TableFact],
    ) -> Result<(), Failure> {
        let unknown = listed.iter().filter(|id| !self.texts.contains_key(*id));
        let mut wanted: Vec<String> = unknown
            .filter_map(|id| self.digests.get(id))
            .map(|digest| quoted(&digest.digest))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        for some in wanted.chunks(MOST_TEXTS) {
            let question = format!(
                "SELECT SCHEMA_NAME AS db, DIGEST AS digest, LEFT(DIGEST_TEXT, {TEXT_CHARS}) AS digest_text \
                 FROM performance_schema.events_statements_summary_by_digest AS hubtop WHERE DIGEST IN ({})",
                some.join(", ")
            );
            for row in session.rows(&question).await? {
                let id: Arc<str> =
                    format!("{}.{}", shown(&row, "db"), shown(&row, "digest")).into();
                let text: Arc<str> = shown(&row, "digest_text").trim().into();
                let is_own = text.contains(OWN_MARK);
                let advice = self.advice(&id, &text, facts);
                self.texts.insert(
                    id,
                    Text {
                        text,
                        is_own,
                        advice,
                    },
                );
            }
        }
        Ok(())
    }

    /// Looks at every text again, because more or something else is known of the tables.
    pub fn advise_again(&mut self, facts: &[TableFact]) {
        let texts = std::mem::take(&mut self.texts);
        let again = texts.into_iter().map(|(id, mut text)| {
            if !text.is_own {
                text.advice = self.advice(&id, &text.text, facts);
            }
            (id, text)
        });
        self.texts = again.collect();
    }

    fn advice(&self, id: &str, text: &str, facts: &[TableFact]) -> Vec<Advice> {
        let Some(digest) = self.digests.get(id) else {
            return Vec::new();
        };
        advise(text, &known(&digest.database, &digest.now, facts), None)
    }

    /// What the figures of a statement tell to whoever advises on it.
    pub fn known<'a>(&'a self, id: &str, facts: &'a [TableFact]) -> Option<Known<'a>> {
        let digest = self.digests.get(id)?;
        Some(known(&digest.database, &digest.now, facts))
    }

    fn make_rows(&mut self, listed: &[Arc<str>], interval: Option<Duration>) {
        let is_foreign = |id: &Arc<str>| self.texts.get(id).is_none_or(|text| !text.is_own);
        let mut interval_picos = 0.0;
        let mut all_picos = 0.0;
        for (id, digest) in &self.digests {
            if is_foreign(id) {
                interval_picos += digest.done.map_or(0.0, |done| done.picos as f64);
                all_picos += digest.now.picos as f64;
            }
        }
        let mut rows = Vec::with_capacity(listed.len());
        for id in listed {
            let (Some(digest), Some(text)) = (self.digests.get(id), self.texts.get(id)) else {
                continue;
            };
            if text.is_own {
                continue;
            }
            let done = digest.done;
            let mean_ms = done.and_then(|done| done.mean_ms());
            let usual_mean_ms = self.usual.told_and_taught(id, mean_ms);
            rows.push(Statement {
                instance: self.instance.clone(),
                id: id.clone(),
                text: text.text.clone(),
                time_percent: done.and_then(|done| share(done.picos as f64, interval_picos)),
                calls_per_sec: done.and_then(|done| per_second(done.calls, interval)),
                mean_ms,
                // MySQL 8 tells it since the digest was first seen; it can't be told of an interval.
                p95_ms: digest.now.p95_picos.map(|picos| picos / PICOS_PER_MS),
                rows_per_call: done.and_then(|done| done.per_call(done.sent + done.changed)),
                database: digest.database.clone(),
                calls: done.map(|done| done.calls),
                usual_mean_ms,
                since_reset: digest.now.totals(all_picos),
                advice: text.advice.clone(),
                is_new: digest.is_new,
                is_slow: mean_ms
                    .is_some_and(|mean| mean > self.limits.slow_statement.as_secs_f64() * 1000.0),
                ..Statement::default()
            });
        }
        self.rows = rows;
    }
}

fn known<'a>(database: &'a str, figures: &Figures, facts: &'a [TableFact]) -> Known<'a> {
    Known {
        dialect: Dialect::Mysql,
        schema: Some(database),
        tables: facts,
        rows_per_call: figures.per_call(figures.sent + figures.changed),
        rows_read_per_call: figures.per_call(figures.examined),
    }
}
