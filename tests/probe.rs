//! Probes against a real nginx, plain and secured, and against servers that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]

mod servers;
#[path = "access_log/site.rs"]
mod site;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use hubtop::collect::Limits;
use hubtop::collect::probe::{self, ProbeForm};
use hubtop::model::{Labels, Probe, Reading, Rows};
use servers::asked::Asked;
use servers::{Server, folder, free_port, program};

/// nginx with a certificate of an authority of the test's own, for `localhost`, for twenty days.
struct Nginx {
    server: Server,
    secured: u16,
    /// Where the authority's certificate is shown itself, as a plain `openssl req -x509` leads to.
    signed_by_itself: u16,
}

impl Nginx {
    fn start() -> Self {
        let folder = folder();
        make_certificates(folder.path());
        let [port, secured, signed_by_itself] = [(); 3].map(|()| free_port());
        let site = site::start();
        let config = format!(
            "daemon off; master_process off; pid nginx.pid; error_log nginx.err;
             events {{}}
             http {{
               client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
               access_log off;
               server {{
                 listen 127.0.0.1:{port};
                 listen 127.0.0.1:{secured} ssl;
                 ssl_certificate site.pem; ssl_certificate_key site.key;
                 location / {{ return 200 \"all is well\"; }}
                 location /gone {{ return 410; }}
                 location /moved {{ return 302 /elsewhere; }}
                 location /agent {{ return 200 \"$request_method $http_x_key $http_host\"; }}
                 location /d/ {{ proxy_pass http://127.0.0.1:{site}; }}
               }}
               server {{
                 listen 127.0.0.1:{signed_by_itself} ssl;
                 ssl_certificate ca.pem; ssl_certificate_key ca.key;
                 location / {{ return 200; }}
               }}
             }}"
        );
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let place = folder.path().to_str().unwrap().to_owned();
        let arguments = ["-e", "nginx.err", "-p", &place, "-c", "nginx.conf"];
        let server = Server::start(&program("nginx"), arguments, folder, port);
        Self {
            server,
            secured,
            signed_by_itself,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.server.port)
    }

    fn authority(&self) -> String {
        let path = self.server.folder.path().join("ca.pem");
        path.to_str().unwrap().to_owned()
    }
}

fn make_certificates(folder: &Path) {
    let script = "set -e
        key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
        openssl req -x509 $key -keyout ca.key -out ca.pem -days 30 -subj '/CN=Authority of a test'
        openssl req $key -keyout site.key -out site.csr -subj /CN=localhost
        printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > site.ext
        openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile site.ext -out site.pem
        chmod a+r *.key";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// A probe that is asked by hand.
struct Probing {
    asked: Asked,
}

impl Probing {
    fn of(toml: &str) -> Self {
        let form: ProbeForm = toml::from_str(toml).unwrap();
        let asked = Asked::of(Limits::default(), |around| {
            probe::open(&form, around).unwrap()
        });
        Self { asked }
    }

    fn ask(&mut self) -> (Probe, Reading) {
        let reading = self.asked.ask().unwrap();
        let Some(Rows::Probes(rows)) = reading.rows.first() else {
            panic!("{reading:?}");
        };
        (rows[0].clone(), reading.clone())
    }

    fn line(&mut self) -> String {
        let (probe, reading) = self.ask();
        let line = probe.result.unwrap_err();
        assert_eq!(&*reading.partial[0].line, line);
        assert_eq!(self.value(&reading, "probe.success_percent"), Some(0.0));
        assert_eq!(self.value(&reading, "probe.total_ms"), None);
        assert!(!line.contains('\n') && line.len() < 150, "{line}");
        line
    }

    fn value(&self, reading: &Reading, metric: &str) -> Option<f64> {
        self.asked
            .value(reading, metric, &Labels::one("probe", "shop"))
    }
}

fn form(url: &str, more: &str) -> String {
    format!("name = \"shop\"\nurl = {url:?}\n{more}")
}

fn once(url: &str, more: &str) -> Probe {
    Probing::of(&form(url, more)).ask().0
}

fn line(url: &str, more: &str) -> String {
    Probing::of(&form(url, more)).line()
}

/// A server that does something of its own with each connection.
fn odd_server(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let answer = std::sync::Arc::new(answer);
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                answer(stream);
            });
        }
    });
    format!("http://127.0.0.1:{port}/")
}

#[test]
fn the_phases_are_told_and_add_up() {
    let nginx = Nginx::start();
    let mut probing = Probing::of(&form(&nginx.url("/d/80?key=secret"), ""));
    let (probe, reading) = probing.ask();
    assert_eq!(probe.result, Ok(200));
    assert_eq!((&*probe.source, &*probe.name), ("probe shop", "shop"));
    assert!(!probe.target.contains("secret"), "{}", probe.target);
    let first_byte = probe.first_byte_ms.unwrap();
    assert!(first_byte >= 80.0);
    assert_eq!((probe.tls_ms, probe.certificate_days), (None, None));
    let before = probe.dns_ms.unwrap() + probe.connect_ms.unwrap();
    assert!(before + first_byte <= probe.total_ms.unwrap());
    assert_eq!(probing.value(&reading, "probe.total_ms"), probe.total_ms);
    assert_eq!(
        probing.value(&reading, "probe.success_percent"),
        Some(100.0)
    );
    assert!(reading.partial.is_empty());
}

#[test]
fn what_comes_after_the_first_byte_is_the_body() {
    let slow_body = odd_server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
        thread::sleep(Duration::from_millis(200));
        let _ = stream.write_all(b"ok");
    });
    let probe = once(&slow_body, "expect_body = \"ok\"");
    assert_eq!(probe.result, Ok(200));
    let before = probe.dns_ms.unwrap() + probe.connect_ms.unwrap() + probe.first_byte_ms.unwrap();
    assert!(probe.total_ms.unwrap() - before >= 190.0, "{probe:?}");
}

#[test]
fn what_was_expected_is_looked_at() {
    let nginx = Nginx::start();
    let ok = |path: &str, more: &str| once(&nginx.url(path), more).result;
    assert_eq!(ok("/", "expect_body = \"is well\""), Ok(200));
    assert_eq!(ok("/gone", "expect_status = 410"), Ok(410));
    assert_eq!(ok("/moved", ""), Ok(302), "it is not followed");
    let sent = "method = \"POST\"\nbody = \"x\"\nheaders = { X-Key = \"k1\", Host = \"shop.test\" }\nexpect_body = \"POST k1 shop.test\"";
    assert_eq!(ok("/agent", sent), Ok(200));
    let lines = [
        line(&nginx.url("/gone"), ""),
        line(&nginx.url("/"), "expect_status = 204"),
        line(&nginx.url("/"), "expect_body = \"nothing of it\""),
    ];
    assert_eq!(lines[0], "status 410, expected 200 to 399");
    assert_eq!(lines[1], "status 200, expected 204");
    assert_eq!(
        lines[2],
        "the answer (status 200) lacks what was expected in it"
    );
}

#[test]
fn a_secured_connection_is_verified_and_its_certificate_told() {
    let nginx = Nginx::start();
    let url = format!("https://localhost:{}/", nginx.secured);
    let own = format!("tls = {{ ca_file = {:?} }}", nginx.authority());
    let mut probing = Probing::of(&form(&url, &own));
    let (probe, reading) = probing.ask();
    assert_eq!(probe.result, Ok(200));
    assert!(probe.tls_ms.unwrap() > 0.0);
    let days = probe.certificate_days.unwrap();
    assert!((19.9..=20.0).contains(&days), "{days}");
    assert_eq!(
        probing.value(&reading, "probe.certificate_days"),
        Some(days)
    );

    let unknown = line(&url, "");
    assert!(
        unknown.contains("unknown authority") && unknown.contains("ca_file"),
        "{unknown}"
    );
    let address = format!("https://127.0.0.1:{}/", nginx.secured);
    let other_name = line(&address, &own);
    assert!(other_name.contains("server_name"), "{other_name}");
    let named = format!(
        "tls = {{ ca_file = {:?}, server_name = \"localhost\" }}",
        nginx.authority()
    );
    assert_eq!(once(&address, &named).result, Ok(200));
    let anybody = once(&url, "tls = { verify = false }");
    assert_eq!(anybody.result, Ok(200));
    assert!(anybody.certificate_days.is_some());
    let itself = line(
        &format!("https://localhost:{}/", nginx.signed_by_itself),
        &own,
    );
    assert!(
        itself.contains("CA:FALSE") || itself.contains("another name"),
        "{itself}"
    );
    let not_secured = line(&format!("https://127.0.0.1:{}/", nginx.server.port), "");
    assert!(not_secured.starts_with("TLS:"), "{not_secured}");
}

#[test]
fn what_does_not_answer_is_one_line() {
    let refused = line(&format!("http://127.0.0.1:{}/", free_port()), "");
    assert!(refused.ends_with(": connection refused"), "{refused}");
    let nobody = line("http://nobody.invalid/", "");
    assert!(
        nobody.starts_with("nobody.invalid is not known"),
        "{nobody}"
    );
    let hangs = odd_server(|stream| {
        let _ = (&stream).read(&mut [0]);
    });
    let hung = line(&hangs, "timeout = \"300ms\"");
    assert_eq!(hung, "no answer within 300ms (waiting for the first byte)");
    let closes = odd_server(drop);
    let closed = line(&closes, "");
    assert!(
        closed.starts_with("waiting for the first byte: the connection was"),
        "{closed}"
    );
    let garbage = odd_server(|mut stream| {
        let _ = stream.write_all(b"\x1b]0;owned\x07SSH-2.0-x\r\n\r\n");
    });
    assert_eq!(
        line(&garbage, ""),
        "waiting for the first byte: the answer is not HTTP/1"
    );
    let breaks_off = odd_server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    });
    let broken = line(&breaks_off, "");
    assert!(broken.starts_with("reading the answer: "), "{broken}");
}

#[test]
fn an_endless_answer_is_read_in_part() {
    let endless = odd_server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 65536]).is_ok() {}
    });
    assert_eq!(once(&endless, "expect_body = \"xxx\"").result, Ok(200));
}

#[test]
fn a_server_that_is_paused_comes_back() {
    let nginx = Nginx::start();
    let mut probing = Probing::of(&form(&nginx.url("/"), "timeout = \"300ms\""));
    assert_eq!(probing.ask().0.result, Ok(200));
    nginx.server.signal(19);
    assert!(probing.line().starts_with("no answer within 300ms"));
    nginx.server.signal(18);
    assert_eq!(probing.ask().0.result, Ok(200));
}
