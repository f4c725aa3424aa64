//! What is no page of metrics, or one that can't be had: one line each, and nothing is lost that can be read.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::Ordering;

use hubtop::collect::CollectError;

use crate::apps::{Answering, asked, client, endpoint, get, partial, settings};
use crate::servers::asked::Asked;
use crate::servers::wait_for;

fn refusal(server: &Answering) -> String {
    let error = asked(server.port).ask().unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error:?}");
    error
}

#[test]
fn statuses_say_what_to_do() {
    let cases = [
        ("401 Unauthorized", "password_file"),
        ("403 Forbidden", "let this user"),
        ("404 Not Found", "is the path right?"),
        ("500 Internal Server Error", "HTTP 500"),
    ];
    for (status, said) in cases {
        let line = refusal(&Answering::status(status, ""));
        assert!(line.contains(said), "{status}: {line}");
    }
}

#[test]
fn a_page_for_people_is_none_of_metrics() {
    let html = "<!doctype html><html><body>hello</body></html>";
    let line = refusal(&Answering::page(html));
    assert!(line.contains("for people"), "{line}");
    let json = refusal(&Answering::page("{\"status\": \"ok\"}\n"));
    assert!(json.contains("no page of metrics: 1 of 1 lines"), "{json}");
}

#[test]
fn lines_that_cannot_be_read_cost_no_other() {
    let good = "http_requests_total{path=\"/a\",code=\"200\"} 7\n";
    let page = format!(
        "{good}what is this\nhttp_requests_total{{code=5}} 1\n{}",
        "x{\n".repeat(10)
    );
    let server = Answering::page(&page);
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    server.now(page.replace("} 7", "} 9"));
    let reading = asked.ask().unwrap();
    assert_eq!(endpoint(&reading, "/a").unwrap().requests, 2);
    let told = partial(&reading);
    let expected = "12 of 13 lines can't be read: line 2 has a value that is no number, \
                    line 3 has a label whose value is not in quotes, …";
    assert_eq!(told, [("page".to_owned(), expected.to_owned())]);
}

#[test]
fn a_page_beyond_all_bounds_is_read_as_far_as_they_go() {
    let line = "http_requests_total{path=\"/a\"} 7\n";
    let server = Answering::page(line.to_owned() + &"x 1\n".repeat(25 << 20));
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    let reading = asked.ask().unwrap();
    let told = partial(&reading);
    assert!(told[0].1.contains("first 16 MB"), "{told:?}");
}

#[test]
fn what_is_packed_counts_unpacked() {
    let server = client();
    let mut asked = Asked::open(&settings(server.port, "").replace("/metrics", "/bomb"));
    let told = partial(&asked.ask().unwrap());
    assert!(told[0].1.contains("first 16 MB"), "{told:?}");
}

#[test]
fn a_packed_page_is_asked_for_and_read() {
    let server = client();
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    get(server.port, "/observe?seconds=0.03&times=3");
    let row = asked.ask_until("the requests", |reading, _| endpoint(reading, "GET /a"));
    assert_eq!(row.requests, 3);
    let heard = Answering::page("up 1\n");
    self::asked(heard.port).ask().unwrap();
    let heard = heard.heard.lock().unwrap().to_ascii_lowercase();
    assert!(heard.contains("accept-encoding: gzip"), "{heard}");
    assert!(
        heard.contains("application/openmetrics-text;version=1.0.0"),
        "{heard}"
    );
    assert!(
        heard.contains("x-prometheus-scrape-timeout-seconds: 20"),
        "{heard}"
    );
}

#[test]
fn a_password_goes_along_and_not_to_another_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "s3cret\n").unwrap();
    let with = |server: &Answering, more: &str| {
        let more = format!("password_file = {file:?}\n{more}");
        Asked::open(&settings(server.port, &more))
    };
    let server = Answering::page("up 1\n");
    with(&server, "user = \"mon\"\nheaders = { X-Scope = \"a\" }")
        .ask()
        .unwrap();
    let heard = server.heard.lock().unwrap().to_ascii_lowercase();
    // mon:s3cret in base 64.
    assert!(
        heard.contains("authorization: basic bw9uonmzy3jlda=="),
        "{heard}"
    );
    assert!(heard.contains("x-scope: a"), "{heard}");
    let server = Answering::page("up 1\n");
    with(&server, "").ask().unwrap();
    let heard = server.heard.lock().unwrap().to_ascii_lowercase();
    assert!(heard.contains("authorization: bearer s3cret"), "{heard}");
    let other = Answering::page("up 1\n");
    let location = format!("Location: http://localhost:{}/metrics\r\n", other.port);
    let leads_away = Answering::status("302 Found", &location);
    let line = refusal(&leads_away);
    assert!(line.contains("leads to another server"), "{line}");
    assert_eq!(other.times.load(Ordering::SeqCst), 0);
    let round = Answering::status("302 Found", "Location: /metrics\r\n");
    let line = refusal(&round);
    assert!(line.contains("in circles"), "{line}");
    assert_eq!(round.times.load(Ordering::SeqCst), 4);
}

#[test]
fn a_paused_application_times_out_and_comes_back() {
    let server = client();
    get(server.port, "/observe?seconds=0.03&times=3");
    let quick = settings(server.port, "").replace("20s", "1s");
    let mut asked = Asked::open(&quick);
    wait_for("an answer", || asked.ask().ok());
    server.signal(19);
    assert!(matches!(asked.ask(), Err(CollectError::Timeout(_))));
    server.signal(18);
    let row = asked.ask_until("it to come back", |reading, _| {
        get(server.port, "/observe?seconds=0.03&times=1");
        endpoint(reading, "GET /a")
    });
    assert!(row.requests > 0);
}

#[test]
fn a_page_between_two_others_that_is_none_costs_nothing() {
    let page = |count: u32| format!("http_requests_total{{path=\"/a\"}} {count}\n");
    let server = Answering::page(page(7));
    let mut asked = asked(server.port);
    asked.ask().unwrap();
    for none in ["", "Bad Gateway\n"] {
        server.now(none);
        asked.ask().unwrap_err();
    }
    server.now(page(12));
    let reading = asked.ask().unwrap();
    assert_eq!(endpoint(&reading, "/a").unwrap().requests, 5);
}

/// Answers once on each connection as if it went on, and hangs up when it is asked again over the same one: what is seen
/// of a server whose patience ends just then.
fn impatient() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let answer =
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nup 1\n";
            let _ = stream.write_all(answer);
            let _ = stream.read(&mut request);
        }
    });
    port
}

#[test]
fn a_connection_that_ends_as_it_is_used_again_costs_no_page() {
    let mut asked = asked(impatient());
    for _ in 0..4 {
        asked.ask().unwrap();
    }
}

#[test]
fn a_server_that_hangs_up_on_everybody_is_told() {
    let line = refusal(&Answering::with(Vec::new()));
    assert!(line.contains("connection closed"), "{line}");
}
