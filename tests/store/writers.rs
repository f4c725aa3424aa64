//! Two hubtops on one machine.

use std::io::Read;

use hubtop::model::{Catalog, KeepingState};
use hubtop::store::Sink;
use hubtop::store::StoreError;
use hubtop::store::file::care::compact;
use hubtop::store::file::{Archive, Limits, writer_of};

use super::kill::{child, first_said};
use super::{Ticks, assert_kept, keep, last_tick, start, wait_for, wait_state};

#[test]
fn the_second_reads_and_takes_over_when_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let (mut writer, mut out) = child(&path, 0);
    first_said(&mut out);
    let pid = writer.id();
    let ticks = Ticks::new();
    let mut second = start(&path);
    second.put(&ticks.tick(50_000));
    wait_state(
        &second,
        KeepingState::Reading,
        &format!("PID {pid} keeps it, this one reads it"),
    );
    assert_eq!(writer_of(&path), Some(Some(pid)));
    let refused = compact(&path, &Limits::default(), Ticks::at(0));
    assert!(matches!(refused, Err(StoreError::InUse { pid: Some(known), .. }) if known == pid));

    // What it says must be read, or it waits for that.
    let reading = std::thread::spawn(move || {
        let mut rest = String::new();
        let _ = out.read_to_string(&mut rest);
    });
    let archive = Archive::open(&path, Catalog::new()).unwrap();
    let seen = || archive.remembers().unwrap().map(|(_, last)| last);
    let before = seen();
    wait_for("what the first writes is read", || seen() > before);

    writer.kill().unwrap();
    writer.wait().unwrap();
    reading.join().unwrap();
    let mut tick = 50_001;
    wait_for("the second takes over", || {
        second.put(&ticks.tick(tick));
        wait_for("the thread takes the tick", || second.waiting() == 0);
        std::thread::sleep(std::time::Duration::from_millis(20));
        tick += 1;
        second.keeping().state == KeepingState::Keeping
    });
    let own = Some(std::process::id());
    assert_eq!(writer_of(&path), Some(own));
    assert_eq!(second.keeping().lost, 0);
    drop(second);
    // Who drops it waits two seconds; on a busy machine the rest is written after them.
    wait_for("what it had is written", || {
        last_tick(&path) == Some(tick - 1)
    });
    assert_kept(&path, [0, tick - 1]);
    assert_eq!(writer_of(&path), None);
}

#[test]
fn what_is_compacted_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    keep(&path, 0..4000);
    let compacted = compact(&path, &Limits::default(), Ticks::at(4000)).unwrap();
    assert!(compacted.after <= compacted.before, "{compacted:?}");
    assert_kept(&path, (0..4000).step_by(97));
}
