//! The statement that is open on the screen: its plan is asked for when it is opened, and again now and then.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::explain::{self, Explained, Planned};
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
            let planned = Planned {
                text: measured.text,
                sample: None,
            };
            let detail = about.detail(&self.instance, &id, Some(&planned), Ok(measured.plan));
            self.bring(id, now, detail, reading);
            return Ok(());
        }
        if brought.is_some_and(|it| it.stays(now, told)) {
            return Ok(());
        }
        let (planned, explained) = estimated(session, told, &id).await?;
        let detail = about.detail(&self.instance, &id, planned.as_ref(), explained);
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

/// The statement, if it can be planned, and its plan.
async fn estimated(
    session: &mut Session,
    told: &Told,
    id: &Arc<str>,
) -> Result<(Option<Planned>, Explained), Failure> {
    let (Some(key), Some((server, questions))) = (Key::of_id(id), told.known()) else {
        return Ok((
            None,
            Err("the server no longer knows this statement".to_owned()),
        ));
    };
    let sample = told.sample(key.query);
    let found = explain::find(session, &server, &questions, key, sample).await?;
    let planned = match found {
        Ok(planned) => planned,
        Err(why) => return Ok((None, Err(why))),
    };
    let explained = explain::estimate(session, &server, &planned).await?;
    Ok((Some(planned), explained))
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
    fn detail(
        self,
        instance: &SourceName,
        id: &Arc<str>,
        planned: Option<&Planned>,
        explained: Explained,
    ) -> StatementDetail {
        let (plan, no_plan) = match explained {
            Ok(plan) => (Some(plan), None),
            Err(why) => (None, Some(why.into())),
        };
        let rows_per_call = Key::of_id(id).and_then(|key| self.statements.rows_per_call(&key));
        let advice = planned.map(|planned| {
            let facts = self.facts;
            facts.advice(&planned.text, self.database, rows_per_call, plan.as_ref())
        });
        StatementDetail {
            instance: instance.clone(),
            id: id.clone(),
            plan,
            no_plan,
            sample: planned
                .and_then(Planned::to_run)
                .map(|text| flat(text).into()),
            advice: advice.unwrap_or_default(),
        }
    }
}
