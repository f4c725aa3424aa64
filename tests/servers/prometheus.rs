//! Engines that speak Prometheus' protocols, and a listener that answers writes as a test says.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::{Server, folder, free_port, give_away, program, wait_for};

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Prometheus,
    VictoriaMetrics,
}

pub const KINDS: [Kind; 2] = [Kind::Prometheus, Kind::VictoriaMetrics];

/// An engine that can be stopped and started again over the same data, on the same port.
pub struct Engine {
    kind: Kind,
    data: TempDir,
    pub port: u16,
    running: Option<Server>,
}

/// The samples of a series: moments in milliseconds with the bits of their values.
pub type Samples = Vec<(i64, u64)>;

impl Engine {
    pub fn start(kind: Kind) -> Self {
        let data = folder();
        let config = data.path().join("prometheus.yml");
        fs::write(&config, "global: {}\n").unwrap();
        give_away(&config);
        let mut engine = Self {
            kind,
            data,
            port: free_port(),
            running: None,
        };
        engine.go_on();
        engine
    }

    /// Starts it again.
    pub fn go_on(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let data = self.data.path().display();
        let (name, arguments) = match self.kind {
            Kind::Prometheus => (
                "prometheus",
                vec![
                    format!("--config.file={data}/prometheus.yml"),
                    format!("--storage.tsdb.path={data}/data"),
                    format!("--web.listen-address={listen}"),
                    "--web.enable-remote-write-receiver".to_owned(),
                ],
            ),
            Kind::VictoriaMetrics => (
                "victoria-metrics",
                vec![
                    format!("-storageDataPath={data}/data"),
                    format!("-httpListenAddr={listen}"),
                    "-search.latencyOffset=0".to_owned(),
                    "-search.disableCache".to_owned(),
                    "-dedup.minScrapeInterval=1ms".to_owned(),
                ],
            ),
        };
        let server = Server::start(&program(name), arguments, folder(), self.port);
        self.running = Some(server);
        let ready = match self.kind {
            Kind::Prometheus => "/-/ready",
            Kind::VictoriaMetrics => "/health",
        };
        wait_for("the engine to be ready", || self.try_get(ready).map(drop));
    }

    /// Stops it as a service manager does, so that it writes what it holds.
    pub fn stop(&mut self) {
        let server = self.running.take().expect("it runs");
        server.signal(15);
        wait_for("the engine to end", || {
            let is_gone = TcpStream::connect(("127.0.0.1", self.port)).is_err();
            (is_gone && has_ended(server.pid())).then_some(())
        });
    }

    /// Sends it a signal: 19 pauses it, 18 lets it go on.
    pub fn signal(&self, signal: i32) {
        self.running.as_ref().expect("it runs").signal(signal);
    }

    /// Where it keeps what it holds.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Gives it what was put among its data by another.
    pub fn own_data(&self) {
        let mut folders = vec![self.data.path().to_owned()];
        while let Some(path) = folders.pop() {
            give_away(&path);
            if path.is_dir() {
                let entries = fs::read_dir(&path).unwrap();
                folders.extend(entries.map(|entry| entry.unwrap().path()));
            }
        }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every sample that it holds of one metric, by the labels of its series.
    pub fn samples(&self, metric: &str) -> BTreeMap<String, Samples> {
        let query = format!("{{__name__=\"{metric}\"}}[3h]");
        let answer = self.query(&query);
        let mut all = BTreeMap::new();
        for row in answer["data"]["result"].as_array().unwrap() {
            let samples = row["values"].as_array().unwrap().iter().map(|pair| {
                let at = (pair[0].as_f64().unwrap() * 1000.0).round() as i64;
                let value: f64 = pair[1].as_str().unwrap().parse().unwrap();
                (at, value.to_bits())
            });
            all.insert(row["metric"].to_string(), samples.collect());
        }
        all
    }

    /// An instant query.
    pub fn query(&self, query: &str) -> serde_json::Value {
        if self.kind == Kind::VictoriaMetrics {
            // What came last is shown after up to a second, or now when it is told to.
            self.try_get("/internal/force_flush");
        }
        let path = format!("/api/v1/query?query={}", encoded(query));
        let text = self.try_get(&path).expect("the engine answers");
        serde_json::from_str(&text).unwrap()
    }

    /// An instant query for a moment, seconds since 1970.
    pub fn query_at(&self, query: &str, at: f64) -> serde_json::Value {
        let query = encoded(query);
        let text = self.try_get(&format!("/api/v1/query?query={query}&time={at}&nocache=1"));
        serde_json::from_str(&text.expect("the engine answers")).unwrap()
    }

    fn try_get(&self, path: &str) -> Option<String> {
        let url = format!("{}{path}", self.address());
        let output = Command::new(program("curl"))
            .args([
                "--silent",
                "--fail",
                "--max-time",
                "20",
                "--noproxy",
                "*",
                &url,
            ])
            .output()
            .unwrap();
        output
            .status
            .success()
            .then(|| String::from_utf8(output.stdout).unwrap())
    }
}

fn has_ended(pid: i32) -> bool {
    // A child that was not waited for yet is a zombie.
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    stat.map_or(true, |stat| stat.contains(") Z "))
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What a listener answers to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: &'static str,
    pub body: &'static str,
}

impl Reply {
    pub fn of(status: u16) -> Self {
        Self {
            status,
            headers: "",
            body: "",
        }
    }
}

/// A request that a listener got.
#[derive(Debug, Clone)]
pub struct Request {
    /// The first line and the headers, as they were sent.
    pub head: String,
    pub body: Vec<u8>,
    pub came: std::time::Instant,
}

/// Answers writes one after the other with what it was told, then with 204, and keeps them.
pub struct Listener {
    pub port: u16,
    got: Arc<Mutex<Vec<Request>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

impl Listener {
    /// It ends with the test program.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let got: Arc<Mutex<Vec<Request>>> = Arc::default();
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let (own_got, own_replies) = (got.clone(), replies.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (got, replies) = (own_got.clone(), own_replies.clone());
                std::thread::spawn(move || serve(stream, &got, &replies));
            }
        });
        Self { port, got, replies }
    }

    pub fn got(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }

    /// Has it answer so next.
    pub fn next(&self, reply: Reply) {
        self.replies.lock().unwrap().push_back(reply);
    }
}

/// Whoever hangs up ends it.
fn serve(stream: TcpStream, got: &Mutex<Vec<Request>>, replies: &Mutex<VecDeque<Reply>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut out = stream;
    loop {
        let mut head = String::new();
        loop {
            let before = head.len();
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
            if head[before..].trim().is_empty() {
                break;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            value.trim().parse().ok().filter(|_| is_length)
        });
        let mut body = vec![0; length.unwrap_or(0)];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        // Whatever looks through the open ports of a machine is not what a test waits for.
        if !head.starts_with("POST ") {
            let nothing = "HTTP/1.1 404 Said\r\nContent-Length: 0\r\n\r\n";
            if out.write_all(nothing.as_bytes()).is_err() {
                return;
            }
            continue;
        }
        let came = std::time::Instant::now();
        got.lock().unwrap().push(Request { head, body, came });
        let reply = replies.lock().unwrap().pop_front();
        let reply = reply.unwrap_or(Reply::of(204));
        let answer = format!(
            "HTTP/1.1 {} Said\r\n{}Content-Length: {}\r\n\r\n{}",
            reply.status,
            reply.headers,
            reply.body.len(),
            reply.body
        );
        if out.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The path of Debian's tool that checks what is meant for Prometheus.
pub fn promtool() -> PathBuf {
    program("promtool")
}
