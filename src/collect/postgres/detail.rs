//! The statement that is open on the screen: its plan is asked for when it is opened, and again now and then.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::explain::{self, Explained};
use super::facts::Facts;
use super::failure::Failure;
use super::flat::flat;
use super::held::Told;
use super::session::Session;
use super::statements::Statements;
use super::statements::read::Key;
use crate::model::statement::StatementDetail;
use crate::model::{Focus, Reading, Rows, SourceName};

/// A plan is asked for again after so long: statistics and indexes change while one looks.
const AGAIN: Duration = Duration::from_secs(60);

/// The detail that was brought last.
pub(super) struct Detail {
    instance: SourceName,
    focus: watch::Receiver<Focus>,
    brought: Option<Brought>,
}

struct Brought {
    id: Arc<str>,
    at: Duration,
    is_measured: bool,
    has_sample: bool,
}

impl Brought {
    /// Whether it stays as it is. What a person had measured does as long as it is open; a statement that somebody was
    /// seen to send with its values can be measured from then on.
    fn stays(&self, now: Duration, told: &Told) -> bool {
        let is_sampled_since =
            || Key::of_id(&self.id).is_some_and(|key| told.sample(key.query).is_some());
        let is_young = now.saturating_sub(self.at) < AGAIN;
        self.is_measured || (is_young && (self.has_sample || !is_sampled_since()))
    }
}

impl Detail {
    /// Nothing is open yet.
    pub fn new(instance: &SourceName, focus: watch::Receiver<Focus>) -> Self {
        Self {
            instance: instance.clone(),
            focus,
            brought: None,
        }
    }

    /// Brings the plan of the statement that is open here; nothing when none is, or when it was brought lately.
    ///
    /// # Errors
    /// When the connection is lost, or the statement can't be looked up.
    pub async fn ask(
        &mut self,
        session: &mut Session,
        told: &Told,
        about: About<'_>,
        now: Duration,
        reading: &mut Reading,
    ) -> Result<(), Failure> {
        let focus = self.focus.borrow().clone();
        let Focus::Statement(instance, id) = focus else {
            self.close(reading);
            return Ok(());
        };
        if instance != self.instance {
            // Another server's statement is open now, and its source brings it.
            self.brought = None;
            return Ok(());
        }
        let brought = self.brought.as_ref().filter(|brought| brought.id == id);
        if let Some(measured) = told.take_measured(&id) {
            let sample = flat(&measured.text).into();
            let asked = Asked {
                text: Some(measured.text),
                explained: Ok(measured.plan),
                sample: Some(sample),
                not_measured: None,
            };
            let detail = about.detail(&self.instance, &id, asked);
            self.bring(id, now, detail, reading);
            return Ok(());
        }
        if brought.is_some_and(|it| it.stays(now, told)) {
            return Ok(());
        }
        let asked = estimated(session, told, &id).await?;
        let detail = about.detail(&self.instance, &id, asked);
        self.bring(id, now, detail, reading);
        Ok(())
    }

    fn bring(
        &mut self,
        id: Arc<str>,
        at: Duration,
        detail: StatementDetail,
        reading: &mut Reading,
    ) {
        let is_measured = detail.plan.as_ref().is_some_and(|plan| plan.is_measured);
        self.brought = Some(Brought {
            id,
            at,
            is_measured,
            has_sample: detail.sample.is_some(),
        });
        reading
            .rows
            .push(Rows::StatementDetail(Some(Box::new(detail))));
    }

    fn close(&mut self, reading: &mut Reading) {
        if self.brought.take().is_some() {
            reading.rows.push(Rows::StatementDetail(None));
        }
    }
}

/// What the server was asked about a statement.
struct Asked {
    /// Its text, if it has one that can be planned.
    text: Option<Arc<str>>,
    explained: Explained,
    /// What would be run for its plan.
    sample: Option<Arc<str>>,
    /// Why it can't be run for its plan.
    not_measured: Option<Arc<str>>,
}

impl Asked {
    /// There is nothing to ask about.
    fn nothing(why: String) -> Self {
        Self {
            text: None,
            sample: None,
            not_measured: Some(why.as_str().into()),
            explained: Err(why),
        }
    }
}

/// The statement's plan, without running it.
async fn estimated(session: &mut Session, told: &Told, id: &Arc<str>) -> Result<Asked, Failure> {
    let (Some(key), Some((server, questions))) = (Key::of_id(id), told.known()) else {
        let why = "the server no longer knows this statement";
        return Ok(Asked::nothing(why.to_owned()));
    };
    let sample = told.sample(key.query);
    let found = explain::find(session, &server, &questions, key, sample).await?;
    let planned = match found {
        Ok(planned) => planned,
        Err(why) => return Ok(Asked::nothing(why)),
    };
    let explained = explain::estimate(session, &server, &planned).await?;
    let text = planned.text.clone();
    let (sample, not_measured) = match planned.runnable() {
        Ok(sample) => (Some(flat(&sample).into()), None),
        Err(why) => (None, Some(why.into())),
    };
    Ok(Asked {
        text: Some(text),
        explained,
        sample,
        not_measured,
    })
}

/// What is known besides the plan.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// Of the tables.
    pub facts: &'a Facts,
    /// Of what the statements did.
    pub statements: &'a Statements,
    /// The database that hubtop is connected to, where every plan comes from.
    pub database: &'a str,
}

impl About<'_> {
    fn detail(self, instance: &SourceName, id: &Arc<str>, asked: Asked) -> StatementDetail {
        let (plan, no_plan) = match asked.explained {
            Ok(plan) => (Some(plan), None),
            Err(why) => (None, Some(why.into())),
        };
        let rows_per_call = Key::of_id(id).and_then(|key| self.statements.rows_per_call(&key));
        let advice = asked.text.map(|text| {
            let facts = self.facts;
            facts.advice(&text, self.database, rows_per_call, plan.as_ref())
        });
        StatementDetail {
            sample: asked.sample,
            instance: instance.clone(),
            id: id.clone(),
            plan,
            no_plan,
            not_measured: asked.not_measured,
            advice: advice.unwrap_or_default(),
        }
    }
}
