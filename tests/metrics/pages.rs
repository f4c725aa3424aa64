//! What is read from the pages that real exporters and libraries write.

use hubtop::collect::survey;
use hubtop::model::{Endpoint, Reading, Rows};

use crate::apps::{asked, endpoint, endpoints, express, get, partial, uvicorn};
use crate::servers::{Server, folder, free_port, program};

/// Asks for orders, good ones and one that fails, and for something that there is not.
fn ask_for_orders(port: u16) {
    for number in 1..=9 {
        get(port, &format!("/orders/{number}"));
    }
    get(port, "/orders/13");
    get(port, "/none");
}

/// The row of a route once it has so many requests.
fn counted(server: &Server, label: &str, requests: u64) -> (Endpoint, Reading) {
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    ask_for_orders(server.port);
    asked.ask_until("the requests to be counted", |reading, _| {
        let row = endpoint(reading, label).filter(|row| row.requests == requests)?;
        Some((row, reading.clone()))
    })
}

#[test]
fn the_page_of_the_node_exporter_is_read_whole_and_tells_of_no_requests() {
    let port = free_port();
    let address = format!("--web.listen-address=127.0.0.1:{port}");
    let server = Server::start(
        &program("prometheus-node-exporter"),
        [address],
        folder(),
        port,
    );
    let reading = asked(server.port).ask().unwrap();
    assert!(endpoints(&reading).is_empty());
    let partial = partial(&reading);
    assert_eq!(partial.len(), 1, "{partial:?}");
    assert!(partial[0].1.contains("[[api]]"), "{partial:?}");
    let page = get(server.port, "/metrics");
    let seen = survey(body(&page).as_bytes());
    assert!(seen.samples > 300, "{seen:?}");
    assert_eq!((seen.recognised, seen.flawed), (0, 0), "{seen:?}");
}

#[test]
fn the_page_of_the_redis_exporter_is_read_whole() {
    let port = free_port();
    let address = format!("--web.listen-address=127.0.0.1:{port}");
    // Nobody is there that it could ask: its page says so.
    let redis = format!("--redis.addr=redis://127.0.0.1:{}", free_port());
    let program = program("prometheus-redis-exporter");
    let server = Server::start(&program, [address, redis], folder(), port);
    let page = get(server.port, "/metrics");
    let seen = survey(body(&page).as_bytes());
    assert!(seen.samples > 30, "{seen:?}");
    assert_eq!(seen.flawed, 0, "{seen:?}");
    asked(server.port).ask().unwrap();
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn the_instrumentator_has_its_statuses_in_a_counter_and_its_times_in_a_histogram() {
    let server = uvicorn("instrumented");
    let (row, reading) = counted(&server, "GET /orders/{number}", 10);
    assert_eq!(row.error_percent, Some(10.0));
    let (lower, upper) = row.p95_bounds_ms.unwrap();
    assert!(lower < upper && row.p95_ms.unwrap() <= upper);
    let none = endpoint(&reading, "GET none").unwrap();
    assert_eq!(
        (none.requests, none.status_percent),
        (1, Some([0.0, 0.0, 100.0, 0.0]))
    );
    assert_eq!(partial(&reading), []);
}

#[test]
fn starlette_exporter_has_statuses_at_its_times() {
    let server = uvicorn("starlette_counted");
    let (row, reading) = counted(&server, "GET /orders/{number}", 10);
    assert_eq!(row.error_percent, Some(10.0));
    assert!(row.p95_bounds_ms.is_some());
    assert_eq!(partial(&reading), []);
}

#[test]
fn prom_client_of_express_is_known() {
    let server = express();
    let (row, reading) = counted(&server, "GET /orders/:number", 10);
    assert_eq!(row.error_percent, Some(10.0));
    assert!(row.p95_bounds_ms.is_some());
    assert_eq!(&*row.source, format!(":{}/metrics", server.port));
    let not_found = endpoint(&reading, "GET /none").unwrap();
    assert_eq!(not_found.requests, 1);
    let tables = reading
        .rows
        .iter()
        .filter(|rows| matches!(rows, Rows::Endpoints(_)));
    assert_eq!(tables.count(), 1);
}
