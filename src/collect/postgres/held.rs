//! The connection as source and door share it.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::address::Address;
use super::session::Session;
use crate::collect::CollectError;
use crate::collect::form::SourceForm;
use crate::model::SourceName;

/// The connection to one server, made again when it is gone.
pub(super) struct Held {
    /// The source's name.
    pub name: SourceName,
    /// Within this everything must end.
    pub timeout: Duration,
    address: Address,
    form: SourceForm,
    session: Mutex<Option<Session>>,
}

impl Held {
    /// No connection yet.
    pub fn new(name: SourceName, address: Address, form: SourceForm, timeout: Duration) -> Self {
        Self {
            name,
            timeout,
            address,
            form,
            session: Mutex::new(None),
        }
    }

    /// The connection, for one who uses it alone until the guard is dropped; there is one in it.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn session(&self) -> Result<MutexGuard<'_, Option<Session>>, CollectError> {
        let mut slot = self.session.lock().await;
        let is_usable = match slot.as_mut() {
            Some(session) => session.is_usable().await,
            None => false,
        };
        if !is_usable {
            *slot = None;
            *slot = Some(Session::open(&self.address, &self.form).await?);
        }
        Ok(slot)
    }
}
