//! What is found on this machine without being configured: real servers on free ports, and listeners that are none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]

mod servers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hubtop::collect::{DiscoverForm, Limits, SourceForm, standing_sources};
use hubtop::model::{Found, Reading, Rows};
use servers::asked::Asked;
use servers::{Server, cache, command, folder, free_port, give_away, postgres, program};

/// One test at a time: each look greets everybody who listens, those of other tests too.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What looks around, with nothing configured.
fn looking() -> Asked {
    looking_with(&DiscoverForm::default(), &[])
}

fn looking_with(form: &DiscoverForm, known: &[SourceForm]) -> Asked {
    Asked::of(Limits::default(), |around| {
        standing_sources(form, known, around).remove(0)
    })
}

fn rows(reading: &Reading) -> Vec<Found> {
    let rows = reading.rows.iter().find_map(|rows| match rows {
        Rows::Found(found) => Some(found.clone()),
        _ => None,
    });
    rows.expect("it brings what was found")
}

/// What one look found at a port.
fn at_port(looking: &mut Asked, port: u16) -> Option<Found> {
    let found = rows(&looking.ask().unwrap());
    let port = port.to_string();
    let mut here = found.into_iter().filter(|row| row.address.contains(&port));
    let row = here.next();
    assert!(here.next().is_none(), "it is listed once");
    row
}

/// The names of the sources that were attached so far.
fn attached(looking: &mut Asked) -> Vec<String> {
    let mut names = Vec::new();
    while let Ok(source) = looking.found.try_recv() {
        names.push(source.spec().name.to_string());
    }
    names
}

fn source_at(kind: &str, address: String) -> SourceForm {
    SourceForm {
        kind: kind.to_owned(),
        address,
        ..SourceForm::default()
    }
}

#[test]
fn a_cache_without_a_password_is_attached_once() {
    let _turn = turn();
    let server = cache::redis(&[]);
    let mut looking = looking();
    let row = at_port(&mut looking, server.port).unwrap();
    let name = format!("redis@{}", server.port);
    assert_eq!(row.attached.as_deref(), Some(name.as_str()), "{row:?}");
    assert_eq!(&*row.kind, "redis");
    assert!(attached(&mut looking).contains(&name));
    let again = at_port(&mut looking, server.port).unwrap();
    assert_eq!(again, row);
    assert!(!attached(&mut looking).contains(&name));
}

#[test]
fn a_cache_with_a_password_is_listed_with_the_lines_and_attached_when_it_comes_back_without() {
    let _turn = turn();
    let mut server = cache::redis(&["--requirepass", "hunter2"]);
    let port = server.port;
    let mut looking = looking();
    let row = at_port(&mut looking, port).unwrap();
    assert_eq!(row.attached, None);
    assert_eq!(row.why_not.as_deref(), Some("it wants a password"));
    let lines = format!(
        "[[source]]\nkind = \"redis\"\naddress = \"127.0.0.1:{port}\"\npassword_file = \"/etc/hubtop/redis.pw\"\n"
    );
    assert_eq!(&*row.settings, lines);
    server.kill();
    assert_eq!(at_port(&mut looking, port), None);
    let _server = cache::start_on(&program("redis-server"), &[], port);
    let row = at_port(&mut looking, port).unwrap();
    assert!(row.attached.is_some(), "{row:?}");
}

#[test]
fn memcached_is_found() {
    let _turn = turn();
    let server = cache::memcached(&[]);
    let row = at_port(&mut looking(), server.port).unwrap();
    assert_eq!(&*row.kind, "memcached");
    assert!(is_taken(&row), "{row:?}");
}

/// Attached, or held back only because nothing in this version reads the kind.
fn is_taken(row: &Found) -> bool {
    let why = row.why_not.as_deref().unwrap_or_default();
    row.attached.is_some() || why.ends_with("can't be read yet")
}

#[test]
fn postgres_that_trusts_is_attached_as_the_user_who_is_let_in() {
    let _turn = turn();
    let server = postgres::Postgres::with(15, &[]);
    let mut looking = looking();
    let row = at_port(&mut looking, server.port).unwrap();
    assert_eq!(&*row.kind, "postgres");
    let name = format!("pg@{}/postgres", server.port);
    assert_eq!(row.attached.as_deref(), Some(name.as_str()), "{row:?}");
    assert!(row.settings.contains("user = \""), "{}", row.settings);
    assert!(attached(&mut looking).contains(&name));
}

#[test]
fn mariadb_is_found_by_its_greeting() {
    let _turn = turn();
    let folder = folder();
    let data = folder.path().join("data");
    let made = command(&program("mariadb-install-db"))
        .args(["--no-defaults", "--auth-root-authentication-method=normal"])
        .arg(format!("--datadir={}", data.display()))
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let port = free_port();
    let arguments = [
        "--no-defaults".to_owned(),
        format!("--datadir={}", data.display()),
        format!("--socket={}/mysqld.sock", folder.path().display()),
        format!("--pid-file={}/mysqld.pid", folder.path().display()),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
    ];
    let server = Server::start(&program("mariadbd"), arguments, folder, port);
    let socket = server.folder.path().join("mysqld.sock");
    let found = rows(&looking().ask().unwrap());
    let socket = socket.display().to_string();
    let row = found
        .iter()
        .find(|row| *row.address == *socket)
        .unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(&*row.kind, "mysql");
    assert!(row.settings.contains("kind = \"mysql\""));
    // Whoever runs the tests may be unknown to it; root is not.
    let why = row.why_not.as_deref().unwrap_or_default();
    assert!(is_taken(row) || why.contains("Access denied"), "{row:?}");
}

#[test]
fn a_page_of_metrics_is_attached() {
    let _turn = turn();
    let port = free_port();
    let address = format!("--web.listen-address=127.0.0.1:{port}");
    let exporter = program("prometheus-node-exporter");
    let _server = Server::start(&exporter, [address], folder(), port);
    let row = at_port(&mut looking(), port).unwrap();
    assert_eq!(&*row.address, format!("http://127.0.0.1:{port}/metrics"));
    assert!(row.attached.is_some(), "{row:?}");
}

#[test]
fn the_log_that_a_web_server_has_open_is_attached() {
    let _turn = turn();
    let folder = folder();
    let port = free_port();
    let config = format!(
        "daemon off; pid nginx.pid; error_log nginx.err; events {{}}
         http {{
           client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
           server {{ listen 127.0.0.1:{port}; access_log shop-access.log; }}
         }}"
    );
    fs::write(folder.path().join("nginx.conf"), config).unwrap();
    let log = folder.path().join("shop-access.log");
    let here = folder.path().display().to_string();
    let arguments = ["-e", "nginx.err", "-p", &here, "-c", "nginx.conf"].map(str::to_owned);
    let _server = Server::start(&program("nginx"), arguments, folder, port);
    let found = rows(&looking().ask().unwrap());
    let log = fs::canonicalize(log).unwrap().display().to_string();
    let row = found.iter().find(|row| *row.address == *log);
    let row = row.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(&*row.kind, "access_log");
    assert!(row.attached.is_some(), "{row:?}");
    let name = row.attached.clone().unwrap();
    let other = SourceForm {
        name: Some(name.to_string()),
        ..source_at("access_log", format!("{here}/another.log"))
    };
    let taken = rows(
        &looking_with(&DiscoverForm::default(), &[other])
            .ask()
            .unwrap(),
    );
    let row = taken.iter().find(|row| *row.address == *log).unwrap();
    assert_eq!(row.attached, None, "its name is another's");
    let line = format!("\nname = \"{name} 2\"\n");
    assert!(row.settings.contains(&line), "{}", row.settings);
    // The server itself is no page of metrics.
    let port = port.to_string();
    assert!(found.iter().all(|row| !row.address.contains(&port)));
}

#[test]
fn what_is_not_to_be_looked_for_is_left() {
    let _turn = turn();
    let off = DiscoverForm {
        enabled: false,
        ..DiscoverForm::default()
    };
    let around = hubtop::collect::Surroundings::apart();
    assert!(standing_sources(&off, &[], &around).is_empty());
    let server = cache::redis(&[]);
    let except = DiscoverForm {
        except: vec!["redis".to_owned()],
        ..DiscoverForm::default()
    };
    let mut looking = looking_with(&except, &[]);
    assert_eq!(at_port(&mut looking, server.port), None);
}

#[test]
fn what_is_configured_is_not_attached_again_however_its_address_is_written() {
    let _turn = turn();
    let server = cache::redis(&[]);
    for address in ["localhost:PORT", "redis://127.0.0.1:PORT/0", "[::1]:PORT"] {
        let address = address.replace("PORT", &server.port.to_string());
        let mut looking = looking_with(&DiscoverForm::default(), &[source_at("redis", address)]);
        assert_eq!(at_port(&mut looking, server.port), None);
        let name = format!("redis@{}", server.port);
        assert!(!attached(&mut looking).contains(&name));
    }
}

/// Listens without being a server of any kind, and writes down how many came and what it could send to each.
const LISTENER: &str = r"
import socket, sys, threading
port, manner = int(sys.argv[1]), sys.argv[2]
listener = socket.create_server(('127.0.0.1', port), backlog=64)
def serve(peer):
    sent = 0
    try:
        if manner == 'garbage':
            peer.recv(10)
            peer.sendall(b'\x00\xff\x1b[2J' * 200)
        elif manner == 'flood':
            peer.recv(10)
            peer.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
            while True:
                sent += peer.send(b'# TYPE a\n' * 1000)
        elif manner == 'greeting':
            peer.sendall(b'220 mail.example ESMTP\r\n')
            sent = len(peer.recv(100))
        else:
            while peer.recv(100): pass
    except OSError: pass
    with open('came', 'a') as file: file.write(f'{sent}\n')
while True:
    peer, _ = listener.accept()
    threading.Thread(target=serve, args=(peer,)).start()
";

/// The system's Python: one of a person's own can't be run by the user whom servers run as.
fn python() -> PathBuf {
    let own = PathBuf::from("/usr/bin/python3");
    if own.is_file() {
        own
    } else {
        program("python3")
    }
}

#[test]
fn who_is_no_server_is_asked_once_within_bounds_and_left_alone() {
    let _turn = turn();
    for manner in ["garbage", "flood", "greeting", "silence"] {
        let folder = folder();
        let script = folder.path().join("listener.py");
        fs::write(&script, LISTENER).unwrap();
        give_away(&script);
        let port = free_port();
        let arguments = [
            script.display().to_string(),
            port.to_string(),
            manner.to_owned(),
        ];
        let server = Server::start(&python(), arguments, folder, port);
        let mut looking = looking();
        for _ in 0..2 {
            assert_eq!(at_port(&mut looking, port), None, "{manner}");
        }
        // The harness came once to see whether it listens, and the look once.
        let came = servers::wait_for("the listener to write down who came", || {
            let text = fs::read_to_string(server.folder.path().join("came")).ok()?;
            let came: Vec<u64> = text.lines().map(|line| line.parse().unwrap()).collect();
            (came.len() >= 2).then_some(came)
        });
        assert_eq!(came.len(), 2, "{manner}: {came:?}");
        match manner {
            // What the system keeps for both ends on the way, not what was read.
            "flood" => assert!(came.iter().all(|sent| *sent < 16 << 20), "{came:?}"),
            "greeting" => assert!(came.iter().all(|heard| *heard == 0), "{came:?}"),
            _ => {}
        }
    }
}

#[test]
fn the_doctor_says_what_was_found_and_what_would_watch_it() {
    let _turn = turn();
    let server = cache::redis(&["--requirepass", "hunter2"]);
    let home = tempfile::tempdir().unwrap();
    let doctor = |arguments: &[&str]| {
        let output = Command::new(Path::new(env!("CARGO_BIN_EXE_hubtop")))
            .arg("doctor")
            .args(arguments)
            .env("XDG_CONFIG_HOME", home.path())
            .env("LANG", "C.UTF-8")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = doctor(&[]);
    let line = format!(
        "redis at 127.0.0.1:{} was found: it wants a password; these lines in the settings watch it:\n      [[source]]\n",
        server.port
    );
    assert!(said.contains(&line), "{said}");
    let quiet = doctor(&["--no-discover"]);
    assert!(!quiet.contains("was found"), "{quiet}");
    assert!(quiet.contains("flag --no-discover"), "{quiet}");
}

#[test]
fn what_the_environment_names_on_another_machine_is_only_listed() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(Path::new(env!("CARGO_BIN_EXE_hubtop")))
        .arg("doctor")
        .env("XDG_CONFIG_HOME", home.path())
        .env("LANG", "C.UTF-8")
        .env("DATABASE_URL", "postgres://app:hunter2@db.invalid/orders")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("DATABASE_URL leads to another machine"),
        "{said}"
    );
    assert!(
        said.contains("address = \"postgres://app@db.invalid/orders\"\n"),
        "{said}"
    );
    assert!(
        !said.contains("hunter2") && !said.contains("pg@db.invalid"),
        "{said}"
    );
}
