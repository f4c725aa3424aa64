//! Applications with pages of metrics, as their libraries write them, and listeners that answer what a test says.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hubtop::model::{Endpoint, Reading, Rows};

use crate::servers::asked::Asked;
use crate::servers::{Server, fetched, folder, free_port, give_away, program};

/// The folder with the applications.
fn apps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metrics/apps")
}

/// Debian's own interpreter: another user than root can run it too.
fn python() -> PathBuf {
    let own = PathBuf::from("/usr/bin/python3");
    if own.is_file() {
        own
    } else {
        program("python3")
    }
}

/// A library of a package manager, fetched by `scripts/servers`.
fn library(name: &str) -> PathBuf {
    let place = fetched().join(name);
    assert!(
        place.is_dir(),
        "{} is missing: `scripts/servers` fetches it",
        place.display()
    );
    place
}

/// Starts a program with a copy of an application in a folder of its own; `{port}` in an argument is its port.
fn start(program: &Path, app: &str, variables: &[(&str, PathBuf)], arguments: &[&str]) -> Server {
    let folder = folder();
    let copy = folder.path().join(app);
    fs::copy(apps().join(app), &copy).unwrap();
    give_away(&copy);
    let port = free_port();
    let set = variables
        .iter()
        .map(|(name, value)| format!("{name}={}", value.display()));
    let arguments = arguments
        .iter()
        .map(|text| text.replace("{port}", &port.to_string()));
    let whole: Vec<String> = set
        .chain([program.display().to_string()])
        .chain(arguments)
        .collect();
    Server::start(Path::new("/usr/bin/env"), whole, folder, port)
}

/// An application with `prometheus-client` that observes what it is told.
pub fn client() -> Server {
    client_at(free_port())
}

/// The same on a port of choice, for one that comes back.
pub fn client_at(port: u16) -> Server {
    let folder = folder();
    let copy = folder.path().join("client.py");
    fs::copy(apps().join("client.py"), &copy).unwrap();
    give_away(&copy);
    let path = format!("PYTHONPATH={}", library("pages-python").display());
    let arguments = [
        path,
        python().display().to_string(),
        "client.py".to_owned(),
        port.to_string(),
    ];
    Server::start(Path::new("/usr/bin/env"), arguments, folder, port)
}

/// A FastAPI application under uvicorn.
pub fn uvicorn(app: &str) -> Server {
    let libraries = ("PYTHONPATH", library("pages-python"));
    let name = format!("{app}:app");
    let arguments = [
        "-m",
        "uvicorn",
        &name,
        "--port",
        "{port}",
        "--log-level",
        "warning",
    ];
    start(&python(), &format!("{app}.py"), &[libraries], &arguments)
}

/// An application of Express.
pub fn express() -> Server {
    let libraries = ("NODE_PATH", library("pages-node").join("node_modules"));
    start(
        &program("node"),
        "express.js",
        &[libraries],
        &["express.js", "{port}"],
    )
}

/// Asks a server for a path and reads what it answers.
pub fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The source of a page on loopback.
pub fn asked(port: u16) -> Asked {
    Asked::open(&settings(port, ""))
}

/// The keys of a `[[source]]` for a page on loopback.
pub fn settings(port: u16, more: &str) -> String {
    format!(
        "kind = \"metrics\"\naddress = \"http://127.0.0.1:{port}/metrics\"\ntimeout = \"20s\"\n{more}"
    )
}

/// The rows of routes.
pub fn endpoints(reading: &Reading) -> Vec<Endpoint> {
    let rows = reading.rows.iter();
    let endpoints = rows.filter_map(|rows| match rows {
        Rows::Endpoints(endpoints) => Some(endpoints.clone()),
        _ => None,
    });
    endpoints.flatten().collect()
}

/// The row of one route.
pub fn endpoint(reading: &Reading, label: &str) -> Option<Endpoint> {
    endpoints(reading)
        .into_iter()
        .find(|row| row.label() == label)
}

/// What a source says it can't bring, part and line.
pub fn partial(reading: &Reading) -> Vec<(String, String)> {
    let partial = reading.partial.iter();
    partial
        .map(|one| (one.part.to_string(), one.line.to_string()))
        .collect()
}

/// A listener that gives the same answer to everybody until it is given another one.
pub struct Answering {
    pub port: u16,
    pub answer: Arc<Mutex<Vec<u8>>>,
    /// What it was last asked.
    pub heard: Arc<Mutex<String>>,
    pub times: Arc<AtomicUsize>,
}

impl Answering {
    /// Answers with a page of metrics.
    pub fn page(page: impl AsRef<[u8]>) -> Self {
        Self::with(Self::text(page))
    }

    /// The answer that brings a page.
    pub fn text(page: impl AsRef<[u8]>) -> Vec<u8> {
        let mut answer =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n".to_vec();
        answer.extend_from_slice(page.as_ref());
        answer
    }

    /// Answers with a status and headers alone.
    pub fn status(line: &str, headers: &str) -> Self {
        let answer =
            format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
        Self::with(answer.into_bytes())
    }

    pub fn with(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let this = Self {
            port,
            answer: Arc::new(Mutex::new(answer)),
            heard: Arc::default(),
            times: Arc::default(),
        };
        let (answer, heard, times) = (this.answer.clone(), this.heard.clone(), this.times.clone());
        // It ends with the test program.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or(0);
                *heard.lock().unwrap() = String::from_utf8_lossy(&request[..read]).into_owned();
                times.fetch_add(1, Ordering::SeqCst);
                let answer = answer.lock().unwrap().clone();
                let _ = stream.write_all(&answer);
            }
        });
        this
    }

    /// From now on brings this page.
    pub fn now(&self, page: impl AsRef<[u8]>) {
        *self.answer.lock().unwrap() = Self::text(page);
    }
}
