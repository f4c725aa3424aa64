//! What the history on disk costs: bytes a sample, the speed of writing, the time of reading, the memory; beside a table
//! of plain rows (series, at, value) in the same SQLite.
//!
//! `cargo bench --bench store [RAW]`. RAW is a recording of real figures: for each tick, little-endian, the moment in
//! milliseconds since the epoch (i64), how many figures (u64), then those (f64); beside it `RAW.names` with a line
//! `NUMBER NAME` each. Without one, bytes a sample are those of the demo's figures, and said to be.

#![expect(clippy::expect_used, reason = "a bench stops where it can't go on")]

mod raw;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubtop::model::{Catalog, Frame, SeriesId, Timestamp};
use hubtop::store::file::{Figures, Limits};
use hubtop::store::{Kept, Window};
use rusqlite::{Connection, params};

/// How many series the memory is measured with.
const SERIES: usize = 1000;
const SECOND: Duration = Duration::from_secs(1);
/// Ticks of a day.
const DAY: i64 = 86_400;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    // First, so that nothing that was let go of is taken again.
    append(folder.path());
    bytes_a_sample(folder.path());
    read(folder.path());
}

/// The moment of a tick.
fn at(tick: i64) -> Timestamp {
    Timestamp(tick * 1000)
}

/// A tick of a history.
fn kept(catalog: &Catalog, at: Timestamp, values: Vec<f64>) -> Kept {
    let mut frame = Frame::empty(at);
    frame.series = catalog.table();
    frame.values = Arc::new(values);
    Kept {
        frame: Arc::new(frame),
        came: Arc::from([]),
    }
}

fn catalog_of(series: usize) -> Catalog {
    let catalog = Catalog::new();
    for id in 0..series {
        catalog.plain(&format!("bench.series_{id}"));
    }
    catalog
}

/// Folds, and lets nothing go.
fn tidy(file: &mut Figures, now: Timestamp) {
    while file.tidy(now, &Limits::default()).expect("tidied") {}
}

fn bytes_a_sample(folder: &std::path::Path) {
    let given = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let (what, ticks) = match given {
        Some(path) => (path.clone(), raw::read(path.as_ref())),
        None => ("figures of the demo's kind".to_owned(), raw::scripted()),
    };
    let mut file = Figures::create(&folder.join("real.db")).expect("a file");
    let mut plain = Plain::create(&folder.join("plain.db"));
    let (mut samples, mut last) = (0u64, Timestamp(0));
    for (index, (at, values)) in ticks.ticks.iter().enumerate() {
        samples += values.iter().filter(|value| !value.is_nan()).count() as u64;
        plain.put(*at, values);
        file.put(&kept(&ticks.catalog, *at, values.clone()))
            .expect("put");
        if index % 2 == 1 {
            file.write().expect("written");
        }
        last = *at;
    }
    // The quarter of an hour that is open is sealed by a tick of a later one.
    let later = last.plus(Duration::from_secs(900));
    file.put(&kept(&ticks.catalog, later, Vec::new()))
        .expect("put");
    for _ in 0..50 {
        file.write().expect("written");
    }
    let small = file.bytes_by_tier().expect("read");
    tidy(&mut file, last.plus(Duration::from_secs(40 * 86_400)));
    let folded = file.bytes_by_tier().expect("read");
    println!("{what}: {} ticks, {samples} samples", ticks.ticks.len());
    for (name, bytes) in [("in blocks of 15 min", small), ("folded", folded)] {
        let each = bytes.map(|bytes| bytes as f64 / samples as f64);
        println!(
            "  {name}: {:.3} bytes a sample; with 10 s, 1 min and 15 min {:.3} ({:.3} + {:.3} + {:.3} + {:.3})",
            each[0],
            each.iter().sum::<f64>(),
            each[0],
            each[1],
            each[2],
            each[3],
        );
    }
    println!(
        "  plain rows: {:.1} bytes a sample",
        plain.bytes() as f64 / samples as f64
    );
}

fn append(folder: &std::path::Path) {
    let catalog = catalog_of(SERIES);
    let mut file = Figures::create(&folder.join("append.db")).expect("a file");
    let mut plain = Plain::create(&folder.join("append-plain.db"));
    let before = resident();
    let (mut own, mut rows) = (Duration::ZERO, Duration::ZERO);
    let (ticks, mut held, mut longest) = (3600i64, 0, Duration::ZERO);
    for tick in 0..ticks {
        let mut values = vec![0.0; SERIES];
        raw::fill(&mut values, tick);
        let kept = kept(&catalog, at(tick), values);
        let begun = Instant::now();
        file.put(&kept).expect("put");
        if tick % 2 == 1 {
            file.write().expect("written");
        }
        own += begun.elapsed();
        longest = longest.max(begun.elapsed());
        held = held.max(file.bytes_held());
        if tick < 300 {
            let begun = Instant::now();
            plain.put(kept.frame.at, &kept.frame.values);
            rows += begun.elapsed();
        }
    }
    let resident = resident()
        .zip(before)
        .map(|(now, before)| now.saturating_sub(before));
    let begun = Instant::now();
    tidy(&mut file, at(ticks).plus(Duration::from_secs(40 * 86_400)));
    let folding = begun.elapsed();
    let all_at_once = median(|i| {
        black_box(file.known_at(at(i64::from(i) * 61)).ok());
    });
    let rate = |samples: f64, took: Duration| samples / took.as_secs_f64();
    let samples = (SERIES as i64 * ticks) as f64;
    println!(
        "append, {SERIES} series: {:.0} samples/s, {:.0} with the folding (longest writing {longest:.1?}); plain rows {:.0}",
        rate(samples, own),
        rate(samples, own + folding),
        rate((SERIES * 300) as f64, rows),
    );
    println!("all {SERIES} series at a moment: {all_at_once:.1} ms");
    println!(
        "memory, {SERIES} series: {:.1} MB of ticks held, {:.1} MB resident more than before",
        held as f64 / 1e6,
        resident.unwrap_or(0) as f64 / 1e6
    );
}

fn read(folder: &std::path::Path) {
    const READ_SERIES: usize = 40;
    let catalog = catalog_of(READ_SERIES);
    let mut file = Figures::create(&folder.join("read.db")).expect("a file");
    let mut plain = Plain::create(&folder.join("read-plain.db"));
    for tick in 0..DAY {
        let mut values = vec![0.0; READ_SERIES];
        raw::fill(&mut values, tick);
        let now = at(tick);
        plain.put(now, &values);
        file.put(&kept(&catalog, now, values)).expect("put");
        if tick % 60 == 59 {
            file.write().expect("written");
        }
        if tick % 900 == 0 {
            tidy(&mut file, now);
        }
    }
    plain.index();
    let end = at(DAY - 1);
    let day_of_points = Window {
        until: end,
        ..Window::whole(at(0), Duration::from_millis(86_400_000 / 500), 500)
    };
    println!(
        "24 h of a series at 1 s to 500 points: {:.2} ms; plain rows {:.2} ms",
        median(|i| drop(black_box(file.points(SeriesId(i % 40), day_of_points)))),
        median(|i| plain.points(i % 40, at(0), end)),
    );
    let hour = Window::ending(end, Duration::from_secs(3600), 240, SECOND);
    println!(
        "1 h of 20 series: {:.2} ms; plain rows {:.2} ms",
        median(|_| (0..20).for_each(|id| drop(black_box(file.points(SeriesId(id), hour))))),
        median(|_| (0..20).for_each(|id| plain.points(id, hour.start, end))),
    );
}

/// The median of 50, in ms.
fn median(mut run: impl FnMut(u32)) -> f64 {
    let mut took: Vec<Duration> = (0..50)
        .map(|i| {
            let begun = Instant::now();
            run(i);
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[took.len() / 2].as_secs_f64() * 1e3
}

/// A table of rows.
struct Plain {
    db: Connection,
}

impl Plain {
    fn create(path: &std::path::Path) -> Self {
        let db = Connection::open(path).expect("a file");
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE sample (series INTEGER, at INTEGER, value REAL) STRICT;",
        )
        .expect("a table");
        Self { db }
    }

    fn put(&mut self, at: Timestamp, values: &[f64]) {
        let tx = self.db.transaction().expect("begun");
        {
            let mut insert = tx
                .prepare_cached("INSERT INTO sample VALUES (?, ?, ?)")
                .expect("prepared");
            for (series, value) in values
                .iter()
                .enumerate()
                .filter(|(_, value)| !value.is_nan())
            {
                insert
                    .execute(params![series as i64, at.0, value])
                    .expect("inserted");
            }
        }
        tx.commit().expect("committed");
    }

    fn index(&self) {
        self.db
            .execute_batch("CREATE INDEX sample_of ON sample (series, at)")
            .expect("an index");
    }

    fn points(&self, series: u32, from: Timestamp, to: Timestamp) {
        let mut rows = self
            .db
            .prepare_cached(
                "SELECT at / 172800, avg(value), min(value), max(value) FROM sample
                 WHERE series = ? AND at BETWEEN ? AND ? GROUP BY 1",
            )
            .expect("prepared");
        let rows = rows.query_map(params![series, from.0, to.0], |row| row.get::<_, f64>(1));
        black_box(rows.expect("read").filter_map(Result::ok).sum::<f64>());
    }

    fn bytes(&self) -> i64 {
        let pages: i64 = self
            .db
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .expect("read");
        pages * 4096
    }
}

/// Resident bytes of this process, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
