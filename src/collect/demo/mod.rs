//! The sources of `hubtop demo`: a scripted incident on a host that does not exist, told through the same door as every
//! real source. What is told depends on the seed and the moment alone, so the same seed shows the same picture and
//! moments of the past can be asked for as well.

mod ai;
mod api;
mod backends;
mod belongings;
mod cache;
mod cache_detail;
mod cast;
mod detail;
mod host;
mod noise;
mod plans;
mod processes;
mod queries;
mod schema;
mod statements;
mod story;
mod times;
mod visitors;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::model::{Catalog, Focus, Moment, Reading, SourceKind, Timestamp};

use super::{Cadence, CollectError, Reader, Source, Spec};
use story::{Scene, Story};

/// The sources of the story that `seed` tells. Its live part begins at `start`, a few minutes into the incident; moments
/// before `start` are the hours that led to it. `focus` is what is open, whose detail is told.
#[must_use]
pub fn demo_sources(
    catalog: &Catalog,
    seed: u64,
    start: Timestamp,
    focus: watch::Receiver<Focus>,
) -> Vec<Source> {
    let stage = Stage {
        story: Story::new(seed),
        start,
    };
    let crowd = Arc::new(processes::Crowd::new(start));
    let mut sources = vec![
        stage.put(host::Facts::new(start)),
        stage.put(host::Cpu::new(catalog)),
        stage.put(host::Memory::new(catalog)),
        stage.put(host::Disks::new(catalog)),
        stage.put(host::Network::new(catalog)),
        stage.put(host::Sensors::new(catalog)),
        stage.put(processes::Processes::new(catalog, crowd.clone())),
        stage.put(detail::Detail::new(crowd, focus.clone())),
        stage.put(api::Traffic::new(catalog)),
        stage.put(ai::Ai::new(catalog)),
        stage.put(visitors::Users::new()),
        stage.put(visitors::Probes::new()),
        stage.put(cache::Levels::new(catalog)),
        stage.put(queries::Database::new(catalog, focus.clone())),
    ];
    sources.extend(
        cache::instances(catalog, &focus)
            .into_iter()
            .map(|it| stage.put(it)),
    );
    sources
}

/// Tells one part of the story.
trait Teller: Send + 'static {
    /// What the source is called.
    fn name(&self) -> &'static str;

    /// What it is of.
    fn kind(&self) -> SourceKind {
        SourceKind::Host
    }

    /// Tells what it knows of a scene.
    ///
    /// # Errors
    /// When the story has the source fail.
    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError>;
}

/// Where a story is told from.
#[derive(Clone, Copy)]
struct Stage {
    story: Story,
    start: Timestamp,
}

impl Stage {
    fn put(self, teller: impl Teller) -> Source {
        Source::Quick(Box::new(Told {
            stage: self,
            teller,
        }))
    }
}

/// A part of the story as a source.
struct Told<T> {
    stage: Stage,
    teller: T,
}

impl<T: Teller> Reader for Told<T> {
    fn spec(&self) -> Spec {
        Spec {
            name: self.teller.name().into(),
            kind: self.teller.kind(),
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(1),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let seconds = (now.wall.0.saturating_sub(self.stage.start.0)) as f64 / 1000.0;
        let mut reading = Reading::at(now.wall);
        self.teller
            .tell(&self.stage.story.at(seconds), &mut reading)?;
        Ok(reading)
    }
}
