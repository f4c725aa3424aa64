//! MariaDB and MySQL servers, and people who work on them.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row};

use super::{
    PATIENCE, Server, command, fetched, fetched_program, folder, free_port, program, succeed,
    wait_for,
};

/// Which of the two that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// As Debian packs it.
    Mariadb,
    /// As `scripts/servers` fetches it.
    Mysql,
}

pub const PRODUCTS: [Product; 2] = [Product::Mariadb, Product::Mysql];

impl Product {
    fn program(self) -> PathBuf {
        match self {
            Self::Mariadb => program("mariadbd"),
            Self::Mysql => fetched_program("mysqld"),
        }
    }

    /// What both are started with. MySQL finds its own files only when it is told where they lie.
    fn usual(self) -> Vec<String> {
        let Self::Mysql = self else {
            return vec!["--no-defaults".to_owned()];
        };
        let home = fetched().join("mysql/usr").display().to_string();
        vec![
            "--no-defaults".to_owned(),
            format!("--basedir={home}"),
            format!("--lc-messages-dir={home}/share/mysql"),
            "--secure-file-priv=NULL".to_owned(),
            "--mysqlx=OFF".to_owned(),
        ]
    }

    /// Makes the files of a server that has no data yet.
    fn make_data(self, folder: &Path) {
        let maker = match self {
            Self::Mariadb => program("mariadb-install-db"),
            Self::Mysql => self.program(),
        };
        let how: &[&str] = match self {
            Self::Mariadb => &["--auth-root-authentication-method=normal", "--skip-test-db"],
            Self::Mysql => &["--initialize-insecure"],
        };
        // MariaDB's temporary tables are named by the process alone, so that two servers made at once in /tmp would meet.
        let mut making = command(&maker);
        making.env("TMPDIR", folder).args(self.usual()).args(how);
        making.arg(format!("--datadir={}", folder.join("data").display()));
        succeed(making.current_dir(folder));
    }

    /// What the user `mon`, who may see everything, needs.
    fn rights(self) -> &'static str {
        match self {
            Self::Mariadb => "PROCESS, SLAVE MONITOR, CONNECTION ADMIN, SELECT",
            Self::Mysql => "PROCESS, REPLICATION CLIENT, CONNECTION_ADMIN, SELECT",
        }
    }
}

/// A server with its own data; dropped, it is gone.
pub struct Mysql {
    pub product: Product,
    server: Option<Server>,
    pub port: u16,
    settings: Vec<String>,
}

impl Mysql {
    /// A server that counts statements.
    pub fn start(product: Product) -> Self {
        Self::with(product, &["performance-schema=ON"])
    }

    /// A server with these settings and nothing else, and with the users `mon`, who may see everything, and `app`.
    pub fn with(product: Product, settings: &[&str]) -> Self {
        let folder = folder();
        product.make_data(folder.path());
        let mut mysql = Self {
            product,
            server: None,
            port: free_port(),
            settings: settings.iter().map(ToString::to_string).collect(),
        };
        mysql.start_in(folder);
        let rights = product.rights();
        for statement in [
            "CREATE DATABASE shop",
            "CREATE USER mon@'%'",
            &format!("GRANT {rights} ON *.* TO mon@'%'"),
            "CREATE USER app@'%'",
            "GRANT ALL ON shop.* TO app@'%'",
        ] {
            mysql.sql(statement);
        }
        mysql
    }

    fn start_in(&mut self, folder: tempfile::TempDir) {
        let here = folder.path().display().to_string();
        let mut arguments = self.product.usual();
        arguments.extend([
            format!("--datadir={here}/data"),
            format!("--tmpdir={here}"),
            format!("--socket={here}/my.sock"),
            format!("--port={}", self.port),
        ]);
        let usual = [
            "bind-address=127.0.0.1",
            "innodb-buffer-pool-size=16M",
            // What was done outlives the process, not the machine.
            "innodb-flush-log-at-trx-commit=2",
            "innodb-deadlock-detect=OFF",
            "skip-name-resolve",
        ];
        let all = usual
            .iter()
            .copied()
            .chain(self.settings.iter().map(String::as_str));
        arguments.extend(all.map(|setting| format!("--{setting}")));
        let program = self.product.program();
        self.server = Some(Server::start(&program, &arguments, folder, self.port));
        wait_for("the server to let people in", || {
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
        self.root_person().ask(statement)
    }

    /// Someone who may do everything.
    pub fn root_person(&self) -> Person {
        Person::connect(self.root()).unwrap()
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
