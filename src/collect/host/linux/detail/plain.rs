//! The limits, the names in the environment and the parents of a process.

use std::io;
use std::path::Path;

use crate::model::process::Limit;
use crate::model::text::printable_bytes;

use super::super::bytes::{fields, lines};
use super::super::processes::parse_process_stat;

/// The names in `/proc/PID/limits` are filled up to this column.
const NAME_WIDTH: usize = 26;
/// A process has no more parents than this on any sane machine.
const MOST_PARENTS: usize = 64;

/// The limits of a process.
///
/// # Errors
/// What the system said.
pub fn limits(folder: &Path) -> io::Result<Vec<Limit>> {
    let text = std::fs::read(folder.join("limits"))?;
    Ok(lines(&text).skip(1).filter_map(parse_limit).collect())
}

fn parse_limit(line: &[u8]) -> Option<Limit> {
    let (name, rest) = line.split_at_checked(NAME_WIDTH)?;
    let mut values = fields(rest);
    Some(Limit {
        name: printable_bytes(name.trim_ascii()),
        soft: printable_bytes(values.next()?),
        hard: printable_bytes(values.next()?),
    })
}

/// The names of the environment variables that a process was started with.
///
/// # Errors
/// What the system said.
pub fn environment_names(folder: &Path) -> io::Result<Vec<String>> {
    let text = std::fs::read(folder.join("environ"))?;
    Ok(names_in(&text))
}

/// Values are left behind here. What has no plain name is left out: a process may write anything over its
/// environment, and a secret is not to be taken for a name.
fn names_in(text: &[u8]) -> Vec<String> {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"_.-".contains(b);
    let mut names: Vec<String> = text
        .split(|&b| b == 0)
        .filter_map(|entry| {
            let end = entry.iter().position(|&b| b == b'=')?;
            let name = &entry[..end];
            (!name.is_empty() && name.iter().all(is_plain)).then(|| printable_bytes(name))
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The parents of a process from the closest up: number and name.
#[must_use]
pub fn parents(proc: &Path, pid: u32) -> Vec<(u32, String)> {
    let of = |pid: u32| {
        let text = std::fs::read(proc.join(pid.to_string()).join("stat")).ok()?;
        parse_process_stat(&text).map(|stat| (stat.parent, printable_bytes(stat.name)))
    };
    let mut found = Vec::new();
    let mut next = of(pid).map(|(parent, _)| parent);
    while let Some(pid) = next.filter(|&pid| pid != 0 && found.len() < MOST_PARENTS) {
        let Some((parent, name)) = of(pid) else { break };
        found.push((pid, name));
        next = Some(parent);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_names_leave_the_environment() {
        let text = b"PATH=/bin\0API_TOKEN=hunter2=x\0garbage hunter2\0=hunter2\0with blank=hunter2\0PATH=again\0";
        assert_eq!(names_in(text), ["API_TOKEN", "PATH"]);
    }

    #[test]
    fn a_limit_is_a_name_and_two_values() {
        let line =
            b"Max open files            1024                 1048576              files     ";
        let limit = parse_limit(line).unwrap();
        assert_eq!(
            (
                limit.name.as_str(),
                limit.soft.as_str(),
                limit.hard.as_str()
            ),
            ("Max open files", "1024", "1048576")
        );
        assert_eq!(parse_limit(b"Max"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_limit(&text);
            prop_assert!(names_in(&text).iter().all(|name| !name.contains('=')));
        }
    }
}
