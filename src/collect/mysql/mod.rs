//! MySQL 8 and MariaDB 10.6 and newer: statements, sessions, locks, tables and the server's own figures, over one
//! connection that is held from the start.
//!
//! MariaDB 10.11 was measured; what is said of MySQL 8 rests on its reference manual.

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
use std::time::Duration;

use super::form::SourceForm;
use super::{Cadence, Collecting, Collector, Source, Spec, Surroundings};
use crate::model::{Moment, SourceKind, SourceName};
use crate::net::FormError;
use crate::net::tls;
use address::Address;
use door::{Seen, Way};
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
    let address = Address::of(form)?;
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
