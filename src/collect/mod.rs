//! Step 1 of the path: what brings figures. A source is read on its own schedule and brings a
//! [`Reading`] or says why it can't; nothing here knows what becomes of it.
//!
//! A collector of the machine is one file here and one line in [`host_sources`]; one of a server is one folder and one
//! line in [`KINDS`].

pub mod access_log;
pub mod advice;
mod command_line;
mod counter;
mod database;
mod demo;
pub mod discover;
mod door;
mod error;
mod form;
pub mod host;
pub mod memcached;
pub mod metrics;
pub mod mysql;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
pub mod portable;
pub mod postgres;
pub mod probe;
pub mod red;
pub mod redis;
mod schedule;
mod series;
mod servers;
mod wire;

pub use demo::demo_sources;
pub use door::{Deeding, Door, Doors};
pub use error::CollectError;
pub use form::{DiscoverForm, Limits, SourceForm};
pub use metrics::{
    ApiForm, LevelForm, Mappings, PriceForm, SeriesForm, Survey, TimeUnit, WorkKind, survey,
};
pub use schedule::{Report, Schedule};
pub use servers::{KINDS, Kind, Open, Surroundings, open_source, standing_sources};

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;

use crate::model::{Catalog, Focus, Moment, Reading, SourceKind, SourceName};

/// A future that a collector returns.
pub type Collecting<'a> = Pin<Box<dyn Future<Output = Result<Reading, CollectError>> + Send + 'a>>;

/// How often a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// At every tick.
    EveryTick,
    /// At the first tick after so long, or at every tick when the tick is longer.
    Every(Duration),
}

/// What a source says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its name as people know it: `cpu`, `processes`, `redis@6379`.
    pub name: SourceName,
    /// What it is of.
    pub kind: SourceKind,
    /// How often it is read.
    pub cadence: Cadence,
    /// After how long a reading is given up.
    pub timeout: Duration,
}

/// A source that is read with plain calls, such as files of `/proc`.
pub trait Reader: Send + 'static {
    /// What it says of itself.
    fn spec(&self) -> Spec;
    /// Reads it.
    ///
    /// # Errors
    /// Why it can't be read, and whether asking again can help.
    fn read(&mut self, now: Moment) -> Result<Reading, CollectError>;
}

/// A source that is asked over a connection.
pub trait Collector: Send + 'static {
    /// What it says of itself.
    fn spec(&self) -> Spec;
    /// Asks it.
    ///
    /// # Errors
    /// Why there is no answer, and whether asking again can help.
    fn collect(&mut self, now: Moment) -> Collecting<'_>;
}

/// A source with the way in which it is read.
pub enum Source {
    /// Never blocks and takes well under a millisecond: read in the pipeline's own thread.
    Quick(Box<dyn Reader>),
    /// May block or take long (a file system that is gone, ten thousand processes): read in a thread of its own.
    Blocking(Box<dyn Reader>),
    /// Asked over a connection.
    Asked(Box<dyn Collector>),
}

impl Source {
    /// What it says of itself.
    #[must_use]
    pub fn spec(&self) -> Spec {
        match self {
            Self::Quick(reader) | Self::Blocking(reader) => reader.spec(),
            Self::Asked(collector) => collector.spec(),
        }
    }
}

/// Every source of the machine itself. `focus` is the process whose detail is collected.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
#[must_use]
pub fn host_sources(catalog: &Catalog, focus: watch::Receiver<Focus>) -> Vec<Source> {
    use host::linux;
    let roots = &linux::Roots::default();
    let mounts = linux::Mounts::new(roots, catalog);
    vec![
        Source::Quick(Box::new(linux::Cpu::new(roots, catalog))),
        Source::Quick(Box::new(linux::Pressure::new(roots, catalog))),
        Source::Quick(Box::new(linux::Memory::new(roots, catalog))),
        Source::Quick(Box::new(linux::ContainerLimits::new(roots, catalog))),
        Source::Quick(Box::new(linux::DiskIo::new(roots, catalog))),
        Source::Quick(Box::new(linux::Network::new(roots, catalog))),
        Source::Quick(Box::new(linux::Transport::new(roots, catalog))),
        Source::Quick(Box::new(linux::ListenQueues::new(roots, catalog))),
        Source::Quick(Box::new(linux::Facts::new(roots))),
        Source::Quick(Box::new(mounts.answers())),
        Source::Blocking(Box::new(linux::Processes::new(roots, catalog))),
        Source::Blocking(Box::new(linux::Detail::new(roots, focus))),
        Source::Blocking(Box::new(mounts)),
        Source::Blocking(Box::new(linux::Frequency::new(roots, catalog))),
        Source::Blocking(Box::new(linux::Sensors::new(roots, catalog))),
        Source::Blocking(Box::new(linux::Gpu::new(roots, catalog))),
    ]
}

/// Every source of the machine itself. What can be told of one process does not go beyond its row here, so that the
/// focus is not used.
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
#[must_use]
pub fn host_sources(catalog: &Catalog, _focus: watch::Receiver<Focus>) -> Vec<Source> {
    vec![
        Source::Blocking(Box::new(portable::Processors::new(catalog))),
        Source::Blocking(Box::new(portable::Memory::new(catalog))),
        Source::Blocking(Box::new(portable::Traffic::new(catalog))),
        Source::Blocking(Box::new(portable::Mounts::new(catalog))),
        Source::Blocking(Box::new(portable::Sensors::new(catalog))),
        Source::Blocking(Box::new(portable::Facts)),
        Source::Blocking(Box::new(portable::Processes::new(catalog))),
    ]
}
