//! `kill -9` while it writes, again and again.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use hubtop::store::file::care::check;

use super::{Ticks, assert_kept, last_tick, start, wait_for};
use hubtop::store::Sink;

/// Names the file to write, for the process that [`child`] starts.
const FILE: &str = "HUBTOP_TEST_WRITES";
/// The first tick to write.
const FROM: &str = "HUBTOP_TEST_FROM";

/// No test by itself: what the tests start and kill. Says each tick once it is in the thread's hands.
#[test]
fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let from: i64 = std::env::var(FROM).unwrap().parse().unwrap();
    let ticks = Ticks::new();
    let mut keeper = start(Path::new(&path));
    let mut out = std::io::stdout();
    for tick in from.. {
        keeper.put(&ticks.tick(tick));
        wait_for("the thread takes the tick", || keeper.waiting() == 0);
        if writeln!(out, "put {tick}")
            .and_then(|()| out.flush())
            .is_err()
        {
            // Whoever started it is gone.
            return;
        }
    }
}

/// A process that writes.
pub fn child(path: &Path, from: i64) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture"])
        .env(FILE, path)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

/// The last tick that it said, once it has ended.
fn last_said(out: BufReader<ChildStdout>, first: Option<i64>) -> Option<i64> {
    out.lines()
        .map_while(Result::ok)
        .filter_map(|line| said(&line))
        .last()
        .or(first)
}

/// The tick of a line.
pub fn said(line: &str) -> Option<i64> {
    // The last line may have been cut off in its number.
    line.split_once("put ")?.1.parse().ok()
}

/// Waits until it has said a tick.
pub fn first_said(out: &mut BufReader<ChildStdout>) -> i64 {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended");
        if line.ends_with('\n')
            && let Some(tick) = said(line.trim_end())
        {
            return tick;
        }
    }
}

/// Numbers that are different in each run of the test.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn a_kill_loses_five_seconds_at_most_and_never_the_file() {
    const KILLS: u64 = 100;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let seed = u64::from(std::process::id()) | 1 << 40;
    let mut state = seed;
    let (mut next, mut kept_before) = (0, -1);
    for kill in 0..KILLS {
        let (mut writer, mut out) = child(&path, next);
        let first = first_said(&mut out);
        // Anywhere from its first writing on, in steps much finer than one takes; now and then a whole span is sealed.
        let longest = if kill % 10 == 9 { 400_000 } else { 40_000 };
        let pause = Duration::from_micros(random(&mut state) % longest);
        std::thread::sleep(pause);
        writer.kill().unwrap();
        writer.wait().unwrap();
        let last = last_said(out, Some(first)).unwrap();
        let kept = last_tick(&path).unwrap_or(-1);
        assert!(kept >= kept_before, "kill {kill} of seed {seed}: {kept}");
        kept_before = kept;
        // What those before it lost is not this one's.
        assert!(
            kept.max(next - 1) >= last - 5,
            "kill {kill} of seed {seed}: tick {last} was handed in, {kept} is the last in the file"
        );
        assert!(
            super::set_aside(&path).is_empty(),
            "kill {kill} of seed {seed}"
        );
        if kept >= next {
            assert_kept(&path, [next, (next + kept) / 2, kept]);
        }
        if kill % 20 == 19 {
            let checked = check(&path).unwrap();
            assert!(
                checked.is_whole(),
                "kill {kill} of seed {seed}: {checked:?}"
            );
        }
        next = last + 1;
    }
}
