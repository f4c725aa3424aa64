//! What the tests of this folder share.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::book::Book;
use super::lock::{Attempt, try_lock};
use super::{Limits, open, schema};
use crate::model::{Catalog, Frame, HostFacts, Timestamp};
use crate::store::Kept;

/// A file with all tables, in memory.
pub(super) fn in_memory() -> Connection {
    let mut db = Connection::open_in_memory().unwrap();
    schema::step_forward(&mut db).unwrap();
    db
}

/// A tick of a catalog.
pub(super) fn tick(catalog: &Catalog, at: i64, values: Vec<f64>) -> Kept {
    let frame = Frame {
        tick: Duration::from_secs(1),
        series: catalog.table(),
        values: Arc::new(values),
        host: Arc::new(HostFacts {
            name: "web-1".into(),
            ..HostFacts::default()
        }),
        ..Frame::empty(Timestamp(at))
    };
    Kept {
        frame: Arc::new(frame),
        came: Arc::from([]),
    }
}

#[test]
fn a_clock_that_is_set_days_ahead_lets_nothing_go() {
    const START: i64 = 1_790_000_100_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let Attempt::Ours(lock) = try_lock(&path).unwrap() else {
        panic!("nobody else has it");
    };
    let db = open::to_write(&path).unwrap();
    let mut book = Book::new(&path, db, lock, None).unwrap();
    let catalog = Catalog::new();
    catalog.plain("cpu");
    let days_ahead = 3 * 86_400;
    for second in (0..1000).chain(days_ahead..days_ahead + 400) {
        book.put(&tick(&catalog, START + second * 1000, vec![1.0]))
            .unwrap();
        if second % 100 == 99 {
            book.write().unwrap();
        }
    }
    let now = Timestamp(START + (days_ahead + 400) * 1000);
    while book.tidy(now, &Limits::default()).unwrap() {}
    let reader = Connection::open(&path).unwrap();
    let told_of: i64 = reader
        .query_row("SELECT min(first) FROM picture", [], |row| row.get(0))
        .unwrap();
    assert_eq!(told_of, START);
}
