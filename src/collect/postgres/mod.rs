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
use std::time::Duration;

use super::form::SourceForm;
use super::{Cadence, Collecting, Collector, Source, Spec, Surroundings};
use crate::model::{Moment, SourceKind, SourceName};
use crate::net::FormError;
use crate::net::postgres::{Address, Written};
use crate::net::tls;
use held::Held;
use watch::Watch;

/// How often a server is asked when the form does not say.
const INTERVAL: Duration = Duration::from_secs(2);

/// After how long it is given up when the form does not say. Each statement ends after 2 s on the server's side.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let address = Address::of(written(form))?;
    // Files that can't be read are a mistake of the settings, told before anything is connected.
    form.password()?;
    if let Some(form) = &address.tls {
        tls::client_config(form)?;
    }
    let name: SourceName = form.name.clone().unwrap_or_else(|| address.name()).into();
    let interval = form.interval.unwrap_or(INTERVAL);
    let spec = Spec {
        name: name.clone(),
        kind: SourceKind::Database,
        cadence: Cadence::Every(interval),
        timeout: form.timeout.unwrap_or(TIMEOUT),
    };
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
