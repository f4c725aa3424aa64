//! MySQL 8 and MariaDB 10.6 and newer: statements, sessions, locks, tables and the server's own figures, over one
//! connection that is held from the start.
//!
//! MariaDB 10.11 and MySQL 9.7 were measured; what is said of MySQL 8 alone rests on its reference manual.

mod activity;
mod address;
mod detail;
mod digest;
mod door;
mod explain;
mod failure;
mod field;
mod held;
mod indexes;
mod instance;
mod locks;
mod replication;
mod series;
mod server;
mod session;
mod statements;
mod tables;
mod totals;
mod watch;

use std::sync::Arc;

use super::form::SourceForm;
use super::{Collecting, Collector, Source, Spec, Surroundings, database};
use crate::model::Moment;
use crate::net::FormError;
use address::Address;
use door::{Seen, Way};
use held::Held;
use watch::Watch;

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let address = Address::of(form)?;
    let (spec, interval) = database::spec(form, || address.name(), address.tls.as_ref())?;
    let name = spec.name.clone();
    let held = Arc::new(Held::new(address, form.clone(), spec.timeout));
    let seen = Arc::new(Seen::default());
    let way = Way::to(&held, &seen);
    around.doors.open(name.clone(), Arc::new(way));
    let watch = Watch::new(&name, interval, &seen, around);
    let mysql = Mysql { spec, held, watch };
    Ok(Source::Asked(Box::new(mysql)))
}

/// A watched server.
struct Mysql {
    spec: Spec,
    held: Arc<Held>,
    watch: Watch,
}

impl Collector for Mysql {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn collect(&mut self, now: Moment) -> Collecting<'_> {
        Box::pin(async move {
            let mut slot = self.held.slot().await;
            // Taken out while it is used: given up in the middle of an answer, it is of no use any more.
            let mut session = match slot.take() {
                Some(session) => session,
                None => self.held.connect().await?,
            };
            let reading = self.watch.look(&mut session, now).await?;
            *slot = Some(session);
            Ok(reading)
        })
    }
}
