//! The screen is rewound to what was before all that is kept here: the frame has the figures that were sent.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hubtop::alert::{default_objectives, default_rules};
use hubtop::collect::demo_sources;
use hubtop::feed::Feed;
use hubtop::feed::local::LocalFeed;
use hubtop::model::{
    Catalog, Command, CommandOutcome, Focus, Frame, KeepingState, ManualClock, Timestamp,
};
use hubtop::pipeline::{self, Handle, Options, Parts};
use hubtop::store::Kept;
use hubtop::store::remote::prometheus::read_back;
use hubtop::store::remote::{Around, ExportForm, start_export};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::host::begin;
use crate::servers::prometheus::{Engine, KINDS, Kind};
use crate::servers::wait_for;

/// How far apart ticks are: longer than a test takes, so that the pipeline makes none by itself.
const TICK: Duration = Duration::from_secs(300);
const MOMENTS: u32 = 5;

/// The scripted story in a pipeline that keeps nothing.
struct Story {
    handle: Handle,
    clock: Arc<ManualClock>,
    catalog: Catalog,
    runtime: Runtime,
}

impl Story {
    fn begin(start: Timestamp) -> Self {
        let clock = Arc::new(ManualClock::at(start));
        let catalog = Catalog::new();
        let (focus, focused) = watch::channel(Focus::None);
        let parts = Parts {
            sources: demo_sources(&catalog, 1, start, focused),
            catalog: catalog.clone(),
            rules: default_rules().unwrap(),
            objectives: default_objectives(),
            focus,
            newcomers: tokio::sync::mpsc::channel(1).1,
            actor: Box::new(|_| Box::pin(std::future::ready(CommandOutcome::done("")))),
            sinks: Vec::new(),
            fill: None,
            clock: clock.clone(),
        };
        let options = Options {
            tick: TICK,
            hot_memory: 64 << 20,
            read_only: false,
            demo: true,
            past: None,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let story = Self {
            handle: pipeline::start(parts, options).unwrap(),
            clock,
            catalog,
            runtime: runtime.unwrap(),
        };
        story.frame_at(start);
        story
    }

    /// One tick later: its frame.
    fn step(&self) -> Arc<Frame> {
        self.clock.advance(TICK);
        let at = self.handle.frames.borrow().at.plus(TICK);
        // Whatever is done to a host is followed by a look at it.
        let look = Command::Renice {
            targets: Vec::new(),
            nice: 0,
        };
        drop(LocalFeed::new(self.handle.clone()).order(look));
        self.frame_at(at)
    }

    fn frame_at(&self, at: Timestamp) -> Arc<Frame> {
        let mut frames = self.handle.frames.clone();
        let is_there = |frame: &Arc<Frame>| frame.number > 0 && frame.at >= at;
        let shown = self.runtime.block_on(frames.wait_for(is_there)).unwrap();
        shown.clone()
    }
}

fn form(engine: &Engine) -> ExportForm {
    let address = engine.address();
    let keys = format!(
        "kind = \"prometheus\"\nurl = \"{address}\"\ninterval = \"10s\"\ntimeout = \"2s\"\nlabels = {{ env = \"test\" }}"
    );
    toml::from_str(&keys).unwrap()
}

/// Tells an engine a story; the frames that it was sent.
fn told_to(engine: &Engine, state: &Path) -> Vec<Arc<Frame>> {
    let story = Story::begin(begin());
    let around = Around {
        state: state.to_owned(),
        now: begin(),
    };
    let mut export = start_export(&form(engine), &around).unwrap();
    let mut put = |frame: &Frame| {
        let frame = Arc::new(frame.clone());
        export.put(&Kept {
            frame: frame.clone(),
            came: [].into(),
        });
        wait_for("the export to take a moment", || {
            (Arc::strong_count(&frame) == 1).then_some(())
        });
    };
    // The interval of the first has just begun: it is not sent.
    put(&story.frame_at(begin()));
    let frames: Vec<Arc<Frame>> = (0..MOMENTS).map(|_| story.step()).collect();
    frames.iter().for_each(|frame| put(frame));
    wait_for("the queue to be sent", || {
        let keeping = export.keeping();
        (keeping.state == KeepingState::Keeping && keeping.bytes == Some(0)).then_some(())
    });
    engine.query("up");
    frames
}

/// A hubtop that begins later, and keeps nothing of what was before.
fn later(engine: &Engine, last: &Frame) -> (Story, LocalFeed) {
    let story = Story::begin(last.at.plus(TICK));
    let history = read_back(&engine.address(), &[form(engine)], story.catalog.clone()).unwrap();
    let feed = LocalFeed::new(story.handle.clone()).beyond(history);
    (story, feed)
}

/// How many values of a frame are those that were sent: unknown where they were unknown.
fn same_values(shown: &Frame, sent: &Frame) -> usize {
    let mut same = 0;
    for (id, key) in shown.series.iter() {
        let was = sent.value_with(&key.metric, &key.labels);
        let is = shown.value_of(id);
        assert_eq!(is.map(f64::to_bits), was.map(f64::to_bits), "{key}");
        same += usize::from(is.is_some());
    }
    same
}

fn is_known(frame: &Frame) -> bool {
    frame.values.iter().any(|value| !value.is_nan())
}

#[test]
fn a_moment_before_the_own_history_has_the_figures_that_were_sent() {
    for kind in KINDS {
        let engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let sent = told_to(&engine, state.path());
        let (story, feed) = later(&engine, &sent[sent.len() - 1]);
        let (own, latest) = LocalFeed::new(story.handle.clone()).remembers().unwrap();
        let first = wait_for("the beginning to be found", || {
            let (first, last) = feed.remembers().unwrap();
            assert_eq!(last, latest);
            (first < own).then_some(first)
        });
        let from_first = first.since(sent[0].at);
        assert!(first >= sent[0].at && from_first < Duration::from_secs(1));
        for frame in &sent {
            // Between two ticks the first still stands.
            for at in [first.max(frame.at), frame.at.plus(Duration::from_secs(8))] {
                let shown = wait_for("the figures of a moment", || {
                    feed.at(at).filter(|shown| is_known(shown))
                });
                assert_eq!(shown.at, at);
                assert!(same_values(&shown, frame) > 100);
                assert!(shown.tables.processes.is_none() && shown.sources.is_empty());
                assert_eq!(feed.asking(at), None);
            }
        }
        // What nobody sent is a gap, and it is known that there is nothing.
        let gap = sent[1].at.plus(TICK / 2);
        let shown = wait_for("the answer", || {
            feed.at(gap).filter(|_| feed.asking(gap).is_none())?;
            feed.at(gap)
        });
        assert!(!is_known(&shown));
        assert_eq!(feed.take_notice(), None);
        let (before, after) = feed.ticks_around(gap);
        assert!(before.unwrap() <= gap && after.unwrap() > gap);
        // The own history is as it was.
        assert!(is_known(&feed.at(own).unwrap()));
        assert!(feed.at(first.minus(TICK)).is_none());
    }
}

#[test]
fn nobody_waits_for_an_engine_that_hangs_and_one_that_is_gone_is_told_in_a_line() {
    let mut engine = Engine::start(Kind::Prometheus);
    let state = tempfile::tempdir().unwrap();
    let sent = told_to(&engine, state.path());
    let (_story, mut feed) = later(&engine, &sent[sent.len() - 1]);
    let (first, second) = (sent[1].at, sent[2].at);
    wait_for("the beginning to be found", || feed.at(first));
    wait_for("the figures", || feed.at(first).filter(|it| is_known(it)));
    engine.signal(19);
    let shown = feed.at(second).unwrap();
    assert!(!is_known(&shown));
    let asking = format!("asking {}", engine.address());
    assert_eq!(feed.asking(second), Some(asking));
    // What has come stays.
    assert!(is_known(&feed.at(first).unwrap()));
    engine.signal(18);
    wait_for("the figures", || feed.at(second).filter(|it| is_known(it)));
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    // Something has come: it is drawn anew.
    assert!(runtime.unwrap().block_on(feed.changed()));
    engine.stop();
    let third = sent[3].at;
    let line = wait_for("a line", || {
        assert!(!is_known(&feed.at(third).unwrap()));
        feed.take_notice().filter(|line| line.contains("refused"))
    });
    assert!(line.starts_with(&engine.address()), "{line}");
    assert_eq!(feed.asking(third), Some(line));
    assert_eq!(feed.take_notice(), None, "the same again");
    assert!(is_known(&feed.at(second).unwrap()));
    engine.go_on();
    wait_for("the figures", || feed.at(third).filter(|it| is_known(it)));
}
