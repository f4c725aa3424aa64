//! A scene of the demo's story, for the tests of the tabs that no collector fills yet.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::testing::{Scene, noon};
use crate::alert::{AlertEngine, default_objectives, default_rules};
use crate::collect::{CollectError, Source, Spec, demo_sources};
use crate::model::{Distribution, Focus, Health, Moment, Reading, Rows, SeriesId, Timestamp};
use crate::pipeline::{Requests, Snapshot, Told};

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
    let mut requests = Requests::new(default_objectives(), &scene.catalog);
    let mut history: Vec<Vec<f64>> = Vec::new();
    let heard_until = noon().minus(silence.map_or(Duration::ZERO, Silence::span));
    tell_hour_before(&mut scene, &mut sources, &mut requests);
    for step in 0..STEPS {
        let at = noon().minus(Duration::from_secs((STEPS - 1 - step) * STEP));
        let mut values = vec![f64::NAN; scene.catalog.table().len()];
        let mut came = Vec::new();
        for (spec, result) in read(&mut sources, at) {
            if at > heard_until {
                continue;
            }
            match result {
                Ok(reading) => {
                    for (id, value) in reading.samples {
                        values[id.index()] = value;
                    }
                    came.extend(reading.distributions);
                    scene.source(&spec.name, Health::Up, noon().since(at));
                    scene.set_kind(&spec.name, spec.kind);
                    put_tables(&mut scene, reading.rows);
                }
                Err(error) => fail(&mut scene, &spec, &error),
            }
        }
        let values = judge(&mut scene, &mut requests, at, came, values);
        history.resize(values.len(), vec![f64::NAN; step as usize]);
        for (curve, value) in history.iter_mut().zip(&values) {
            curve.push(*value);
        }
        scene.frame.values = Arc::new(values);
        let (now, tick) = (moment(at), Duration::from_secs(STEP));
        let frame = &mut scene.frame;
        let host = frame.host.name.clone();
        frame.alerts = alerts.evaluate(now, tick, &frame.series, &frame.values, &host);
    }
    scene.frame.demo = true;
    for ((id, _), curve) in scene.catalog.table().iter().zip(history) {
        scene.curve(id, curve);
    }
    if silence == Some(Silence::Failing) {
        let error = CollectError::Timeout(Duration::from_secs(1));
        for (spec, _) in read(&mut sources, noon()) {
            fail(&mut scene, &spec, &error);
        }
    }
    scene
}

/// The hour that led to the scene, minute by minute: distributions and objectives look further back than charts.
fn tell_hour_before(scene: &mut Scene, sources: &mut [Source], requests: &mut Requests) {
    for minute in (STEPS * STEP / 60..60).rev() {
        let at = noon().minus(Duration::from_secs(60 * (minute + 1)));
        let mut came = Vec::new();
        for (spec, result) in read(sources, at) {
            let Ok(reading) = result else { continue };
            scene.source(&spec.name, Health::Up, noon().since(at));
            scene.set_kind(&spec.name, spec.kind);
            came.extend(reading.distributions);
            put_tables(scene, reading.rows);
        }
        judge(scene, requests, at, came, Vec::new());
    }
}

/// Does what the pipeline does with the requests of a tick; the values with those that are made of others.
fn judge(
    scene: &mut Scene,
    requests: &mut Requests,
    at: Timestamp,
    mut came: Vec<(SeriesId, Distribution)>,
    values: Vec<f64>,
) -> Vec<f64> {
    let series = scene.catalog.table();
    let mut snapshot = Snapshot { series, values };
    let told = Told {
        tick: Duration::from_secs(STEP),
        tables: &scene.frame.tables,
        statuses: &scene.frame.sources,
    };
    let history = &mut scene.feed.history;
    let rows = requests.take(moment(at), &mut came, &told, history, &mut snapshot);
    scene.frame.tables.objectives = Some(Arc::new(rows));
    scene.frame.series = snapshot.series;
    snapshot.values
}

/// A moment of the wall clock; the other clock starts some time before all scenes.
fn moment(at: Timestamp) -> Moment {
    Moment {
        wall: at,
        mono: at.since(noon().minus(Duration::from_secs(7200))),
    }
}

fn read(sources: &mut [Source], at: Timestamp) -> Vec<(Spec, Result<Reading, CollectError>)> {
    let now = moment(at);
    sources
        .iter_mut()
        .filter_map(|source| match source {
            Source::Quick(reader) => Some((reader.spec(), reader.read(now))),
            _ => None,
        })
        .collect()
}

/// A source that fails: what it brought before stays in the frame.
fn fail(scene: &mut Scene, spec: &Spec, error: &CollectError) {
    let health = Health::Failing {
        since: noon().minus(Duration::from_secs(42)),
        because: error.to_string(),
        next_try: noon().plus(Duration::from_secs(8)),
    };
    scene.source(&spec.name, health, Duration::from_secs(43));
    scene.set_kind(&spec.name, spec.kind);
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
