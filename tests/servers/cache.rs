//! Redis, Valkey and memcached as tests start them.

use std::path::Path;

use hubtop::model::{CacheDetail, CacheInstance, Reading, Rows};
use redis::{Connection, FromRedisValue};

use super::{Server, fetched_program, folder, free_port, program, wait_for};

/// Redis as Debian packs it.
pub fn redis(arguments: &[&str]) -> Server {
    start(&program("redis-server"), arguments)
}

/// Redis 6.2, as `scripts/servers` fetches it.
pub fn redis_6(arguments: &[&str]) -> Server {
    start(&fetched_program("redis-server-6.2"), arguments)
}

/// Redis 8, as `scripts/servers` fetches it.
pub fn redis_8(arguments: &[&str]) -> Server {
    start(&fetched_program("redis-server-8"), arguments)
}

/// Valkey 9, as `scripts/servers` fetches it.
pub fn valkey(arguments: &[&str]) -> Server {
    start(&fetched_program("valkey-server"), arguments)
}

/// A server of the kind that keeps nothing on disk.
pub fn start(program: &Path, arguments: &[&str]) -> Server {
    start_on(program, arguments, free_port())
}

/// The same on a port that is known.
pub fn start_on(program: &Path, arguments: &[&str], port: u16) -> Server {
    let number = port.to_string();
    let usual = [
        "--port",
        &number,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--daemonize",
        "no",
    ];
    let all: Vec<&str> = usual.into_iter().chain(arguments.iter().copied()).collect();
    let server = Server::start(program, all, folder(), port);
    wait_for("the server to answer", || {
        let mut connection = try_to(port)?;
        // A password or a right that is asked for is an answer as well.
        match redis::cmd("PING").query::<String>(&mut connection) {
            Err(error) if error.is_io_error() || error.code() == Some("LOADING") => None,
            _ => Some(()),
        }
    });
    server
}

/// A node of a cluster that is alone in it; its bus has a port of its own.
pub fn node(program: &Path) -> Server {
    let bus = free_port().to_string();
    start(
        program,
        &["--cluster-enabled", "yes", "--cluster-port", &bus],
    )
}

/// memcached as Debian packs it.
pub fn memcached(arguments: &[&str]) -> Server {
    let port = free_port();
    let number = port.to_string();
    let usual = ["-p", &number, "-l", "127.0.0.1", "-U", "0"];
    let all: Vec<&str> = usual.into_iter().chain(arguments.iter().copied()).collect();
    Server::start(&program("memcached"), all, folder(), port)
}

fn try_to(port: u16) -> Option<Connection> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
    client.get_connection().ok()
}

/// A connection of the test's own.
pub fn to(server: &Server) -> Connection {
    wait_for("a connection of the test", || try_to(server.port))
}

/// Asks as a person types it: `SET key value`.
pub fn ask<T: FromRedisValue>(connection: &mut Connection, command: &str) -> T {
    try_ask(connection, command).unwrap_or_else(|error| panic!("{command}: {error}"))
}

pub fn try_ask<T: FromRedisValue>(
    connection: &mut Connection,
    command: &str,
) -> redis::RedisResult<T> {
    let mut words = command.split(' ');
    let mut question = redis::cmd(words.next().unwrap());
    for word in words {
        question.arg(word);
    }
    question.query(connection)
}

/// The only row of a reading.
pub fn row(reading: &Reading) -> &CacheInstance {
    let mut rows = reading.rows.iter().filter_map(|rows| match rows {
        Rows::Caches(rows) => rows.first(),
        _ => None,
    });
    rows.next().expect("every reading has a row")
}

/// The detail of a reading, if it brings one.
pub fn detail(reading: &Reading) -> Option<&CacheDetail> {
    reading.rows.iter().find_map(|rows| match rows {
        Rows::CacheDetail(detail) => detail.as_deref(),
        _ => None,
    })
}
