//! What stays the same of a process: read when it appears, and again when it may have called `exec`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::collect::command_line::command_text;
use crate::model::text::printable_bytes;
use crate::model::{ProcessIdentity, ProcessKey, Timestamp};

use super::super::cgroup;
use super::folder::Folder;
use super::stat::Stat;
use super::users::UserNames;

/// A command line is cut at so many bytes; nobody reads more of it in a table.
const LONGEST_COMMAND: usize = 4096;
/// So many control groups are remembered; machines that make and drop containers all day do not fill memory.
const MOST_GROUPS: usize = 4096;

/// A control group as processes share it.
#[derive(Clone)]
struct Group {
    path: Arc<str>,
    container: Option<Arc<str>>,
}

/// Reads identities, sharing what processes have in common.
pub struct Identities {
    users: UserNames,
    groups: HashMap<Box<[u8]>, Group>,
    command: Vec<u8>,
    group: Vec<u8>,
    boot: Timestamp,
    ticks_per_second: u64,
}

/// The raw form of an identity as one number: unchanged while that number is.
pub type Mark = u64;

impl Identities {
    /// Names users by the file `passwd`; `boot` is what start times count from.
    #[must_use]
    pub fn new(passwd: PathBuf, boot: Timestamp, ticks_per_second: u64) -> Self {
        Self {
            users: UserNames::new(passwd),
            groups: HashMap::new(),
            command: vec![0; LONGEST_COMMAND],
            group: vec![0; 4096],
            boot,
            ticks_per_second,
        }
    }

    /// Reads the identity of a process; nothing is made anew when it is still the one with the mark `known`.
    pub fn read(
        &mut self,
        folder: &Folder,
        pid: u32,
        stat: &Stat<'_>,
        now: Duration,
        known: Option<Mark>,
    ) -> Option<(Mark, ProcessIdentity)> {
        let owner = folder.owner(pid).unwrap_or(0);
        let mut command = std::mem::take(&mut self.command);
        let mut group = std::mem::take(&mut self.group);
        let command_line = if stat.is_kernel {
            &[]
        } else {
            folder.read(pid, "cmdline", &mut command).unwrap_or(&[])
        };
        // Threads of the kernel are in no group but the root's; most of a machine's processes need not be asked.
        let group_text = if stat.is_kernel {
            &[][..]
        } else {
            folder.read(pid, "cgroup", &mut group).unwrap_or(&[])
        };
        let mark = mark_of(stat, owner, command_line, group_text);
        let identity = (known != Some(mark))
            .then(|| self.make(pid, stat, now, owner, command_line, group_text));
        self.command = command;
        self.group = group;
        identity.map(|identity| (mark, identity))
    }

    fn make(
        &mut self,
        pid: u32,
        stat: &Stat<'_>,
        now: Duration,
        owner: u32,
        command_line: &[u8],
        group_text: &[u8],
    ) -> ProcessIdentity {
        let name = printable_bytes(stat.name);
        let command = match command_text(command_line) {
            Some(text) => text,
            None => format!("[{name}]"),
        };
        let group = self.group_of(group_text);
        let started_after = stat.started.saturating_mul(1000) / self.ticks_per_second;
        ProcessIdentity {
            key: ProcessKey {
                pid,
                started: stat.started,
            },
            user: self.users.name(owner, now),
            name: name.into(),
            command: command.into(),
            started_at: self.boot.plus(Duration::from_millis(started_after)),
            cgroup: group.as_ref().map(|group| group.path.clone()),
            container: group.and_then(|group| group.container),
            is_kernel: stat.is_kernel,
        }
    }

    fn group_of(&mut self, text: &[u8]) -> Option<Group> {
        let path = cgroup::path_of_process(text)?;
        if let Some(group) = self.groups.get(path) {
            return Some(group.clone());
        }
        if self.groups.len() >= MOST_GROUPS {
            self.groups.clear();
        }
        let container = cgroup::container_of(&String::from_utf8_lossy(path));
        let group = Group {
            path: printable_bytes(path).into(),
            container: container.map(|container| match container.name {
                Some(name) => format!("{}:{name}", container.runtime).into(),
                None => container.runtime.into(),
            }),
        };
        self.groups.insert(path.into(), group.clone());
        Some(group)
    }
}

fn mark_of(stat: &Stat<'_>, owner: u32, command_line: &[u8], group: &[u8]) -> Mark {
    let mut hasher = DefaultHasher::new();
    // The names of the kernel's own threads change with what they work on; that does not make them others.
    if !stat.is_kernel {
        stat.name.hash(&mut hasher);
    }
    (stat.started, owner, command_line, group).hash(&mut hasher);
    hasher.finish()
}
