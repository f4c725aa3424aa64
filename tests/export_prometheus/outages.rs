//! The engine goes, hangs, comes back; hubtop goes: what was put is there, and once.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use hubtop::model::Timestamp;

use crate::host::{Host, THERE, begin, form};
use crate::servers::prometheus::{Engine, KINDS};
use crate::servers::wait_for;
use crate::values::expected;

const FURTHER: &str = "labels = { env = \"test\" }";

fn wait_for_all(engine: &Engine, host: &Host, moments: &[i64]) {
    host.wait_until_all_is_sent();
    let expected = expected(host, moments);
    let mut told = engine.samples(THERE);
    for _ in 0..100 {
        if told == expected {
            return;
        }
        told = engine.samples(THERE);
    }
    assert_eq!(told, expected);
}

#[test]
fn an_engine_that_is_restarted_under_load_misses_nothing() {
    for kind in KINDS {
        let mut engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let form = form(&engine.address(), FURTHER);
        let mut host = Host::start(&form, state.path(), begin());
        host.put(0);
        for round in 0..2 {
            let from = round * 100;
            // No pause in between: some are under way when it goes.
            host.put_all(from + 1..=from + 30);
            engine.stop();
            host.put_all(from + 31..=from + 70);
            host.wait_for_line("wait");
            engine.go_on();
            host.put_all(from + 71..=from + 100);
        }
        wait_for_all(&engine, &host, &(1..=200).collect::<Vec<_>>());
        assert_eq!(host.keeping().lost, 0);
    }
}

#[test]
fn an_engine_that_hangs_gets_nothing_twice() {
    for kind in KINDS {
        let engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let form = form(&engine.address(), FURTHER);
        let mut host = Host::start(&form, state.path(), begin());
        host.put_all(0..=20);
        engine.signal(19);
        host.put_all(21..=40);
        host.wait_for_line("no answer within 2 s");
        engine.signal(18);
        host.put_all(41..=60);
        wait_for_all(&engine, &host, &(1..=60).collect::<Vec<_>>());
    }
}

/// What the child of the next test is told by.
const CHILD: &str = "HUBTOP_TEST_EXPORT_CHILD";

#[test]
fn a_hubtop_that_is_killed_with_a_full_queue_loses_and_doubles_nothing() {
    for kind in KINDS {
        let mut engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let begin = begin();
        let mut last = 0;
        for round in 0..4 {
            if round % 2 == 1 {
                engine.stop();
            }
            let told = format!(
                "{last} {} {} {}",
                begin.0,
                engine.address(),
                state.path().display()
            );
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "outages::a_writer_that_is_killed",
                    "--ignored",
                    "--nocapture",
                    "--test-threads=2",
                ])
                .env(CHILD, told)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let output = BufReader::new(child.stdout.take().unwrap());
            let lines = output.lines().map(Result::unwrap);
            let numbers = lines.filter_map(|line| line.strip_prefix("taken ")?.parse::<i64>().ok());
            let seen: Vec<i64> = numbers.take(20 + round * 13).collect();
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(seen.first(), Some(&(last + 1)));
            last = *seen.last().unwrap();
            if round % 2 == 1 {
                engine.go_on();
            }
        }
        let form = form(&engine.address(), FURTHER);
        // The child may have taken one more than it told of; from here on there is a gap.
        let mut host = Host::start(&form, state.path(), begin);
        host.put_all(last + 20..=last + 22);
        host.wait_until_all_is_sent();
        let told = wait_for("the last moment to be told", || {
            let told = engine.samples(THERE);
            let newest = host.at(last + 22).0;
            let is_there =
                |samples: &Vec<(i64, u64)>| samples.last().is_some_and(|(at, _)| *at == newest);
            (!told.is_empty() && told.values().all(is_there)).then_some(told)
        });
        let moments: Vec<i64> = (1..=last).collect();
        for (labels, samples) in expected(&host, &moments) {
            let told = &told[&labels];
            assert!(
                told.windows(2).all(|pair| pair[0].0 < pair[1].0),
                "{labels}"
            );
            let missing = samples
                .iter()
                .filter(|sample| !told.contains(sample))
                .count();
            assert_eq!(missing, 0, "{labels}");
        }
    }
}

#[test]
#[ignore = "the child of the test above"]
fn a_writer_that_is_killed() {
    let told = std::env::var(CHILD).unwrap();
    let mut words = told.split(' ');
    let last: i64 = words.next().unwrap().parse().unwrap();
    let begin = Timestamp(words.next().unwrap().parse().unwrap());
    let form = form(words.next().unwrap(), FURTHER);
    let mut host = Host::start(&form, words.next().unwrap().as_ref(), begin);
    // What the one before may have taken without telling is put once more, with the same values.
    host.put(last);
    for moment in last + 1..last + 500 {
        host.put(moment);
        println!("taken {moment}");
    }
    panic!("nobody killed it");
}
