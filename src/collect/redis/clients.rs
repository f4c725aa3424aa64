//! The connections of a server: the answer to CLIENT LIST.

use std::time::Duration;

use redis::Value;

use crate::model::CacheClient;
use crate::model::text::printable;

/// Reads the answer: a line a client of `name=value`. What is not understood is left out.
pub(super) fn clients(answer: &Value) -> Vec<CacheClient> {
    let text = match answer {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes),
        Value::VerbatimString { text, .. } => text.into(),
        _ => return Vec::new(),
    };
    text.lines().filter_map(client).collect()
}

fn client(line: &str) -> Option<CacheClient> {
    let value = |name: &str| {
        let mut fields = line.split(' ').filter_map(|field| field.split_once('='));
        fields.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let number = |name| value(name).and_then(|value| value.parse().ok());
    let text = |name| printable(value(name).unwrap_or_default()).into_owned();
    Some(CacheClient {
        id: number("id")?,
        address: text("addr").into(),
        name: text("name").into(),
        user: text("user").into(),
        age: Duration::from_secs(number("age").unwrap_or(0)),
        idle: Duration::from_secs(number("idle").unwrap_or(0)),
        command: text("cmd").replace('|', " ").into(),
        memory_bytes: number("tot-mem"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_clients() {
        let answer = "id=3 addr=127.0.0.1:52 laddr=127.0.0.1:6379 name=web age=9 idle=2 db=0 cmd=client|list user=mon tot-mem=22298\n\
            id=x addr=1\n\nid=4 addr=/run/redis.sock:0 name= age=1 idle=1 cmd=NULL\n";
        let read = clients(&Value::BulkString(answer.into()));
        assert_eq!(read.len(), 2);
        assert_eq!(
            (read[0].id, &*read[0].name, &*read[0].user),
            (3, "web", "mon")
        );
        assert_eq!(
            (&*read[0].command, read[0].memory_bytes),
            ("client list", Some(22298))
        );
        assert_eq!(
            (read[1].idle, read[1].memory_bytes),
            (Duration::from_secs(1), None)
        );
    }
}
