//! What the programs of the demo have: files, connections, limits, the names of their environment.

/// The server's end of the connections to the database.
pub(super) const DATABASE: &str = "10.0.3.5:5432";

const GIB: u64 = 1 << 30;

/// What a program has, whichever of its processes is looked at.
pub(super) struct Belongings {
    name: &'static str,
    pub executable: &'static str,
    pub directory: &'static str,
    /// What its threads beyond the first are called, before their number.
    pub threads: &'static str,
    /// Kind and target of what is open beyond the standard three and the sockets.
    pub files: &'static [(&'static str, &'static str)],
    /// Where the first of its processes waits for connections.
    pub listens: &'static [&'static str],
    /// Both ends of connections that each of its processes has.
    pub talks: &'static [(&'static str, &'static str)],
    pub environment: &'static [&'static str],
    /// The limit of open files in force.
    pub open_files: &'static str,
    /// The control group's memory limit, bytes.
    pub memory_limit: Option<u64>,
    /// The control group's CPU limit, cores.
    pub cpu_limit: Option<f64>,
}

/// A program of which nothing special is told.
const PLAIN: Belongings = Belongings {
    name: "",
    executable: "/usr/bin/busybox",
    directory: "/",
    threads: "worker",
    files: &[("anon", "anon_inode:[eventpoll]")],
    listens: &[],
    talks: &[],
    environment: &["INVOCATION_ID", "JOURNAL_STREAM"],
    open_files: "1024",
    memory_limit: None,
    cpu_limit: None,
};

/// Shells, daemons and services by the name of their process.
#[rustfmt::skip]
const PROGRAMS: &[Belongings] = &[
    Belongings {
        name: "postgres", executable: "/usr/lib/postgresql/15/bin/postgres", directory: "/var/lib/postgresql/15/main",
        files: &[
            ("anon", "anon_inode:[eventpoll]"),
            ("file", "/var/lib/postgresql/15/main/base/16384/16412"),
            ("file", "/var/lib/postgresql/15/main/base/16384/16412.1"),
            ("file", "/var/lib/postgresql/15/main/base/16384/16420"),
            ("file", "/var/lib/postgresql/15/main/base/16384/2619"),
            ("file", "/var/lib/postgresql/15/main/pg_wal/00000001000000A40000007C"),
        ],
        listens: &[DATABASE, "127.0.0.1:5432"],
        environment: &["PGDATA", "PGLOCALEDIR", "PGSYSCONFDIR", "PG_OOM_ADJUST_FILE"],
        open_files: "65536", memory_limit: Some(10 * GIB), ..PLAIN
    },
    Belongings {
        name: "uvicorn", executable: "/usr/local/bin/python3.12", directory: "/srv/app", threads: "AnyIO worker",
        files: &[("anon", "anon_inode:[eventpoll]"), ("file", "/srv/app/logs/app.log"), ("file", "/tmp/upload-1x7k (deleted)")],
        listens: &["0.0.0.0:8000"], talks: &[("10.0.3.7:40118", "10.0.3.5:6379"), ("10.0.3.7:52644", "10.0.3.5:11211")],
        environment: &["DATABASE_URL", "OPENAI_API_KEY", "REDIS_URL", "SECRET_KEY", "SENTRY_DSN", "WEB_CONCURRENCY"],
        open_files: "1048576", memory_limit: Some(4 * GIB), cpu_limit: Some(2.0)
    },
    Belongings {
        name: "celery", executable: "/usr/local/bin/python3.12", directory: "/srv/app",
        files: &[("anon", "anon_inode:[eventpoll]"), ("file", "/srv/app/logs/worker.log")],
        talks: &[("10.0.3.8:39922", "10.0.3.5:6379")],
        environment: &["CELERY_BROKER_URL", "DATABASE_URL", "SECRET_KEY", "SMTP_PASSWORD"],
        open_files: "1048576", memory_limit: Some(2 * GIB), cpu_limit: Some(1.0), ..PLAIN
    },
    Belongings {
        name: "beat", executable: "/usr/local/bin/python3.12", directory: "/srv/app",
        talks: &[("10.0.3.8:39930", "10.0.3.5:6379")], environment: &["CELERY_BROKER_URL", "SECRET_KEY"],
        open_files: "1048576", memory_limit: Some(2 * GIB), cpu_limit: Some(1.0), ..PLAIN
    },
    Belongings {
        name: "tritonserver", executable: "/opt/tritonserver/bin/tritonserver", directory: "/opt/tritonserver",
        files: &[("device", "/dev/nvidia0"), ("device", "/dev/nvidiactl"), ("file", "/models/embed-small/1/model.onnx")],
        listens: &["0.0.0.0:8600", "0.0.0.0:8601"], environment: &["CUDA_VERSION", "LD_LIBRARY_PATH", "NVIDIA_VISIBLE_DEVICES"],
        open_files: "1048576", memory_limit: Some(8 * GIB), ..PLAIN
    },
    Belongings {
        name: "redis-server", executable: "/usr/bin/redis-server", directory: "/var/lib/redis", threads: "bio_close_file",
        files: &[("anon", "anon_inode:[eventpoll]"), ("file", "/var/log/redis/redis-server.log"), ("file", "/var/lib/redis/appendonlydir/appendonly.aof.4.incr.aof")],
        listens: &["10.0.3.5:6379"], talks: &[("10.0.3.5:6379", "10.0.3.7:40118"), ("10.0.3.5:6379", "10.0.3.8:39922")],
        open_files: "65535", memory_limit: Some(5 * GIB), ..PLAIN
    },
    Belongings {
        name: "memcached", executable: "/usr/bin/memcached", listens: &["10.0.3.5:11211"],
        talks: &[("10.0.3.5:11211", "10.0.3.7:52644")], ..PLAIN
    },
    Belongings {
        name: "nginx", executable: "/usr/sbin/nginx", files: &[("anon", "anon_inode:[eventpoll]"), ("file", "/var/log/nginx/access.log"), ("file", "/var/log/nginx/error.log")],
        listens: &["0.0.0.0:80", "0.0.0.0:443"], talks: &[("10.0.3.5:44310", "10.0.3.7:8000")], open_files: "65535", ..PLAIN
    },
    Belongings { name: "sshd", executable: "/usr/sbin/sshd", listens: &["0.0.0.0:22"], ..PLAIN },
    Belongings { name: "bash", executable: "/usr/bin/bash", directory: "/home/maria", environment: &["HOME", "SHELL", "SSH_CONNECTION", "TERM", "USER"], ..PLAIN },
    Belongings { name: "systemd", executable: "/usr/lib/systemd/systemd", environment: &["TERM"], open_files: "1073741816", ..PLAIN },
    Belongings { name: "systemd-journald", executable: "/usr/lib/systemd/systemd-journald", files: &[("device", "/dev/kmsg"), ("file", "/var/log/journal/7d1c/system.journal")], ..PLAIN },
    Belongings { name: "systemd-udevd", executable: "/usr/bin/udevadm", ..PLAIN },
    Belongings { name: "systemd-logind", executable: "/usr/lib/systemd/systemd-logind", ..PLAIN },
    Belongings { name: "dbus-daemon", executable: "/usr/bin/dbus-daemon", ..PLAIN },
    Belongings { name: "chronyd", executable: "/usr/sbin/chronyd", ..PLAIN },
    Belongings { name: "cron", executable: "/usr/sbin/cron", directory: "/var/spool/cron", ..PLAIN },
    Belongings { name: "containerd", executable: "/usr/bin/containerd", ..PLAIN },
    Belongings { name: "containerd-shim", executable: "/usr/bin/containerd-shim-runc-v2", directory: "/run/containerd", ..PLAIN },
    Belongings { name: "dockerd", executable: "/usr/bin/dockerd", open_files: "1048576", ..PLAIN },
    Belongings { name: "node_exporter", executable: "/usr/bin/prometheus-node-exporter", listens: &["0.0.0.0:9100"], ..PLAIN },
    Belongings { name: "vector", executable: "/usr/bin/vector", files: &[("file", "/etc/vector/vector.toml"), ("file", "/var/log/nginx/access.log")], ..PLAIN },
];

/// What the program with this name has.
pub(super) fn of_program(name: &str) -> &'static Belongings {
    let known = PROGRAMS.iter().find(|program| program.name == name);
    known.unwrap_or(&PLAIN)
}

/// The control group of a process.
pub(super) fn group(name: &str, container: Option<&str>, is_kernel: bool) -> String {
    match (container, name) {
        (Some(container), _) => format!("/docker/{container}"),
        _ if is_kernel => "/".to_owned(),
        (None, "systemd") => "/init.scope".to_owned(),
        (None, "bash") => "/user.slice/user-1000.slice/session-4.scope".to_owned(),
        (None, "postgres") => "/system.slice/postgresql@15-main.service".to_owned(),
        (None, name) => format!("/system.slice/{name}.service"),
    }
}
