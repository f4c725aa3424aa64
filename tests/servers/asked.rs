//! One source as the pipeline would ask it, without the pipeline.

use std::time::Duration;

use hubtop::collect::{CollectError, Doors, Limits, Source, SourceForm, Surroundings, open_source};
use hubtop::model::{
    Catalog, Clock, CommandOutcome, Focus, Labels, Reading, ServerDeed, SystemClock,
};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use super::wait_for;

/// A source that is asked by hand.
pub struct Asked {
    pub catalog: Catalog,
    pub focus: watch::Sender<Focus>,
    pub doors: Doors,
    pub found: mpsc::Receiver<Source>,
    source: Source,
    clock: SystemClock,
    runtime: Runtime,
}

impl Asked {
    /// Opens a source from the keys of a `[[source]]`.
    pub fn open(toml: &str) -> Self {
        Self::with(toml, Limits::default())
    }

    pub fn with(toml: &str, limits: Limits) -> Self {
        let form: SourceForm = toml::from_str(toml).unwrap();
        Self::of(limits, |around| open_source(&form, around).unwrap())
    }

    /// Any source that is made of its surroundings.
    pub fn of(limits: Limits, open: impl FnOnce(&Surroundings) -> Source) -> Self {
        let (focus, focused) = watch::channel(Focus::None);
        let (found_in, found) = mpsc::channel(64);
        let around = Surroundings {
            catalog: Catalog::new(),
            focus: focused,
            doors: Doors::default(),
            found: found_in,
            limits,
            mappings: std::sync::Arc::default(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let source = {
            let _inside = runtime.enter();
            open(&around)
        };
        Self {
            catalog: around.catalog,
            doors: around.doors,
            focus,
            found,
            source,
            clock: SystemClock::new(),
            runtime,
        }
    }

    /// Asks it once, within its timeout as the schedule does.
    pub fn ask(&mut self) -> Result<Reading, CollectError> {
        let now = self.clock.now();
        match &mut self.source {
            Source::Quick(reader) | Source::Blocking(reader) => reader.read(now),
            Source::Asked(collector) => self.runtime.block_on(async {
                let limit = collector.spec().timeout;
                tokio::time::timeout(limit, collector.collect(now))
                    .await
                    .unwrap_or(Err(CollectError::Timeout(limit)))
            }),
        }
    }

    /// Asks it until something is in the answer. Some time passes in between, so that rates have an interval.
    pub fn ask_until<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&Reading, &Catalog) -> Option<T>,
    ) -> T {
        wait_for(what, || {
            self.runtime
                .block_on(async { tokio::time::sleep(Duration::from_millis(100)).await });
            let reading = self.ask().ok()?;
            look(&reading, &self.catalog)
        })
    }

    /// Has something done on the server.
    pub fn deed(&self, source: &str, deed: ServerDeed) -> CommandOutcome {
        let door = self.doors.to(source).expect("the source opened its door");
        self.runtime.block_on(door.carry_out(deed))
    }

    /// The value of a metric in a reading.
    pub fn value(&self, reading: &Reading, metric: &str, labels: &Labels) -> Option<f64> {
        let id = self.catalog.id(metric, labels.clone());
        let found = reading.samples.iter().find(|(series, _)| *series == id);
        found.map(|(_, value)| *value)
    }
}
