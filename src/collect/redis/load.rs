//! What hubtop itself asks of a server, counted by command.

use std::collections::HashMap;

use redis::{Arg, Cmd};

/// Commands that the server counts by their second word as well, from Redis 7 on.
const CONTAINERS: [&str; 6] = [
    "client",
    "cluster",
    "commandlog",
    "latency",
    "memory",
    "slowlog",
];

/// How many of each command were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Load(HashMap<String, u64>);

impl Load {
    /// Counts one that is sent.
    pub fn count(&mut self, command: &Cmd) {
        let mut words = command.args_iter().map_while(|word| match word {
            Arg::Simple(word) => Some(String::from_utf8_lossy(word).to_ascii_lowercase()),
            _ => None,
        });
        let mut name = words.next().unwrap_or_default();
        if CONTAINERS.contains(&name.as_str())
            && let Some(second) = words.next()
        {
            name = format!("{name}|{second}");
        }
        *self.0.entry(name).or_default() += 1;
    }

    /// Adds those that `later` counts beyond `before`.
    pub fn add_rise(&mut self, before: &Self, later: &Self) {
        for (name, count) in &later.0 {
            let known = before.0.get(name).copied().unwrap_or(0);
            *self.0.entry(name.clone()).or_default() += count.saturating_sub(known);
        }
    }

    /// How many there were of all.
    pub fn commands(&self) -> u64 {
        self.0.values().sum()
    }

    /// How many of each, as the server names it: `ping`, `client|list`.
    pub fn each(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::redis::link::words;

    #[test]
    fn commands_are_counted_by_the_name_that_the_server_gives_them() {
        let mut load = Load::default();
        for command in [
            &["PING"] as &[&str],
            &["CLIENT", "LIST"],
            &["TYPE", "key"],
            &["PING"],
        ] {
            load.count(&words(command));
        }
        let mut each: Vec<(&str, u64)> = load.each().collect();
        each.sort_unstable();
        assert_eq!(each, [("client|list", 1), ("ping", 2), ("type", 1)]);
        assert_eq!(load.commands(), 4);
        let before = load.clone();
        load.count(&words(&["PING"]));
        let mut walk = Load::default();
        walk.add_rise(&before, &load);
        assert_eq!(walk.commands(), 1);
    }
}
