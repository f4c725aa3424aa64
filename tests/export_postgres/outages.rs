//! The server goes, the connection goes, hubtop goes: what was put is there, and once.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use hubtop::model::{KeepingState, Labels};

use crate::host::{Host, form, form_to, numbers, state};
use crate::proxy::Proxy;
use crate::servers::postgres::Postgres;
use crate::servers::wait_for;

#[test]
fn a_server_that_crashes_and_comes_back_misses_nothing() {
    let mut server = Postgres::with(15, &[]);
    let state = state();
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    let mut last = 0;
    host.put(last);
    for _ in 0..3 {
        // No pause in between: some batches are under way when it crashes.
        host.put_all(last + 1..=last + 40);
        server.crash();
        host.put_all(last + 41..=last + 60);
        let line = host.wait_for_line(KeepingState::Queueing, "");
        assert!(line.contains(" wait"), "{line}");
        server.start_again();
        host.put_all(last + 61..=last + 80);
        last += 80;
    }
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), (1..=last).collect::<Vec<_>>());
    assert_eq!(host.keeping().lost, 0);
}

#[test]
fn a_batch_whose_answer_is_lost_is_not_doubled() {
    let server = Postgres::with(15, &[]);
    let proxy = Proxy::start(server.port);
    let state = state();
    let mut host = Host::start("web1", form_to(proxy.port, "postgres", ""), state.path());
    host.put_all(0..=12);
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), (1..=12).collect::<Vec<_>>());
    assert!(proxy.lost.load(Ordering::SeqCst) >= 4);
    let queue = server.sql("SELECT newest FROM hubtop_batches");
    assert_eq!(queue, [["12"]]);
}

/// What the child of the next test is told by.
const CHILD: &str = "HUBTOP_TEST_EXPORT_CHILD";

#[test]
fn a_hubtop_that_is_killed_loses_nothing_that_it_had_taken() {
    let server = Postgres::with(15, &[]);
    let state = state();
    let mut last = 0;
    let mut taken = Vec::new();
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "outages::a_writer_that_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(
                CHILD,
                format!("{} {last} {}", server.port, state.path().display()),
            )
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let told = output.lines().map(Result::unwrap);
        let numbers = told.filter_map(|line| line.strip_prefix("taken ")?.parse::<i64>().ok());
        // At another point of its work each time.
        let seen: Vec<i64> = numbers.take(5 + round * 7).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        taken.extend(&seen);
        last = seen.last().unwrap() + 1000;
    }
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    host.put_all(last..=last + 1);
    host.wait_until_all_is_sent();
    let arrived = numbers(&server, "web1");
    for pair in arrived.windows(2) {
        assert!(pair[0] < pair[1], "{} came twice", pair[1]);
    }
    let missing: Vec<&i64> = taken
        .iter()
        .filter(|number| arrived.binary_search(number).is_err())
        .collect();
    assert!(
        missing.is_empty(),
        "{missing:?} of {} are lost",
        taken.len()
    );
}

#[test]
#[ignore = "the child of the test above"]
fn a_writer_that_is_killed() {
    let told = std::env::var(CHILD).unwrap();
    let mut words = told.split(' ');
    let port = words.next().unwrap().parse().unwrap();
    let begin: i64 = words.next().unwrap().parse().unwrap();
    let state = words.next().unwrap();
    let form = form_to(port, "postgres", "");
    let mut host = Host::start("web1", form, state.as_ref());
    host.put(begin);
    for number in begin + 1..begin + 900 {
        host.put(number);
        println!("taken {number}");
    }
    panic!("nobody killed it");
}

#[test]
fn a_second_hubtop_waits_until_the_first_is_gone() {
    let server = Postgres::with(15, &[]);
    let state = state();
    let mut first = Host::start("web1", form(&server, "postgres", ""), state.path());
    first.put_all(0..=3);
    let mut second = Host::start("web1", form(&server, "postgres", ""), state.path());
    second.wait_for_line(KeepingState::Reading, "another hubtop");
    second.put_all(0..=2);
    first.wait_until_all_is_sent();
    first.close();
    let mut next = 10;
    wait_for("the second to send", || {
        next += 1;
        second.put(next);
        (second.keeping().state == KeepingState::Keeping).then_some(())
    });
    second.wait_until_all_is_sent();
    let arrived = numbers(&server, "web1");
    assert_eq!(arrived[..3], [1, 2, 3]);
    assert!(
        arrived[3] > 10 && *arrived.last().unwrap() == next,
        "{arrived:?}"
    );
}

#[test]
fn beyond_its_bound_a_queue_says_how_much_it_dropped() {
    let mut server = Postgres::with(15, &[]);
    let state = state();
    let form = form(&server, "postgres", "queue = \"1MiB\"");
    let mut host = Host::start("web1", form, state.path());
    // What can't be packed much smaller, so that the queue is soon full.
    let noise: String = (0..4000_u64)
        .map(|n| format!("{:08x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32))
        .collect();
    host.set("test.noise", Labels::one("noise", &noise), 1.0);
    host.put_all(0..=5);
    host.wait_until_all_is_sent();
    server.crash();
    let mut last = 5;
    // Some are dropped, whatever a batch takes once it is packed.
    while host.keeping().lost < 20 {
        last += 1;
        host.put(last);
    }
    let line = host.wait_for_line(KeepingState::Queueing, "dropped: the queue was full");
    let lost = i64::try_from(host.keeping().lost).unwrap();
    assert!(line.contains(&format!("{lost} batches with ")), "{line}");
    assert!(host.keeping().bytes.unwrap() <= 1 << 20);
    server.start_again();
    host.wait_until_all_is_sent();
    let arrived = numbers(&server, "web1");
    assert_eq!(i64::try_from(arrived.len()).unwrap() + lost, last);
    // What was under way when the server went is the last that is dropped; of the rest the newest stay.
    let newest: Vec<i64> = (last - i64::try_from(arrived.len()).unwrap() + 7..=last).collect();
    assert_eq!(arrived[arrived.len() - newest.len()..], newest);
}
