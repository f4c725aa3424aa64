//! Listeners that do what a server must never do. What speaks the protocols right is a real server; these only misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a listener does with whoever connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes the connection and never says a word.
    Silent,
    /// Says a little that begins like an answer, and never ends it.
    StopsMidAnswer,
    /// Answers with bytes that mean nothing.
    Garbage,
    /// Answers with 100 MB.
    Floods,
    /// Resets the connection as soon as it is asked.
    Resets,
    /// Sends a byte now and then, for ever.
    Drips,
}

pub const MANNERS: [Manner; 6] = [
    Manner::Silent,
    Manner::StopsMidAnswer,
    Manner::Garbage,
    Manner::Floods,
    Manner::Resets,
    Manner::Drips,
];

/// A listener that misbehaves until it is dropped.
pub struct Misbehaving {
    pub port: u16,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Misbehaving {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let ends = Arc::new(AtomicBool::new(false));
        let ending = ends.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    let ending = ending.clone();
                    std::thread::spawn(move || behave(manner, stream, &ending));
                }
            }
        });
        Self {
            port,
            ends,
            thread: Some(thread),
        }
    }
}

impl Drop for Misbehaving {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // Wakes the listener up, so that it sees that it is over.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whoever hangs up ends it; errors mean nothing here.
fn behave(manner: Manner, mut stream: TcpStream, ends: &AtomicBool) {
    let hold = |stream: &TcpStream| {
        let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
        let mut rest = [0; 1024];
        while !ends.load(Ordering::SeqCst) {
            match (&mut &*stream).read(&mut rest) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if is_timeout(&error) => {}
                Err(_) => return,
            }
        }
    };
    let asked = |stream: &mut TcpStream| {
        let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
        let _ = stream.read(&mut [0; 1024]);
    };
    match manner {
        Manner::Silent => hold(&stream),
        Manner::StopsMidAnswer => {
            asked(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nup 1\n");
            hold(&stream);
        }
        Manner::Garbage => {
            asked(&mut stream);
            let noise: Vec<u8> = (0..4096_u32)
                .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
                .collect();
            let _ = stream.write_all(&noise);
            hold(&stream);
        }
        Manner::Floods => {
            asked(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
            let block = [b'x'; 1 << 16];
            for _ in 0..1600 {
                if stream.write_all(&block).is_err() {
                    return;
                }
            }
        }
        Manner::Resets => {
            asked(&mut stream);
            // Closing with unread bytes and no lingering sends a reset.
            let socket = socket2::SockRef::from(&stream);
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
        Manner::Drips => {
            asked(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
            while !ends.load(Ordering::SeqCst) && stream.write_all(b"a").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
