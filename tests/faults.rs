//! Servers that are down, silent, mad or endless: each ends in one line, and nobody else is kept waiting.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

mod servers;

use std::sync::Arc;

use hubtop::collect::{
    CollectError, Doors, KINDS, Limits, Source, SourceForm, Surroundings, host_sources, open_source,
};
use hubtop::feed::Feed;
use hubtop::feed::local::LocalFeed;
use hubtop::model::{Catalog, Clock, CommandOutcome, Focus, Frame, Health, SystemClock};
use hubtop::pipeline::{self, Options, Parts};
use servers::asked::Asked;
use servers::misbehaving::{MANNERS, Manner, Misbehaving};
use servers::{free_port, wait_for};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// The kinds that are asked over a connection.
fn asked_kinds() -> impl Iterator<Item = &'static str> {
    let kinds = KINDS.iter().map(|kind| kind.word);
    kinds.filter(|kind| *kind != "access_log")
}

fn settings(kind: &str, port: u16) -> String {
    let address = match kind {
        "postgres" => format!("postgres://hubtop@127.0.0.1:{port}/postgres"),
        "mysql" => format!("mysql://hubtop@127.0.0.1:{port}/mysql"),
        "redis" => format!("redis://127.0.0.1:{port}"),
        "metrics" => format!("http://127.0.0.1:{port}/metrics"),
        _ => format!("127.0.0.1:{port}"),
    };
    format!("kind = {kind:?}\naddress = {address:?}\ntimeout = \"1s\"\ninterval = \"1s\"")
}

/// The one line of an error that a person will read.
fn line(error: &CollectError) -> String {
    let line = error.to_string();
    assert!(!line.contains('\n'), "several lines: {line:?}");
    assert!(line.chars().count() <= 200, "too long: {line:?}");
    assert!(!line.chars().any(char::is_control), "unsafe: {line:?}");
    line
}

#[test]
fn what_is_down_says_so() {
    for kind in asked_kinds() {
        let error = Asked::open(&settings(kind, free_port())).ask().unwrap_err();
        let line = line(&error);
        assert!(line.contains("refused"), "{kind}: {line}");
    }
}

#[test]
fn whatever_it_answers_ends_in_one_line_within_the_timeout() {
    for kind in asked_kinds() {
        for manner in MANNERS {
            let server = Misbehaving::start(manner);
            let mut asked = Asked::open(&settings(kind, server.port));
            let Err(error) = asked.ask() else {
                panic!("{kind}: {manner:?} passed for an answer");
            };
            let line = line(&error);
            assert!(!line.is_empty(), "{kind}: {manner:?}");
        }
    }
}

fn watch_them(ports: &[(&str, u16)]) -> LocalFeed {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (focus, focused) = watch::channel(Focus::None);
    let (found, newcomers) = mpsc::channel(64);
    let around = Surroundings {
        catalog: Catalog::new(),
        focus: focused.clone(),
        doors: Doors::default(),
        found,
        limits: Limits::default(),
        mappings: Arc::default(),
    };
    let mut sources = host_sources(&around.catalog, focused);
    sources.extend(ports.iter().map(|(kind, port)| -> Source {
        let form: SourceForm = toml::from_str(&settings(kind, *port)).unwrap();
        open_source(&form, &around).unwrap()
    }));
    let parts = Parts {
        catalog: around.catalog.clone(),
        sources,
        newcomers,
        objectives: Vec::new(),
        rules: Vec::new(),
        focus,
        actor: Box::new(|_| Box::pin(std::future::ready(CommandOutcome::refused("no")))),
        sinks: Vec::new(),
        fill: None,
        clock,
    };
    let options = Options {
        tick: Duration::from_millis(250),
        hot_memory: 8 << 20,
        read_only: true,
        demo: false,
        past: None,
    };
    LocalFeed::new(pipeline::start(parts, options).unwrap())
}

#[test]
fn the_others_keep_their_intervals_meanwhile() {
    let silent: Vec<Misbehaving> = asked_kinds()
        .map(|_| Misbehaving::start(Manner::Silent))
        .collect();
    let ports: Vec<(&str, u16)> = asked_kinds().zip(silent.iter().map(|it| it.port)).collect();
    let feed = watch_them(&ports);
    let failing = |frame: &Frame| {
        let failing = frame.sources.iter();
        failing
            .filter(|source| matches!(source.health, Health::Failing { .. }))
            .count()
    };
    let frame = wait_for("all of them to be told as failing", || {
        let frame = feed.newest();
        (failing(&frame) == ports.len()).then_some(frame)
    });
    // They go on failing; the frames go on coming, and each has new figures of the machine.
    let later = wait_for("ten more frames", || {
        let newest = feed.newest();
        (newest.number >= frame.number + 10).then_some(newest)
    });
    let cpu = |frame: &Frame| frame.source("cpu").unwrap().last_answer.unwrap();
    assert!(cpu(&later) > cpu(&frame));
    assert_eq!(failing(&later), ports.len());
    let per_frame = later.at.since(frame.at) / u32::try_from(later.number - frame.number).unwrap();
    // Not how long anything took: frames that waited for a source would be a timeout apart, four ticks.
    assert!(per_frame < Duration::from_secs(1), "{per_frame:?} a frame");
}
