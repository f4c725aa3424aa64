//! The way to a watched server for what a person confirmed: it goes over the connection that its source holds, because
//! in an incident there may be no other to be had.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{CommandOutcome, ServerDeed, SourceName};

/// What becomes of a deed.
pub type Deeding<'a> = Pin<Box<dyn Future<Output = CommandOutcome> + Send + 'a>>;

/// A watched server on which something can be done.
pub trait Door: Send + Sync {
    /// Does it; the outcome is one line for a person. Ends within the source's timeout.
    fn carry_out(self: Arc<Self>, deed: ServerDeed) -> Deeding<'static>;
}

/// The doors of all sources that have one.
#[derive(Clone, Default)]
pub struct Doors(Arc<Mutex<HashMap<SourceName, Arc<dyn Door>>>>);

impl Doors {
    /// Opens the door of a source.
    pub fn open(&self, source: SourceName, door: Arc<dyn Door>) {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.insert(source, door);
    }

    /// The door of a source, if it has one.
    #[must_use]
    pub fn to(&self, source: &str) -> Option<Arc<dyn Door>> {
        let doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.get(source).cloned()
    }
}
