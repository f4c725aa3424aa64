//! memcached as hubtop sees it: a real server, whose truth is known because the test made it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]

mod servers;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use hubtop::model::{Focus, Labels};
use servers::Server;
use servers::asked::Asked;
use servers::cache::{detail, memcached, row};

/// A client of the test's own.
struct Client(BufReader<TcpStream>);

impl Client {
    fn of(server: &Server) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends one command and reads its answer up to the line with which it ends.
    fn ask(&mut self, command: &str, last: &[&str]) -> String {
        let stream = self.0.get_mut();
        stream
            .write_all(format!("{command}\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            assert!(
                self.0.read_line(&mut line).unwrap() > 0,
                "closed after {answer:?}"
            );
            answer.push_str(&line);
            if last.contains(&line.trim_end()) {
                return answer;
            }
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        let command = format!("set {key} 0 0 {}\r\n{value}", value.len());
        self.ask(&command, &["STORED"]);
    }

    fn get(&mut self, key: &str) {
        self.ask(&format!("get {key}"), &["END"]);
    }
}

fn watch(server: &Server) -> Asked {
    Asked::open(&format!(
        "kind = \"memcached\"\nname = \"cache\"\naddress = \"127.0.0.1:{}\"\ntimeout = \"1s\"",
        server.port
    ))
}

#[test]
fn the_figures_are_those_of_the_interval() {
    let server = memcached(&["-m", "64", "-c", "200"]);
    let mut client = Client::of(&server);
    client.set("here", "x");
    client.get("before");
    let mut source = watch(&server);
    let first = source.ask().unwrap();
    assert_eq!(
        (row(&first).hit_percent, row(&first).operations_per_sec),
        (None, None)
    );
    for n in 0..200 {
        client.get(if n % 5 == 0 { "nowhere" } else { "here" });
    }
    client.set("more", "y");
    let second = source.ask().unwrap();
    let told = row(&second);
    assert_eq!(told.hit_percent, Some(80.0));
    assert_eq!(told.hit_percent_total, Some(100.0 * 160.0 / 201.0));
    assert!(told.kind.starts_with("memcached 1."), "{}", told.kind);
    assert_eq!(
        (told.keys, told.memory_max_bytes),
        (Some(2), Some(64 << 20))
    );
    assert_eq!(told.clients_max, Some(200));
    let rate = |command: &str| {
        let found = told.commands.iter().find(|row| &*row.command == command);
        found.unwrap().calls_per_sec
    };
    assert!((rate("GET") / rate("SET") - 200.0).abs() < 1e-6);
    assert!(told.own_commands_per_sec.unwrap() > 0.0 && told.ping_ms.unwrap() > 0.0);
    let labels = Labels::one("instance", "cache");
    assert_eq!(
        source.value(&second, "cache.hit_rate_percent", &labels),
        Some(80.0)
    );
    let third = source.ask().unwrap();
    assert_eq!(row(&third).hit_percent, None, "nothing was asked");
}

#[test]
fn what_is_thrown_out_early_is_told() {
    let server = memcached(&["-m", "2"]);
    let mut client = Client::of(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    let value = "v".repeat(10_000);
    for n in 0..1000 {
        client.set(&format!("k{n}"), &value);
    }
    let reading = source.ask().unwrap();
    let told = row(&reading);
    assert!(told.evictions_per_sec.unwrap() > 0.0);
    let stats = client.ask("stats", &["END"]);
    let evictions = stats
        .lines()
        .find_map(|line| line.strip_prefix("STAT evictions "))
        .unwrap();
    assert_eq!(told.evicted_total, evictions.parse().ok());
    assert_eq!(told.findings.len(), 1, "{:?}", told.findings);
    assert!(
        told.findings[0].contains("raise -m (2.0M now)"),
        "{}",
        told.findings[0]
    );
}

#[test]
fn a_reset_and_a_restart_are_gaps() {
    let mut server = memcached(&[]);
    let mut client = Client::of(&server);
    let mut source = watch(&server);
    for _ in 0..50 {
        client.get("nowhere");
    }
    source.ask().unwrap();
    client.get("nowhere");
    client.ask("stats reset", &["RESET"]);
    client.get("nowhere");
    let reading = source.ask().unwrap();
    assert_eq!(
        (row(&reading).hit_percent, row(&reading).operations_per_sec),
        (None, None)
    );
    client.get("nowhere");
    assert_eq!(
        row(&source.ask().unwrap()).hit_percent,
        Some(0.0),
        "and then it goes on"
    );
    let port = server.port;
    server.kill();
    let error = source.ask().unwrap_err().to_string();
    assert!(error.contains("refused"), "{error}");
    let number = port.to_string();
    let again = ["-p", &number, "-l", "127.0.0.1", "-U", "0"];
    let program = servers::program("memcached");
    let server = Server::start(&program, again, servers::folder(), port);
    let mut client = Client::of(&server);
    for _ in 0..500 {
        client.get("nowhere");
    }
    let reading = source.ask().unwrap();
    assert_eq!(
        (row(&reading).hit_percent, row(&reading).operations_per_sec),
        (None, None)
    );
}

#[test]
fn connections_that_are_turned_away_are_told() {
    let server = memcached(&["-c", "30", "-t", "1", "-o", "maxconns_fast"]);
    let mut source = watch(&server);
    source.ask().unwrap();
    let held: Vec<TcpStream> = (0..60)
        .map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap())
        .collect();
    source.ask_until("the finding", |reading, _| {
        let findings = &row(reading).findings;
        findings
            .iter()
            .any(|line| line.contains("raise -c"))
            .then_some(())
    });
    drop(held);
}

#[test]
fn a_pause_ends_in_one_line_and_it_comes_back() {
    let server = memcached(&[]);
    let mut source = watch(&server);
    source.ask().unwrap();
    server.signal(19);
    let error = source.ask().unwrap_err().to_string();
    assert_eq!(error, "no answer within 1.0s");
    server.signal(18);
    source.ask_until("an answer", |_, _| Some(()));
}

#[test]
fn user_and_password_are_asked_for_and_used() {
    let folder = servers::folder();
    let users = folder.path().join("users");
    std::fs::write(&users, "mon:hunter2\n").unwrap();
    servers::give_away(&users);
    let server = memcached(&["-Y", users.to_str().unwrap()]);
    let error = watch(&server).ask().unwrap_err().to_string();
    assert!(error.contains("password_file"), "{error}");
    let password = folder.path().join("password");
    std::fs::write(&password, "hunter2\n").unwrap();
    let mut source = Asked::open(&format!(
        "kind = \"memcached\"\naddress = \"127.0.0.1:{}\"\nuser = \"mon\"\npassword_file = {password:?}",
        server.port
    ));
    let reading = source.ask().unwrap();
    assert_eq!(
        *row(&reading).instance,
        format!("memcached@{}", server.port)
    );
    assert_eq!(row(&reading).keys, Some(0), "logging in stores nothing");
}

#[test]
fn a_unix_socket_is_watched_and_its_detail_is_there_when_it_is_open() {
    let folder = servers::folder();
    let socket = folder.path().join("memcached.sock");
    let mut child = servers::command(&servers::program("memcached"))
        .args(["-s", socket.to_str().unwrap()])
        .spawn()
        .unwrap();
    let form = format!("kind = \"memcached\"\naddress = {socket:?}");
    let mut source = Asked::open(&form);
    source.ask_until("an answer over the socket", |reading, _| {
        assert!(detail(reading).is_none(), "nobody opened it");
        Some(())
    });
    source
        .focus
        .send_replace(Focus::Cache("memcached@memcached.sock".into()));
    let reading = source.ask().unwrap();
    assert_eq!(
        &*detail(&reading).unwrap().instance,
        "memcached@memcached.sock"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
