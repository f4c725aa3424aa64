//! The statement that is open on the screen: its plan is asked for when it is opened, and again now and then.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::explain;
use super::failure::Failure;
use super::held::Told;
use super::session::Session;
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
            self.bring(id, now, measured, reading);
            return Ok(());
        }
        // What a person had measured stays as long as it is open.
        if brought.is_some_and(|it| it.is_measured || now.saturating_sub(it.at) < AGAIN) {
            return Ok(());
        }
        let detail = estimated(session, told, &self.instance, &id).await?;
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
        self.brought = Some(Brought { id, at, is_measured });
        reading.rows.push(Rows::StatementDetail(Some(Box::new(detail))));
    }

    fn close(&mut self, reading: &mut Reading) {
        if self.brought.take().is_some() {
            reading.rows.push(Rows::StatementDetail(None));
        }
    }
}

async fn estimated(
    session: &mut Session,
    told: &Told,
    instance: &SourceName,
    id: &Arc<str>,
) -> Result<StatementDetail, Failure> {
    let explained = match (Key::of_id(id), told.known()) {
        (Some(key), Some((server, questions))) => {
            let sample = told.sample(key.query);
            match explain::find(session, &server, &questions, key, sample).await? {
                Ok(planned) => explain::estimate(session, &server, &planned).await?,
                Err(why) => Err(why),
            }
        }
        _ => Err("the server no longer knows this statement".to_owned()),
    };
    Ok(of(instance, id, explained))
}

/// The detail of a statement whose plan was asked for.
pub(super) fn of(
    instance: &SourceName,
    id: &Arc<str>,
    explained: explain::Explained,
) -> StatementDetail {
    let (plan, no_plan) = match explained {
        Ok(plan) => (Some(plan), None),
        Err(why) => (None, Some(why.into())),
    };
    StatementDetail {
        instance: instance.clone(),
        id: id.clone(),
        plan,
        no_plan,
        advice: Vec::new(),
    }
}
