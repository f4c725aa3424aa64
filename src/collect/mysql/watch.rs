//! What is asked of a server at each look, what less often, and what is remembered from one look to the next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::activity::Activity;
use super::detail;
use super::door::Seen;
use super::failure::Failure;
use super::indexes::Indexes;
use super::instance::{self, Own};
use super::locks;
use super::replication::Replication;
use super::series::Series;
use super::server::Server;
use super::session::Session;
use super::statements::Statements;
use super::tables::{self, Tables};
use super::totals::{Done, Totals};
use crate::collect::advice::TableFact;
use crate::collect::database::{Due, Lacks};
use crate::collect::{CollectError, Surroundings};
use crate::model::{DatabaseInstance, Focus, Moment, Reading, Rows, SourceName, Timestamp};

/// All that is remembered of a server.
pub(super) struct Watch {
    instance: SourceName,
    focus: watch::Receiver<Focus>,
    seen: Arc<Seen>,
    server: Server,
    started: Option<Timestamp>,
    series: Series,
    totals: Totals,
    statements: Statements,
    tables: Tables,
    facts: Vec<TableFact>,
    replication: Replication,
    own: Own,
    due: Dues,
    open: Option<Arc<str>>,
    /// What each part lacks.
    lacks: Lacks,
}

struct Dues {
    settings: Due,
    statements: Due,
    replication: Due,
    tables: Due,
    detail: Due,
}

impl Dues {
    /// With looks every 2 s: statements every 6 s, because the table of digests is read as a whole; tables each minute,
    /// because older servers open each of them to tell its size.
    fn with(interval: Duration) -> Self {
        let every = |looks, longest| Due::every(looks, interval, Duration::from_secs(longest));
        Self {
            settings: every(5, 10),
            statements: every(3, 10),
            replication: every(3, 10),
            tables: every(30, 60),
            detail: every(15, 30),
        }
    }

    /// A new connection: everything is asked at once.
    fn all(&mut self) {
        for due in [
            &mut self.settings,
            &mut self.statements,
            &mut self.replication,
            &mut self.tables,
            &mut self.detail,
        ] {
            due.soon();
        }
    }
}

impl Watch {
    /// Nothing is known yet. `interval` lies between two looks.
    pub fn new(
        instance: &SourceName,
        interval: Duration,
        seen: &Arc<Seen>,
        around: &Surroundings,
    ) -> Self {
        Self {
            instance: instance.clone(),
            focus: around.focus.clone(),
            seen: seen.clone(),
            server: Server::default(),
            started: None,
            series: Series::new(instance, &around.catalog),
            totals: Totals::default(),
            statements: Statements::new(instance, &around.limits),
            tables: Tables::default(),
            facts: Vec::new(),
            replication: Replication::default(),
            own: Own::default(),
            due: Dues::with(interval),
            open: None,
            lacks: Lacks::default(),
        }
    }

    /// Asks for what is due. What the server refuses dims its part of the reading.
    ///
    /// # Errors
    /// When nothing more can be asked over the connection: it is lost, or what came over it can't be read.
    pub async fn look(
        &mut self,
        session: &mut Session,
        now: Moment,
    ) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        if std::mem::take(&mut session.is_new) {
            self.begin_anew();
        }
        self.look_at_server(session, now, &mut reading).await?;
        let followers = self.look_at_activity(session, &mut reading).await?;
        self.look_at_replication(session, now, &mut reading).await?;
        self.look_at_tables(session, now, &mut reading).await?;
        self.look_at_statements(session, now, &mut reading).await?;
        self.look_at_detail(session, now, &mut reading).await?;
        self.own.take(session.load(), now.mono);
        let row = DatabaseInstance {
            instance: self.instance.clone(),
            kind: self.server.kind.clone(),
            started: self.started,
            ..instance::row(
                &self.replication,
                followers,
                self.series.used_percent(&reading),
                &self.own,
            )
        };
        reading.rows.push(Rows::Databases(vec![row]));
        self.lacks.report(&mut reading);
        Ok(reading)
    }

    /// A new connection: everything is asked at once, and nobody's number is known for sure.
    fn begin_anew(&mut self) {
        self.seen.forget();
        self.own = Own::default();
        // It may have been restarted in between, and a counter that fell to 0 and rose again does not show it.
        self.totals = Totals::default();
        self.due.all();
    }

    async fn look_at_server(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        if self.due.settings.is_now(now.mono) {
            let asked = Server::ask(session).await;
            if let Some(server) = self.lacks.told("server", asked)? {
                self.server = server;
            }
        }
        let done = self.totals.ask(session, &self.server, now.mono).await;
        if let Some(done) = self.lacks.told("now", done)? {
            self.note_start(now, &done);
            self.series
                .put_done(reading, &done, self.server.max_connections);
        }
        Ok(())
    }

    /// When the server was started; after a restart its counters begin anew.
    fn note_start(&mut self, now: Moment, done: &Done) {
        let Some(uptime) = done.uptime else { return };
        let started = now.wall.minus(uptime);
        // Uptime is in whole seconds, so that the start seems to move a little.
        let is_same = self
            .started
            .is_some_and(|known| known.0.abs_diff(started.0) < 5_000);
        if !is_same {
            if self.started.is_some() {
                self.statements.forget();
                self.tables = Tables::default();
                self.due.statements.soon();
            }
            self.started = Some(started);
        }
    }

    async fn look_at_activity(
        &mut self,
        session: &mut Session,
        reading: &mut Reading,
    ) -> Result<Vec<Arc<str>>, CollectError> {
        let asked = Activity::ask(session, &self.server, &self.instance).await;
        let Some(mut activity) = self.lacks.told("activity", asked)? else {
            return Ok(Vec::new());
        };
        match &activity.hidden {
            Some(line) => {
                self.lacks.insert("activity", line.clone());
                // Who can't be seen is not nobody: no figure and no tree is told.
                self.lacks.insert("locks", line.clone());
            }
            None => {
                let asked = locks::ask(session, &self.server, &mut activity, &self.instance).await;
                if let Some(locks) = self.lacks.told("locks", asked)? {
                    reading.rows.push(Rows::Locks(locks));
                    if let Some(line) = locks::unknown_holders(&activity) {
                        self.lacks.insert("locks", line);
                    }
                }
            }
        }
        self.seen.take(&activity);
        self.series.put_activity(reading, &activity);
        reading.rows.push(Rows::Backends(activity.backends));
        Ok(activity.followers)
    }

    async fn look_at_replication(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        if self.due.replication.is_now(now.mono) {
            let asked = Replication::ask(session, &self.server).await;
            self.replication = self.lacks.told("replication", asked)?.unwrap_or_default();
            if let Some(line) = &self.replication.hidden {
                self.lacks.insert("replication", line.clone());
            }
        }
        self.series.put_replication(reading, &self.replication);
        Ok(())
    }

    async fn look_at_tables(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        if !self.due.tables.is_now(now.mono) {
            return Ok(());
        }
        let asked = tables::ask(session).await;
        let Some(tables) = self.lacks.told("tables", asked)? else {
            return Ok(());
        };
        if tables.is_empty() {
            let asked = tables::hidden(session, &self.server).await;
            if let Some(Some(line)) = self.lacks.told("tables", asked)? {
                // What can't be seen is not nothing: no empty list.
                self.facts.clear();
                self.lacks.insert("tables", line.clone());
                self.lacks.insert("indexes", line);
                return Ok(());
            }
        }
        let asked = Indexes::ask(session, &self.server).await;
        if let Some(indexes) = self.lacks.told("indexes", asked)? {
            self.facts = indexes.facts(&tables);
            self.statements.advise_again(&self.facts);
            reading
                .rows
                .push(Rows::IndexUses(indexes.uses(&self.instance, self.started)));
        }
        let asked = self
            .tables
            .uses(session, &self.server, &tables, &self.instance, now.mono)
            .await;
        if let Some(uses) = self.lacks.told("tables", asked)? {
            reading.rows.push(Rows::TableUses(uses));
        }
        Ok(())
    }

    async fn look_at_statements(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        if !self.server.has_performance_schema {
            let line = "statements are not counted: add performance_schema=ON under [mysqld] and restart the server";
            self.lacks.insert("statements", line.to_owned());
            return Ok(());
        }
        if !self.due.statements.is_now(now.mono) {
            return Ok(());
        }
        let asked = self
            .statements
            .ask(session, &self.server, &self.facts, now.mono)
            .await;
        let asked = asked.map_err(|failure| self.with_grant(failure));
        let Some(wrong) = self.lacks.told("statements", asked)? else {
            return Ok(());
        };
        if let Some(line) = wrong {
            self.lacks.insert("statements", line);
        }
        self.series.put_statements(reading, self.statements.rows());
        reading
            .rows
            .push(Rows::Statements(self.statements.rows().to_vec()));
        Ok(())
    }

    /// A refusal for want of a right, with the line to type.
    fn with_grant(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Refused { code, .. } if failure.is_denied() => Failure::Refused {
                code,
                line: format!(
                    "GRANT SELECT ON performance_schema.* TO {}",
                    self.server.grantee
                ),
            },
            other => other,
        }
    }

    async fn look_at_detail(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        let open = match &*self.focus.borrow() {
            Focus::Statement(source, id) if *source == self.instance => Some(id.clone()),
            _ => None,
        };
        let is_other = open != self.open;
        self.open.clone_from(&open);
        let Some(id) = open else { return Ok(()) };
        if is_other {
            self.due.detail.soon();
        }
        if !self.due.detail.is_now(now.mono) {
            return Ok(());
        }
        let asked = detail::ask(
            session,
            &self.server,
            &self.statements,
            &self.facts,
            &self.instance,
            &id,
        )
        .await;
        if let Some(detail) = self.lacks.told("plan", asked)? {
            reading
                .rows
                .push(Rows::StatementDetail(detail.map(Box::new)));
        }
        Ok(())
    }
}
