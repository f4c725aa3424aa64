//! Lines as real servers wrote them (nginx 1.22.1, HAProxy 2.6.12, Caddy 2.11.7, Traefik 3.7.15, Envoy 1.40.0), taken
//! from their logs, and whatever else may stand in a file.

use proptest::prelude::*;

use super::format::{Choice, Format};

const LINES: &[(&str, &str, u16, Option<f64>)] = &[
    (
        r#"127.0.0.1 - - [21/Nov/2026:07:44:34 +0000] "GET /q\x22uote HTTP/1.1" 503 6 "-" "ag\x22ent""#,
        "GET /q\\x22uote",
        503,
        None,
    ),
    (
        r#"127.0.0.1 - - [21/Nov/2026:07:44:34 +0000] "GET /a/1 HTTP/1.1" 200 6 "-" "ag\x22ent" rt=0.002 uct="-, 0.000" uht="-, 0.001" urt="0.000, 0.001""#,
        "GET /a/1",
        200,
        Some(2.0),
    ),
    (
        r#"127.0.0.1 - - [21/Nov/2026:07:44:34 +0000] "GET /a/1 HTTP/1.1" 200 6 "-" "curl/7.88.1" "10.0.0.1, 10.0.0.2" 0.051 0.050"#,
        "GET /a/1",
        200,
        Some(51.0),
    ),
    (
        r#"{"time":"2026-11-21T07:44:34+00:00","request_method":"GET","request_uri":"/q\"uote","status":200,"request_time":0.051,"upstream_response_time":"0.001","ua":"ag\"ent"}"#,
        "GET /q\"uote",
        200,
        Some(51.0),
    ),
    (
        r#"127.0.0.1:36254 [21/Nov/2026:07:44:32.850] fe be/s1 0/0/0/51/51 200 120 - - ---- 1/1/0/0/0 0/0 {127.0.0.1:19002} "GET /slow/2?x=%22y HTTP/1.1""#,
        "GET /slow/2?x=%22y",
        200,
        Some(51.0),
    ),
    (
        r#"<30>Nov 21 08:10:36 localhost haproxy[26305]: 127.0.0.1:37010 [21/Nov/2026:08:10:36.406] fe be/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#,
        "GET /",
        503,
        Some(0.0),
    ),
    (
        r#"<30>1 2026-11-21T08:10:36.435492+00:00 - haproxy 26307 - - 127.0.0.1:42650 [21/Nov/2026:08:10:36.435] fe be/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#,
        "GET /",
        503,
        Some(0.0),
    ),
    (
        r#"[2026-11-21T07:44:34.173Z] "GET /q"uote HTTP/1.1" 200 - 0 6 44 0 "-" "ag"ent" "f31a44bf-50f3-44f2-8d42-f5d1d6931d3f" "127.0.0.1:19006" "127.0.0.1:19001""#,
        "GET /q\"uote",
        200,
        Some(44.0),
    ),
    (
        r#"127.0.0.1 - - [21/Nov/2026:07:44:33 +0000] "GET /slow/2?x=%22y HTTP/1.1" 200 6 "-" "-" 2 "r@file" "http://127.0.0.1:19001" 92ms"#,
        "GET /slow/2?x=%22y",
        200,
        Some(92.0),
    ),
    (
        r#"{"ClientAddr":"127.0.0.1:44134","DownstreamStatus":200,"Duration":1453260,"OriginDuration":1370085,"RequestMethod":"GET","RequestPath":"/a/1","StartUTC":"2026-11-21T07:44:33.3135687Z","time":"2026-11-21T07:44:33Z"}"#,
        "GET /a/1",
        200,
        Some(1.45326),
    ),
    (
        r#"{"level":"info","ts":1795247072.968557,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"127.0.0.1","proto":"HTTP/1.1","method":"GET","host":"127.0.0.1:19003","uri":"/a/1","headers":{"User-Agent":["ag\"ent"],"Accept":["*/*"]}},"bytes_read":0,"user_id":"","duration":0.001549663,"size":6,"status":200,"resp_headers":{"Via":["1.1 Caddy"],"Content-Length":["6"]}}"#,
        "GET /a/1",
        200,
        Some(1.549663),
    ),
    (
        r#"{"level":"info","ts":1795247073.2,"logger":"http.log.access.log0","request":{"method":"GET","uri":"/sse","headers":{}},"duration":0.0432,"status":200,"resp_headers":{"Content-Type":["text/event-stream"]}}"#,
        "GET /sse",
        200,
        None,
    ),
];

fn auto() -> Choice {
    Choice::of(None).unwrap()
}

#[test]
fn the_format_of_real_lines_is_found_out() {
    for (line, request, status, ms) in LINES {
        let format = auto()
            .detect(line.as_bytes())
            .unwrap_or_else(|| panic!("{line}"));
        let read = format.read(line.as_bytes()).unwrap();
        assert_eq!(format!("{} {}", read.method, read.target), *request);
        assert_eq!(read.status, Some(*status), "{line}");
        let told = read.latency_ms();
        let is_same = told
            .zip(*ms)
            .map_or(told == *ms, |(a, b)| (a - b).abs() < 1e-9);
        assert!(is_same, "{told:?} in {line}");
    }
}

#[test]
fn the_settings_name_a_format_or_give_it() {
    let given = r#"log_format main escape=json '{"at":"$time_iso8601","what":"$request",' '"code":$status,"s":$request_time}';"#;
    let format = Choice::of(Some(given)).unwrap().detect(b"").unwrap();
    let line = br#"{"at":"2026-11-21T07:44:34+00:00","what":"PUT /x HTTP/2.0","code":201,"s":0.5}"#;
    let read = format.read(line).unwrap();
    assert_eq!(
        (&*read.method, read.status, read.latency_ms()),
        ("PUT", Some(201), Some(500.0))
    );
    let why = |text| Choice::of(Some(text)).unwrap_err().to_string();
    assert!(why("apache").contains("combined, clf"));
    assert!(why("$status $body_bytes_sent").contains("$request"));
    assert!(why(r#"{"a":"$status"}"#).contains("$request"));
    let haproxy = Choice::of(Some("haproxy")).unwrap();
    assert!(haproxy.detect(LINES[0].0.as_bytes()).is_none());
}

#[test]
fn errors_that_caddy_tells_beside_are_no_further_requests() {
    let line = LINES[10]
        .0
        .replace("http.log.access.log0", "http.log.error.log0");
    let format = auto().detect(LINES[10].0.as_bytes()).unwrap();
    assert!(format.read(line.as_bytes()).unwrap().is_other);
}

/// A real line with some bytes changed, taken out or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 0..6);
    (0..LINES.len(), edits).prop_map(|(line, edits)| {
        let mut line = LINES[line].0.as_bytes().to_vec();
        for (place, byte, kind) in edits {
            let place = place.index(line.len().max(1));
            match kind {
                0 if place < line.len() => line[place] = byte,
                1 if place < line.len() => drop(line.remove(place)),
                _ => line.insert(place.min(line.len()), byte),
            }
        }
        line
    })
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_read_or_rejected(line in prop_oneof![damaged(), proptest::collection::vec(any::<u8>(), 0..200)]) {
        let formats: Vec<Format> = LINES.iter().filter_map(|(real, ..)| auto().detect(real.as_bytes())).collect();
        for format in formats.iter().chain(&auto().detect(&line)) {
            if let Ok(read) = format.read(&line) {
                prop_assert!(read.latency_ms().is_none_or(|ms| ms >= 0.0 && ms.is_finite()));
                prop_assert!(read.status.is_none_or(|status| (100..1000).contains(&status)));
            }
        }
    }

    #[test]
    fn whatever_is_given_as_a_format_is_compiled_or_refused(text in "\\PC{0,60}|(\\$[a-z_]{0,9}|[ \"{}:,a-z]){0,12}") {
        if let Ok(Choice::Given(format)) = Choice::of(Some(&text)) {
            let _ = format.read(text.as_bytes());
        }
    }
}
