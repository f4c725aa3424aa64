//! A server that pauses, restarts, is gone, or is none at all.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;

use hubtop::collect::CollectError;
use socket2::{Domain, Socket, Type};

use crate::servers::asked::Asked;
use crate::servers::cache::{ask, redis, row, start, start_on, to, try_ask};
use crate::servers::certificates::Certificate;
use crate::servers::{Server, command, fetched_program, folder, free_port, program};
use crate::{lacking, watch};

#[test]
fn a_pause_ends_in_one_line_and_it_comes_back_without_a_spike() {
    let server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    server.signal(19);
    for _ in 0..2 {
        assert_eq!(
            source.ask().unwrap_err().to_string(),
            "no answer within 1.0s"
        );
    }
    server.signal(18);
    for _ in 0..10 {
        ask::<Option<String>>(&mut client, "GET nothing");
    }
    let told = source.ask_until("an answer", |reading, _| Some(row(reading).clone()));
    // The interval is the whole time since the last answer.
    assert!(told.operations_per_sec.unwrap() < 50.0, "{told:?}");
    assert_eq!(told.hit_percent, Some(0.0));
}

#[test]
fn a_restart_is_a_gap_and_the_connection_is_opened_again_at_once() {
    let mut server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    ask::<()>(&mut client, "SET k v");
    source.ask().unwrap();
    server.kill();
    let error = source.ask().unwrap_err().to_string();
    assert!(error.contains("refused"), "{error}");
    let server = start_on(&program("redis-server"), &[], server.port);
    let mut client = to(&server);
    for _ in 0..300 {
        ask::<Option<String>>(&mut client, "GET nothing");
    }
    let reading = source.ask().unwrap();
    let told = row(&reading);
    assert_eq!((told.hit_percent, told.operations_per_sec), (None, None));
    assert!(told.commands.is_empty());
    assert_eq!(told.hit_percent_total, Some(0.0));
    assert!(row(&source.ask().unwrap()).operations_per_sec.is_some());
}

#[test]
fn a_connection_that_the_server_closed_costs_no_reading() {
    let server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    ask::<i64>(&mut client, "CLIENT KILL TYPE normal SKIPME yes");
    let reading = source.ask().unwrap();
    assert!(
        row(&reading).operations_per_sec.is_some(),
        "the counters went on"
    );
}

#[test]
fn no_connection_left_is_told_with_the_mend() {
    let server = redis(&[]);
    let mut client = to(&server);
    let mut source = watch(&server);
    source.ask().unwrap();
    ask::<()>(&mut client, "CONFIG SET maxclients 3");
    let third = to(&server);
    // The source holds its own: it sees that others are turned away.
    assert!(TcpStream::connect(("127.0.0.1", server.port)).is_ok());
    let findings = source.ask_until("the finding", |reading, _| {
        let findings = &row(reading).findings;
        findings
            .iter()
            .find(|line| line.contains("maxclients of 3 is reached"))
            .cloned()
    });
    assert!(findings.starts_with("refuses "), "{findings}");
    // Whoever comes now gets no connection.
    let error = watch(&server).ask().unwrap_err().to_string();
    assert!(error.contains("raise maxclients"), "{error}");
    drop(third);
}

#[test]
fn a_failed_save_is_a_finding() {
    let server = redis(&["--dbfilename", "dump.rdb"]);
    let mut client = to(&server);
    let mut source = watch(&server);
    assert!(
        row(&source.ask().unwrap())
            .persistence
            .as_deref()
            .unwrap()
            .contains("not saved")
    );
    ask::<()>(&mut client, "SET k v");
    ask::<()>(&mut client, "SAVE");
    let reading = source.ask().unwrap();
    let line = row(&reading).persistence.clone().unwrap();
    assert!(
        line.starts_with("saved ") && line.ends_with(" ago"),
        "{line}"
    );
    // A folder in its place can't be written over.
    let file = server.folder.path().join("dump.rdb");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    std::fs::write(file.join("x"), "").unwrap();
    ask::<String>(&mut client, "BGSAVE");
    let line = source.ask_until("the finding", |reading, _| {
        let findings = &row(reading).findings;
        findings
            .iter()
            .find(|line| line.contains("last save failed"))
            .cloned()
    });
    assert!(line.contains("disk full"), "{line}");
    let reading = source.ask().unwrap();
    assert!(
        row(&reading)
            .persistence
            .as_deref()
            .unwrap()
            .starts_with("last save failed")
    );
}

/// A server that begins to load a hundred keys, and never gets far.
fn loading(program: &Path) -> Server {
    let mut first = start(program, &[]);
    let mut client = to(&first);
    let long = "x".repeat(10_000);
    for n in 0..100 {
        ask::<()>(&mut client, &format!("SET key:{n} {long}"));
    }
    ask::<()>(&mut client, "SAVE");
    first.kill();
    let home = std::mem::replace(&mut first.folder, folder());
    let port = first.port.to_string();
    // Microseconds a key; in between it answers after so many bytes.
    let slowly = [
        "--key-load-delay",
        "1000000",
        "--loading-process-events-interval-bytes",
        "1024",
    ];
    let usual = ["--port", &port, "--bind", "127.0.0.1", "--save", ""];
    Server::start(program, usual.into_iter().chain(slowly), home, first.port)
}

#[test]
fn a_server_that_loads_its_data_says_how_far_it_is() {
    for program in [program("redis-server"), fetched_program("redis-server-8")] {
        let server = loading(&program);
        let mut source = Asked::open(&format!(
            "kind = \"redis\"\naddress = \"127.0.0.1:{}\"\ntimeout = \"60s\"\nqueues = [\"jobs\"]",
            server.port
        ));
        let reading = source.ask().unwrap();
        let told = row(&reading);
        assert!(
            told.findings[0].starts_with("loads its data from disk: "),
            "{:?}",
            told.findings
        );
        assert!(told.memory_used_bytes.is_some(), "the rest is there");
        for part in ["ping", "queues"] {
            assert_eq!(
                lacking(&reading, part),
                Some("it is loading its data from disk")
            );
        }
    }
}

/// Passes connections on to a port, as from one that is at 127.0.0.2.
fn from_elsewhere(port: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let address = |host: [u8; 4], port| SocketAddr::from((host, port)).into();
            socket.bind(&address([127, 0, 0, 2], 0)).unwrap();
            socket.connect(&address([127, 0, 0, 1], port)).unwrap();
            let mut server = TcpStream::from(socket);
            let (mut asks, mut asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asks, &mut asked));
            // When the server hangs up, so does this.
            let _ = std::io::copy(&mut server, &mut client);
            let _ = client.shutdown(Shutdown::Both);
        }
    });
    own
}

#[test]
fn a_protected_server_that_is_asked_from_elsewhere_is_told_its_mend() {
    // It takes 127.0.0.1 alone for this machine.
    let server = redis(&["--protected-mode", "yes"]);
    let mut source = Asked::open(&format!(
        "kind = \"redis\"\naddress = \"127.0.0.1:{}\"",
        from_elsewhere(server.port)
    ));
    let error = source.ask().unwrap_err();
    assert!(matches!(error, CollectError::Denied { .. }), "{error:?}");
    assert!(
        error.to_string().contains("it runs in protected mode"),
        "{error}"
    );
}

#[test]
fn a_script_that_blocks_the_server_is_named() {
    let server = redis(&["--busy-reply-threshold", "50"]);
    let mut source = watch(&server);
    source.ask().unwrap();
    let mut other = to(&server);
    let port = server.port;
    let blocked = std::thread::spawn(move || {
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
        let mut client = client.get_connection().unwrap();
        redis::cmd("EVAL")
            .arg("while true do end")
            .arg(0)
            .query::<()>(&mut client)
            .unwrap_err()
    });
    crate::servers::wait_for("the script to block", || {
        let error = try_ask::<String>(&mut other, "PING").err()?;
        (error.code() == Some("BUSY")).then_some(())
    });
    let error = source.ask().unwrap_err().to_string();
    assert!(error.contains("SCRIPT KILL"), "{error}");
    ask::<()>(&mut other, "SCRIPT KILL");
    blocked.join().unwrap();
    source.ask_until("an answer", |_, _| Some(()));
}

/// Answers the first question with these bytes, and then hangs up or goes on for ever.
fn impostor(answer: &[u8], again: &[u8]) -> (u16, JoinHandle<()>) {
    let (answer, again) = (answer.to_vec(), again.to_vec());
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let mut sent = stream.write_all(&answer);
        while sent.is_ok() && !again.is_empty() {
            sent = stream.write_all(&again);
        }
    });
    (port, thread)
}

#[test]
fn what_is_no_redis_ends_in_one_line() {
    let many = b"$1\r\nx\r\n".repeat(8192);
    let cases: [(&[u8], &[u8], &str); 8] = [
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"",
            "not the protocol of Redis",
        ),
        (b"$100\r\nredis_ver", b"", "closed the connection"),
        (b"", b"", "closed the connection"),
        (b"$2000000000\r\n", &[b'x'; 65536], "longer than 4.0M"),
        (b"*1000000000\r\n", &many, "longer than 4.0M"),
        (b"+", &[b'x'; 65536], "longer than 4.0M"),
        (b"*1\r\n", b"*1\r\n", "not the protocol of Redis"),
        (b"$3\r\nhi!\r\n", b"", "it tells no version"),
    ];
    for (answer, again, expected) in cases {
        let (port, thread) = impostor(answer, again);
        // Nothing here is a matter of time.
        let address = format!("address = \"127.0.0.1:{port}\"\ntimeout = \"60s\"");
        let mut source = Asked::open(&format!("kind = \"redis\"\n{address}"));
        let error = source.ask().unwrap_err();
        assert!(
            !matches!(error, CollectError::Timeout(_)),
            "{answer:?}: {error}"
        );
        let line = error.to_string();
        assert!(line.contains(expected), "{answer:?}: {line}");
        drop(source);
        thread.join().unwrap();
    }
}

#[test]
fn a_unix_socket_is_watched() {
    let folder = folder();
    let socket = folder.path().join("redis.sock");
    let mut child = command(&program("redis-server"))
        .args([
            "--port",
            "0",
            "--save",
            "",
            "--unixsocket",
            socket.to_str().unwrap(),
        ])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut source = Asked::open(&format!("kind = \"redis\"\naddress = {socket:?}"));
    source.ask_until("an answer over the socket", |reading, _| {
        assert_eq!(&*row(reading).instance, "redis@redis.sock");
        Some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn tls_is_verified_unless_a_person_says_otherwise() {
    let folder = folder();
    let made = Certificate::make(folder.path(), "cache", "DNS:cache.test");
    let (key, cert) = (made.key.to_str().unwrap(), made.file.to_str().unwrap());
    let port = free_port();
    let number = port.to_string();
    let arguments = [
        "--port",
        "0",
        "--tls-port",
        &number,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--tls-cert-file",
        cert,
        "--tls-key-file",
        key,
        "--tls-auth-clients",
        "no",
    ];
    let home = crate::servers::folder();
    let _server = Server::start(&program("redis-server"), arguments, home, port);
    let form = format!("kind = \"redis\"\naddress = \"rediss://127.0.0.1:{port}\"\n");
    let error = Asked::open(&form).ask().unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
    Asked::open(&format!("{form}tls.verify = false"))
        .ask()
        .unwrap();
    let known = format!("{form}tls.ca_file = {cert:?}\ntls.server_name = \"cache.test\"");
    Asked::open(&known).ask().unwrap();
    let another = format!("{form}tls.ca_file = {cert:?}\ntls.server_name = \"other.test\"");
    let error = Asked::open(&another).ask().unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
}
