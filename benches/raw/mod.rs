//! Figures for the bench of the store: recorded ones, or ones that are made up.

use std::path::Path;

use hubtop::model::{Catalog, Labels, Timestamp};

/// Ticks and what their figures are of.
pub struct Recording {
    pub catalog: Catalog,
    pub ticks: Vec<(Timestamp, Vec<f64>)>,
}

/// Reads a recording; every figure is rounded as the pipeline does.
pub fn read(path: &Path) -> Recording {
    let names = std::fs::read_to_string(path.with_extension("raw.names")).expect("the names");
    let catalog = Catalog::new();
    let mut units = Vec::new();
    for line in names.lines() {
        let name = line.split_once(' ').map_or(line, |(_, name)| name);
        let (metric, labels) = name.split_once('{').unwrap_or((name, ""));
        let labels = match labels {
            "" => Labels::none(),
            labels => Labels::one("labels", labels),
        };
        let id = catalog.id(metric, labels);
        let table = catalog.table();
        units.push(table.key(id).map(|key| key.describe().unit));
    }
    let bytes = std::fs::read(path).expect("the recording");
    let (words, _) = bytes.as_chunks::<8>();
    let mut words = words.iter();
    let mut ticks = Vec::new();
    while let (Some(at), Some(count)) = (words.next(), words.next()) {
        let count = usize::try_from(u64::from_le_bytes(*count)).unwrap_or(0);
        if words.len() < count {
            break;
        }
        let values = words
            .by_ref()
            .take(count)
            .map(|word| f64::from_le_bytes(*word));
        let rounded = values.enumerate().map(|(id, value)| match units.get(id) {
            Some(Some(unit)) => unit.rounded(value),
            _ => value,
        });
        ticks.push((Timestamp(i64::from_le_bytes(*at)), rounded.collect()));
    }
    Recording { catalog, ticks }
}

/// A day of made up figures.
pub fn scripted() -> Recording {
    let catalog = Catalog::new();
    for id in 0..50 {
        catalog.plain(&format!("bench.series_{id}"));
    }
    let ticks = (0..86_400).map(|tick| {
        let mut values = vec![0.0; 50];
        fill(&mut values, tick);
        (Timestamp(tick * 1000), values)
    });
    Recording {
        catalog,
        ticks: ticks.collect(),
    }
}

/// Values of a tick as a host has them: a third stand still, a third move slowly, a third are noise of two decimals.
pub fn fill(values: &mut [f64], tick: i64) {
    for (series, value) in values.iter_mut().enumerate() {
        let noise = |n: i64| ((n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64;
        let own = series as i64 * 7919;
        *value = match series % 3 {
            0 => series as f64,
            1 => 8e9 + 4096.0 * (noise(own + tick / 20) % 50_000.0).floor(),
            _ => (noise(own + tick) % 2500.0).floor() / 100.0,
        };
    }
}
