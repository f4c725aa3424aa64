//! All processes through sysinfo. It does not tell nice values, and the number of threads on Linux only.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sysinfo::{
    Process as Told, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind,
    Users,
};

use crate::collect::command_line::command_text;
use crate::collect::counter::{Counter, Interval};
use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::text::{printable, printable_bytes};
use crate::model::{
    Catalog, Moment, Process, ProcessIdentity, ProcessKey, ProcessState, Reading, Rows, SeriesId,
    Timestamp,
};

use super::{failed, share, spec};

/// A process from tick to tick.
struct Known {
    row: Arc<Process>,
    read: Counter,
    written: Counter,
}

/// Reads all processes.
pub struct Processes {
    system: Option<System>,
    users: Option<Users>,
    count: SeriesId,
    interval: Interval,
    known: HashMap<ProcessKey, Known>,
}

impl Processes {
    /// Writes into `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            system: None,
            users: None,
            count: catalog.plain("system.process.count"),
            interval: Interval::default(),
            known: HashMap::new(),
        }
    }
}

impl Reader for Processes {
    fn spec(&self) -> Spec {
        spec("processes", Cadence::EveryTick)
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let system = match &mut self.system {
            Some(system) => system,
            none => none.insert(System::new().map_err(|error| failed("the processes", &error))?),
        };
        let users = match &self.users {
            Some(users) => users,
            None => self.users.insert(
                Users::new_with_refreshed_list().map_err(|error| failed("the users", &error))?,
            ),
        };
        let refresh = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_memory()
            .with_disk_usage()
            .with_user(UpdateKind::OnlyIfNotSet)
            .with_cmd(UpdateKind::OnlyIfNotSet);
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, refresh);
        system.refresh_memory();
        let interval = self.interval.next(now.mono);
        let memory = system.total_memory();

        let mut known = HashMap::new();
        for told in system.processes().values() {
            // On Linux the threads are among them.
            if told.thread_kind() == Some(sysinfo::ThreadKind::Userland) {
                continue;
            }
            let before = self.known.remove(&key_of(told));
            known.insert(key_of(told), next(before, told, users, interval, memory));
        }
        self.known = known;
        let mut rows: Vec<_> = self.known.values().map(|k| Arc::clone(&k.row)).collect();
        rows.sort_by_key(|row| row.key());
        let mut reading = Reading::at(now.wall);
        reading.put(self.count, rows.len() as f64);
        reading.rows.push(Rows::Processes(rows));
        Ok(reading)
    }
}

/// Which process this is; sysinfo tells starts in seconds.
pub fn key_of(told: &Told) -> ProcessKey {
    ProcessKey {
        pid: told.pid().as_u32(),
        started: told.start_time(),
    }
}

fn next(
    before: Option<Known>,
    told: &Told,
    users: &Users,
    interval: Option<Duration>,
    memory: u64,
) -> Known {
    let was_seen = before.is_some();
    let (identity, mut read, mut written, row) = match before {
        Some(known) => {
            let identity = known.row.identity.clone();
            (identity, known.read, known.written, Some(known.row))
        }
        None => {
            let identity = Arc::new(identity_of(told, users));
            (identity, Counter::default(), Counter::default(), None)
        }
    };
    let disk = told.disk_usage();
    let new = Process {
        identity,
        parent: told.parent().map_or(0, sysinfo::Pid::as_u32),
        state: state_of(told.status()),
        cpu_percent: was_seen.then(|| f64::from(told.cpu_usage())),
        memory_percent: share(told.memory(), memory).unwrap_or(0.0),
        resident_bytes: told.memory(),
        threads: told
            .tasks()
            .and_then(|tasks| u32::try_from(tasks.len()).ok()),
        read_bytes_per_sec: read.rate(disk.total_read_bytes, interval),
        write_bytes_per_sec: written.rate(disk.total_written_bytes, interval),
        cpu_time: Duration::from_millis(told.accumulated_cpu_time()),
        nice: None,
    };
    let row = row.filter(|row| **row == new);
    Known {
        row: row.unwrap_or_else(|| Arc::new(new)),
        read,
        written,
    }
}

fn identity_of(told: &Told, users: &Users) -> ProcessIdentity {
    let uid = told.user_id();
    let user = uid.and_then(|uid| users.get_user_by_id(uid));
    let user = match (user, uid) {
        (Some(user), _) => printable(user.name()).into_owned(),
        (None, Some(uid)) => uid.to_string(),
        (None, None) => crate::model::format::UNKNOWN.to_owned(),
    };
    let name = printable_bytes(told.name().as_encoded_bytes());
    let arguments: Vec<&[u8]> = told.cmd().iter().map(|a| a.as_encoded_bytes()).collect();
    let command = command_text(&arguments.join(&0)).unwrap_or_else(|| name.clone());
    let started = i64::try_from(told.start_time()).unwrap_or(0);
    ProcessIdentity {
        key: key_of(told),
        user: user.into(),
        name: name.into(),
        command: command.into(),
        started_at: Timestamp(started.saturating_mul(1000)),
        cgroup: None,
        container: None,
        is_kernel: told.thread_kind() == Some(sysinfo::ThreadKind::Kernel),
    }
}

fn state_of(status: ProcessStatus) -> ProcessState {
    match status {
        ProcessStatus::Run => ProcessState::Running,
        ProcessStatus::Sleep => ProcessState::Sleeping,
        ProcessStatus::Idle => ProcessState::Idle,
        ProcessStatus::Stop | ProcessStatus::Tracing => ProcessState::Stopped,
        ProcessStatus::Zombie | ProcessStatus::Dead => ProcessState::Zombie,
        ProcessStatus::UninterruptibleDiskSleep => ProcessState::Blocked,
        _ => ProcessState::Unknown,
    }
}
