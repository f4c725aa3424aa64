//! A history of which a test knows everything.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hubtop::model::{Catalog, Clock, Frame, HostFacts, Labels, SystemClock, Timestamp};
use hubtop::store::file::{Keeper, Limits};
use hubtop::store::{Kept, Sink};
use tempfile::TempDir;

use crate::servers::wait_for;

/// The first tick, two hours ago and not at a whole second: a history of years ago would be forgotten at once.
pub fn begin() -> Timestamp {
    static BEGIN: OnceLock<Timestamp> = OnceLock::new();
    *BEGIN.get_or_init(|| {
        let before = SystemClock::new()
            .now()
            .wall
            .minus(Duration::from_secs(7200));
        before
            .floor_to(Duration::from_secs(1))
            .plus(Duration::from_millis(125))
    })
}

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
        let mut samples = Vec::new();
        for tick in 0..TICKS {
            let at = begin().plus(Duration::from_secs(tick.unsigned_abs()));
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
        assert_eq!(keeper.keeping().lost, 0);
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

/// Puts a tick and waits until the keeper has room for some more.
fn put(keeper: &mut Keeper, at: Timestamp, catalog: &Catalog, values: Vec<f64>) {
    let frame = Frame {
        series: catalog.table(),
        values: Arc::new(values),
        host: Arc::new(HostFacts {
            name: "web-1".to_owned(),
            ..HostFacts::default()
        }),
        ..Frame::empty(at)
    };
    keeper.put(&Kept {
        frame: Arc::new(frame),
        came: [].into(),
    });
    wait_for("some ticks to be taken", || {
        (keeper.waiting() < 32).then_some(())
    });
}
