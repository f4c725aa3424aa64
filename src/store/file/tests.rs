//! What the tests of this folder share.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::schema;
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
