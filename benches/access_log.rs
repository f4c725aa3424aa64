//! How many lines of an access log are followed a second on one core: read, split, understood, made into routes and
//! counted, as on the screen.
//!
//! `cargo bench --bench access_log -- [LINES]`, by default 300,000 of each format.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that can't go on says where and why"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use hubtop::collect::{Source, SourceForm, Surroundings, open_source};
use hubtop::model::{Moment, Rows, Timestamp};

/// Lines as the servers wrote them: nginx 1.22, HAProxy 2.6, Envoy 1.40, Traefik 3.7, Caddy 2.11. `@` is a number.
#[rustfmt::skip]
const FORMATS: &[(&str, &str)] = &[
    ("nginx combined", r#"127.0.0.1 - - [21/Nov/2026:07:44:34 +0000] "GET /v1/orders/@?x=1 HTTP/1.1" 200 612 "https://shop.example/cart" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0""#),
    ("nginx with times", r#"127.0.0.1 - - [21/Nov/2026:07:44:34 +0000] "GET /v1/orders/@?x=1 HTTP/1.1" 200 612 "https://shop.example/cart" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" rt=0.0@ uct="0.000" uht="0.021" urt="0.021""#),
    ("nginx JSON", r#"{"time":"2026-11-21T07:44:34+00:00","request_method":"GET","request_uri":"/v1/orders/@?x=1","status":200,"request_time":0.0@,"upstream_response_time":"0.001","ua":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}"#),
    ("HAProxy", r#"127.0.0.1:36254 [21/Nov/2026:07:44:32.850] fe be/s1 0/0/0/51/1@ 200 120 - - ---- 1/1/0/0/0 0/0 {shop.example} "GET /v1/orders/@?x=1 HTTP/1.1""#),
    ("Envoy", r#"[2026-11-21T07:44:34.011Z] "GET /v1/orders/@?x=1 HTTP/1.1" 200 - 0 6 1@ 50 "-" "curl/7.88.1" "abfc4f02-6652-4290-822c-b19be03ac86b" "shop.example" "127.0.0.1:19001""#),
    ("Traefik common", r#"127.0.0.1 - - [21/Nov/2026:07:44:33 +0000] "GET /v1/orders/@?x=1 HTTP/1.1" 200 6 "-" "-" 2 "r@file" "http://127.0.0.1:19001" 1@ms"#),
    ("Traefik JSON", r#"{"ClientAddr":"127.0.0.1:44134","ClientHost":"127.0.0.1","ClientPort":"44134","ClientUsername":"-","DownstreamContentSize":6,"DownstreamStatus":200,"Duration":14532@,"OriginContentSize":6,"OriginDuration":1370085,"OriginStatus":200,"Overhead":83175,"RequestAddr":"127.0.0.1:19004","RequestContentSize":0,"RequestCount":1,"RequestHost":"127.0.0.1","RequestMethod":"GET","RequestPath":"/v1/orders/@?x=1","RequestPort":"19004","RequestProtocol":"HTTP/1.1","RequestScheme":"http","RetryAttempts":0,"RouterName":"r@file","ServiceAddr":"127.0.0.1:19001","ServiceName":"s@file","ServiceURL":"http://127.0.0.1:19001","StartLocal":"2026-11-21T07:44:33.3135687Z","StartUTC":"2026-11-21T07:44:33.3135687Z","entryPointName":"web","level":"info","msg":"","time":"2026-11-21T07:44:33Z"}"#),
    ("Caddy", r#"{"level":"info","ts":1795247072.968557,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"58362","client_ip":"127.0.0.1","proto":"HTTP/1.1","method":"GET","host":"127.0.0.1:19003","uri":"/v1/orders/@?x=1","headers":{"User-Agent":["curl/7.88.1"],"Accept":["*/*"]}},"bytes_read":0,"user_id":"","duration":0.0015@,"size":6,"status":200,"resp_headers":{"Via":["1.1 Caddy"],"Server":["BaseHTTP/0.6 Python/3.11.7"],"Date":["Sat, 21 Nov 2026 07:44:32 GMT"],"Content-Length":["6"]}}"#),
];

fn main() {
    let given = std::env::args().find_map(|argument| argument.parse().ok());
    let lines: u32 = given.unwrap_or(300_000);
    println!("{:<18} {:>12} {:>10}", "format", "lines/s", "MB/s");
    for (name, line) in FORMATS {
        let (seconds, bytes) = follow(line, lines);
        let rate = f64::from(lines) / seconds;
        println!(
            "{name:<18} {rate:>12.0} {:>10.0}",
            bytes as f64 / seconds / 1e6
        );
    }
}

/// Seconds for following so many lines, and their bytes.
fn follow(line: &str, lines: u32) -> (f64, usize) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("access.log");
    std::fs::write(&log, format!("{}\n", line.replace('@', "100"))).unwrap();
    let form = SourceForm {
        kind: "access_log".to_owned(),
        address: log.to_str().unwrap().to_owned(),
        ..SourceForm::default()
    };
    let around = Surroundings::apart();
    let Ok(Source::Blocking(mut reader)) = open_source(&form, &around) else {
        return (f64::NAN, 0);
    };
    let now = |second: i64| Moment {
        wall: Timestamp(second * 1000),
        mono: Duration::from_secs(second.unsigned_abs()),
    };
    reader.read(now(0)).unwrap();
    let mut text = String::new();
    for n in 0..lines {
        writeln!(text, "{}", line.replace('@', &(100 + n % 900).to_string())).unwrap();
    }
    let mut file = std::fs::File::options().append(true).open(&log).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let begun = Instant::now();
    for second in 1.. {
        let reading = reader.read(now(second)).unwrap();
        let counted = reading.rows.iter().find_map(|rows| match rows {
            Rows::Endpoints(rows) => Some(rows.iter().map(|row| row.requests).sum::<u64>()),
            _ => None,
        });
        if counted >= Some(u64::from(lines)) {
            break;
        }
    }
    (begun.elapsed().as_secs_f64(), text.len())
}
