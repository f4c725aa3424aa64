//! What the schedule promises: intervals from their intended start, timeouts, and one that hangs holds up nobody.

use std::sync::mpsc as std_mpsc;

use super::*;
use crate::collect::{Cadence, Collecting, Collector, Reader, Spec};
use crate::model::{Clock, Health, ManualClock, SourceKind, Timestamp};

const SECOND: Duration = Duration::from_secs(1);

fn spec(name: &'static str, cadence: Cadence, timeout: Duration) -> Spec {
    Spec {
        name: name.into(),
        kind: SourceKind::Host,
        cadence,
        timeout,
    }
}

/// Answers each time as its function says; the function gets the number of the call.
struct Scripted<F>(Spec, u32, F);

impl<F> Reader for Scripted<F>
where
    F: FnMut(u32) -> Result<(), CollectError> + Send + 'static,
{
    fn spec(&self) -> Spec {
        self.0.clone()
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let call = self.1;
        self.1 += 1;
        (self.2)(call).map(|()| Reading::at(now.wall))
    }
}

fn scripted(
    spec: Spec,
    answer: impl FnMut(u32) -> Result<(), CollectError> + Send + 'static,
) -> Box<dyn Reader> {
    Box::new(Scripted(spec, 0, answer))
}

/// A reader that hangs until the sender is used.
fn hanging(spec: Spec) -> (Box<dyn Reader>, std_mpsc::Sender<()>) {
    let (release, released) = std_mpsc::channel();
    let reader = scripted(spec, move |_| {
        let _ = released.recv();
        Ok(())
    });
    (reader, release)
}

struct Endless(Spec);

impl Collector for Endless {
    fn spec(&self) -> Spec {
        self.0.clone()
    }

    fn collect(&mut self, _now: Moment) -> Collecting<'_> {
        Box::pin(std::future::pending())
    }
}

fn refused() -> CollectError {
    CollectError::Io {
        what: "/x".to_owned(),
        source: std::io::Error::other("no"),
    }
}

/// Runs a test on a current-thread runtime that does not wait for readers that hang.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(20), test)
            .await
            .unwrap();
    });
    runtime.shutdown_background();
}

fn clock() -> ManualClock {
    ManualClock::at(Timestamp(1_000_000))
}

async fn next(schedule: &mut Schedule, clock: &ManualClock) -> Report {
    schedule.next_report(&|| clock.now()).await
}

fn health(schedule: &mut Schedule, clock: &ManualClock, index: usize) -> Health {
    schedule.statuses(clock.now())[index].health.clone()
}

#[test]
fn a_quick_source_answers_within_the_tick() {
    run(async {
        let clock = clock();
        let cpu = spec("cpu", Cadence::EveryTick, SECOND);
        let mut schedule = Schedule::new(vec![Source::Quick(scripted(cpu, |_| Ok(())))], 1);
        assert_eq!(health(&mut schedule, &clock, 0), Health::Starting);
        schedule.start_due(clock.now());
        assert!(schedule.is_waiting());
        let report = next(&mut schedule, &clock).await;
        assert_eq!(&*report.source, "cpu");
        assert_eq!(report.result.unwrap().at, clock.now().wall);
        assert!(!schedule.is_waiting());
        assert_eq!(health(&mut schedule, &clock, 0), Health::Up);
        clock.advance(SECOND);
        schedule.start_due(clock.now());
        let status = schedule.statuses(clock.now())[0].clone();
        assert_eq!(status.interval, SECOND);
        assert_eq!(status.success_percent, Some(100.0));
        assert_eq!(status.last_answer, Some(clock.now().wall));
        assert!(status.duration_ms.is_some());
    });
}

#[test]
fn one_that_hangs_is_told_as_failing_never_started_again_and_comes_back_slow() {
    run(async {
        let clock = clock();
        let disk = spec("mounts", Cadence::EveryTick, SECOND * 2);
        let (reader, release) = hanging(disk);
        let cpu = spec("cpu", Cadence::EveryTick, SECOND);
        let sources = vec![
            Source::Blocking(reader),
            Source::Quick(scripted(cpu, |_| Ok(()))),
        ];
        let mut schedule = Schedule::new(sources, 1);
        schedule.start_due(clock.now());
        assert_eq!(&*next(&mut schedule, &clock).await.source, "cpu");
        assert!(schedule.is_waiting(), "the tick waits for the other");
        assert_eq!(health(&mut schedule, &clock, 0), Health::Starting);

        clock.advance(SECOND * 3);
        let overdue = next(&mut schedule, &clock).await;
        assert!(matches!(overdue.result, Err(CollectError::Timeout(_))));
        assert!(!schedule.is_waiting(), "nobody waits for it any more");
        let told = health(&mut schedule, &clock, 0);
        assert!(
            matches!(&told, Health::Failing { because, .. } if because.contains("no answer within")),
            "{told:?}"
        );

        // It is far past its back-off, and still not started a second time: only the other one answers.
        clock.advance(SECOND * 100);
        schedule.start_due(clock.now());
        assert_eq!(&*next(&mut schedule, &clock).await.source, "cpu");
        assert!(!schedule.is_waiting());

        release.send(()).unwrap();
        let late = next(&mut schedule, &clock).await;
        assert_eq!(&*late.source, "mounts");
        assert!(late.result.is_ok());
        let took_ms = 103_000;
        assert_eq!(health(&mut schedule, &clock, 0), Health::Slow { took_ms });
        let share = schedule.statuses(clock.now())[0].success_percent;
        assert_eq!(
            share,
            Some(0.0),
            "an answer after its timeout is no success"
        );

        release.send(()).unwrap();
        schedule.start_due(clock.now());
        while &*next(&mut schedule, &clock).await.source != "mounts" {}
        assert_eq!(health(&mut schedule, &clock, 0), Health::Up);
    });
}

#[test]
fn more_than_half_of_the_timeout_is_slow() {
    run(async {
        let clock = clock();
        let (reader, release) = hanging(spec("processes", Cadence::EveryTick, SECOND));
        let mut schedule = Schedule::new(vec![Source::Blocking(reader)], 1);
        schedule.start_due(clock.now());
        clock.advance(Duration::from_millis(600));
        release.send(()).unwrap();
        assert!(next(&mut schedule, &clock).await.result.is_ok());
        assert_eq!(
            health(&mut schedule, &clock, 0),
            Health::Slow { took_ms: 600 }
        );
    });
}

#[test]
fn one_that_fails_is_asked_less_and_less_and_recovers() {
    run(async {
        let clock = clock();
        let flaky = spec("flaky", Cadence::EveryTick, SECOND);
        let reader = scripted(flaky, |call| if call < 8 { Err(refused()) } else { Ok(()) });
        let mut schedule = Schedule::new(vec![Source::Quick(reader)], 3);
        let begin = clock.now().wall;
        let mut asked_at = Vec::new();
        for _ in 0..4_000 {
            schedule.start_due(clock.now());
            if schedule.is_waiting() {
                asked_at.push(clock.now().mono.as_secs_f64());
                let _ = next(&mut schedule, &clock).await;
            }
            if asked_at.len() == 4 {
                match health(&mut schedule, &clock, 0) {
                    Health::Failing {
                        since,
                        because,
                        next_try,
                    } => {
                        assert_eq!(since, begin);
                        assert_eq!(because, "/x: no");
                        assert!(
                            next_try > clock.now().wall || schedule.entries[0].is_due(clock.now())
                        );
                    }
                    other => panic!("{other:?}"),
                }
            }
            if asked_at.len() == 9 {
                break;
            }
            clock.advance(Duration::from_millis(100));
        }
        let waits: Vec<f64> = asked_at.windows(2).map(|w| w[1] - w[0]).collect();
        let expected = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0];
        assert_eq!(waits.len(), expected.len());
        for (wait, expected) in waits.iter().zip(expected) {
            assert!(
                (0.8 * expected..=1.2 * expected + 0.11).contains(wait),
                "{waits:?}"
            );
        }
        assert_eq!(health(&mut schedule, &clock, 0), Health::Up);
        let share = schedule.statuses(clock.now())[0].success_percent.unwrap();
        assert!((share - 100.0 / 9.0).abs() < 1e-9);
    });
}

#[test]
fn what_is_absent_or_denied_is_asked_again_rarely() {
    run(async {
        let clock = clock();
        let gpu = scripted(spec("gpu", Cadence::EveryTick, SECOND), |_| {
            Err(CollectError::Absent)
        });
        let io = scripted(spec("io", Cadence::EveryTick, SECOND), |_| {
            let grant = "run as root".to_owned();
            Err(CollectError::Denied { grant })
        });
        let mut schedule = Schedule::new(vec![Source::Quick(gpu), Source::Quick(io)], 1);
        let mut asked = std::collections::HashMap::<String, u32>::new();
        for _ in 0..=1200 {
            schedule.start_due(clock.now());
            while schedule.is_waiting() {
                let source = next(&mut schedule, &clock).await.source;
                *asked.entry(source.to_string()).or_default() += 1;
            }
            clock.advance(SECOND);
        }
        assert_eq!(asked["gpu"], 3, "at 0, 10 and 20 minutes");
        assert_eq!(asked["io"], 21, "every minute");
        assert_eq!(health(&mut schedule, &clock, 0), Health::Absent);
        let grant = "run as root".to_owned();
        assert_eq!(health(&mut schedule, &clock, 1), Health::Denied { grant });
        let statuses = schedule.statuses(clock.now());
        assert_eq!(statuses[0].success_percent, None, "no failure");
        assert_eq!(statuses[1].success_percent, Some(0.0));
    });
}

#[test]
fn an_interval_is_kept_although_ticks_come_a_little_early_or_late() {
    run(async {
        let clock = clock();
        let every = Cadence::Every(SECOND * 5);
        let slow = scripted(spec("sensors", every, SECOND), |_| Ok(()));
        let mut schedule = Schedule::new(vec![Source::Quick(slow)], 1);
        let mut asked = 0;
        for tick in 0..=100_u64 {
            schedule.start_due(clock.now());
            while schedule.is_waiting() {
                let _ = next(&mut schedule, &clock).await;
                asked += 1;
            }
            let wobble = if tick % 2 == 0 { 1003 } else { 997 };
            clock.advance(Duration::from_millis(wobble));
        }
        assert_eq!(asked, 21);
    });
}

#[test]
fn one_that_is_asked_over_a_connection_is_stopped_at_its_timeout() {
    run(async {
        let clock = clock();
        let timeout = Duration::from_millis(20);
        let endless = Endless(spec("redis", Cadence::EveryTick, timeout));
        let mut schedule = Schedule::new(vec![Source::Asked(Box::new(endless))], 1);
        schedule.start_due(clock.now());
        let report = next(&mut schedule, &clock).await;
        assert!(matches!(report.result, Err(CollectError::Timeout(_))));
        assert!(matches!(
            health(&mut schedule, &clock, 0),
            Health::Failing { .. }
        ));
        // It came back, so that it can be asked again.
        clock.advance(SECOND * 2);
        schedule.start_due(clock.now());
        assert!(schedule.is_waiting());
    });
}

#[test]
fn a_defect_in_a_collector_does_not_end_the_others() {
    run(async {
        let clock = clock();
        let broken = scripted(spec("broken", Cadence::EveryTick, SECOND), |call| {
            assert!(call > 0, "the first call is a defect");
            Ok(())
        });
        let mut schedule = Schedule::new(vec![Source::Blocking(broken)], 1);
        schedule.start_due(clock.now());
        let report = next(&mut schedule, &clock).await;
        assert!(matches!(report.result, Err(CollectError::Defect)));
        clock.advance(SECOND * 2);
        schedule.start_due(clock.now());
        assert!(next(&mut schedule, &clock).await.result.is_ok());
    });
}

#[test]
fn what_is_found_later_is_read_from_then_on_and_once() {
    run(async {
        let clock = clock();
        let source = |name| {
            let spec = spec(name, Cadence::EveryTick, SECOND);
            Source::Quick(scripted(spec, |_| Ok(())))
        };
        let mut schedule = Schedule::new(vec![source("cpu")], 1);
        schedule.add(source("redis@6379"));
        schedule.add(source("redis@6379"));
        schedule.start_due(clock.now());
        let names = [
            next(&mut schedule, &clock).await.source,
            next(&mut schedule, &clock).await.source,
        ];
        assert_eq!(names.map(|name| name.to_string()), ["cpu", "redis@6379"]);
        assert!(!schedule.is_waiting());
        assert_eq!(schedule.statuses(clock.now()).len(), 2);
    });
}
