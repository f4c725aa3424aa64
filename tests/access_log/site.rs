//! A site that takes as long as it is told to: `/d/25` answers after 25 ms. Real servers stand before it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The application behind the servers; it runs as long as the test program does.
pub fn start() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer_all(&stream));
        }
    });
    port
}

fn answer_all(stream: &TcpStream) -> Option<()> {
    let mut input = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if input.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let mut header = String::new();
        while input.read_line(&mut header).ok()? > 2 {
            header.clear();
        }
        let path = first.split(' ').nth(1)?;
        answer(stream, path)?;
    }
}

fn answer(mut stream: &TcpStream, path: &str) -> Option<()> {
    let last = path.split('?').next()?.rsplit('/').next()?;
    let number: u64 = last.parse().unwrap_or(0);
    let status = if path.starts_with("/status/") {
        number
    } else {
        thread::sleep(Duration::from_millis(number));
        200
    };
    let kind = if path.starts_with("/events") {
        "text/event-stream"
    } else {
        "text/plain"
    };
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n");
    let upgrade = if status == 101 {
        "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    } else {
        "Content-Length: 2\r\n\r\nok"
    };
    stream.write_all(format!("{head}{upgrade}").as_bytes()).ok()
}
