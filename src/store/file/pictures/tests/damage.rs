//! Bytes that were changed on the disk: told as damage or read, and nothing else.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Desk, seconds, story};
use crate::model::{ProcessKey, Timestamp};
use crate::store::file::pictures::bytes::unpack;
use crate::store::file::pictures::delta::Walk;
use crate::store::file::pictures::find::tail_of;
use crate::store::file::pictures::show::{Known, shown};
use crate::store::file::pictures::{self};
use crate::store::{StoreError, Window};

fn is_told<T>(told: Result<T, StoreError>) {
    if let Err(error) = told {
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
}

/// Asks for everything that can be asked for.
fn ask(desk: &Desk, at: Timestamp) {
    let known = desk.known();
    is_told(pictures::frame_at(&desk.db, &desk.catalog, &known, at, &[]));
    is_told(pictures::pictures(
        &desk.db,
        &known,
        at.minus(seconds(100)),
        at,
        seconds(1),
    ));
    let process = ProcessKey { pid: 1, started: 0 };
    let window = Window::ending(at, seconds(300), 30, seconds(1));
    is_told(pictures::process_rows(&desk.db, process, window));
    for (series, _) in known.iter().step_by(9) {
        is_told(pictures::distribution(&desk.db, *series, window.start, at));
        is_told(pictures::distributions(&desk.db, *series, window));
    }
}

#[test]
fn a_file_with_changed_bytes_is_asked_and_tidied_without_harm() {
    let (catalog, ticks) = story::told();
    for (place, table) in ["picture", "tail", "sketch"].iter().enumerate() {
        let mut desk = Desk::new(catalog.clone());
        desk.keep(&ticks[ticks.len() - 500..ticks.len() - 90]);
        desk.tidy(ticks[ticks.len() - 500].frame.at.plus(seconds(1800)));
        desk.keep(&ticks[ticks.len() - 90..]);
        let half = "CAST(substr(data, 1, length(data) / 2) || x'5a' || substr(data, length(data) / 2 + 2) AS BLOB)";
        let changed = desk
            .db
            .execute(&format!("UPDATE {table} SET data = {half}"), []);
        assert!(changed.unwrap() > 0, "{table} holds something");
        let at = ticks[ticks.len() - 120].frame.at;
        ask(&desk, at);
        ask(&desk, ticks.last().unwrap().frame.at);
        desk.restart();
        desk.keep(&ticks[ticks.len() - 3..]);
        desk.tidy(at.plus(seconds(7200 + place as u64)));
        ask(&desk, at);
        let cut = format!("UPDATE {table} SET data = substr(data, 1, 5)");
        desk.db.execute(&cut, []).unwrap();
        ask(&desk, at);
    }
}

#[test]
fn changed_bytes_of_a_chunk_are_decoded_or_refused() {
    let (catalog, ticks) = story::told();
    let mut desk = Desk::new(catalog.clone());
    desk.keep(&ticks[ticks.len() - 6..]);
    let raw = tail_of(&desk.db).unwrap();
    assert!(raw.len() > 10_000);
    let known: Known = desk.known().into_iter().collect();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    let mut runner = TestRunner::new(Config::with_cases(40));
    let told = runner.run(&changes, |changes| {
        let mut raw = raw.clone();
        for (place, byte) in changes {
            let place = place.index(raw.len());
            raw[place] = byte;
        }
        let mut walk = Walk::new(&raw);
        while let Ok(Some(mark)) = walk.step() {
            let _ = shown(mark.at, walk.parts(), &known);
        }
        Ok(())
    });
    told.unwrap();
}

#[test]
fn a_size_that_is_too_large_allocates_nothing() {
    assert!(unpack(&[1, 2, 3], usize::MAX).is_err());
    assert!(unpack(&[], 1u64 << 40).is_err());
}
