//! The connection as source and door share it, and what the source knows that the door needs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::MutexGuard;

use super::server::Server;
use super::session::Session;
use super::statements::read::Questions;
use crate::collect::CollectError;
use crate::collect::form::SourceForm;
use crate::model::{Plan, SourceName};
use crate::net::postgres::Address;

/// So many statements are kept as somebody sent them.
const MOST_SAMPLES: usize = 500;

/// The connection to one server, made again when it is gone.
pub(super) struct Held {
    /// The source's name.
    pub name: SourceName,
    /// Within this everything must end.
    pub timeout: Duration,
    /// What source and door tell each other.
    pub told: Told,
    address: Address,
    form: SourceForm,
    session: tokio::sync::Mutex<Option<Session>>,
}

impl Held {
    /// No connection yet.
    pub fn new(name: SourceName, address: Address, form: SourceForm, timeout: Duration) -> Self {
        Self {
            name,
            timeout,
            told: Told::default(),
            address,
            form,
            session: tokio::sync::Mutex::new(None),
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

/// What source and door tell each other; short locks, never held while waiting.
#[derive(Default)]
pub(super) struct Told(Mutex<Inner>);

/// A plan that a person had measured.
pub(super) struct Measured {
    /// Of which statement.
    pub id: Arc<str>,
    /// What was run.
    pub text: Arc<str>,
    /// What came of it.
    pub plan: Plan,
}

#[derive(Default)]
struct Inner {
    server: Server,
    questions: Option<Questions>,
    samples: HashMap<i64, Arc<str>>,
    measured: Option<Measured>,
}

impl Told {
    fn with<T>(&self, does: impl FnOnce(&mut Inner) -> T) -> T {
        does(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the server is and how its statements are asked for.
    pub fn learn(&self, server: &Server, questions: Option<&Questions>) {
        self.with(|inner| {
            inner.server = server.clone();
            inner.questions = questions.cloned();
        });
    }

    /// Statements as somebody sent them, with their values. The first of each stays: what a person saw before they
    /// confirmed it is what runs.
    pub fn keep_samples(&self, samples: Vec<(i64, Arc<str>)>) {
        self.with(|inner| {
            if inner.samples.len() + samples.len() > MOST_SAMPLES {
                inner.samples.clear();
            }
            for (query, sample) in samples.into_iter().take(MOST_SAMPLES) {
                inner.samples.entry(query).or_insert(sample);
            }
        });
    }

    /// The server, as it was last seen.
    pub fn server(&self) -> Server {
        self.with(|inner| inner.server.clone())
    }

    /// The server and how its statements are asked for, once both are known.
    pub fn known(&self) -> Option<(Server, Questions)> {
        self.with(|inner| Some((inner.server.clone(), inner.questions.clone()?)))
    }

    /// A statement as somebody sent it lately.
    pub fn sample(&self, query: i64) -> Option<Arc<str>> {
        self.with(|inner| inner.samples.get(&query).cloned())
    }

    /// A plan was measured; the source brings it.
    pub fn put_measured(&self, measured: Measured) {
        self.with(|inner| inner.measured = Some(measured));
    }

    /// The plan that was measured of this statement, once.
    pub fn take_measured(&self, id: &str) -> Option<Measured> {
        self.with(|inner| inner.measured.take_if(|measured| &*measured.id == id))
    }
}
