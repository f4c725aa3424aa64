//! The history's file with everything that can go wrong with it: real files, real processes, real disks that are full.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says where and why"
)]

mod damage;
#[cfg(target_os = "linux")]
mod disk;
mod kill;
mod program;
mod writers;

#[path = "../common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubtop::model::{
    Catalog, Frame, HostFacts, Keeping, KeepingState, Labels, SeriesId, Timestamp,
};
use hubtop::store::file::{Archive, Keeper, Limits};
use hubtop::store::{Kept, Sink};

/// After so long a test gives up waiting.
const PATIENCE: Duration = Duration::from_secs(60);

/// When the first tick of a test is, on a quarter of an hour.
const START: i64 = 1_790_000_100_000;

/// How many series a tick has.
const SERIES: usize = 20;

/// Ticks of a host that does not exist, a second apart.
struct Ticks {
    catalog: Catalog,
    ids: Vec<SeriesId>,
}

impl Ticks {
    fn new() -> Self {
        let catalog = Catalog::new();
        let of = |core: usize| Labels::one("core", &core.to_string());
        let ids = (0..SERIES)
            .map(|core| catalog.id("system.cpu.usage_percent", of(core)))
            .collect();
        Self { catalog, ids }
    }

    /// The value of a series at a tick: anything that is not the same twice.
    fn value(tick: i64, series: usize) -> f64 {
        (tick * 7 + series as i64 * 13) as f64 % 1000.0 / 10.0
    }

    fn at(tick: i64) -> Timestamp {
        Timestamp(START + tick * 1000)
    }

    fn tick(&self, tick: i64) -> Kept {
        self.tick_at(tick, Self::at(tick))
    }

    /// The same at another time.
    fn tick_at(&self, tick: i64, at: Timestamp) -> Kept {
        let values = (0..SERIES)
            .map(|series| Self::value(tick, series))
            .collect();
        let frame = Frame {
            number: tick.unsigned_abs() + 1,
            tick: Duration::from_secs(1),
            series: self.catalog.table(),
            values: Arc::new(values),
            host: Arc::new(HostFacts {
                name: "web-1".into(),
                ..HostFacts::default()
            }),
            ..Frame::empty(at)
        };
        Kept {
            frame: Arc::new(frame),
            came: Arc::from([]),
        }
    }
}

/// Hands ticks in, each after the one before was taken.
fn put_all(keeper: &mut Keeper, ticks: &Ticks, which: std::ops::Range<i64>) {
    for tick in which {
        keeper.put(&ticks.tick(tick));
        wait_for("the thread takes the tick", || keeper.waiting() == 0);
    }
}

/// Looks again until it is so.
fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < until, "in vain: {what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Waits until the keeper says this of itself.
fn wait_state(keeper: &Keeper, state: KeepingState, words: &str) -> Keeping {
    let so = |keeping: &Keeping| keeping.state == state && keeping.line.contains(words);
    let until = Instant::now() + PATIENCE;
    loop {
        let keeping = keeper.keeping();
        if so(&keeping) {
            return keeping;
        }
        assert!(
            Instant::now() < until,
            "not {state:?} with {words:?}, but {keeping:?}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn start(path: &Path) -> Keeper {
    Keeper::start(path, Limits::default())
}

/// Keeps some ticks in a file of its own and ends.
fn keep(path: &Path, which: std::ops::Range<i64>) {
    let mut keeper = start(path);
    put_all(&mut keeper, &Ticks::new(), which);
    let keeping = keeper.keeping();
    assert_eq!(keeping.lost, 0, "{keeping:?}");
}

/// The last tick that is in the file.
fn last_tick(path: &Path) -> Option<i64> {
    let archive = Archive::open(path, Catalog::new()).unwrap();
    let (_, last) = archive.remembers().unwrap()?;
    Some((last.0 - START) / 1000)
}

/// Whether a tick stands in the file as it was handed in.
fn assert_kept(path: &Path, ticks: impl IntoIterator<Item = i64>) {
    let known = Ticks::new();
    let archive = Archive::open(path, known.catalog.clone()).unwrap();
    for tick in ticks {
        let frame = archive.frame_at(Ticks::at(tick)).unwrap();
        let frame = frame.unwrap_or_else(|| panic!("nothing is known of tick {tick}"));
        assert_eq!(frame.at, Ticks::at(tick));
        for (series, id) in known.ids.iter().enumerate() {
            let value = frame.value_of(*id);
            assert_eq!(
                value,
                Some(Ticks::value(tick, series)),
                "tick {tick}, series {series}"
            );
        }
    }
}

/// The files beside it that were set aside.
fn set_aside(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.contains(".damaged-") && !name.ends_with("-wal") && !name.ends_with("-shm")
        })
        .collect();
    found.sort();
    found
}
