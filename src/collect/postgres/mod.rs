//! PostgreSQL 13 to 18: sessions, locks, statements, tables and the server's own figures, over one connection that is
//! held from the start.

mod activity;
mod deeds;
mod detail;
mod explain;
mod facts;
mod failure;
mod flat;
mod held;
mod indexes;
mod instance;
mod locks;
mod meters;
pub(super) mod plan;
mod server;
mod session;
mod sizes;
mod statements;
mod tables;
mod totals;
mod upkeep;
mod watch;

use std::sync::Arc;

use super::form::SourceForm;
use super::{Collecting, Collector, Source, Spec, Surroundings, database};
use crate::model::Moment;
use crate::net::FormError;
use crate::net::postgres::{Address, Written};
use held::Held;
use watch::Watch;

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let address = Address::of(written(form))?;
    let (spec, interval) = database::spec(form, || address.name(), address.tls.as_ref())?;
    let name = spec.name.clone();
    let held = Arc::new(Held::new(name.clone(), address, form.clone(), spec.timeout));
    around.doors.open(name.clone(), held.clone());
    let watch = Watch::new(&name, interval, around);
    Ok(Source::Asked(Box::new(Postgres { spec, held, watch })))
}

/// A watched server.
struct Postgres {
    spec: Spec,
    held: Arc<Held>,
    watch: Watch,
}

impl Collector for Postgres {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn collect(&mut self, now: Moment) -> Collecting<'_> {
        Box::pin(async move {
            let mut slot = self.held.session().await?;
            let looked = match &mut *slot {
                Some(session) => self.watch.look(session, &self.held.told, now).await,
                None => return Err(failure::closed()),
            };
            looked.inspect_err(|_| *slot = None)
        })
    }
}

/// Where the server of a form is, as it is written.
fn written(form: &SourceForm) -> Written<'_> {
    Written {
        section: "[[source]]",
        key: "address",
        address: &form.address,
        user: form.user.as_deref(),
        tls: form.tls.as_ref(),
    }
}
