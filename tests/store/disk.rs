//! Disks that are full or read-only: small file systems in memory, which only root can mount.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hubtop::model::KeepingState;
use hubtop::store::Sink;
use hubtop::store::file::care::check;
use hubtop::store::file::{Keeper, Limits};

use super::{Ticks, assert_kept, keep, put_all, start, wait_for, wait_state};

/// A file system of its own, gone with it.
struct Disk(PathBuf);

impl Disk {
    fn new(folder: &Path, size: &str) -> Self {
        let disk = Self(folder.join("disk"));
        fs::create_dir(&disk.0).unwrap();
        let option = format!("size={size},mode=0700");
        disk.run("mount", &["-t", "tmpfs", "-o", &option, "tmpfs"]);
        disk
    }

    fn run(&self, command: &str, arguments: &[&str]) {
        let status = Command::new(command).args(arguments).arg(&self.0).status();
        let done = status.is_ok_and(|status| status.success());
        assert!(
            done,
            "`{command}` failed: this test needs the right to mount a tmpfs; run it as root"
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The test has failed already if that fails.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_makes_ticks_wait_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path(), "6m");
    let path = disk.0.join("host.db");
    let ticks = Ticks::new();
    let mut keeper = start(&path);
    put_all(&mut keeper, &ticks, 0..30);
    wait_state(&keeper, KeepingState::Keeping, "");
    let filler = disk.0.join("filler");
    let mut room = fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut room, &[0; 4096]).is_ok() {}
    drop(room);
    let mut tick = 30;
    wait_for("the disk is told to be full", || {
        put_all(&mut keeper, &ticks, tick..tick + 1);
        tick += 1;
        keeper.keeping().line.contains("disk full")
    });
    let keeping = wait_state(&keeper, KeepingState::Failing, "disk full");
    assert!(keeping.since > Ticks::at(0), "{keeping:?}");
    put_all(&mut keeper, &ticks, tick..tick + 60);
    fs::remove_file(&filler).unwrap();
    wait_state(&keeper, KeepingState::Keeping, "");
    let keeping = keeper.keeping();
    assert_eq!(keeping.lost, 0, "{keeping:?}");
    drop(keeper);
    assert_kept(&path, [0, 29, 30, tick - 1, tick, tick + 59]);
    assert!(check(&path).unwrap().is_whole());
}

#[test]
fn a_disk_without_room_for_the_first_page_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path(), "8k");
    let mut keeper = start(&disk.0.join("host.db"));
    keeper.put(&Ticks::new().tick(0));
    wait_state(&keeper, KeepingState::Failing, "");
}

#[test]
fn a_folder_that_is_read_only_is_told_and_its_file_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path(), "6m");
    let path = disk.0.join("host.db");
    keep(&path, 0..10);
    disk.run("mount", &["-o", "remount,ro"]);
    let mut keeper = start(&path);
    keeper.put(&Ticks::new().tick(20));
    let keeping = wait_state(&keeper, KeepingState::Failing, "[history] folder");
    assert!(keeping.line.starts_with("off, "), "{keeping:?}");
    drop(keeper);
    assert_kept(&path, [0, 9]);
}

#[test]
fn the_file_stays_within_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let limits = Limits {
        bytes: 1_000_000,
        ..Limits::default()
    };
    let mut keeper = Keeper::start(&path, limits);
    let ticks = Ticks::new();
    let mut most = 0;
    for tick in 0..30_000 {
        keeper.put(&ticks.tick(tick));
        wait_for("the thread takes the tick", || keeper.waiting() == 0);
        most = most.max(fs::metadata(&path).map_or(0, |known| known.len()));
    }
    assert_eq!(keeper.keeping().lost, 0);
    // What a quarter of an hour adds before it can be folded and forgotten.
    assert!(most < 3_000_000, "{most} bytes");
}
