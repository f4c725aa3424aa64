//! MariaDB servers, and people who work on them.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row};

use super::{PATIENCE, Server, command, folder, free_port, program, wait_for};

/// A server with its own data; dropped, it is gone.
pub struct Mariadb {
    server: Option<Server>,
    pub port: u16,
    settings: Vec<String>,
}

impl Mariadb {
    /// A server that counts statements.
    pub fn start() -> Self {
        Self::with(&["performance-schema=ON"])
    }

    /// A server with these settings and nothing else, and with the users `mon`, who may see everything, and `app`.
    pub fn with(settings: &[&str]) -> Self {
        let folder = folder();
        // Its temporary tables are named by the process alone, so that two servers made at once in /tmp would meet.
        let made = command(&program("mariadb-install-db"))
            .env("TMPDIR", folder.path())
            .args([
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ])
            .arg(format!(
                "--datadir={}",
                folder.path().join("data").display()
            ))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let mut mariadb = Self {
            server: None,
            port: free_port(),
            settings: settings.iter().map(ToString::to_string).collect(),
        };
        mariadb.start_in(folder);
        for statement in [
            "CREATE DATABASE shop",
            "CREATE USER mon@'%'",
            "GRANT PROCESS, SLAVE MONITOR, CONNECTION ADMIN, SELECT ON *.* TO mon@'%'",
            "CREATE USER app@'%'",
            "GRANT ALL ON shop.* TO app@'%'",
        ] {
            mariadb.sql(statement);
        }
        mariadb
    }

    fn start_in(&mut self, folder: tempfile::TempDir) {
        let here = folder.path().display().to_string();
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--datadir={here}/data"),
            format!("--tmpdir={here}"),
            format!("--socket={here}/my.sock"),
            format!("--port={}", self.port),
        ];
        let usual = [
            "bind-address=127.0.0.1",
            "innodb-buffer-pool-size=16M",
            "innodb-flush-log-at-trx-commit=0",
            "innodb-deadlock-detect=OFF",
            "skip-name-resolve",
        ];
        let all = usual
            .iter()
            .copied()
            .chain(self.settings.iter().map(String::as_str));
        arguments.extend(all.map(|setting| format!("--{setting}")));
        self.server = Some(Server::start(
            &program("mariadbd"),
            &arguments,
            folder,
            self.port,
        ));
        wait_for("MariaDB to let people in", || {
            Person::connect(self.root()).ok()
        });
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn socket(&self) -> PathBuf {
        self.server().folder.path().join("my.sock")
    }

    /// Ends the server at once and starts it again on the same data and port.
    pub fn restart(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill();
        let folder = std::mem::replace(&mut server.folder, folder());
        self.start_in(folder);
    }

    fn root(&self) -> OptsBuilder {
        let socket = self.socket().display().to_string();
        OptsBuilder::default()
            .socket(Some(socket))
            .user(Some("root"))
    }

    /// Runs a statement as root.
    pub fn sql(&self, statement: &str) -> Vec<Row> {
        Person::connect(self.root()).unwrap().ask(statement)
    }

    /// Someone of the application, in its database.
    pub fn person(&self) -> Person {
        let opts = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(self.port)
            .prefer_socket(false)
            .user(Some("app"))
            .db_name(Some("shop"));
        Person::connect(opts).unwrap()
    }

    /// The keys of a `[[source]]` for it, which is asked often.
    pub fn source(&self, user: &str) -> String {
        format!(
            "kind = \"mysql\"\naddress = \"mysql://{user}@127.0.0.1:{}\"\ninterval = \"200ms\"\ntimeout = \"3s\"",
            self.port
        )
    }

    /// What the source is called.
    pub fn name(&self) -> String {
        format!("mysql@{}", self.port)
    }
}

type Told = Result<Vec<Row>, mysql_async::Error>;

/// Someone who is connected and does what they are told, one thing after the other.
pub struct Person {
    orders: Option<mpsc::Sender<(String, mpsc::Sender<Told>)>>,
    thread: Option<JoinHandle<()>>,
    /// The number of the connection.
    pub pid: u64,
}

/// What someone was told to do and may not have done yet.
pub struct Pending(mpsc::Receiver<Told>);

impl Pending {
    /// What became of it.
    pub fn end(self) -> Told {
        self.0
            .recv_timeout(PATIENCE)
            .expect("an end of the statement")
    }
}

impl Person {
    pub fn connect(opts: OptsBuilder) -> Result<Self, mysql_async::Error> {
        let (orders, inbox) = mpsc::channel::<(String, mpsc::Sender<Told>)>();
        let (ready, greeted) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut conn = match Conn::new(opts).await {
                    Ok(conn) => conn,
                    Err(error) => return ready.send(Err(error)).unwrap(),
                };
                ready.send(Ok(u64::from(conn.id()))).unwrap();
                while let Ok((statement, answer)) = inbox.recv() {
                    let _ = answer.send(conn.query(statement).await);
                }
                let _ = conn.disconnect().await;
            });
        });
        let pid = greeted.recv().unwrap()?;
        Ok(Self {
            orders: Some(orders),
            thread: Some(thread),
            pid,
        })
    }

    /// Has them begin something.
    pub fn begin(&self, statement: &str) -> Pending {
        let (answer, told) = mpsc::channel();
        let orders = self.orders.as_ref().unwrap();
        orders.send((statement.to_owned(), answer)).unwrap();
        Pending(told)
    }

    /// Has them do something, and waits until it is done.
    pub fn ask(&self, statement: &str) -> Vec<Row> {
        let told = self.begin(statement).end();
        told.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        drop(self.orders.take());
        // Someone who still waits for a lock goes when the server does.
        drop(self.thread.take());
    }
}
