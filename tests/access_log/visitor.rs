//! Who asks the site, through the servers before it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

/// Asks for all of these, eight at a time, and waits for every answer.
pub fn visit_all(port: u16, paths: &[String]) {
    let share = paths.len().div_ceil(8).max(1);
    thread::scope(|scope| {
        for part in paths.chunks(share) {
            scope.spawn(move || part.iter().for_each(|path| drop(visit(port, path))));
        }
    });
}

/// Asks for one, over a connection of its own; the whole answer.
pub fn visit(port: u16, path: &str) -> String {
    let more = if path.starts_with("/status/101") {
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    } else {
        "Connection: close\r\n"
    };
    let request = format!("GET {path} HTTP/1.1\r\nHost: site.test\r\n{more}\r\n");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    if path.starts_with("/status/101") {
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        return String::from_utf8_lossy(&first).into_owned();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
