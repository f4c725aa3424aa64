//! The answer to INFO: lines of `name:value` under headings. What is not understood is left out; nothing is assumed to
//! be there.

use std::collections::BTreeMap;

/// So many lines are kept. A server with every module has some hundreds.
const MOST_LINES: usize = 8192;
/// A line that is longer says nothing that is shown.
const LONGEST_LINE: usize = 4096;

/// What INFO told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info(BTreeMap<Box<str>, Box<str>>);

/// Reads the answer to INFO; of lines that come twice the first counts.
#[must_use]
pub fn parse_info(bytes: &[u8]) -> Info {
    let mut fields = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(MOST_LINES) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > LONGEST_LINE || line.first() == Some(&b'#') {
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        if let Some((name, value)) = line.split_once(':') {
            fields.entry(name.into()).or_insert_with(|| value.into());
        }
    }
    Info(fields)
}

impl Info {
    /// The value of a field as it stands there.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| &**value)
    }

    /// The value of a field that counts something.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }

    /// The value of a field that may have a fraction.
    #[must_use]
    pub fn float(&self, name: &str) -> Option<f64> {
        let value: f64 = self.text(name)?.trim().parse().ok()?;
        value.is_finite().then_some(value)
    }

    /// Whether a field is `1`.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.text(name) == Some("1")
    }

    /// The fields whose names begin so, with the rest of the name: `cmdstat_` gives `get`, `client|list`.
    pub fn beginning<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from = self.0.range::<str, _>((
            std::ops::Bound::Included(prefix),
            std::ops::Bound::Unbounded,
        ));
        from.map_while(move |(name, value)| Some((name.strip_prefix(prefix)?, &**value)))
    }
}

/// The value of `name` in `calls=1,usec=12`.
#[must_use]
pub fn part<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = value.split(',').filter_map(|part| part.split_once('='));
    parts.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The value of `name` in `calls=1,usec=12` as a number.
#[must_use]
pub fn part_number(value: &str, name: &str) -> Option<u64> {
    part(value, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_found_by_name_and_by_their_beginning() {
        let info = parse_info(
            b"# Server\r\nredis_version:7.0.15\r\nrun_id:ab:cd\r\nused_memory:12\r\nbroken\r\n\xff:1\r\n\
            mem_fragmentation_ratio:1.25\r\naof_enabled:1\r\n\r\n# Commandstats\r\n\
            cmdstat_client|list:calls=2,usec=30\r\ncmdstat_get:calls=5,usec=9,usec_per_call=1.80\r\ndb0:keys=3,expires=1",
        );
        assert_eq!(info.text("redis_version"), Some("7.0.15"));
        assert_eq!(
            info.text("run_id"),
            Some("ab:cd"),
            "a value may hold a colon"
        );
        assert_eq!(info.number("used_memory"), Some(12));
        assert_eq!(info.number("redis_version"), None);
        assert_eq!(info.float("mem_fragmentation_ratio"), Some(1.25));
        assert!(info.is_set("aof_enabled") && !info.is_set("loading"));
        let commands: Vec<&str> = info.beginning("cmdstat_").map(|(name, _)| name).collect();
        assert_eq!(commands, ["client|list", "get"]);
        let get = info.text("cmdstat_get").unwrap();
        assert_eq!(
            (part_number(get, "usec"), part(get, "usec_per_call")),
            (Some(9), Some("1.80"))
        );
        assert_eq!(part_number(get, "failed_calls"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let info = parse_info(&bytes);
            prop_assert!(info.0.len() <= bytes.len());
            for (_, value) in info.beginning("a") {
                let _ = part_number(value, "calls");
            }
        }

        #[test]
        fn what_was_written_is_read(fields in proptest::collection::btree_map("[a-z_]{1,12}", "[ -~]{0,30}", 0..50)) {
            let text: String = fields.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
            let info = parse_info(text.as_bytes());
            for (name, value) in &fields {
                prop_assert_eq!(info.text(name), Some(value.as_str()));
            }
        }
    }
}
