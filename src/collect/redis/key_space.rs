//! Keys counted by their beginning, with bounds on everything that is remembered of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::text::printable_bytes;
use crate::model::{LargeKey, PrefixUse};

/// So many prefixes are told apart; further ones are counted together.
const MOST_PREFIXES: usize = 200;
/// What the rest is called.
const OTHERS: &str = "(others)";
/// Keys without any separator.
const BARE: &str = "(no prefix)";
/// What ends a prefix.
const SEPARATORS: [u8; 4] = [b':', b'/', b'.', b'|'];
/// So many of the largest keys are kept.
const MOST_LARGE: usize = 20;
/// A longer prefix or key is cut.
const LONGEST_PREFIX: usize = 48;
const LONGEST_KEY: usize = 120;

/// What is known of the keys that were seen.
#[derive(Default)]
pub(super) struct KeyCensus {
    prefixes: HashMap<Box<[u8]>, PrefixCount>,
    /// The largest first.
    largest: Vec<LargeKey>,
}

#[derive(Debug, Clone, Copy, Default)]
struct PrefixCount {
    keys: u64,
    measured: u64,
    bytes: u64,
    lasting: u64,
}

impl KeyCensus {
    /// Counts a key.
    pub fn add(&mut self, key: &[u8]) {
        self.of(key).keys += 1;
    }

    /// Adds what was measured of a key that was counted.
    pub fn measured(&mut self, key: &[u8], bytes: u64, lasts: bool) {
        let count = self.of(key);
        count.measured += 1;
        count.bytes = count.bytes.saturating_add(bytes);
        count.lasting += u64::from(lasts);
    }

    /// Whether a key of this size is among the largest so far.
    pub fn is_large(&self, bytes: u64) -> bool {
        let smallest = self.largest.last();
        self.largest.len() < MOST_LARGE || smallest.is_some_and(|key| key.bytes < bytes)
    }

    /// Keeps a key that is among the largest.
    pub fn add_large(&mut self, key: &[u8], kind: &str, bytes: u64) {
        let name: Arc<str> = cut(key, LONGEST_KEY).into();
        // SCAN may tell a key twice.
        self.largest.retain(|known| known.key != name);
        let place = self.largest.partition_point(|known| known.bytes >= bytes);
        let key = LargeKey {
            key: name,
            kind: printable_bytes(kind.as_bytes()).into(),
            bytes,
        };
        self.largest.insert(place, key);
        self.largest.truncate(MOST_LARGE);
    }

    /// The largest keys.
    pub fn largest(&self) -> Vec<LargeKey> {
        self.largest.clone()
    }

    /// The prefixes, the largest share first; `seen` is how many keys were seen in all.
    pub fn prefixes(&self, seen: u64) -> Vec<PrefixUse> {
        let mut told: Vec<PrefixUse> = self
            .prefixes
            .iter()
            .map(|(prefix, count)| count.told(prefix, seen))
            .collect();
        told.sort_by(|a, b| b.keys.cmp(&a.keys).then_with(|| a.prefix.cmp(&b.prefix)));
        told
    }

    fn of(&mut self, key: &[u8]) -> &mut PrefixCount {
        let prefix = prefix_of(key);
        let is_full = self.prefixes.len() >= MOST_PREFIXES;
        let prefix = if is_full && !self.prefixes.contains_key(prefix) {
            OTHERS.as_bytes()
        } else {
            prefix
        };
        self.prefixes.entry(prefix.into()).or_default()
    }
}

impl PrefixCount {
    fn told(&self, prefix: &[u8], seen: u64) -> PrefixUse {
        let each = |sum: u64| sum as f64 / self.measured as f64;
        let is_measured = self.measured > 0;
        PrefixUse {
            prefix: cut(prefix, LONGEST_PREFIX).into(),
            keys: self.keys,
            percent: 100.0 * self.keys as f64 / seen.max(1) as f64,
            bytes: is_measured.then(|| (each(self.bytes) * self.keys as f64) as u64),
            lasting_percent: is_measured.then(|| 100.0 * each(self.lasting)),
        }
    }
}

/// Everything up to the first separator, and it.
fn prefix_of(key: &[u8]) -> &[u8] {
    let end = key
        .iter()
        .take(LONGEST_PREFIX)
        .position(|byte| SEPARATORS.contains(byte));
    match end {
        Some(end) => &key[..=end],
        None => BARE.as_bytes(),
    }
}

fn cut(bytes: &[u8], most: usize) -> String {
    let shown = printable_bytes(&bytes[..bytes.len().min(4 * most)]);
    match shown.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_counted_by_prefix_within_bounds() {
        let mut census = KeyCensus::default();
        for n in 0..1000 {
            census.add(format!("session:{n}").as_bytes());
            census.add(format!("tenant{n}/x").as_bytes());
        }
        census.add(b"\x1bplain");
        census.measured(b"session:1", 100, true);
        census.measured(b"session:2", 300, false);
        let told = census.prefixes(2001);
        assert!(told.len() <= MOST_PREFIXES + 1);
        assert_eq!(told.iter().map(|prefix| prefix.keys).sum::<u64>(), 2001);
        let session = told
            .iter()
            .find(|prefix| &*prefix.prefix == "session:")
            .unwrap();
        assert_eq!((session.keys, session.bytes), (1000, Some(200_000)));
        assert_eq!(session.lasting_percent, Some(50.0));
        let others = told
            .iter()
            .find(|prefix| &*prefix.prefix == OTHERS)
            .unwrap();
        assert_eq!(others.bytes, None);
    }

    #[test]
    fn the_largest_keys_are_kept_once_each() {
        let mut census = KeyCensus::default();
        for n in (0..100_u64).chain([99]) {
            if census.is_large(n) {
                census.add_large(format!("k{n}").as_bytes(), "hash", n);
            }
        }
        let bytes: Vec<u64> = census.largest().iter().map(|key| key.bytes).collect();
        assert_eq!(bytes, (80..100).rev().collect::<Vec<u64>>());
        census.add_large(&[b'x'; 5000], "string", 5000);
        assert_eq!(census.largest()[0].key.chars().count(), LONGEST_KEY + 1);
    }
}
