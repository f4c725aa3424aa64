//! The one place where sources, rules, history and feed are wired together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::act::actor;
use super::{Error, history, targets};
use crate::alert::{Rule, default_rules, objectives};
use crate::collect::{
    Doors, Source, Surroundings, demo_sources, host_sources, open_source, probe, standing_sources,
};
use crate::config::Settings;
use crate::feed::local::LocalFeed;
use crate::model::{Catalog, Clock, Focus, SystemClock};
use crate::pipeline::{self, Fill, Options, Parts};
use crate::store::file::Archive;
use crate::store::{Sink, StoreError};

/// How much of a story's past is told before its first frame when charts are drawn: what their longest range shows.
pub const PAST_OF_CHARTS: Duration = Duration::from_secs(24 * 3600);
/// How much of it a single picture needs: until rules have held for their time.
pub const PAST_OF_A_PICTURE: Duration = Duration::from_secs(15 * 60);

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// This host.
    Host,
    /// The scripted story with this seed.
    Story(u64),
}

/// Starts the pipeline and opens the door to its frames; nothing is kept.
pub fn start(settings: &Settings, watched: Watched, past: Duration) -> Result<LocalFeed, Error> {
    start_with(settings, watched, past, Vec::new(), None)
}

/// The same, and keeps every frame of this host where the settings say; what was kept there before is remembered.
pub fn start_and_keep(
    settings: &Settings,
    watched: Watched,
    past: Duration,
) -> Result<LocalFeed, Error> {
    // A story is told anew at any time.
    if watched != Watched::Host {
        return start(settings, watched, past);
    }
    let mut sinks: Vec<Box<dyn Sink>> = history::keeper(settings).into_iter().collect();
    sinks.extend(targets::start(settings, SystemClock::new().now().wall)?);
    let own = history::file(settings).filter(|_| settings.history.enabled);
    start_with(settings, watched, past, sinks, own.as_deref())
}

/// The same of this host, and keeps every frame in one place alone.
pub fn start_recording(settings: &Settings, sink: Box<dyn Sink>) -> Result<LocalFeed, Error> {
    let past = PAST_OF_A_PICTURE;
    start_with(settings, Watched::Host, past, vec![sink], None)
}

fn start_with(
    settings: &Settings,
    watched: Watched,
    past: Duration,
    sinks: Vec<Box<dyn Sink>>,
    own: Option<&Path>,
) -> Result<LocalFeed, Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let catalog = Catalog::new();
    let (focus, focus_seen) = watch::channel(Focus::None);
    let (found, newcomers) = mpsc::channel(64);
    let surroundings = Surroundings {
        catalog: catalog.clone(),
        focus: focus_seen,
        doors: Doors::default(),
        found,
        limits: settings.limits.clone(),
        mappings: Arc::new(settings.mappings()),
    };
    let doors = surroundings.doors.clone();
    let sources = sources(watched, settings, &surroundings, &*clock)?;
    let parts = Parts {
        catalog: catalog.clone(),
        sources,
        rules: rules(settings)?,
        objectives: objectives(&settings.own_objectives())?,
        focus,
        newcomers,
        actor: actor(doors),
        sinks,
        fill: own.map(|path| fill(path, catalog.clone())),
        clock,
    };
    let handle = pipeline::start(parts, options(settings, watched, past)).map_err(Error::Start)?;
    let feed = match own {
        Some(path) => LocalFeed::with_past(handle, path, catalog.clone()),
        None => LocalFeed::new(handle),
    };
    Ok(match targets::read_from(settings, watched, catalog)? {
        Some(history) => feed.beyond(history),
        None => feed,
    })
}

/// Fills a hot history with what the file at `path` knows.
fn fill(path: &Path, catalog: Catalog) -> Fill {
    let path = path.to_owned();
    Box::new(move |history, until| {
        let filled = Archive::open(&path, catalog).and_then(|kept| kept.fill(history, until));
        match filled {
            // The first run of all.
            Ok(()) | Err(StoreError::Absent { .. }) => {}
            Err(error) => tracing::warn!("charts begin anew: {error}"),
        }
    })
}

fn options(settings: &Settings, watched: Watched, past: Duration) -> Options {
    let demo = watched != Watched::Host;
    Options {
        tick: settings.tick,
        hot_memory: usize::try_from(settings.hot_memory).unwrap_or(usize::MAX),
        // Nobody's processes are in a story, but a number in it may be that of a real one.
        read_only: settings.read_only || demo,
        demo,
        past: demo.then_some(past),
    }
}

/// What is read. The story begins now; what led to it lies in the past that is played first.
fn sources(
    watched: Watched,
    settings: &Settings,
    around: &Surroundings,
    clock: &dyn Clock,
) -> Result<Vec<Source>, Error> {
    let focus = around.focus.clone();
    let Watched::Story(seed) = watched else {
        let mut sources = host_sources(&around.catalog, focus);
        for form in &settings.sources {
            sources.push(open_source(&form.value, around)?);
        }
        for form in &settings.probes {
            sources.push(probe::open(&form.value, around)?);
        }
        sources.extend(standing_sources(
            &settings.discover,
            &settings.sources_known(),
            around,
        ));
        return Ok(sources);
    };
    Ok(demo_sources(&around.catalog, seed, clock.now().wall, focus))
}

/// The default rules and a person's own; one of their own takes the place of a default one of the same name.
fn rules(settings: &Settings) -> Result<Vec<Rule>, Error> {
    let mut rules = default_rules()?;
    for own in &settings.rules {
        rules.retain(|rule| *rule.name != *own.value.name);
        if own.value.enabled {
            rules.push(Rule::try_from(own.value.clone())?);
        }
    }
    Ok(rules)
}
