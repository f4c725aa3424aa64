//! Stands between an export and its server, and loses the answer to a COMMIT now and then.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Listens until the test ends.
pub struct Proxy {
    pub port: u16,
    /// How many answers were lost.
    pub lost: Arc<AtomicU32>,
}

impl Proxy {
    /// Loses the answer to every second COMMIT.
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let lost = Arc::new(AtomicU32::new(0));
        let commits = Arc::new(AtomicU32::new(0));
        let losing = lost.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let (losing, commits) = (losing.clone(), commits.clone());
                std::thread::spawn(move || between(client, server, &losing, &commits));
            }
        });
        Self { port, lost }
    }
}

/// Hands on what the client says, until an answer is to be lost; what the server says is handed on by another thread.
fn between(mut client: TcpStream, mut server: TcpStream, lost: &AtomicU32, commits: &AtomicU32) {
    let answers = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let (mut server, mut client) = answers;
        let _ = std::io::copy(&mut server, &mut client);
        let _ = client.shutdown(Shutdown::Both);
    });
    let mut bytes = [0; 65_536];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        let is_commit = bytes[..count].windows(7).any(|seen| seen == b"COMMIT\0");
        if is_commit && commits.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
            lost.fetch_add(1, Ordering::SeqCst);
            // Nothing more reaches the client; the server hears the COMMIT all the same.
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.write_all(&bytes[..count]);
            break;
        }
        if server.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}
