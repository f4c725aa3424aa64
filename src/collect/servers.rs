//! The kinds of `[[source]]`: one line each.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::door::Doors;
use super::form::{DiscoverForm, FormError, Limits, SourceForm};
use super::metrics::Mappings;
use super::{Source, access_log, discover, memcached, metrics, mysql, postgres, redis};
use crate::model::{Catalog, Focus};

/// What a source of a server is given.
#[derive(Clone)]
pub struct Surroundings {
    /// Gives series their numbers.
    pub catalog: Catalog,
    /// What is open on the screen.
    pub focus: watch::Receiver<Focus>,
    /// Where it opens its door, if something can be done on it.
    pub doors: Doors,
    /// Where sources go that are found later.
    pub found: mpsc::Sender<Source>,
    /// Thresholds and bounds.
    pub limits: Limits,
    /// What is written about the series of pages.
    pub mappings: Arc<Mappings>,
}

impl Surroundings {
    /// Those of no pipeline: to try whether a form can be opened.
    #[must_use]
    pub fn apart() -> Self {
        Self {
            catalog: Catalog::new(),
            focus: watch::channel(Focus::None).1,
            doors: Doors::default(),
            found: mpsc::channel(1).0,
            limits: Limits::default(),
            mappings: Arc::default(),
        }
    }
}

/// Makes a source of a form, without connecting yet.
pub type Open = fn(&SourceForm, &Surroundings) -> Result<Source, FormError>;

/// The kinds of sources that can be configured: the word for it, and what makes it.
pub const KINDS: &[(&str, Open)] = &[
    ("postgres", postgres::open),
    ("mysql", mysql::open),
    ("redis", redis::open),
    ("memcached", memcached::open),
    ("metrics", metrics::open),
    ("access_log", access_log::open),
];

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open_source(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let known = KINDS.iter().find(|(word, _)| *word == form.kind);
    let Some((_, open)) = known else {
        let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
        let why = format!("{:?} is none of {}", form.kind, words.join(", "));
        return Err(FormError::of("kind", why));
    };
    // Files that can't be read are told at once, with their place in the settings, and not at the first connection.
    if let Some(tls) = &form.tls {
        super::tls::client_config(tls)?;
    }
    open(form, around)
}

/// The sources that are there without being configured: what looks around on this machine. What `known`
/// names already is not attached again.
#[must_use]
pub fn standing_sources(
    form: &DiscoverForm,
    known: &[SourceForm],
    around: &Surroundings,
) -> Vec<Source> {
    discover::sources(form, known, around)
}
