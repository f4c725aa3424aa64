//! Counters that begin anew, series that come and go: gaps, never spikes.

use crate::apps::{Answering, asked, client, client_at, endpoint, endpoints, get, partial};
use crate::servers::asked::Asked;

fn page(route: &str, count: u64) -> String {
    format!(
        "http_request_duration_seconds_bucket{{route=\"{route}\",le=\"0.1\"}} {count}\n\
         http_request_duration_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}\n\
         http_request_duration_seconds_count{{route=\"{route}\"}} {count}\n"
    )
}

fn requests(asked: &mut Asked, route: &str) -> u64 {
    let reading = asked.ask().unwrap();
    endpoint(&reading, route).map_or(0, |row| row.requests)
}

#[test]
fn a_restart_is_a_gap() {
    let mut server = client();
    get(server.port, "/observe?seconds=0.03&times=500");
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    get(server.port, "/observe?seconds=0.03&times=30");
    let row = asked.ask_until("the first requests", |reading, _| {
        endpoint(reading, "GET /a")
    });
    assert_eq!(row.requests, 30);
    let port = server.port;
    server.kill();
    let error = asked.ask().unwrap_err().to_string();
    assert!(error.contains("refused"), "{error}");
    let server = client_at(port);
    // More than it had before: only another process tells that it began anew.
    get(server.port, "/observe?seconds=0.03&times=9000");
    let reading = asked.ask().unwrap();
    assert!(reading.distributions.is_empty(), "no spike");
    assert_eq!(endpoint(&reading, "GET /a").unwrap().requests, 30);
    get(server.port, "/observe?seconds=0.03&times=7");
    let reading = asked.ask().unwrap();
    assert_eq!(endpoint(&reading, "GET /a").unwrap().requests, 37);
}

#[test]
fn a_counter_that_fell_is_a_gap_for_the_whole_page() {
    let server = Answering::page(page("/a", 1000) + &page("/b", 1000));
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    server.now(page("/a", 5) + &page("/b", 5000));
    let reading = asked.ask().unwrap();
    assert!(endpoints(&reading).is_empty(), "{reading:?}");
    server.now(page("/a", 6) + &page("/b", 5002));
    let reading = asked.ask().unwrap();
    assert_eq!(endpoint(&reading, "/a").unwrap().requests, 1);
    assert_eq!(endpoint(&reading, "/b").unwrap().requests, 2);
}

#[test]
fn a_new_route_began_at_zero_and_one_that_came_back_did_not() {
    let server = Answering::page(page("/a", 10));
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    server.now(page("/a", 10) + &page("/b", 25));
    assert_eq!(requests(&mut asked, "/b"), 25);
    server.now(page("/a", 11));
    asked.ask().unwrap();
    server.now(page("/a", 12) + &page("/b", 90_000));
    assert_eq!(
        requests(&mut asked, "/b"),
        25,
        "nobody knows when they came"
    );
    server.now(page("/a", 12) + &page("/b", 90_001));
    assert_eq!(requests(&mut asked, "/b"), 26);
}

#[test]
fn a_route_that_could_not_be_read_before_did_not_begin_at_zero() {
    let broken = page("/b", 90_000).replace("\"}", "}");
    let server = Answering::page(page("/a", 10) + &broken);
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    server.now(page("/a", 10) + &page("/b", 90_000));
    assert_eq!(requests(&mut asked, "/b"), 0);
}

#[test]
fn counters_that_begin_anew_time_and_again_are_told() {
    let server = Answering::page(page("/a", 10));
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    for count in [5, 500, 4, 600] {
        server.now(page("/a", count));
        asked.ask().unwrap();
    }
    server.now(page("/a", 3));
    let told = partial(&asked.ask().unwrap());
    assert!(
        told.iter()
            .any(|(_, line)| line.contains("several processes")),
        "{told:?}"
    );
}
