//! The kinds of `[[source]]`: one line each.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::door::Doors;
use super::form::{DiscoverForm, Limits, SourceForm};
use super::metrics::Mappings;
use super::{Source, access_log, discover, memcached, metrics, mysql, postgres, redis};
use crate::model::{Catalog, Focus};
use crate::net::FormError;

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

/// A kind of sources that can be configured.
pub struct Kind {
    /// The word for it.
    pub word: &'static str,
    /// What makes one.
    pub open: Open,
    /// The keys that it has a use for, besides those that every kind has.
    keys: &'static [&'static str],
}

impl Kind {
    const fn new(word: &'static str, open: Open, keys: &'static [&'static str]) -> Self {
        Self { word, open, keys }
    }

    /// The kind of that name.
    #[must_use]
    pub fn find(word: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.word == word)
    }

    /// The words of all kinds.
    #[must_use]
    pub fn words() -> Vec<&'static str> {
        KINDS.iter().map(|kind| kind.word).collect()
    }

    /// What is written in a form that this kind has no use for.
    pub fn useless(&self, form: &SourceForm) -> impl Iterator<Item = FormError> {
        let keys = form.special_keys().into_iter();
        let keys = keys.filter(|key| !self.keys.contains(key));
        keys.map(|key| FormError::of(key, format!("{} has no use for `{key}`", self.word)))
    }
}

/// The kinds of sources that can be configured.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    Kind::new("postgres", postgres::open, &["user", "password_file", "password_env", "tls"]),
    Kind::new("mysql", mysql::open, &["user", "password_file", "password_env", "tls"]),
    Kind::new("redis", redis::open, &["user", "password_file", "password_env", "tls", "queues"]),
    Kind::new("memcached", memcached::open, &["user", "password_file", "password_env"]),
    Kind::new("metrics", metrics::open, &["user", "password_file", "password_env", "tls", "headers"]),
    Kind::new("access_log", access_log::open, &["format", "since"]),
];

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open_source(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let Some(kind) = Kind::find(&form.kind) else {
        let why = format!("{:?} is none of {}", form.kind, Kind::words().join(", "));
        return Err(FormError::of("kind", why));
    };
    // Files that can't be read are told at once, with their place in the settings, and not at the first connection.
    if let Some(tls) = &form.tls {
        crate::net::tls::client_config(tls)?;
    }
    (kind.open)(form, around)
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
