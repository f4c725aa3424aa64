//! Access logs of real servers, with requests that take a known time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]

#[path = "access_log/patterns.rs"]
mod patterns;
#[path = "access_log/rotation.rs"]
mod rotation;
#[path = "access_log/seen.rs"]
mod seen;
mod servers;
#[path = "access_log/site.rs"]
mod site;
#[path = "access_log/visitor.rs"]
mod visitor;
#[path = "access_log/web.rs"]
mod web;

use seen::{Seen, assert_percentiles, times_of};
use web::Web;

/// nginx' combined format with what people add to it.
const TIMED: &str = r#"'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" "$http_x_forwarded_for" rt=$request_time uct="$upstream_connect_time" urt="$upstream_response_time"'"#;
const JSON: &str = r#"escape=json '{"time":"$time_iso8601","request_method":"$request_method","request_uri":"$request_uri",'
    '"status":$status,"bytes":$body_bytes_sent,"request_time":$request_time,"agent":"$http_user_agent"}'"#;

/// A known distribution: 90 fast ones, eight slower ones, two slow ones.
fn delays() -> Vec<String> {
    let delays = (0..100).map(|n| match n {
        0..90 => 5 + n / 10,
        90..98 => 60,
        _ => 150,
    });
    delays.map(|ms| format!("/d/{ms}?n={ms}")).collect()
}

/// What is asked of each server, and what hubtop must say of it.
fn is_told_exactly(web: &Web, more: &str, time_of: impl Fn(&str) -> Option<f64>) -> Seen {
    let mut seen = Seen::follow(&web.log, more);
    visitor::visit_all(web.server.port, &delays());
    for status in [503, 404, 302] {
        visitor::visit(web.server.port, &format!("/status/{status}"));
    }
    seen.read_until(103);
    let slow = seen.row("GET /d/{id}");
    assert_eq!((slow.requests, slow.error_percent), (100, Some(0.0)));
    assert_eq!(slow.status_percent, Some([100.0, 0.0, 0.0, 0.0]));
    let statuses = seen.row("GET /status/{id}");
    assert_eq!(statuses.requests, 3);
    let third = 100.0 / 3.0;
    assert_eq!(statuses.status_percent, Some([0.0, third, third, third]));
    let exact = times_of(&web.log, time_of);
    assert_percentiles(&seen.times["GET /d/{id}"], &exact);
    // The site itself sleeps so long; the server adds a little.
    assert!(slow.p95_ms.unwrap() >= 59.0 && slow.max_ms.unwrap() >= 149.0);
    seen
}

fn number_after<'a>(line: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    rest.split([',', ' ', '"', '}']).next()
}

#[test]
fn nginx_with_times_behind_the_combined_format() {
    let web = web::nginx(site::start(), TIMED);
    is_told_exactly(&web, "", |line| {
        line.contains("/d/").then_some(())?;
        number_after(line, "rt=")?
            .parse::<f64>()
            .ok()
            .map(|s| s * 1e3)
    });
}

#[test]
fn nginx_json() {
    let web = web::nginx(site::start(), JSON);
    is_told_exactly(&web, "", |line| {
        line.contains("/d/").then_some(())?;
        let seconds: f64 = number_after(line, "\"request_time\":")?.parse().ok()?;
        Some(seconds * 1e3)
    });
}

#[test]
fn nginx_with_a_format_of_ones_own() {
    let own =
        "'$status;$request_time;${request_method} $request_uri;$upstream_response_time;$pipe'";
    let web = web::nginx(site::start(), own);
    let more = format!("format = \"\"\"log_format own {own};\"\"\"");
    is_told_exactly(&web, &more, |line| {
        line.contains("/d/").then_some(())?;
        let seconds: f64 = line.split(';').nth(1)?.parse().ok()?;
        Some(seconds * 1e3)
    });
}

#[test]
fn nginx_combined_counts_and_says_that_it_has_no_times() {
    let web = web::nginx(site::start(), "");
    let mut seen = Seen::follow(&web.log, "");
    let paths: Vec<String> = (0..50)
        .map(|n| format!("/status/{}", 200 + n % 2 * 303))
        .collect();
    visitor::visit_all(web.server.port, &paths);
    seen.read_until(50);
    let row = seen.row("GET /status/{id}");
    assert_eq!((row.requests, row.error_percent), (50, Some(50.0)));
    assert_eq!((row.p50_ms, row.p95_ms, row.apdex), (None, None, None));
    assert!(seen.times.is_empty());
    assert!(seen.partial("latency").unwrap().contains("$request_time"));
}

#[test]
fn what_is_no_answer_counts_without_a_time() {
    let web = web::nginx(site::start(), TIMED);
    let mut seen = Seen::follow(&web.log, "");
    assert!(visitor::visit(web.server.port, "/status/101").contains("101"));
    let mut scan = std::net::TcpStream::connect(("127.0.0.1", web.server.port)).unwrap();
    std::io::Write::write_all(&mut scan, b"\x16\x03\x01\x02 \r\n\r\n").unwrap();
    let routes = ["(no request)", "GET /status/{id}"];
    seen.read_until_rows(&routes);
    for route in routes {
        let row = seen.row(route);
        assert_eq!((row.requests, row.p50_ms), (1, None), "{route}");
    }
}

#[test]
fn caddy() {
    let web = web::caddy(site::start());
    let mut seen = is_told_exactly(&web, "", |line| {
        line.contains("/d/").then_some(())?;
        let seconds: f64 = number_after(line, "\"duration\":")?.parse().ok()?;
        Some(seconds * 1e3)
    });
    visitor::visit(web.server.port, "/events/7");
    visitor::visit(web.server.port, "/status/101");
    seen.read_until(105);
    assert_eq!(seen.row("GET /events/{id}").p50_ms, None, "a stream");
    assert_eq!(seen.times["GET /status/{id}"].count(), 3, "an upgrade");
}

#[test]
fn traefik_json() {
    let web = web::traefik(site::start(), "json");
    is_told_exactly(&web, "", |line| {
        line.contains("/d/").then_some(())?;
        let nanos: f64 = number_after(line, "\"Duration\":")?.parse().ok()?;
        Some(nanos / 1e6)
    });
}

#[test]
fn traefik_common() {
    let web = web::traefik(site::start(), "common");
    is_told_exactly(&web, "format = \"traefik\"", |line| {
        line.contains("/d/").then_some(())?;
        line.rsplit(' ').next()?.strip_suffix("ms")?.parse().ok()
    });
}

#[test]
fn haproxy() {
    let web = web::haproxy(site::start());
    is_told_exactly(&web, "", |line| {
        line.contains("/d/").then_some(())?;
        line.split(' ').nth(4)?.rsplit('/').next()?.parse().ok()
    });
}

#[test]
fn envoy() {
    let web = web::envoy(site::start());
    is_told_exactly(&web, "", |line| {
        line.contains("/d/").then_some(())?;
        let (_, behind) = line.split_once("HTTP/1.1\" ")?;
        behind.split(' ').nth(4)?.parse().ok()
    });
}
