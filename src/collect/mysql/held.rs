//! The connection as source and door share it.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::address::Address;
use super::session::Session;
use crate::collect::CollectError;
use crate::collect::form::SourceForm;

/// The connection to one server.
pub(super) struct Held {
    /// Within this everything must end.
    pub timeout: Duration,
    address: Address,
    form: SourceForm,
    session: Mutex<Option<Session>>,
}

impl Held {
    /// No connection yet.
    pub fn new(address: Address, form: SourceForm, timeout: Duration) -> Self {
        Self {
            timeout,
            address,
            form,
            session: Mutex::new(None),
        }
    }

    /// The place of the connection, for one who uses it alone until the guard is dropped.
    pub async fn slot(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().await
    }

    /// A new connection.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn connect(&self) -> Result<Session, CollectError> {
        Session::open(&self.address, &self.form).await
    }
}
