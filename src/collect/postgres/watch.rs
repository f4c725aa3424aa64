//! What is asked of a server at each look, and what is remembered from one look to the next.

use std::collections::BTreeMap;

use super::activity::Activity;
use super::failure::Failure;
use super::server::Server;
use super::session::Session;
use crate::collect::{CollectError, Surroundings};
use crate::model::{Moment, Reading, SourceName};

/// All that is remembered of a server.
pub(super) struct Watch {
    instance: SourceName,
    server: Server,
    lacks: BTreeMap<&'static str, String>,
}

impl Watch {
    /// Nothing is known yet.
    pub fn new(instance: &SourceName, _around: &Surroundings) -> Self {
        Self {
            instance: instance.clone(),
            server: Server::default(),
            lacks: BTreeMap::new(),
        }
    }

    /// Asks for what is due.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn look(
        &mut self,
        session: &mut Session,
        now: Moment,
    ) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        match Server::ask(session).await {
            Ok(server) => self.server = server,
            Err(failure) => self.miss("server", failure)?,
        }
        match Activity::ask(session, &self.server, &self.instance).await {
            Ok(activity) => activity.report(&mut reading),
            Err(failure) => self.miss("activity", failure)?,
        }
        for (part, line) in &self.lacks {
            reading.lacks(part, line.as_str());
        }
        Ok(reading)
    }

    fn miss(&mut self, part: &'static str, failure: Failure) -> Result<(), CollectError> {
        match failure {
            Failure::Lost(error) => Err(error),
            Failure::Refused { line, .. } => {
                self.lacks.insert(part, line);
                Ok(())
            }
        }
    }
}
