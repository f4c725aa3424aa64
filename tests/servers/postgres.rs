//! PostgreSQL servers of several versions, and people who work on them.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio_postgres::SimpleQueryMessage;

use super::{PATIENCE, Server, command, fetched, folder, free_port, succeed, wait_for};

/// The versions that every run of the tests looks at; all six with HUBTOP_TEST_ALL_POSTGRES=1.
pub fn versions() -> Vec<u32> {
    if std::env::var("HUBTOP_TEST_ALL_POSTGRES").is_ok_and(|value| value == "1") {
        return vec![13, 14, 15, 16, 17, 18];
    }
    vec![13, 15, 18]
}

/// The folder of a version's programs.
pub fn programs(version: u32) -> PathBuf {
    let places = [
        PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")),
        fetched().join(format!("postgres-{version}/bin")),
    ];
    let found = places.iter().find(|place| place.join("postgres").is_file());
    found.cloned().unwrap_or_else(|| {
        panic!("PostgreSQL {version} is not here: `scripts/setup --tests` and `scripts/servers --all` fetch it")
    })
}

/// A server with its own data; dropped, it is gone.
pub struct Postgres {
    pub server: Option<Server>,
    pub port: u16,
    bin: PathBuf,
    settings: Vec<String>,
    down: Option<tempfile::TempDir>,
}

impl Postgres {
    /// A server that counts statements, with the extension created in the database `postgres`.
    pub fn start(version: u32) -> Self {
        let preload = "shared_preload_libraries=pg_stat_statements";
        let server = Self::with(version, &[preload, "pg_stat_statements.track=all"]);
        server.sql("CREATE EXTENSION pg_stat_statements");
        server
    }

    /// A server with these settings and nothing else.
    pub fn with(version: u32, settings: &[&str]) -> Self {
        let bin = programs(version);
        let folder = folder();
        let data = folder.path().join("data");
        succeed(
            command(&bin.join("initdb"))
                .args([
                    "-U",
                    "postgres",
                    "--auth=trust",
                    "--no-sync",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "-D",
                ])
                .arg(&data)
                .current_dir(folder.path()),
        );
        let port = free_port();
        let mut postgres = Self {
            server: None,
            port,
            bin,
            down: None,
            settings: settings.iter().map(ToString::to_string).collect(),
        };
        postgres.start_in(folder);
        postgres
    }

    /// A server that follows this one; Debian's version has the program that copies the data.
    pub fn standby(&self) -> Self {
        let folder = folder();
        succeed(
            command(&self.bin.join("pg_basebackup"))
                .args([
                    "-h",
                    "127.0.0.1",
                    "-U",
                    "postgres",
                    "-c",
                    "fast",
                    "-R",
                    "-p",
                ])
                .arg(self.port.to_string())
                .arg("-D")
                .arg(folder.path().join("data"))
                .current_dir(folder.path()),
        );
        let mut standby = Self {
            server: None,
            port: free_port(),
            bin: self.bin.clone(),
            down: None,
            settings: self.settings.clone(),
        };
        standby.start_in(folder);
        standby
    }

    fn start_in(&mut self, folder: tempfile::TempDir) {
        let here = folder.path().display().to_string();
        let port = self.port.to_string();
        let mut arguments: Vec<String> = ["-D", &format!("{here}/data"), "-p", &port, "-k", &here]
            .map(str::to_owned)
            .to_vec();
        let usual = [
            "listen_addresses=127.0.0.1",
            "fsync=off",
            "max_connections=30",
            "autovacuum=off",
            "deadlock_timeout=10s",
        ];
        for setting in usual
            .iter()
            .copied()
            .chain(self.settings.iter().map(String::as_str))
        {
            arguments.extend(["-c".to_owned(), setting.to_owned()]);
        }
        let server = Server::start(&self.bin.join("postgres"), &arguments, folder, self.port);
        self.server = Some(server);
        wait_for("PostgreSQL to let people in", || {
            Person::try_connect(self.port, "postgres", "postgres", "test").ok()
        });
    }

    /// Its folder, in which its socket lies too.
    pub fn folder(&self) -> &Path {
        self.server.as_ref().unwrap().folder.path()
    }

    pub fn pid(&self) -> i32 {
        self.server.as_ref().unwrap().pid()
    }

    /// Ends the server cleanly and starts it again on the same data and port.
    pub fn restart(&mut self) {
        succeed(
            command(&self.bin.join("pg_ctl"))
                .args(["stop", "-m", "fast", "-w", "-D"])
                .arg(self.folder().join("data"))
                .current_dir(self.folder()),
        );
        let mut server = self.server.take().unwrap();
        server.kill();
        let folder = std::mem::replace(&mut server.folder, folder());
        self.start_in(folder);
    }

    /// Ends the server as a power cut would: nobody is told, nothing is finished.
    pub fn crash(&mut self) {
        let mut server = self.server.take().unwrap();
        let stopped = command(&self.bin.join("pg_ctl"))
            .args(["stop", "-m", "immediate", "-w", "-D"])
            .arg(server.folder.path().join("data"))
            .current_dir(server.folder.path())
            .output()
            .unwrap();
        assert!(
            stopped.status.success(),
            "{}",
            String::from_utf8_lossy(&stopped.stderr)
        );
        server.kill();
        self.down = Some(std::mem::replace(&mut server.folder, folder()));
    }

    /// Starts it again after a crash, on the same data and port.
    pub fn start_again(&mut self) {
        let folder = self.down.take().unwrap();
        self.start_in(folder);
    }

    /// A session of the superuser.
    pub fn person(&self, application: &str) -> Person {
        self.person_in("postgres", application)
    }

    pub fn person_in(&self, database: &str, application: &str) -> Person {
        Person::try_connect(self.port, "postgres", database, application).unwrap()
    }

    /// Runs statements as the superuser, one after the other.
    pub fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.person("setup").ask(sql)
    }

    /// The keys of a `[[source]]` for it.
    pub fn source(&self, user: &str, database: &str) -> String {
        format!(
            "kind = \"postgres\"\naddress = \"postgres://{user}@127.0.0.1:{}/{database}\"",
            self.port
        )
    }
}

/// Someone who is connected and does what they are told, one thing after the other.
pub struct Person {
    orders: Option<mpsc::Sender<(String, mpsc::Sender<Told>)>>,
    thread: Option<JoinHandle<()>>,
    pub pid: u64,
}

type Told = Result<Vec<Vec<String>>, String>;

impl Person {
    pub fn try_connect(
        port: u16,
        user: &str,
        database: &str,
        application: &str,
    ) -> Result<Self, String> {
        let (orders, ordered) = mpsc::channel::<(String, mpsc::Sender<Told>)>();
        let (ready, is_ready) = mpsc::channel();
        let address = format!(
            "host=127.0.0.1 port={port} user={user} dbname={database} application_name={application}"
        );
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let connected = tokio_postgres::connect(&address, tokio_postgres::NoTls).await;
                let client = match connected {
                    Ok((client, connection)) => {
                        tokio::spawn(async { connection.await.ok() });
                        client
                    }
                    Err(error) => {
                        ready.send(Err(told(&error))).unwrap();
                        return;
                    }
                };
                let _ = ready.send(Ok(()));
                // Nothing else runs in this thread, so that it may wait here.
                while let Ok((sql, answer)) = ordered.recv() {
                    let rows = client.simple_query(&sql).await;
                    let _ = answer.send(rows.map(texts).map_err(|error| told(&error)));
                }
            });
        });
        is_ready.recv_timeout(PATIENCE).unwrap()?;
        let mut person = Self {
            orders: Some(orders),
            thread: Some(thread),
            pid: 0,
        };
        person.pid = person.ask("SELECT pg_backend_pid()")[0][0].parse().unwrap();
        Ok(person)
    }

    /// Has something done and waits for it.
    pub fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        self.tell(sql).recv_timeout(PATIENCE).unwrap().unwrap()
    }

    /// Has something begun that may have to wait.
    pub fn tell(&self, sql: &str) -> mpsc::Receiver<Told> {
        let (answer, told) = mpsc::channel();
        let orders = self.orders.as_ref().unwrap();
        orders.send((sql.to_owned(), answer)).unwrap();
        told
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.orders = None;
        // One who still waits for a lock goes when the server does.
        if let Some(thread) = self.thread.take()
            && thread.is_finished()
        {
            let _ = thread.join();
        }
    }
}

fn told(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => told.message().to_owned(),
        None => error.to_string(),
    }
}

fn texts(messages: Vec<SimpleQueryMessage>) -> Vec<Vec<String>> {
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| {
        let fields = 0..row.len();
        fields
            .map(|index| row.get(index).unwrap_or_default().to_owned())
            .collect()
    })
    .collect()
}
