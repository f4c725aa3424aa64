//! What is done at each kind of answer.

use std::time::Duration;

use hubtop::model::KeepingState;

use crate::host::{Host, begin, form};
use crate::servers::prometheus::{Listener, Reply, Request};
use crate::servers::wait_for;

fn address(listener: &Listener) -> String {
    format!("http://127.0.0.1:{}/api/v1/write", listener.port)
}

fn wait_for_requests(listener: &Listener, count: usize) -> Vec<Request> {
    wait_for("the requests", || {
        let got = listener.got();
        (got.len() >= count).then_some(got)
    })
}

#[test]
fn a_server_that_says_when_gets_the_same_again_then_and_not_before() {
    let listener = Listener::start([
        Reply {
            headers: "Retry-After: 2\r\n",
            ..Reply::of(429)
        },
        Reply {
            headers: "Retry-After: 1\r\n",
            ..Reply::of(503)
        },
        Reply::of(500),
    ]);
    let state = tempfile::tempdir().unwrap();
    let mut host = Host::start(&form(&address(&listener), ""), state.path(), begin());
    host.put_all(0..=2);
    let got = wait_for_requests(&listener, 5);
    assert!(got[..4].iter().all(|request| request.body == got[0].body));
    assert_ne!(got[4].body, got[0].body);
    let pauses: Vec<Duration> = got
        .windows(2)
        .map(|pair| pair[1].came - pair[0].came)
        .collect();
    assert!(pauses[0] >= Duration::from_secs(2), "{pauses:?}");
    assert!(pauses[1] >= Duration::from_secs(1), "{pauses:?}");
    host.wait_until_all_is_sent();
    assert_eq!(host.keeping().lost, 0);
}

#[test]
fn what_is_refused_is_dropped_counted_and_told_with_the_servers_own_line() {
    let listener = Listener::start([
        Reply::of(204),
        Reply {
            body: "label name \"x\" is not allowed here\nand a second line",
            ..Reply::of(400)
        },
    ]);
    let state = tempfile::tempdir().unwrap();
    let mut host = Host::start(&form(&address(&listener), ""), state.path(), begin());
    host.put_all(0..=3);
    let got = wait_for_requests(&listener, 3);
    assert_ne!(got[2].body, got[1].body, "a refusal is final");
    let line = host.wait_for_line("label name \"x\" is not allowed here");
    assert!(!line.contains("second line"), "{line}");
    wait_for("the queue to be empty", || {
        (host.keeping().bytes == Some(0)).then_some(())
    });
    assert_eq!(host.keeping().lost, 1);
    assert_ne!(host.keeping().state, KeepingState::Failing);
}

#[test]
fn a_request_bears_the_headers_of_the_specification_and_who_it_is_from() {
    let state = tempfile::tempdir().unwrap();
    let secret = state.path().join("secret");
    std::fs::write(&secret, "hunter2\n").unwrap();
    let file = format!("password_file = \"{}\"\n", secret.display());
    let user = format!("user = \"me\"\nheaders = {{ X-Scope-OrgID = \"shop\" }}\n{file}");
    for (name, further, authorization) in [
        (
            "basic",
            &user,
            "authorization: basic bWU6aHVudGVyMg==".to_lowercase(),
        ),
        ("bearer", &file, "authorization: bearer hunter2".to_owned()),
    ] {
        let listener = Listener::start([]);
        let further = format!("name = \"{name}\"\n{further}");
        let mut host = Host::start(&form(&address(&listener), &further), state.path(), begin());
        host.put_all(0..=1);
        let head = wait_for_requests(&listener, 1)[0].head.to_lowercase();
        for expected in [
            "post /api/v1/write http/1.1",
            "content-encoding: snappy",
            "content-type: application/x-protobuf",
            "x-prometheus-remote-write-version: 0.1.0",
            "user-agent: hubtop/",
            &authorization,
        ] {
            assert!(head.contains(expected), "{expected} is not in {head}");
        }
        assert_eq!(head.contains("x-scope-orgid: shop"), name == "basic");
    }
}
