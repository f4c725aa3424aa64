//! A scene of the demo's story, for the tests of the tabs that no collector fills yet.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::testing::{Scene, noon};
use crate::collect::{CollectError, Source, demo_sources};
use crate::model::{Focus, Health, Moment, Reading, Rows, Timestamp};

/// The scene `seconds` after the live part of the story began, with the five minutes before as its history.
pub fn scene(seconds: u64) -> Scene {
    let mut scene = Scene::new();
    let start = noon().minus(Duration::from_secs(seconds));
    let (_focus, focus_seen) = watch::channel(Focus::None);
    let mut sources = demo_sources(&scene.catalog, 1, start, focus_seen);
    let mut history = vec![Vec::new(); scene.catalog.table().len()];
    for step in 0..60 {
        let at = noon().minus(Duration::from_secs(295 - step * 5));
        for curve in &mut history {
            curve.push(f64::NAN);
        }
        for (_, result) in read(&mut sources, at) {
            for (id, value) in result.into_iter().flat_map(|reading| reading.samples) {
                history[id.index()][step as usize] = value;
            }
        }
    }
    scene.frame.demo = true;
    scene.frame.series = scene.catalog.table();
    let newest = |curve: &Vec<f64>| curve.last().copied().unwrap_or(f64::NAN);
    scene.frame.values = Arc::new(history.iter().map(newest).collect());
    for (id, _) in scene.catalog.table().iter() {
        scene.curve(id, history[id.index()].clone());
    }
    for (name, result) in read(&mut sources, noon()) {
        match result {
            Ok(reading) => put_tables(&mut scene, reading.rows),
            Err(error) => fail(&mut scene, name, &error),
        }
    }
    scene
}

fn read(
    sources: &mut [Source],
    at: Timestamp,
) -> Vec<(&'static str, Result<Reading, CollectError>)> {
    let now = Moment {
        wall: at,
        mono: Duration::ZERO,
    };
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
                let caches = tables.caches.get_or_insert_default();
                Arc::make_mut(caches).extend(rows);
            }
            Rows::CacheLevels(rows) => tables.cache_levels = Some(Arc::new(rows)),
            Rows::Statements(rows) => tables.statements = Some(Arc::new(rows)),
            Rows::Backends(rows) => tables.backends = Some(Arc::new(rows)),
            Rows::Locks(rows) => tables.locks = Some(Arc::new(rows)),
            Rows::TableUses(rows) => tables.table_uses = Some(Arc::new(rows)),
            Rows::IndexUses(rows) => tables.index_uses = Some(Arc::new(rows)),
            Rows::Host(_) | Rows::Processes(_) | Rows::ProcessDetail(_) => {}
        }
    }
}

/// The moment at which the story is at its worst.
pub const WORST: u64 = 0;
/// The moment at which all is well again.
pub const CALM: u64 = 300;

/// The sizes that every tab is drawn at.
pub const SIZES: [(u16, u16); 2] = [(120, 36), (80, 20)];
