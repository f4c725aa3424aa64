//! A history of which a test knows everything.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hubtop::model::{Catalog, Frame, KeepingState, Labels, Timestamp};
use hubtop::store::file::{Keeper, Limits};
use hubtop::store::{Kept, Sink};
use tempfile::TempDir;

use crate::servers::wait_for;

/// The first tick: not at a multiple of anything.
pub const BEGIN: Timestamp = Timestamp(1_790_000_007_125);
/// So many ticks, a second apart: some spans are sealed, the last is not.
pub const TICKS: i64 = 2000;
const SERIES: u32 = 12;

/// One sample: moment, metric, labels, bits of the value.
pub type Sample = (i64, String, Vec<(String, String)>, u64);

pub struct History {
    folder: TempDir,
    pub samples: Vec<Sample>,
}

impl History {
    /// Keeps all of it, and closes the file.
    pub fn write() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new();
        let load = catalog.plain("system.load.1m");
        let mounts: Vec<String> = (0..SERIES).map(|n| format!("/data, \"{n}\"\\é")).collect();
        let disk = |mount: &String| {
            let labels = Labels::of([("mount", mount.as_str()), ("device", "sda")]);
            catalog.id("system.disk.usage_percent", labels)
        };
        let disks: Vec<_> = mounts.iter().map(disk).collect();
        let mut keeper = Keeper::start(&file_in(folder.path()), Limits::default());
        wait_for("the file to be open", || {
            (keeper.keeping().state == KeepingState::Keeping).then_some(())
        });
        let mut samples = Vec::new();
        for tick in 0..TICKS {
            let at = BEGIN.plus(Duration::from_secs(tick.unsigned_abs()));
            let mut values = vec![f64::NAN; catalog.table().len()];
            // For a while one is not known.
            if !(500..700).contains(&tick) {
                values[load.index()] = (tick % 97) as f64 / 8.0;
            }
            for (n, id) in disks.iter().enumerate() {
                values[id.index()] =
                    30.0 + ((tick as f64 / 50.0 + n as f64).sin() * 1e4).round() / 1e3;
            }
            for (id, key) in catalog.table().iter() {
                let value = values[id.index()];
                if !value.is_nan() {
                    let labels = key.labels.iter();
                    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
                    samples.push((
                        at.0,
                        key.metric.to_string(),
                        labels.collect(),
                        value.to_bits(),
                    ));
                }
            }
            put(&mut keeper, at, &catalog, values);
        }
        drop(keeper);
        samples.sort();
        Self { folder, samples }
    }

    pub fn file(&self) -> PathBuf {
        file_in(self.folder.path())
    }
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("web-1.db")
}

/// Puts a tick and waits until the keeper has let go of it.
fn put(keeper: &mut Keeper, at: Timestamp, catalog: &Catalog, values: Vec<f64>) {
    let values = Arc::new(values);
    let frame = Frame {
        series: catalog.table(),
        values: values.clone(),
        ..Frame::empty(at)
    };
    keeper.put(&Kept {
        frame: Arc::new(frame),
        came: [].into(),
    });
    wait_for("a tick to be taken", || {
        (Arc::strong_count(&values) <= 2).then_some(())
    });
}
