//! Files that are cut, flipped, no history at all, or of another time.

use std::fs;
use std::path::{Path, PathBuf};

use hubtop::model::{Catalog, KeepingState};
use hubtop::store::Sink;
use hubtop::store::file::care::{check, copy_stretch, copy_whole, info};
use hubtop::store::file::{Archive, journal};

use super::{Ticks, assert_kept, keep, put_all, set_aside, start, wait_for, wait_state};

/// A file with an hour of ticks, whole and closed.
fn an_hour(folder: &Path) -> PathBuf {
    let path = folder.join("whole.db");
    keep(&path, 0..3600);
    path
}

/// Keeps on in a file to which something was done; what was said of it, and what was set aside.
fn keep_on(path: &Path) -> (String, Vec<PathBuf>) {
    let ticks = Ticks::new();
    let mut keeper = start(path);
    put_all(&mut keeper, &ticks, 4000..4006);
    let keeping = wait_state(&keeper, KeepingState::Keeping, "");
    drop(keeper);
    // A bit that flipped in the name of a series is nobody's to see; that there are ticks is.
    let archive = Archive::open(path, Catalog::new()).unwrap();
    for tick in [4000, 4005] {
        let frame = archive.frame_at(Ticks::at(tick)).unwrap();
        assert_eq!(
            frame.map(|frame| frame.at),
            Some(Ticks::at(tick)),
            "{keeping:?}"
        );
    }
    (keeping.line.to_string(), set_aside(path))
}

/// Puts other bytes into a file, which is never empty meanwhile.
fn overwrite(path: &Path, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
}

/// A copy of the file in a folder of its own.
fn copy(of: &Path, folder: &Path, name: &str) -> PathBuf {
    let own = folder.join(name);
    fs::create_dir(&own).unwrap();
    let path = own.join("host.db");
    fs::copy(of, &path).unwrap();
    path
}

#[test]
fn a_file_that_was_cut_is_set_aside_and_what_is_left_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_hour(folder.path());
    let length = fs::metadata(&whole).unwrap().len();
    for cut in [
        1,
        50,
        100,
        4095,
        4096,
        8192,
        length / 4,
        length / 2,
        length - 4096,
        length - 1,
    ] {
        let path = copy(&whole, folder.path(), &format!("cut-{cut}"));
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(cut).unwrap();
        let (line, aside) = keep_on(&path);
        assert_eq!(aside.len(), 1, "cut to {cut}: {line}");
        let name = aside[0].file_name().unwrap().to_str().unwrap();
        assert!(line.contains(name), "{line}");
        assert_eq!(fs::metadata(&aside[0]).unwrap().len(), cut);
    }
}

#[test]
fn a_flipped_bit_anywhere_never_keeps_it_from_keeping() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_hour(folder.path());
    let bytes = fs::read(&whole).unwrap();
    let header = [
        0, 5, 16, 18, 20, 24, 28, 44, 47, 52, 56, 60, 68, 100, 103, 105,
    ];
    let pages = (0..20).map(|part| bytes.len() * part / 20 + 3 * part);
    let mut damaged = 0;
    for (number, offset) in header.into_iter().chain(pages).enumerate() {
        let path = copy(&whole, folder.path(), &format!("flip-{number}"));
        let mut flipped = bytes.clone();
        flipped[offset] ^= 1 << (number % 8);
        fs::write(&path, flipped).unwrap();
        let (line, aside) = keep_on(&path);
        damaged += aside.len();
        if !aside.is_empty() {
            assert!(line.contains("set aside"), "byte {offset}: {line}");
        }
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
    assert!(damaged > 5, "{damaged} were seen");
}

#[test]
fn with_a_damaged_head_everything_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_hour(folder.path());
    let path = copy(&whole, folder.path(), "head");
    let mut bytes = fs::read(&path).unwrap();
    bytes[..16].fill(0);
    fs::write(&path, bytes).unwrap();
    let ticks = Ticks::new();
    let mut keeper = start(&path);
    put_all(&mut keeper, &ticks, 4000..4003);
    // Newest first and in pieces, while it keeps.
    let note = folder.path().join("head/host.db.copying");
    wait_for("everything is copied", || !note.exists());
    drop(keeper);
    assert_kept(&path, [0, 1, 1800, 3598, 3599, 4000, 4002]);
    assert!(check(&path).unwrap().is_whole());
}

#[test]
fn a_page_that_is_overwritten_takes_little_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_hour(folder.path());
    let path = copy(&whole, folder.path(), "page");
    let mut bytes = fs::read(&path).unwrap();
    // In the middle, where the blocks of figures are.
    let page = bytes.len() / 4096 / 2;
    bytes[page * 4096..(page + 1) * 4096].fill(0xAA);
    fs::write(&path, bytes).unwrap();
    let checked = check(&path).unwrap();
    assert!(!checked.is_whole());
    keep_on(&path);
    // Copying goes on in the background; a keeper that lives on comes to its end.
    let mut keeper = start(&path);
    put_all(&mut keeper, &Ticks::new(), 4010..4020);
    drop(keeper);
    let archive = Archive::open(&path, Catalog::new()).unwrap();
    let (first, _) = archive.remembers().unwrap().unwrap();
    assert!(first < Ticks::at(3600), "something of the hour is left");
}

#[test]
fn what_is_no_history_is_set_aside_and_what_is_anothers_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    fs::create_dir(&text).unwrap();
    let path = text.join("host.db");
    fs::write(&path, "this is a letter to somebody\n".repeat(300)).unwrap();
    let (line, aside) = keep_on(&path);
    assert!(line.contains("nothing of it can be read"), "{line}");
    assert_eq!(aside.len(), 1);

    let other = folder.path().join("other.db");
    let db = rusqlite::Connection::open(&other).unwrap();
    db.execute_batch("CREATE TABLE letter (text TEXT); INSERT INTO letter VALUES ('dear')")
        .unwrap();
    drop(db);
    let mut keeper = start(&other);
    keeper.put(&Ticks::new().tick(0));
    wait_state(&keeper, KeepingState::Failing, "no history of hubtop");
    drop(keeper);
    let db = rusqlite::Connection::open(&other).unwrap();
    let text: String = db
        .query_row("SELECT text FROM letter", [], |row| row.get(0))
        .unwrap();
    assert_eq!(text, "dear");
}

#[test]
fn a_file_of_a_newer_hubtop_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    keep(&path, 0..10);
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let mut keeper = start(&path);
    keeper.put(&Ticks::new().tick(20));
    wait_state(&keeper, KeepingState::Failing, "newer hubtop");
    drop(keeper);
    assert!(fs::read(&path).unwrap() == before, "it was written to");
    assert!(Archive::open(&path, Catalog::new()).is_err());
}

#[test]
fn damage_while_it_is_written_needs_no_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    keep(&path, 0..1000);
    let ticks = Ticks::new();
    let mut keeper = start(&path);
    put_all(&mut keeper, &ticks, 1000..1010);
    let another = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = another
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    // All pages behind the first are garbage now; what another program writes makes those in memory stale.
    let length = fs::metadata(&path).unwrap().len() as usize;
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..length].fill(0xAA);
    overwrite(&path, &bytes);
    another
        .pragma_update(None, "user_version", version)
        .unwrap();
    drop(another);
    let mut tick = 1010;
    wait_for("the damage is seen", || {
        put_all(&mut keeper, &ticks, tick..tick + 1);
        tick += 1;
        !set_aside(&path).is_empty()
    });
    put_all(&mut keeper, &ticks, tick..tick + 5);
    let keeping = wait_state(&keeper, KeepingState::Keeping, "set aside");
    assert_eq!(keeping.lost, 0);
    drop(keeper);
    assert_kept(&path, [tick, tick + 4]);
    assert!(check(&path).unwrap().is_whole());
}

#[test]
fn a_file_that_is_removed_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let ticks = Ticks::new();
    let mut keeper = start(&path);
    put_all(&mut keeper, &ticks, 0..5);
    wait_for("it is there", || path.exists());
    for name in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(name.unwrap().path()).unwrap();
    }
    put_all(&mut keeper, &ticks, 5..15);
    wait_state(&keeper, KeepingState::Keeping, "removed");
    drop(keeper);
    assert_kept(&path, [14]);
}

#[test]
fn the_clock_may_jump() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let ticks = Ticks::new();
    let mut keeper = start(&path);
    let mut put = |tick: i64, at: i64| {
        keeper.put(&ticks.tick_at(tick, Ticks::at(at)));
        wait_for("the thread takes the tick", || keeper.waiting() == 0);
    };
    // An hour back, a day forth, and back to 1970.
    for (tick, at) in (0..60).map(|tick| (tick, tick)) {
        put(tick, at);
    }
    for tick in 60..120 {
        put(tick, tick - 3600);
    }
    for tick in 120..180 {
        put(tick, tick + 86_400);
    }
    for tick in 180..190 {
        put(tick, tick - super::START / 1000);
    }
    assert_eq!(keeper.keeping().state, KeepingState::Keeping);
    drop(keeper);
    let archive = Archive::open(&path, ticks.catalog.clone()).unwrap();
    let jumps = journal::clock_jumps(archive.connection()).unwrap();
    assert_eq!(jumps.len(), 3, "{jumps:?}");
    let told = |at: i64| {
        archive
            .frame_at(Ticks::at(at))
            .unwrap()
            .unwrap()
            .value_of(ticks.ids[0])
    };
    assert_eq!(told(30), Some(Ticks::value(30, 0)));
    assert_eq!(told(90 - 3600), Some(Ticks::value(90, 0)));
    assert_eq!(told(150 + 86_400), Some(Ticks::value(150, 0)));
    assert!(check(&path).unwrap().is_whole());
}

#[test]
fn a_copy_needs_no_other_file_and_a_stretch_leaves_the_rest_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    // Two hours, so that there are several blocks.
    let mut keeper = start(&path);
    put_all(&mut keeper, &Ticks::new(), 0..7200);
    let whole = folder.path().join("whole.db");
    copy_whole(&path, &whole).unwrap();
    let part = folder.path().join("part.db");
    copy_stretch(&path, &part, Ticks::at(600), Ticks::at(1200)).unwrap();
    assert!(copy_whole(&path, &part).is_err(), "nothing is overwritten");
    drop(keeper);
    for copy in [&whole, &part] {
        assert!(check(copy).unwrap().is_whole());
        assert_kept(copy, [600, 900, 1200]);
        let beside = format!("{}-wal", copy.display());
        assert!(!Path::new(&beside).exists());
    }
    assert_kept(&whole, [0, 7000]);
    let archive = Archive::open(&part, Catalog::new()).unwrap();
    let ticks = archive.ticks_around(Ticks::at(4000)).unwrap();
    let (before, _) = ticks;
    assert!(
        before.is_none_or(|before| before < Ticks::at(3600)),
        "{ticks:?}"
    );
    assert!(info(&part).unwrap().bytes < info(&whole).unwrap().bytes);
}
