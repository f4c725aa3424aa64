//! The text protocol of memcached, as much of it as statistics need: a line is sent, lines come back until `END`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::collect::CollectError;
use crate::collect::wire::{Place, Stream, Wire, connect};
use crate::model::format::Formatter;
use crate::model::text::printable_bytes;
use crate::net::secret::Secret;

/// An answer that is longer is no answer: `stats items` of every slab class takes some 40 KB.
const LONGEST_ANSWER: usize = 1 << 20;
/// So much of what is not understood is shown.
const SHOWN: usize = 80;

/// What one `stats …` told.
pub type Stats = HashMap<Box<str>, Box<str>>;

/// A connection.
pub(super) struct Link {
    wire: BufReader<Wire<Box<dyn Stream>>>,
    /// Commands that were sent, and their round trips.
    pub load: (u64, Duration),
}

impl Link {
    /// Connects, and logs in if there is a password.
    pub async fn open(
        place: &Place,
        user: Option<&str>,
        password: Option<&Secret>,
    ) -> Result<Self, CollectError> {
        let wire = connect(place, None).await?;
        let mut link = Self {
            wire: BufReader::new(wire),
            load: (0, Duration::ZERO),
        };
        if let Some(password) = password {
            link.log_in(user.unwrap_or_default(), password).await?;
        }
        Ok(link)
    }

    /// The server takes the first thing that is stored for user and password; it stores nothing.
    async fn log_in(&mut self, user: &str, password: &Secret) -> Result<(), CollectError> {
        let login = format!("{user} {}", password.reveal());
        let question = format!("set hubtop 0 0 {}\r\n{login}\r\n", login.len());
        self.send(question.as_bytes()).await?;
        match self.line().await?.as_slice() {
            b"STORED" => Ok(()),
            line => Err(refusal(line)),
        }
    }

    /// The round trip of the smallest question there is.
    pub async fn ping(&mut self) -> Result<Duration, CollectError> {
        let begun = Instant::now();
        self.send(b"version\r\n").await?;
        let line = self.line().await?;
        if !line.starts_with(b"VERSION ") {
            return Err(refusal(&line));
        }
        self.count(begun);
        Ok(begun.elapsed())
    }

    /// `stats`, or `stats settings` and so on.
    pub async fn stats(&mut self, of: &str) -> Result<Stats, CollectError> {
        let begun = Instant::now();
        let question = format!("stats {of}");
        self.send(format!("{}\r\n", question.trim_end()).as_bytes())
            .await?;
        let mut told = Stats::new();
        loop {
            let line = self.line().await?;
            match stat(&line) {
                Line::End => break,
                Line::Stat(name, value) => told.insert(name.into(), value.into()),
                Line::Other => return Err(refusal(&line)),
            };
        }
        self.count(begun);
        Ok(told)
    }

    fn count(&mut self, begun: Instant) {
        self.load.0 += 1;
        self.load.1 += begun.elapsed();
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), CollectError> {
        self.wire.get_ref().allowance().renew(LONGEST_ANSWER);
        let sent = self.wire.write_all(bytes).await;
        sent.map_err(|_| broken_off())
    }

    /// The next line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, CollectError> {
        let mut line = Vec::new();
        let read = self.wire.read_until(b'\n', &mut line).await;
        if read.is_err() && self.wire.get_ref().allowance().is_spent() {
            let limit = Formatter::default().bytes(LONGEST_ANSWER as f64);
            return Err(malformed(format!("it is longer than {limit}")));
        }
        if read.is_err() || line.pop() != Some(b'\n') {
            return Err(broken_off());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(line)
    }
}

/// A line of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Stat(&'a str, &'a str),
    End,
    Other,
}

fn stat(line: &[u8]) -> Line<'_> {
    let Ok(text) = std::str::from_utf8(line) else {
        return Line::Other;
    };
    // `RESET` answers nothing that is asked here.
    match text.strip_prefix("STAT ") {
        Some(rest) => {
            let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
            Line::Stat(name, value)
        }
        None if text == "END" => Line::End,
        None => Line::Other,
    }
}

fn refusal(line: &[u8]) -> CollectError {
    let text = printable_bytes(&line[..line.len().min(SHOWN)]);
    if text.contains("unauthenticated") || text.contains("authentication failure") {
        let grant = "it wants user and password: set user and password_file of its [[source]]";
        return CollectError::Denied {
            grant: grant.to_owned(),
        };
    }
    let is_answer = ["ERROR", "CLIENT_ERROR", "SERVER_ERROR"]
        .iter()
        .any(|word| text.starts_with(word));
    if is_answer {
        return CollectError::Server(match text.contains("Too many open connections") {
            true => "it has no connection left: raise -c".to_owned(),
            false => format!("it said {text}"),
        });
    }
    malformed("it is not the protocol of memcached".to_owned())
}

fn malformed(why: String) -> CollectError {
    let what = "its answer".to_owned();
    CollectError::Malformed { what, why }
}

fn broken_off() -> CollectError {
    CollectError::Server("it closed the connection in the middle of an answer".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(stat(b"STAT get_hits 12"), Line::Stat("get_hits", "12"));
        assert_eq!(
            stat(b"STAT 1:chunk_size 96"),
            Line::Stat("1:chunk_size", "96")
        );
        assert_eq!(stat(b"STAT inter "), Line::Stat("inter", ""));
        assert_eq!(stat(b"END"), Line::End);
        assert_eq!(stat(b"ERROR"), Line::Other);
        let full = refusal(b"ERROR Too many open connections").to_string();
        assert!(full.contains("raise -c"), "{full}");
        let denied = refusal(b"CLIENT_ERROR unauthenticated");
        assert!(matches!(denied, CollectError::Denied { .. }));
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = stat(&line);
            let shown = refusal(&line).to_string();
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
