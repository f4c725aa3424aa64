//! What is shown of a moment later is what was shown then: the scripted story runs through the real pipeline into a file,
//! and every frame and the drawn screens are held against those that the file tells.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

#[path = "replay/screen.rs"]
mod screen;
#[path = "replay/stage.rs"]
mod stage;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hubtop::feed::replay::{ReplayError, ReplayFeed};
use hubtop::feed::{Feed, Link};
use hubtop::model::{Command, CommandOutcome, Frame, Incident, Timestamp};
use hubtop::store::StoreError;
use screen::{Drawn, assert_same, draw};
use stage::{Stage, TICK, begin};

/// A frame and how it was drawn when it was the newest.
struct Seen {
    frame: Arc<Frame>,
    drawn: Vec<Drawn>,
}

/// Plays so many ticks, and draws everything at each `every`-th.
fn watch(stage: &mut Stage, ticks: usize, every: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    for tick in 0..ticks {
        let frame = stage.step();
        if tick % every == 0 {
            let drawn = draw(|| Box::new(stage.feed()));
            seen.push(Seen { frame, drawn });
        }
    }
    seen
}

/// The feed of a file that stands at a moment.
fn replay(path: &Path, at: Timestamp) -> ReplayFeed {
    let mut feed = ReplayFeed::open(path).unwrap();
    feed.stand_at(at).unwrap();
    feed
}

/// Holds what a file tells against what was seen.
fn assert_replays(path: &Path, seen: &[Seen]) {
    for seen in seen {
        let at = seen.frame.at;
        let feed = replay(path, at);
        screen::assert_same_frame(&seen.frame, &feed.newest());
        assert_same(at, &seen.drawn, &draw(|| Box::new(replay(path, at))));
    }
}

#[test]
fn a_recording_shows_what_was_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let mut stage = Stage::set(&path, begin());
    let seen = watch(&mut stage, 48, 9);
    let frames = stage.close();
    assert!(
        frames.len() > 150,
        "the past and what was seen: {}",
        frames.len()
    );
    assert_replays(&path, &seen);
    // Every tick that was kept, also those before the first one that was drawn.
    let feed = ReplayFeed::open(&path).unwrap();
    for frame in &frames {
        screen::assert_same_frame(frame, &feed.at(frame.at).unwrap());
    }
    let last = frames.last().unwrap().at;
    assert_eq!(feed.remembers(), Some((frames[0].at, last)));
    assert_eq!(feed.newest().at, last);
}

#[test]
fn steps_go_from_tick_to_tick_up_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let stage = Stage::set(&path, begin());
    let moments: Vec<Timestamp> = stage.close().iter().map(|frame| frame.at).collect();
    let feed = ReplayFeed::open(&path).unwrap();
    for pair in moments.windows(2) {
        assert_eq!(feed.ticks_around(pair[0]), (Some(pair[0]), Some(pair[1])));
        let between = pair[1].minus(Duration::from_millis(1));
        assert_eq!(feed.ticks_around(between), (Some(pair[0]), Some(pair[1])));
    }
    let last = *moments.last().unwrap();
    assert_eq!(feed.ticks_around(last), (Some(last), None));
    assert_eq!(feed.ticks_around(moments[0].minus(TICK)).0, None);
}

#[test]
fn what_a_killed_hubtop_leaves_can_be_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let mut stage = Stage::set(&path, begin());
    let seen = watch(&mut stage, 24, 8);
    let last = seen.last().unwrap().frame.at;
    stage.wait_until_written(last);
    // What is on disk at this moment is what a `kill -9` leaves: nothing has been closed.
    let left = folder.path().join("left");
    std::fs::create_dir(&left).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let from = entry.unwrap().path();
        if from.is_file() {
            std::fs::copy(&from, left.join(from.file_name().unwrap())).unwrap();
        }
    }
    drop(stage);
    assert!(left.join("story.db-wal").exists(), "nothing was left open");
    assert_replays(&left.join("story.db"), &seen);
}

#[test]
fn two_runs_in_one_file_are_one_past() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let mut first = Stage::set(&path, begin());
    let mut seen = watch(&mut first, 10, 4);
    let before = first.close();
    // The second begins twenty minutes after the first ended: the past that it is told does not reach back so far.
    let later = before.last().unwrap().at.plus(Duration::from_secs(40 * 60));
    let mut second = Stage::set(&path, later);
    let end_of_first = seen.len();
    seen.extend(watch(&mut second, 10, 4));
    let after = second.close();
    for (frame, feed) in before
        .iter()
        .chain(&after)
        .map(|frame| (frame, replay(&path, frame.at)))
    {
        screen::assert_same_frame(frame, &feed.newest());
    }
    // What was seen in the first run is drawn as then; the second shows the first in its charts as well.
    assert_replays(&path, &seen[..end_of_first]);
    let feed = replay(&path, after[0].at);
    let (_, next) = feed.ticks_around(before.last().unwrap().at);
    assert_eq!(next, Some(after[0].at));
}

#[test]
fn a_restart_shows_the_past_in_its_charts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let mut first = Stage::set(&path, begin());
    let seen = watch(&mut first, 10, 9);
    first.close();
    let last = seen.last().unwrap();
    let mut second = Stage::restart(&path, last.frame.at.plus(Duration::from_secs(30)));
    let cpu = |feed: &dyn Feed| {
        let id = feed.newest().id("system.cpu.usage_percent").unwrap();
        let end = last.frame.at;
        let window = hubtop::store::Window::ending(end, Duration::from_secs(300), 60, TICK);
        feed.points(id, window).avg
    };
    let then = cpu(&replay(&path, last.frame.at));
    assert!(then.iter().filter(|value| !value.is_nan()).count() > 25);
    let shown = second.wait_for(|feed| {
        let shown = cpu(feed);
        (shown.iter().filter(|value| !value.is_nan()).count() > 25).then_some(shown)
    });
    for (shown, then) in shown.iter().zip(&then) {
        let is_near = (shown - then).abs() <= then.abs() * 1e-6;
        assert!(
            is_near || (shown.is_nan() && then.is_nan()),
            "{shown} for {then}"
        );
    }
    // A step back leads into the run before.
    let feed = second.feed_with_past();
    let frame = feed.at(last.frame.at).unwrap();
    screen::assert_same_frame(&last.frame, &frame);
    second.step();
}

/// Changes a file that nobody has open.
fn forget(path: &Path, sql: &str) {
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(sql).unwrap();
}

#[test]
fn where_ticks_are_no_longer_kept_rows_are_those_of_the_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let frames = Stage::set(&path, begin()).close();
    forget(&path, "DELETE FROM span WHERE tier IN (0, 1)");
    let feed = ReplayFeed::open(&path).unwrap();
    let minute = Duration::from_secs(60);
    // The quarter of an hour before the story began is sealed.
    let sealed = begin().minus(minute * 15);
    let told: Vec<_> = frames
        .iter()
        .filter(|frame| frame.at >= sealed && frame.at < begin())
        .collect();
    assert!(told.len() > 60, "{}", told.len());
    for frame in told {
        let shown = feed.at(frame.at).unwrap();
        assert_eq!(shown.at, frame.at.floor_to(minute));
        let rows = |frame: &Frame| format!("{:#?}", frame.tables.processes);
        assert_eq!(rows(&shown), rows(frame), "{}", frame.at.clock_text());
        let of = shown.tables.as_of.unwrap_or(shown.at);
        assert_eq!(of, frame.at, "it is said of when the rows are");
    }
}

/// An incident by what it is of, and how it stands.
fn stands(incident: &Incident) -> String {
    let Incident {
        rule,
        place,
        state,
        began,
        fired,
        resolved,
        value,
        worst,
        ..
    } = incident;
    format!("{rule} {place} {state:?} {began:?} {fired:?} {resolved:?} {value:?} {worst}")
}

#[test]
fn alerts_of_a_moment_without_a_picture_are_those_that_the_journal_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let mut stage = Stage::set(&path, begin());
    watch(&mut stage, 48, 48);
    let frames = stage.close();
    // What never fired is forgotten when it is over.
    let lasting: Vec<_> = frames
        .iter()
        .flat_map(|frame| frame.alerts.open.iter().chain(&*frame.alerts.resolved))
        .filter(|incident| incident.fired.is_some())
        .map(|incident| {
            (
                incident.rule.clone(),
                incident.place.clone(),
                incident.began,
            )
        })
        .collect();
    let board = |frame: &Frame| -> (Vec<String>, Vec<String>) {
        let key = |it: &Incident| (it.rule.clone(), it.place.clone(), it.began);
        let told = |incidents: &[Incident]| {
            let kept = incidents.iter().filter(|it| lasting.contains(&key(it)));
            kept.map(stands).collect()
        };
        let (open, mut over): (_, Vec<String>) =
            (told(&frame.alerts.open), told(&frame.alerts.resolved));
        // Of those that were over at one moment, the journal does not know the order.
        over.sort();
        (open, over)
    };
    forget(
        &path,
        "DELETE FROM picture; DELETE FROM tail WHERE shelf = 2",
    );
    let feed = ReplayFeed::open(&path).unwrap();
    let mut firing = 0;
    for frame in &frames {
        let shown = feed.at(frame.at).unwrap();
        assert!(shown.tables.processes.is_none(), "there is no picture");
        assert_eq!(board(&shown), board(frame), "{}", frame.at.clock_text());
        firing += frame.alerts.firing_count();
    }
    assert!(firing > 10, "the story has alerts");
}

#[test]
fn a_recording_plays_on_from_where_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    let moments: Vec<Timestamp> = Stage::set(&path, begin())
        .close()
        .iter()
        .map(|frame| frame.at)
        .collect();
    let (first, second) = (moments[0], moments[1]);
    let last = *moments.last().unwrap();
    let mut feed = ReplayFeed::open(&path).unwrap();
    feed.play(moments[5], last, 1000.0).unwrap();
    assert_eq!(feed.link(), Link::Replay(Some(1000.0)));
    feed.hold();
    assert_eq!(feed.link(), Link::Replay(None));
    assert_eq!(feed.newest().at, moments[5]);
    feed.play_from(first);
    assert_eq!(feed.link(), Link::Replay(Some(1000.0)), "as fast as before");
    assert_eq!(feed.newest().at, first);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    assert!(runtime.block_on(feed.changed()));
    assert!(feed.newest().at >= second);
    feed.play_from(last);
    assert_eq!(feed.link(), Link::Replay(None), "there is nothing after it");
    assert_eq!(feed.newest().at, last);
}

#[test]
fn nothing_is_done_to_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.db");
    Stage::set(&path, begin()).close();
    let feed = ReplayFeed::open(&path).unwrap();
    let order = feed.order(Command::SetTick(Duration::from_secs(2)));
    let refused = CommandOutcome::refused("this is a recording");
    assert_eq!(order.blocking_recv().unwrap(), refused);
}

#[test]
fn what_is_no_recording_says_so_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| ReplayFeed::open(&folder.path().join(name)).unwrap_err();
    let absent = open("absent.db");
    assert!(
        matches!(absent, ReplayError::Store(StoreError::Absent { .. })),
        "{absent}"
    );
    std::fs::write(
        folder.path().join("text.db"),
        "no history at all, only words".repeat(100),
    )
    .unwrap();
    for line in [absent.to_string(), open("text.db").to_string()] {
        assert!(!line.contains('\n') && line.contains(".db"), "{line}");
    }
}
