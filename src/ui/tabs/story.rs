//! A scene of the demo's story, for the tests of the tabs that no collector fills yet.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::testing::{Scene, noon};
use crate::alert::{AlertEngine, default_rules};
use crate::collect::{CollectError, Source, demo_sources};
use crate::model::{Focus, Health, Moment, Reading, Rows, SourceName, Timestamp};

/// What is told for each of five seconds: the history of a scene.
const STEP: u64 = 5;
/// How many steps a history has.
const STEPS: u64 = 60;

/// How the sources of a scene fell silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// They say why they can't answer.
    Failing,
    /// They say nothing.
    Late,
}

impl Silence {
    /// For how long they have been silent.
    fn span(self) -> Duration {
        Duration::from_secs(40)
    }
}

/// The scene `seconds` after the live part of the story began, with the five minutes before as its history.
pub fn scene(seconds: u64) -> Scene {
    told(seconds, None, Focus::None)
}

/// The same scene with the detail of what is open.
pub fn scene_of(seconds: u64, open: Focus) -> Scene {
    told(seconds, None, open)
}

/// The same scene, in which every source fell silent a while ago.
pub fn silent_scene(seconds: u64, silence: Silence) -> Scene {
    told(seconds, Some(silence), Focus::None)
}

fn told(seconds: u64, silence: Option<Silence>, open: Focus) -> Scene {
    let mut scene = Scene::new();
    let start = noon().minus(Duration::from_secs(seconds));
    let (_focus, focus_seen) = watch::channel(open);
    let mut sources = demo_sources(&scene.catalog, 1, start, focus_seen);
    let mut alerts = AlertEngine::new(default_rules().unwrap());
    let mut history = vec![Vec::new(); scene.catalog.table().len()];
    let heard_until = noon().minus(silence.map_or(Duration::ZERO, Silence::span));
    for step in 0..STEPS {
        let at = noon().minus(Duration::from_secs((STEPS - 1 - step) * STEP));
        for curve in &mut history {
            curve.push(f64::NAN);
        }
        for (name, result) in read(&mut sources, at) {
            if at > heard_until {
                continue;
            }
            match result {
                Ok(reading) => {
                    for (id, value) in reading.samples {
                        history[id.index()][step as usize] = value;
                    }
                    scene.source(&name, Health::Up, noon().since(at));
                    put_tables(&mut scene, reading.rows);
                }
                Err(error) => fail(&mut scene, &name, &error),
            }
        }
        let newest = |curve: &Vec<f64>| curve.last().copied().unwrap_or(f64::NAN);
        scene.frame.values = Arc::new(history.iter().map(newest).collect());
        scene.frame.series = scene.catalog.table();
        let (now, tick) = (moment(at), Duration::from_secs(STEP));
        let frame = &mut scene.frame;
        let host = frame.host.name.clone();
        frame.alerts = alerts.evaluate(now, tick, &frame.series, &frame.values, &host);
    }
    scene.frame.demo = true;
    for (id, _) in scene.catalog.table().iter() {
        scene.curve(id, history[id.index()].clone());
    }
    if silence == Some(Silence::Failing) {
        let names: Vec<_> = scene
            .frame
            .sources
            .iter()
            .map(|it| it.name.clone())
            .collect();
        let error = CollectError::Timeout(Duration::from_secs(1));
        for name in names {
            fail(&mut scene, &name, &error);
        }
    }
    scene
}

/// A moment of the wall clock; the other clock starts some time before all scenes.
fn moment(at: Timestamp) -> Moment {
    Moment {
        wall: at,
        mono: at.since(noon().minus(Duration::from_secs(3600))),
    }
}

fn read(sources: &mut [Source], at: Timestamp) -> Vec<(SourceName, Result<Reading, CollectError>)> {
    let now = moment(at);
    sources
        .iter_mut()
        .filter_map(|source| match source {
            Source::Quick(reader) => Some((reader.spec().name, reader.read(now))),
            _ => None,
        })
        .collect()
}

/// A source that fails: what it brought before stays in the frame.
fn fail(scene: &mut Scene, name: &str, error: &CollectError) {
    let health = Health::Failing {
        since: noon().minus(Duration::from_secs(42)),
        because: error.to_string(),
        next_try: noon().plus(Duration::from_secs(8)),
    };
    scene.source(name, health, Duration::from_secs(43));
}

fn put_tables(scene: &mut Scene, rows: Vec<Rows>) {
    let tables = &mut scene.frame.tables;
    for rows in rows {
        match rows {
            Rows::Endpoints(rows) => tables.endpoints = Some(Arc::new(rows)),
            Rows::Models(rows) => tables.models = Some(Arc::new(rows)),
            Rows::Sessions(rows) => tables.sessions = Some(Arc::new(rows)),
            Rows::Pages(rows) => tables.pages = Some(Arc::new(rows)),
            Rows::Probes(rows) => tables.probes = Some(Arc::new(rows)),
            Rows::Objectives(rows) => tables.objectives = Some(Arc::new(rows)),
            Rows::Caches(rows) => {
                let caches = Arc::make_mut(tables.caches.get_or_insert_default());
                caches.retain(|known| rows.iter().all(|row| row.instance != known.instance));
                caches.extend(rows);
            }
            Rows::CacheLevels(rows) => tables.cache_levels = Some(Arc::new(rows)),
            Rows::Statements(rows) => tables.statements = Some(Arc::new(rows)),
            Rows::Backends(rows) => tables.backends = Some(Arc::new(rows)),
            Rows::Locks(rows) => tables.locks = Some(Arc::new(rows)),
            Rows::TableUses(rows) => tables.table_uses = Some(Arc::new(rows)),
            Rows::IndexUses(rows) => tables.index_uses = Some(Arc::new(rows)),
            Rows::Databases(rows) => tables.databases = Some(Arc::new(rows)),
            Rows::StatementDetail(detail) => tables.statement_detail = detail.map(Arc::from),
            Rows::CacheDetail(detail) => tables.cache_detail = detail.map(Arc::from),
            Rows::Found(rows) => tables.found = Some(Arc::new(rows)),
            Rows::Host(facts) => scene.frame.host = Arc::new(facts),
            Rows::Processes(rows) => tables.processes = Some(Arc::new(rows)),
            Rows::ProcessDetail(detail) => tables.process_detail = detail.map(Arc::from),
        }
    }
}

/// The moment at which the story is at its worst.
pub const WORST: u64 = 0;
/// The moment at which all is well again.
pub const CALM: u64 = 300;

/// The sizes that every tab is drawn at.
pub const SIZES: [(u16, u16); 2] = [(120, 36), (80, 20)];
