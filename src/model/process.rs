//! A process as a row of the table, and everything about the one that is open on the screen.
//!
//! What never changes of a process is shared ([`ProcessIdentity`]), and a row that did not change since the last tick
//! is the same `Arc`: a minute of pictures of a quiet machine costs little more than one.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

/// Which process is meant: a PID alone may come to mean another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessKey {
    /// The process's number.
    pub pid: u32,
    /// When it started, in the kernel's clock ticks since boot (seconds elsewhere): equal for the same process only.
    pub started: u64,
}

/// The state of a process as the kernel tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessState {
    /// Running or ready to run (R).
    Running,
    /// Sleeping (S).
    Sleeping,
    /// Waiting for I/O, not to be interrupted (D).
    Blocked,
    /// Stopped by a signal or a tracer (T, t).
    Stopped,
    /// Ended, not yet collected by its parent (Z, X).
    Zombie,
    /// An idle kernel thread (I).
    Idle,
    /// Something else, or not told.
    #[serde(other)]
    Unknown,
}

impl ProcessState {
    /// The letter that `ps` shows.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Running => 'R',
            Self::Sleeping => 'S',
            Self::Blocked => 'D',
            Self::Stopped => 'T',
            Self::Zombie => 'Z',
            Self::Idle => 'I',
            Self::Unknown => '?',
        }
    }

    /// The state as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Sleeping => "sleeping",
            Self::Blocked => "blocked",
            Self::Stopped => "stopped",
            Self::Zombie => "zombie",
            Self::Idle => "idle",
            Self::Unknown => "unknown",
        }
    }
}

/// What stays the same of a process (until it calls `exec`, which makes a new one of these).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// Which process.
    pub key: ProcessKey,
    /// Who runs it; the number where there is no name.
    pub user: Arc<str>,
    /// The short name, safe to show.
    pub name: Arc<str>,
    /// The command line, safe to show, without secrets; the name in brackets for a kernel thread.
    pub command: Arc<str>,
    /// When it started.
    pub started_at: Timestamp,
    /// The control group's path (the memory or unified one), if told.
    pub cgroup: Option<Arc<str>>,
    /// The container that the control group names.
    pub container: Option<Arc<str>>,
    /// A thread of the kernel: no memory of its own, no files.
    pub is_kernel: bool,
}

/// One row of the process table. `None` is "not told", never zero.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Process {
    /// What stays the same.
    #[serde(flatten)]
    pub identity: Arc<ProcessIdentity>,
    /// The parent's number; 0 for none.
    pub parent: u32,
    /// Its state.
    pub state: ProcessState,
    /// CPU use over the last interval, 100 for one whole core. `None` until two ticks have seen it.
    pub cpu_percent: Option<f64>,
    /// Resident memory as a share of the machine's, 0 to 100.
    pub memory_percent: f64,
    /// Resident memory in bytes.
    pub resident_bytes: u64,
    /// Threads, where the system tells.
    pub threads: Option<u32>,
    /// Bytes a second read from storage over the last interval measured.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes a second written to storage over the last interval measured.
    pub write_bytes_per_sec: Option<f64>,
    /// CPU time used since it started.
    #[serde(serialize_with = "as_seconds", rename = "cpu_time_seconds")]
    pub cpu_time: Duration,
    /// Nice value, −20 to 19, where the system tells.
    pub nice: Option<i32>,
}

impl Process {
    /// Which process this is.
    #[must_use]
    pub fn key(&self) -> ProcessKey {
        self.identity.key
    }
}

fn as_seconds<S: serde::Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(span.as_secs_f64())
}

/// A thread of the open process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Thread {
    /// Its number.
    pub tid: u32,
    /// Its name, safe to show.
    pub name: String,
    /// Its state.
    pub state: ProcessState,
    /// CPU use over the last interval, 100 for one whole core.
    pub cpu_percent: Option<f64>,
}

/// An open file of the open process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenFile {
    /// The descriptor.
    pub fd: u32,
    /// `file`, `pipe`, `socket`, `device`, `anon`.
    pub kind: &'static str,
    /// The path or what the kernel calls it, safe to show.
    pub target: String,
}

/// A socket of the open process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Socket {
    /// `tcp`, `tcp6`, `udp`, `udp6`, `unix`.
    pub protocol: &'static str,
    /// Its own address, safe to show.
    pub local: String,
    /// The other end, if any.
    pub remote: Option<String>,
    /// `ESTABLISHED`, `LISTEN`… where the protocol has states.
    pub state: Option<&'static str>,
}

/// A resource limit of the open process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// What is limited, for example `Max open files`.
    pub name: String,
    /// The limit in force, as the kernel writes it.
    pub soft: String,
    /// How far it can be raised.
    pub hard: String,
}

/// The control group of the open process. `None` is "no limit" for limits and "not told" for uses.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CgroupUse {
    /// Its path.
    pub path: String,
    /// Memory used, bytes.
    pub memory_bytes: Option<u64>,
    /// Memory limit, bytes.
    pub memory_limit_bytes: Option<u64>,
    /// CPU limit in cores.
    pub cpu_limit_cores: Option<f64>,
    /// Scheduling periods since the group exists.
    pub periods: Option<u64>,
    /// Those in which it was throttled.
    pub throttled_periods: Option<u64>,
    /// Time spent throttled.
    #[serde(skip)]
    pub throttled: Option<Duration>,
    /// Times that the kernel killed in it for lack of memory.
    pub oom_kills: Option<u64>,
}

/// A part of the detail that may be refused.
pub type Told<T> = Result<T, String>;

/// Everything about the process that is open on the screen. A part that could not be read holds why, in one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcessDetail {
    /// Which process.
    pub key: ProcessKey,
    /// When it was looked at.
    pub at: Timestamp,
    /// The program's file.
    pub executable: Told<String>,
    /// Its working directory.
    pub directory: Told<String>,
    /// Its threads, busiest first, at most [`ProcessDetail::ROWS`].
    pub threads: Told<Vec<Thread>>,
    /// Its open files, at most [`ProcessDetail::ROWS`].
    pub files: Told<Vec<OpenFile>>,
    /// How many files are open in all.
    pub file_count: Option<usize>,
    /// Its sockets, at most [`ProcessDetail::ROWS`].
    pub sockets: Told<Vec<Socket>>,
    /// Its limits.
    pub limits: Told<Vec<Limit>>,
    /// Its control group.
    pub cgroup: Told<CgroupUse>,
    /// Names of its environment variables; values are never read into the frame.
    pub environment: Told<Vec<String>>,
    /// Its parents, from the closest up: number and name.
    pub parents: Vec<(u32, String)>,
}

impl ProcessDetail {
    /// The most rows that one list of a detail holds.
    pub const ROWS: usize = 500;
}
