//! What is asked of a server at each look, what less often, and what is remembered from one look to the next.

use std::time::Duration;

use super::activity::Activity;
use super::detail::{About, Detail};
use super::facts::Facts;
use super::held::Told;
use super::indexes;
use super::instance::{Figures, Own, Parts};
use super::locks;
use super::server::Server;
use super::session::Session;
use super::sizes::Sizes;
use super::statements::Statements;
use super::tables::Tables;
use super::totals::Totals;
use super::upkeep::{Keeping, Replication};
use crate::collect::database::{Due, Lacks};
use crate::collect::{CollectError, Surroundings};
use crate::model::{Moment, Reading, Rows, SourceName};

/// All that is remembered of a server.
pub(super) struct Watch {
    instance: SourceName,
    server: Server,
    figures: Figures,
    totals: Totals,
    statements: Statements,
    tables: Tables,
    facts: Facts,
    sizes: Sizes,
    replication: Replication,
    keeping: Keeping,
    own: Own,
    detail: Detail,
    due: Dues,
    /// What each part lacks.
    lacks: Lacks,
}

/// How often what is asked.
struct Dues {
    server: Due,
    statements: Due,
    replication: Due,
    keeping: Due,
    tables: Due,
    sizes: Due,
}

impl Dues {
    /// With looks every 2 s: statements every 6 s (1.2 ms on the server), tables each minute, sizes every 5 minutes.
    fn with(interval: Duration) -> Self {
        let every = |looks, longest| Due::every(looks, interval, Duration::from_secs(longest));
        Self {
            server: every(5, 10),
            statements: every(3, 10),
            replication: every(5, 10),
            keeping: every(15, 60),
            tables: every(30, 60),
            sizes: every(150, 300),
        }
    }

    /// A new connection: everything is asked at once.
    fn all(&mut self) {
        for due in [
            &mut self.server,
            &mut self.statements,
            &mut self.replication,
            &mut self.keeping,
            &mut self.tables,
            &mut self.sizes,
        ] {
            due.soon();
        }
    }
}

impl Watch {
    /// Nothing is known yet. `interval` lies between two looks.
    pub fn new(instance: &SourceName, interval: Duration, around: &Surroundings) -> Self {
        Self {
            instance: instance.clone(),
            server: Server::default(),
            figures: Figures::new(&around.catalog, instance),
            totals: Totals::default(),
            statements: Statements::new(instance, around),
            tables: Tables::default(),
            facts: Facts::default(),
            sizes: Sizes::default(),
            replication: Replication::default(),
            keeping: Keeping::default(),
            own: Own::default(),
            detail: Detail::new(instance, around.focus.clone()),
            due: Dues::with(interval),
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
        told: &Told,
        now: Moment,
    ) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        if session.load().statements <= Session::GREETING {
            self.due.all();
            self.own.begin();
        }
        self.look_at_server(session, now).await?;
        let activity = self.look_at_activity(session, &mut reading).await?;
        let done = self.totals.ask(session, now.mono).await;
        if let Some(done) = self.lacks.told("now", done)? {
            self.figures.put_done(&mut reading, &done);
        }
        self.look_at_upkeep(session, now).await?;
        self.look_at_tables(session, now, &mut reading).await?;
        self.look_at_statements(session, now, &mut reading).await?;
        self.look_at_detail(session, told, now, &mut reading)
            .await?;
        self.own.take(session.load(), now.mono);
        self.figures
            .put_upkeep(&mut reading, &self.replication, &self.keeping);
        let parts = Parts {
            instance: &self.instance,
            server: &self.server,
            activity: activity.as_ref(),
            replication: &self.replication,
            keeping: &self.keeping,
            own: &self.own,
        };
        reading.rows.push(parts.rows());
        if let Some(mut activity) = activity {
            told.keep_samples(std::mem::take(&mut activity.samples));
            activity.report(&mut reading);
        }
        self.lacks.report(&mut reading);
        Ok(reading)
    }

    async fn look_at_server(
        &mut self,
        session: &mut Session,
        now: Moment,
    ) -> Result<(), CollectError> {
        if !self.due.server.is_now(now.mono) {
            return Ok(());
        }
        let asked = Server::ask(session).await;
        let Some(server) = self.lacks.told("server", asked)? else {
            return Ok(());
        };
        let is_other = server.started != self.server.started;
        let may_see_more = server.sees_all != self.server.sees_all
            || server.statements_schema != self.server.statements_schema;
        if is_other || may_see_more {
            self.statements.forget();
            self.due.statements.soon();
        }
        if is_other {
            self.totals = Totals::default();
            self.tables = Tables::default();
        }
        self.server = server;
        Ok(())
    }

    async fn look_at_activity(
        &mut self,
        session: &mut Session,
        reading: &mut Reading,
    ) -> Result<Option<Activity>, CollectError> {
        let asked = Activity::ask(session, &self.server, &self.instance).await;
        let Some(activity) = self.lacks.told("activity", asked)? else {
            return Ok(None);
        };
        if !self.server.sees_all {
            let line = format!(
                "others' sessions are hidden: GRANT pg_monitor TO {}",
                self.server.user
            );
            self.lacks.insert("activity", line);
        }
        self.figures
            .put_counts(reading, &activity.counts, &self.server);
        let asked = locks::ask(session, &self.server, &activity, &self.instance).await;
        if let Some(locks) = self.lacks.told("locks", asked)? {
            reading.rows.push(Rows::Locks(locks));
        }
        Ok(Some(activity))
    }

    async fn look_at_upkeep(
        &mut self,
        session: &mut Session,
        now: Moment,
    ) -> Result<(), CollectError> {
        if self.due.replication.is_now(now.mono) {
            let asked = Replication::ask(session, &self.server).await;
            self.replication = self.lacks.told("replication", asked)?.unwrap_or_default();
        }
        if self.due.keeping.is_now(now.mono) {
            let asked = Keeping::ask(session).await;
            self.keeping = self.lacks.told("upkeep", asked)?.unwrap_or_default();
        }
        Ok(())
    }

    async fn look_at_statements(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        if self.due.statements.is_now(now.mono) {
            let asked = self
                .statements
                .ask(session, &self.server, &self.facts, now.mono, reading)
                .await;
            if let Some(Some(line)) = self.lacks.told("statements", asked)? {
                self.lacks.insert("statements", line);
            }
        }
        self.statements.report(reading);
        Ok(())
    }

    async fn look_at_detail(
        &mut self,
        session: &mut Session,
        told: &Told,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        told.learn(&self.server, self.statements.questions());
        let about = About {
            facts: &self.facts,
            statements: &self.statements,
            database: &self.server.database,
        };
        let asked = self
            .detail
            .ask(session, told, about, now.mono, reading)
            .await;
        self.lacks.told("plan", asked)?;
        Ok(())
    }

    async fn look_at_tables(
        &mut self,
        session: &mut Session,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<(), CollectError> {
        if self.due.sizes.is_now(now.mono) {
            let asked = self.sizes.ask(session).await;
            self.lacks.told("sizes", asked)?;
        }
        if !self.due.tables.is_now(now.mono) {
            return Ok(());
        }
        let asked = self
            .tables
            .ask(session, &self.sizes, &self.instance, now.mono)
            .await;
        if let Some(tables) = self.lacks.told("tables", asked)? {
            reading.rows.push(Rows::TableUses(tables));
        }
        let asked = indexes::ask(session, &self.sizes, &self.instance, now.wall).await;
        if let Some((indexes, uses)) = self.lacks.told("indexes", asked)? {
            reading.rows.push(Rows::IndexUses(uses));
            let asked = self.facts.ask_expressions(session).await;
            self.lacks.told("index expressions", asked)?;
            self.facts
                .gather(&self.server.database, &self.tables.known, &indexes);
        }
        Ok(())
    }
}
