//! What stays the same of the machine: its name, system, processor, when it was started, the container around hubtop.

use std::time::Duration;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::printable_bytes;
use crate::model::{Container, HostFacts, Moment, Reading, Rows, SourceKind, Timestamp};

use super::bytes::{lines, value_of};
use super::cgroup::{container_of, path_of_process};
use super::container::own_group;
use super::files::{Roots, text_in};

/// Reads what stays the same of the machine; looked at once a minute, since its name may be changed.
pub struct Facts {
    roots: Roots,
    cpu_model: Option<Option<String>>,
}

impl Facts {
    /// Reads below `roots`.
    #[must_use]
    pub fn new(roots: &Roots) -> Self {
        Self {
            roots: roots.clone(),
            cpu_model: None,
        }
    }

    fn facts(&mut self) -> HostFacts {
        let system = rustix::system::uname();
        let stat = std::fs::read(self.roots.proc.join("stat")).unwrap_or_default();
        let boot = value_of(&stat, b"btime").and_then(|seconds| i64::try_from(seconds).ok());
        HostFacts {
            name: printable_bytes(system.nodename().to_bytes()),
            os: self.os(),
            kernel: Some(printable_bytes(system.release().to_bytes())),
            cpu_model: self.cpu_model(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            boot: boot.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
            container: self.container(),
        }
    }

    fn os(&self) -> Option<String> {
        let text = std::fs::read(self.roots.etc.join("os-release")).ok()?;
        let name = lines(&text).find_map(|line| line.strip_prefix(b"PRETTY_NAME="))?;
        let quotes = |c| matches!(c, '"' | '\'');
        Some(printable_bytes(name).trim_matches(quotes).to_owned())
    }

    /// Read once: the file grows with the cores, and the answer does not change.
    fn cpu_model(&mut self) -> Option<String> {
        let cpuinfo = self.roots.proc.join("cpuinfo");
        let board = self.roots.proc.join("device-tree/model");
        self.cpu_model
            .get_or_insert_with(|| {
                let text = std::fs::read(cpuinfo).unwrap_or_default();
                model_in(&text).or_else(|| text_in(&board))
            })
            .clone()
    }

    fn container(&self) -> Option<Container> {
        let text = std::fs::read(self.roots.proc.join("self/cgroup")).unwrap_or_default();
        let named = path_of_process(&text)
            .and_then(|path| container_of(&String::from_utf8_lossy(path)))
            .or_else(|| named_by_file(std::path::Path::new("/")));
        if named.is_some() {
            return named;
        }
        let group = own_group(&self.roots);
        let is_limited = group.memory_limit().is_some() || group.cpu_limit().is_some();
        is_limited.then(|| Container {
            runtime: "cgroup".to_owned(),
            name: None,
        })
    }
}

/// The files that runtimes leave in a container.
fn named_by_file(root: &std::path::Path) -> Option<Container> {
    let files = [(".dockerenv", "docker"), ("run/.containerenv", "podman")];
    let (_, runtime) = files.iter().find(|(file, _)| root.join(file).exists())?;
    Some(Container {
        runtime: (*runtime).to_owned(),
        name: None,
    })
}

/// What the first processor calls itself: `model name` on x86, others on other machines.
fn model_in(cpuinfo: &[u8]) -> Option<String> {
    ["model name", "Hardware", "cpu model", "uarch"]
        .iter()
        .find_map(|name| {
            lines(cpuinfo)
                .filter_map(|line| line.strip_prefix(name.as_bytes()))
                .find_map(|rest| rest.trim_ascii_start().strip_prefix(b":"))
                .map(|value| printable_bytes(value.trim_ascii()))
        })
        .filter(|model| !model.is_empty())
}

impl Reader for Facts {
    fn spec(&self) -> Spec {
        Spec {
            name: "host".into(),
            kind: SourceKind::Host,
            cadence: Cadence::Every(Duration::from_secs(60)),
            timeout: Duration::from_secs(2),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        reading.rows.push(Rows::Host(self.facts()));
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_on_every_kind_of_machine() {
        let x86 = b"processor\t: 0\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) @ 2.6GHz\nprocessor\t: 1\nmodel name\t: other\n";
        assert_eq!(model_in(x86).as_deref(), Some("Intel(R) Xeon(R) @ 2.6GHz"));
        assert_eq!(
            model_in(b"Hardware : BCM2835\n").as_deref(),
            Some("BCM2835")
        );
        assert_eq!(model_in(b"model name :\n"), None);
    }
}
