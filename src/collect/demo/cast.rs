//! Who runs on the host of the demo: the processes that stay, and what drives each of them.

use super::story::{Scene, blend};

/// What a process's work follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drive {
    /// Nothing: it sleeps.
    None,
    /// Requests.
    Traffic,
    /// The database's disk.
    Disk,
    /// The cache.
    Cache,
    /// Itself: steady work.
    Steady,
}

impl Drive {
    /// How hard a process works that takes 1 on an ordinary day.
    pub(super) fn level(self, scene: &Scene) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Traffic => scene.traffic * (1.0 + 0.5 * scene.latency),
            Self::Disk => blend(1.0, 5.5, scene.disk),
            Self::Cache => scene.traffic * (1.0 + 1.3 * scene.cache),
            Self::Steady => 1.0,
        }
    }
}

/// One kind of process, and how many of it run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub count: u32,
    pub user: &'static str,
    pub name: &'static str,
    /// `{n}` stands for the number of the one.
    pub command: &'static str,
    /// The name of the parent.
    pub parent: &'static str,
    pub threads: u32,
    pub resident_mib: f64,
    /// CPU on an ordinary day, percent of a core.
    pub cpu: f64,
    /// Read and written on an ordinary day, KiB a second.
    pub io: (f64, f64),
    pub drive: Drive,
    pub nice: i32,
    pub container: Option<&'static str>,
}

/// A process that sleeps; the base of all others.
const STILL: Part = Part {
    count: 1,
    user: "root",
    name: "",
    command: "",
    parent: "systemd",
    threads: 1,
    resident_mib: 8.0,
    cpu: 0.0,
    io: (0.0, 0.0),
    drive: Drive::None,
    nice: 0,
    container: None,
};

const fn kernel(name: &'static str, count: u32, drive: Drive, cpu: f64) -> Part {
    Part {
        count,
        name,
        parent: "kthreadd",
        resident_mib: 0.0,
        cpu,
        drive,
        ..STILL
    }
}

/// Everybody but the database's client backends.
#[rustfmt::skip]
pub(super) const CAST: &[Part] = &[
    Part { name: "systemd", command: "/sbin/init", parent: "", resident_mib: 13.1, ..STILL },
    Part { name: "kthreadd", parent: "", resident_mib: 0.0, ..STILL },
    kernel("rcu_preempt", 1, Drive::Traffic, 0.3),
    kernel("migration/{n}", 4, Drive::None, 0.0),
    kernel("ksoftirqd/{n}", 4, Drive::Traffic, 0.2),
    kernel("kworker/{n}:1H-kblockd", 3, Drive::Disk, 0.4),
    kernel("kswapd0", 1, Drive::None, 0.0),
    kernel("jbd2/nvme1n1p1-8", 1, Drive::Disk, 0.5),
    Part { name: "systemd-journald", command: "/lib/systemd/systemd-journald", resident_mib: 62.0, cpu: 0.4, io: (0.0, 48.0), drive: Drive::Steady, ..STILL },
    Part { name: "systemd-udevd", command: "/lib/systemd/systemd-udevd", resident_mib: 6.4, ..STILL },
    Part { name: "systemd-logind", command: "/lib/systemd/systemd-logind", resident_mib: 8.1, ..STILL },
    Part { name: "dbus-daemon", user: "messagebus", command: "/usr/bin/dbus-daemon --system --address=systemd:", resident_mib: 4.8, ..STILL },
    Part { name: "chronyd", user: "_chrony", command: "/usr/sbin/chronyd -F 1", resident_mib: 3.2, ..STILL },
    Part { name: "cron", command: "/usr/sbin/cron -f", resident_mib: 2.7, ..STILL },
    Part { name: "sshd", command: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", resident_mib: 9.3, ..STILL },
    Part { name: "sshd", command: "sshd: maria [priv]", parent: "sshd", resident_mib: 11.0, ..STILL },
    Part { name: "bash", user: "maria", command: "-bash", parent: "sshd", resident_mib: 5.6, ..STILL },
    Part { name: "containerd", command: "/usr/bin/containerd", threads: 24, resident_mib: 71.0, cpu: 0.7, drive: Drive::Steady, ..STILL },
    Part { name: "dockerd", command: "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock", threads: 31, resident_mib: 104.0, cpu: 0.6, drive: Drive::Steady, ..STILL },
    Part { count: 4, name: "containerd-shim", command: "/usr/bin/containerd-shim-runc-v2 -namespace moby -id 4f1c9e{n}b07a", parent: "containerd", threads: 12, resident_mib: 13.8, cpu: 0.1, drive: Drive::Steady, ..STILL },
    Part { name: "node_exporter", user: "prometheus", command: "/usr/bin/prometheus-node-exporter --collector.systemd", threads: 9, resident_mib: 24.0, cpu: 0.5, drive: Drive::Steady, ..STILL },
    Part { name: "vector", user: "vector", command: "/usr/bin/vector --config /etc/vector/vector.toml", threads: 14, resident_mib: 118.0, cpu: 1.6, io: (12.0, 90.0), drive: Drive::Traffic, ..STILL },
    Part { name: "nginx", command: "nginx: master process /usr/sbin/nginx -g daemon off;", resident_mib: 11.0, ..STILL },
    Part { count: 4, name: "nginx", user: "www-data", command: "nginx: worker process", parent: "nginx", resident_mib: 31.0, cpu: 3.1, io: (20.0, 160.0), drive: Drive::Traffic, ..STILL },
    Part { name: "uvicorn", user: "app", command: "python -m uvicorn app.main:app --host 0.0.0.0 --port 8000 --workers 6", parent: "containerd-shim", threads: 3, resident_mib: 88.0, container: Some("web"), ..STILL },
    Part { count: 6, name: "uvicorn", user: "app", command: "python -m uvicorn app.main:app [worker {n}]", parent: "uvicorn", threads: 12, resident_mib: 412.0, cpu: 14.0, io: (2.0, 11.0), drive: Drive::Traffic, container: Some("web"), ..STILL },
    Part { name: "celery", user: "app", command: "celery -A app.tasks worker --concurrency=4 -Q mail,billing", parent: "containerd-shim", threads: 5, resident_mib: 132.0, cpu: 0.4, drive: Drive::Steady, container: Some("worker"), ..STILL },
    Part { count: 4, name: "celery", user: "app", command: "celery -A app.tasks worker [ForkPoolWorker-{n}]", parent: "celery", resident_mib: 188.0, cpu: 4.4, io: (0.0, 6.0), drive: Drive::Traffic, nice: 5, container: Some("worker"), ..STILL },
    Part { name: "beat", user: "app", command: "celery -A app.tasks beat", parent: "containerd-shim", resident_mib: 96.0, container: Some("worker"), ..STILL },
    Part { name: "tritonserver", user: "ml", command: "tritonserver --model-repository=/models --http-port 8600", parent: "containerd-shim", threads: 62, resident_mib: 3900.0, cpu: 21.0, io: (40.0, 3.0), drive: Drive::Traffic, container: Some("embeddings"), ..STILL },
    Part { name: "redis-server", user: "redis", command: "/usr/bin/redis-server 127.0.0.1:6379", threads: 6, resident_mib: 2130.0, cpu: 18.0, io: (0.0, 70.0), drive: Drive::Cache, ..STILL },
    Part { name: "redis-server", user: "redis", command: "/usr/bin/redis-server 127.0.0.1:6380", threads: 6, resident_mib: 2090.0, cpu: 4.0, io: (0.0, 60.0), drive: Drive::Cache, ..STILL },
    Part { name: "memcached", user: "memcache", command: "/usr/bin/memcached -m 64 -p 11211 -u memcache -l 127.0.0.1", threads: 10, resident_mib: 71.0, cpu: 1.9, drive: Drive::Traffic, ..STILL },
    Part { name: "postgres", user: "postgres", command: "/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main", resident_mib: 164.0, cpu: 0.2, drive: Drive::Steady, ..STILL },
    Part { name: "postgres", user: "postgres", command: "postgres: 15/main: checkpointer", parent: "postgres", resident_mib: 810.0, cpu: 0.9, io: (0.0, 3100.0), drive: Drive::Disk, ..STILL },
    Part { name: "postgres", user: "postgres", command: "postgres: 15/main: background writer", parent: "postgres", resident_mib: 402.0, cpu: 0.4, io: (0.0, 700.0), drive: Drive::Disk, ..STILL },
    Part { name: "postgres", user: "postgres", command: "postgres: 15/main: walwriter", parent: "postgres", resident_mib: 22.0, cpu: 0.8, io: (0.0, 2400.0), drive: Drive::Traffic, ..STILL },
    Part { name: "postgres", user: "postgres", command: "postgres: 15/main: autovacuum launcher", parent: "postgres", resident_mib: 9.0, ..STILL },
    Part { name: "postgres", user: "postgres", command: "postgres: 15/main: walsender replicator 10.0.3.21(40112) streaming", parent: "postgres", resident_mib: 14.0, cpu: 0.9, io: (2200.0, 0.0), drive: Drive::Traffic, ..STILL },
];
