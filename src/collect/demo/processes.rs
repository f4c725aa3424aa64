//! The processes of the demo: the [`CAST`] that stays, and a backend for each client of the database.
//!
//! What never changes of a process is made once; a row that shows the same as at the last reading is the same `Arc`.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    Catalog, Process, ProcessIdentity, ProcessKey, ProcessState, Reading, Rows, SeriesId, Timestamp,
};

use super::backends::{
    CLIENT_HOST, CONNECTIONS_ALLOWED, Doing, backend_client, backend_count, backend_doing,
    backend_pid,
};
use super::belongings;
use super::cast::{CAST, Drive};
use super::host::MEMORY;
use super::story::Scene;
use super::{CollectError, Teller};

/// Clock ticks a second, as Linux counts the start of processes.
const TICKS: f64 = 100.0;
/// How long before the live part the oldest process started, seconds.
const BOOTED: f64 = 41.3 * 86_400.0;

/// One process that stays.
struct Actor {
    identity: Arc<ProcessIdentity>,
    parent: u32,
    threads: u32,
    resident: f64,
    cpu: f64,
    io: (f64, f64),
    drive: Drive,
    nice: i32,
    /// Seconds that it had run when the live part began.
    age: f64,
}

/// A client backend of the database: the same process under the titles that it gives itself.
struct BackendTitles {
    titles: [Arc<ProcessIdentity>; Doing::ALL.len()],
}

/// Everybody who ever runs on the host.
pub(super) struct Crowd {
    actors: Vec<Actor>,
    backends: Vec<BackendTitles>,
    postmaster: u32,
}

impl Crowd {
    pub(super) fn new(start: Timestamp) -> Self {
        let actors = cast(start);
        let postmaster = actors
            .iter()
            .find(|a| &*a.identity.name == "postgres")
            .map_or(1, |a| a.identity.key.pid);
        Self {
            actors,
            backends: (0..CONNECTIONS_ALLOWED)
                .map(|n| backend(n, start))
                .collect(),
            postmaster,
        }
    }

    /// Those who run in a scene, in an order that stays.
    pub(super) fn rows<'a>(&'a self, scene: &'a Scene) -> impl Iterator<Item = Process> + 'a {
        let actors = self.actors.iter().enumerate();
        let backends = self.backends.iter().take(backend_count(scene)).enumerate();
        actors
            .map(|(n, actor)| actor.row(scene, n))
            .chain(backends.map(|(n, backend)| backend_row(backend, n, self.postmaster, scene)))
    }
}

/// All processes.
pub(super) struct Processes {
    crowd: Arc<Crowd>,
    counts: [SeriesId; 4],
    last: Vec<Arc<Process>>,
}

impl Processes {
    pub(super) fn new(catalog: &Catalog, crowd: Arc<Crowd>) -> Self {
        Self {
            crowd,
            counts: [
                "system.process.count",
                "system.process.running_count",
                "system.process.blocked_count",
                "system.process.thread_count",
            ]
            .map(|metric| catalog.plain(metric)),
            last: Vec::new(),
        }
    }

    /// The row of the last reading when it shows the same, else the new one, shared from now on.
    fn share(&self, row: Process, position: usize) -> Arc<Process> {
        match self.last.get(position) {
            Some(last) if **last == row => last.clone(),
            _ => Arc::new(row),
        }
    }

    fn count(&self, rows: &[Arc<Process>], reading: &mut Reading) {
        let in_state = |state| rows.iter().filter(|row| row.state == state).count() as f64;
        let threads: u32 = rows.iter().filter_map(|row| row.threads).sum();
        let figures = [
            rows.len() as f64,
            in_state(ProcessState::Running),
            in_state(ProcessState::Blocked),
            f64::from(threads),
        ];
        reading.samples.extend(self.counts.into_iter().zip(figures));
    }
}

impl Teller for Processes {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let rows: Vec<Arc<Process>> = self
            .crowd
            .rows(scene)
            .enumerate()
            .map(|(position, row)| self.share(row, position))
            .collect();
        self.count(&rows, reading);
        self.last.clone_from(&rows);
        reading.rows.push(Rows::Processes(rows));
        Ok(())
    }
}

impl Actor {
    fn row(&self, scene: &Scene, n: usize) -> Process {
        let level = self.drive.level(scene);
        let cpu = tenths(
            scene
                .around(self.cpu * level, 0.7, "process.cpu", n)
                .max(0.0),
        );
        let bytes = |share: f64, name| {
            (scene.around(share * level * 1024.0, 0.6, name, n) / 1024.0).round() * 1024.0
        };
        let resident = if self.drive == Drive::None {
            self.resident
        } else {
            // Grows and shrinks by whole steps, as allocators do.
            (scene.around(self.resident, 0.01, "process.memory", n) / 262_144.0).round() * 262_144.0
        };
        let kernel = self.identity.is_kernel;
        Process {
            identity: self.identity.clone(),
            parent: self.parent,
            state: state(cpu, kernel, scene.sway("process.state", n)),
            cpu_percent: Some(cpu),
            memory_percent: resident / MEMORY * 100.0,
            resident_bytes: resident as u64,
            threads: Some(self.threads),
            read_bytes_per_sec: (!kernel).then(|| bytes(self.io.0, "process.read")),
            write_bytes_per_sec: (!kernel).then(|| bytes(self.io.1, "process.write")),
            cpu_time: hundredths(scene.total(self.cpu / 100.0, self.age)),
            nice: Some(self.nice),
        }
    }
}

fn backend_row(backend: &BackendTitles, n: usize, postmaster: u32, scene: &Scene) -> Process {
    let doing = backend_doing(scene, n);
    let (cpu, read, state) = match doing {
        Doing::Idle | Doing::HoldingOn => (0.0, 0.0, ProcessState::Sleeping),
        Doing::WaitingForLock => (0.1, 0.0, ProcessState::Sleeping),
        Doing::Short => (3.5, 220.0, ProcessState::Running),
        Doing::Scanning => (34.0, 21_000.0, ProcessState::Blocked),
    };
    let resident = (38.0 + 90.0 * scene.fixed("backend.memory", n)) * 1_048_576.0;
    Process {
        identity: backend.titles[doing as usize].clone(),
        parent: postmaster,
        state,
        cpu_percent: Some(tenths(scene.around(cpu, 0.5, "backend.cpu", n))),
        memory_percent: resident / MEMORY * 100.0,
        resident_bytes: resident as u64,
        threads: Some(1),
        read_bytes_per_sec: Some(scene.around(read * 1024.0, 0.5, "backend.read", n).round()),
        write_bytes_per_sec: Some(0.0),
        cpu_time: hundredths(30.0 + 400.0 * scene.fixed("backend.time", n)),
        nice: Some(0),
    }
}

fn state(cpu: f64, kernel: bool, chance: f64) -> ProcessState {
    if cpu > 8.0 && chance > 0.15 {
        ProcessState::Running
    } else if kernel {
        ProcessState::Idle
    } else {
        ProcessState::Sleeping
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn hundredths(seconds: f64) -> Duration {
    Duration::from_millis((seconds * 100.0).round() as u64 * 10)
}

fn cast(start: Timestamp) -> Vec<Actor> {
    let mut actors: Vec<Actor> = Vec::new();
    let mut pid = 0;
    for part in CAST {
        let parent = actors
            .iter()
            .find(|a| &*a.identity.name == part.parent)
            .map_or(0, |a| a.identity.key.pid);
        for n in 0..part.count {
            // Numbers leave gaps, as they do on a machine that has run for long.
            pid += if pid < 40 {
                1
            } else {
                7 + (pid * 31 + 11) % 60
            };
            let kernel = part.resident_mib == 0.0;
            let name = part.name.replace("{n}", &n.to_string());
            let command = if kernel {
                format!("[{name}]")
            } else {
                part.command.replace("{n}", &(n + 1).to_string())
            };
            let age = BOOTED - f64::from(pid) * 8.0;
            actors.push(Actor {
                identity: Arc::new(ProcessIdentity {
                    key: key(pid, age),
                    user: part.user.into(),
                    cgroup: Some(belongings::group(&name, part.container, kernel).into()),
                    name: name.into(),
                    command: command.into(),
                    started_at: start.minus(Duration::from_secs_f64(age)),
                    container: part.container.map(Into::into),
                    is_kernel: kernel,
                }),
                parent,
                threads: part.threads,
                resident: part.resident_mib * 1_048_576.0,
                cpu: part.cpu,
                io: part.io,
                drive: part.drive,
                nice: part.nice,
                age,
            });
        }
    }
    actors
}

fn backend(n: usize, start: Timestamp) -> BackendTitles {
    let pid = backend_pid(n);
    let age = 26.0 * 3600.0 - n as f64 * 61.0;
    let client = backend_client(n);
    BackendTitles {
        titles: Doing::ALL.map(|doing| {
            Arc::new(ProcessIdentity {
                key: key(pid, age),
                user: "postgres".into(),
                name: "postgres".into(),
                command: format!(
                    "postgres: app shop {CLIENT_HOST}({client}) {}",
                    doing.title()
                )
                .into(),
                started_at: start.minus(Duration::from_secs_f64(age)),
                cgroup: Some(belongings::group("postgres", None, false).into()),
                container: None,
                is_kernel: false,
            })
        }),
    }
}

fn key(pid: u32, age: f64) -> ProcessKey {
    ProcessKey {
        pid,
        started: ((BOOTED - age).max(0.0) * TICKS) as u64,
    }
}
