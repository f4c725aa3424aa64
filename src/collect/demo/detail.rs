//! What the demo tells of the process that is open on the screen. Its row in the table is the truth; the threads, files
//! and sockets are told so that they agree with it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::model::process::{CgroupUse, Limit, OpenFile, Socket, Thread, Told};
use crate::model::{Focus, Process, ProcessDetail, ProcessKey, ProcessState, Reading, Rows};

use super::backends::{CLIENT_HOST, backend_client, backend_count, backend_of};
use super::belongings::{Belongings, DATABASE, of_program};
use super::processes::Crowd;
use super::story::Scene;
use super::{CollectError, Teller};

/// Scheduling periods a second of a control group with a CPU limit: one each 100 ms, the kernel's default.
const PERIODS_PER_SEC: f64 = 10.0;
/// For how long control groups have existed when the live part begins, seconds.
const GROUPS_SINCE: f64 = 26.0 * 3600.0;
/// What of the resident memory of a group is not shared between its processes.
const OWN_MEMORY: f64 = 0.6;
/// Workers of the application, which share its connections to the database.
const WORKERS: usize = 6;

/// The detail of the process in focus.
pub(super) struct Detail {
    crowd: Arc<Crowd>,
    focus: watch::Receiver<Focus>,
}

impl Detail {
    pub(super) fn new(crowd: Arc<Crowd>, focus: watch::Receiver<Focus>) -> Self {
        Self { crowd, focus }
    }
}

impl Teller for Detail {
    fn name(&self) -> &'static str {
        "process_detail"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let focus = self.focus.borrow_and_update().clone();
        if let Focus::Process(key) = focus {
            let crowd: Vec<Process> = self.crowd.rows(scene).collect();
            let detail = One::among(&crowd, key, scene).map(|one| ProcessDetail {
                at: reading.at,
                ..one.detail()
            });
            reading.rows.push(Rows::ProcessDetail(detail.map(Box::new)));
        }
        Ok(())
    }
}

/// One process of a scene, with everybody else who runs.
struct One<'a> {
    row: &'a Process,
    crowd: &'a [Process],
    scene: &'a Scene,
    belongings: &'static Belongings,
}

impl<'a> One<'a> {
    /// The process with this key, if it runs.
    fn among(crowd: &'a [Process], key: ProcessKey, scene: &'a Scene) -> Option<Self> {
        let row = crowd.iter().find(|row| row.key() == key)?;
        Some(Self {
            row,
            crowd,
            scene,
            belongings: of_program(&row.identity.name),
        })
    }

    fn detail(&self) -> ProcessDetail {
        let sockets = self.sockets();
        let files = self.files(sockets.len());
        ProcessDetail {
            key: self.row.key(),
            at: self.row.identity.started_at,
            executable: self.path(self.belongings.executable),
            directory: self.path(self.belongings.directory),
            threads: Ok(self.threads()),
            file_count: Some(files.len()),
            files: Ok(files),
            sockets: Ok(sockets),
            limits: Ok(self.limits()),
            cgroup: Ok(self.cgroup()),
            environment: Ok(self.environment()),
            parents: self.parents(),
        }
    }

    fn is_kernel(&self) -> bool {
        self.row.identity.is_kernel
    }

    fn path(&self, path: &str) -> Told<String> {
        if self.is_kernel() {
            Err("the kernel tells none".to_owned())
        } else {
            Ok(path.to_owned())
        }
    }

    /// The threads share the CPU of their process: each takes half of what those before it left.
    fn threads(&self) -> Vec<Thread> {
        let pid = self.row.key().pid;
        let name = |n: u32| match n {
            0 => self.row.identity.name.to_string(),
            n => format!("{}-{n}", self.belongings.threads),
        };
        let count = self.row.threads.unwrap_or(1);
        let mut left = self.row.cpu_percent.unwrap_or(0.0);
        (0..count)
            .map(|n| {
                let share = if n + 1 == count { left } else { left / 2.0 };
                let cpu = (share * 10.0).round() / 10.0;
                left -= cpu;
                Thread {
                    tid: pid + n,
                    name: name(n),
                    state: match n {
                        0 => self.row.state,
                        _ => ProcessState::Sleeping,
                    },
                    cpu_percent: Some(cpu),
                }
            })
            .collect()
    }

    fn files(&self, sockets: usize) -> Vec<OpenFile> {
        if self.is_kernel() {
            return Vec::new();
        }
        let standard = [
            ("device", "/dev/null"),
            ("pipe", "pipe:[48211]"),
            ("pipe", "pipe:[48212]"),
        ];
        let own = self.belongings.files.iter().copied();
        let pid = self.row.key().pid;
        let targets = standard
            .into_iter()
            .chain(own)
            .map(|(kind, target)| (kind, target.to_owned()))
            .chain(
                (0..sockets).map(|n| ("socket", format!("socket:[{}]", 90_000 + pid + n as u32))),
            );
        targets
            .zip(0..)
            .map(|((kind, target), fd)| OpenFile { fd, kind, target })
            .collect()
    }

    fn sockets(&self) -> Vec<Socket> {
        if let Some(n) = backend_of(self.row.key().pid) {
            return vec![tcp(DATABASE, Some(client(n)))];
        }
        let mut sockets: Vec<Socket> = Vec::new();
        if self.is_first_of_its_name() {
            sockets.extend(self.belongings.listens.iter().map(|at| tcp(at, None)));
        }
        let talks = self.belongings.talks.iter();
        sockets.extend(talks.map(|(local, remote)| tcp(local, Some((*remote).to_owned()))));
        if let Some(worker) = self.worker() {
            let mine = (0..backend_count(self.scene)).filter(|n| n % WORKERS == worker);
            sockets.extend(mine.map(|n| tcp(&client(n), Some(DATABASE.to_owned()))));
        }
        sockets
    }

    /// Whether it is the one that the others of its name came from.
    fn is_first_of_its_name(&self) -> bool {
        let parent = self.parent_of(self.row);
        parent.is_none_or(|parent| parent.identity.name != self.row.identity.name)
    }

    /// Which worker of the application it is.
    fn worker(&self) -> Option<usize> {
        if &*self.row.identity.name != "uvicorn" || self.is_first_of_its_name() {
            return None;
        }
        let workers = self.crowd.iter().filter(|row| {
            row.identity.name == self.row.identity.name && row.parent == self.row.parent
        });
        workers
            .map(Process::key)
            .position(|key| key == self.row.key())
    }

    fn limits(&self) -> Vec<Limit> {
        let files = self.belongings.open_files;
        [
            ("Max cpu time", "unlimited", "unlimited"),
            ("Max stack size", "8388608", "unlimited"),
            ("Max core file size", "0", "unlimited"),
            ("Max processes", "127416", "127416"),
            ("Max open files", files, "524288"),
            ("Max locked memory", "8388608", "8388608"),
            ("Max pending signals", "127416", "127416"),
        ]
        .into_iter()
        .map(|(name, soft, hard)| Limit {
            name: name.to_owned(),
            soft: soft.to_owned(),
            hard: hard.to_owned(),
        })
        .collect()
    }

    fn cgroup(&self) -> CgroupUse {
        let group = self.row.identity.cgroup.clone();
        let members = self.crowd.iter().filter(|row| row.identity.cgroup == group);
        let resident: f64 = members.map(|row| row.resident_bytes as f64).sum();
        let limited = self.belongings.cpu_limit.is_some();
        let rate = |per_sec: f64| (per_sec * (self.scene.seconds + GROUPS_SINCE)).max(0.0);
        // A limit is met now and then on an ordinary day, and all the time while requests pile up.
        let throttled = rate(0.02) + self.scene.slow_seconds() * PERIODS_PER_SEC * 0.7;
        CgroupUse {
            path: group.as_deref().unwrap_or("/").to_owned(),
            memory_bytes: (!self.is_kernel()).then_some((resident * OWN_MEMORY) as u64),
            memory_limit_bytes: self.belongings.memory_limit,
            cpu_limit_cores: self.belongings.cpu_limit,
            periods: limited.then(|| rate(PERIODS_PER_SEC) as u64),
            throttled_periods: limited.then_some(throttled as u64),
            throttled: limited.then(|| Duration::from_millis((throttled * 31.0) as u64)),
            oom_kills: (!self.is_kernel()).then_some(0),
        }
    }

    fn environment(&self) -> Vec<String> {
        if self.is_kernel() {
            return Vec::new();
        }
        let common = ["LANG", "PATH", "PWD"].iter();
        let names = common.chain(self.belongings.environment);
        names.map(|name| (*name).to_owned()).collect()
    }

    fn parents(&self) -> Vec<(u32, String)> {
        let mut parents = Vec::new();
        let mut row = self.row;
        while let Some(parent) = self.parent_of(row) {
            parents.push((parent.key().pid, parent.identity.name.to_string()));
            row = parent;
        }
        parents
    }

    /// Parents have smaller numbers in the story, so that the walk up ends.
    fn parent_of(&self, row: &Process) -> Option<&'a Process> {
        let mut above = self
            .crowd
            .iter()
            .filter(|other| other.key().pid < row.key().pid);
        above.find(|other| other.key().pid == row.parent)
    }
}

/// The client's end of the nth connection to the database.
fn client(n: usize) -> String {
    format!("{CLIENT_HOST}:{}", backend_client(n))
}

/// A connection, or a place where connections are waited for.
fn tcp(local: &str, remote: Option<String>) -> Socket {
    Socket {
        protocol: "tcp",
        local: local.to_owned(),
        state: Some(match remote {
            Some(_) => "ESTABLISHED",
            None => "LISTEN",
        }),
        remote,
    }
}
