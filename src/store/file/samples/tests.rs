//! A small file and what the tests do with it.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;

use super::moment::Moment;
use super::*;
use crate::model::{Catalog, Frame, SeriesId, Timestamp};
use crate::store::file::Limits;
use crate::store::file::ids::{FileId, Ids, known_here};
use crate::store::file::shelf::Shelf;
use crate::store::file::tests::in_memory;
use crate::store::hot::HotHistory;
use crate::store::{Kept, Points, Window};

mod model;
mod reading;
mod writing;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// A moment that is a multiple of 30 days.
const START: Timestamp = Timestamp(690 * 30 * 86_400_000);

fn after(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

/// A file with its writer.
struct File {
    db: Connection,
    samples: Samples,
    ids: Ids,
    catalog: Catalog,
    reader: Reader,
}

impl File {
    fn new() -> Self {
        Self {
            db: in_memory(),
            samples: Samples::new(),
            ids: Ids::default(),
            catalog: Catalog::new(),
            reader: Reader::default(),
        }
    }

    fn kept(&self, at: Timestamp, tick: Duration, values: &[f64]) -> Kept {
        for series in 0..values.len() {
            self.catalog.plain(&format!("series.{series}"));
        }
        let mut frame = Frame::empty(at);
        frame.tick = tick;
        frame.series = self.catalog.table();
        frame.values = Arc::new(values.to_vec());
        Kept {
            frame: Arc::new(frame),
            came: Arc::from([]),
        }
    }

    fn put(&mut self, at: Timestamp, tick: Duration, values: &[f64]) {
        let kept = self.kept(at, tick, values);
        let tx = self.db.transaction().unwrap();
        self.ids.take(&kept.frame.series, &tx).unwrap();
        tx.commit().unwrap();
        self.samples.put(&kept, &self.ids);
    }

    fn write(&mut self) {
        let tx = self.db.transaction().unwrap();
        self.samples.write(&tx).unwrap();
        tx.commit().unwrap();
        self.samples.written();
    }

    /// A transaction that comes to nothing.
    fn fail_to_write(&mut self) {
        let tx = self.db.transaction().unwrap();
        self.samples.write(&tx).unwrap();
        tx.rollback().unwrap();
    }

    /// What a process that was killed leaves is all that the next one has.
    fn restart(&mut self) {
        self.samples = Samples::new();
        self.samples.recover(&self.db).unwrap();
    }

    fn tidy(&mut self, now: Timestamp, limits: &Limits) {
        for _ in 0..10_000 {
            let tx = self.db.transaction().unwrap();
            let trusted = trusted(&tx, now).unwrap();
            let gone = trusted.is_some_and(|now| self.samples.forget(&tx, now, limits).unwrap());
            let more = gone || self.samples.tidy(&tx, now).unwrap();
            tx.commit().unwrap();
            if !more {
                return;
            }
        }
        panic!("tidying does not come to an end");
    }

    fn points(&self, series: u32, window: Window) -> Points {
        let file = self.ids.of(SeriesId(series)).unwrap();
        self.reader.points(&self.db, file, window).unwrap()
    }

    fn count(&self, sql: &str) -> i64 {
        self.db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn known(&self) -> Vec<(FileId, SeriesId)> {
        known_here(&self.db, &self.catalog).unwrap()
    }
}

/// Bit for bit the same, gaps alike.
fn same(one: &[f64], other: &[f64]) -> bool {
    let bits = |values: &[f64]| -> Vec<u64> {
        let known = values.iter();
        let one_nan = known.map(|v| if v.is_nan() { f64::NAN } else { *v });
        one_nan.map(f64::to_bits).collect()
    };
    bits(one) == bits(other)
}

fn assert_same(one: &Points, other: &Points) {
    for (name, one, other) in [
        ("avg", &one.avg, &other.avg),
        ("min", &one.min, &other.min),
        ("max", &one.max, &other.max),
    ] {
        let differs = one.iter().zip(other).position(|(a, b)| !same(&[*a], &[*b]));
        if let Some(at) = differs {
            panic!("{name}[{at}]: {} and {}", one[at], other[at]);
        }
    }
}

/// A figure of a host: quiet, noisy, steps, gaps.
fn figure(series: usize, second: u64) -> f64 {
    let noise = |n: u64| ((n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % 1000) as f64;
    match series % 5 {
        0 => (noise(second) / 7.0 * 100.0).round() / 100.0,
        1 => 8_589_934_592.0 - 4096.0 * noise(second / 3),
        2 => 42.0,
        3 if second % 400 > 300 => f64::NAN,
        3 => (second / 60) as f64 / 10.0,
        _ => 0.01 * (second as f64 / 50.0).sin().abs(),
    }
}

fn figures(count: usize, second: u64) -> Vec<f64> {
    (0..count).map(|series| figure(series, second)).collect()
}
