//! Where something can be reached, and whether two addresses are the same place: `localhost:5432`, `[::1]:5432` and
//! `/run/postgresql/.s.PGSQL.5432` are.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use url::Url;

/// Where something listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Over the network.
    Tcp(SocketAddr),
    /// Through a socket.
    Unix(PathBuf),
}

impl Place {
    /// What is the same for all the ways to it.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Self::Tcp(address) => vec![Key::Port(host_key(address.ip()), address.port())],
            Self::Unix(path) => keys_of_path(path),
        }
    }

    /// The port, also the one that the name of a socket tells.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            Self::Unix(path) => port_of_socket(path),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What two addresses of one place have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A port of a host; this machine is the empty one.
    Port(String, u16),
    /// A socket or a file.
    Path(PathBuf),
}

/// This machine is the empty name, whichever of its loopback addresses is meant.
fn host_key(ip: IpAddr) -> String {
    if ip.to_canonical().is_loopback() || ip.is_unspecified() {
        String::new()
    } else {
        ip.to_string()
    }
}

fn host_name_key(host: &str) -> String {
    let bare = host.trim_matches(['[', ']']);
    match bare.parse::<IpAddr>() {
        Ok(ip) => host_key(ip),
        Err(_) if bare.is_empty() || bare == "localhost" => String::new(),
        Err(_) => bare.to_ascii_lowercase(),
    }
}

/// The keys of what an address of a `[[source]]` of this kind names.
pub fn keys_of(kind: &str, address: &str) -> Vec<Key> {
    let address = address.trim();
    if let Some((_, path)) = address.split_once("unix://") {
        return keys_of_path(Path::new(path.split('?').next().unwrap_or(path)));
    }
    if address.contains("://") {
        return keys_of_url(kind, address);
    }
    if address.starts_with('/') {
        return keys_of_path(&socket_in(kind, Path::new(address), usual_port(kind)));
    }
    if address.contains('=') {
        return keys_of_words(kind, address);
    }
    let (host, rest) = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    let port = rest.map(|rest| rest.split('/').next().unwrap_or(rest));
    let port = port.map_or(usual_port(kind), |port| port.parse().unwrap_or(0));
    vec![Key::Port(host_name_key(host), port)]
}

/// Whether what an address of a `[[source]]` of this kind names is on this machine: on loopback, or behind a socket.
pub fn leads_here(kind: &str, address: &str) -> bool {
    let is_here = |key: &Key| match key {
        Key::Port(host, _) => host.is_empty(),
        Key::Path(_) => true,
    };
    let keys = keys_of(kind, address);
    !keys.is_empty()
        && keys.iter().all(is_here)
        && other_hosts(address)
            .iter()
            .all(|host| host.starts_with('/') || host_name_key(host).is_empty())
}

/// The hosts that the query of a URL names besides its own (libpq's connection URIs).
fn other_hosts(address: &str) -> Vec<String> {
    let url = Url::parse(address).ok();
    let pairs = url.iter().flat_map(Url::query_pairs);
    pairs
        .filter(|(name, _)| matches!(&**name, "host" | "hostaddr"))
        .map(|(_, value)| value.into_owned())
        .collect()
}

fn keys_of_url(kind: &str, address: &str) -> Vec<Key> {
    let Ok(url) = Url::parse(address) else {
        return Vec::new();
    };
    let port = url
        .port_or_known_default()
        .unwrap_or_else(|| usual_port(kind));
    let query = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let host = percent_encoding::percent_decode_str(url.host_str().unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned();
    let socket = [query("host"), query("socket"), Some(host.clone())];
    let mut socket = socket.into_iter().flatten();
    match socket.find(|host| host.starts_with('/')) {
        Some(path) => keys_of_path(&socket_in(kind, Path::new(&path), port)),
        None => vec![Key::Port(host_name_key(&host), port)],
    }
}

/// The words of libpq: `host=/run/postgresql port=5433`.
fn keys_of_words(kind: &str, words: &str) -> Vec<Key> {
    let value = |wanted: &str| {
        let mut words = words.split_whitespace();
        words.find_map(|word| word.strip_prefix(wanted)?.strip_prefix('='))
    };
    let port = value("port").and_then(|port| port.parse().ok());
    let port = port.unwrap_or_else(|| usual_port(kind));
    let host = value("hostaddr")
        .or_else(|| value("host"))
        .unwrap_or_default();
    if host.starts_with('/') {
        return keys_of_path(&socket_in(kind, Path::new(host), port));
    }
    vec![Key::Port(host_name_key(host), port)]
}

/// PostgreSQL names the folder of its socket; the socket itself is named after the port.
fn socket_in(kind: &str, path: &Path, port: u16) -> PathBuf {
    let is_socket = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(".s.PGSQL."));
    if kind == "postgres" && !is_socket {
        path.join(format!(".s.PGSQL.{port}"))
    } else {
        path.to_owned()
    }
}

/// A socket is one place by whichever links it is reached; one whose name tells the port is the same as that port.
fn keys_of_path(path: &Path) -> Vec<Key> {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let port = port_of_socket(path).map(|port| Key::Port(String::new(), port));
    std::iter::once(Key::Path(real)).chain(port).collect()
}

/// The port of `.s.PGSQL.5432`.
fn port_of_socket(path: &Path) -> Option<u16> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(".s.PGSQL.")?.parse().ok()
}

/// Where a kind listens unless it is told otherwise.
pub fn usual_port(kind: &str) -> u16 {
    match kind {
        "postgres" => 5432,
        "mysql" => 3306,
        "redis" => 6379,
        "memcached" => 11211,
        _ => 80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_has_the_same_key_however_it_is_written() {
        let pg = Key::Port(String::new(), 5432);
        for address in [
            "postgres://app:pw@localhost/x",
            "postgresql://127.0.0.1:5432/x",
            "localhost",
            "127.0.0.1:5432",
            "[::1]:5432",
            "host=localhost user=a",
            "host=/nowhere port=5432",
            "/nowhere",
            "/nowhere/.s.PGSQL.5432",
            "postgres://app@%2Fnowhere/x",
            "postgres:///x?host=/nowhere",
        ] {
            assert!(keys_of("postgres", address).contains(&pg), "{address}");
        }
        for (kind, address, host, port) in [
            ("redis", "redis://:pw@127.0.0.1/0", "", 6379),
            (
                "redis",
                "rediss://Cache.example:7000",
                "cache.example",
                7000,
            ),
            ("metrics", "http://localhost:9100/metrics", "", 9100),
            ("mysql", "mysql://db.example/app", "db.example", 3306),
            ("memcached", "10.0.0.2", "10.0.0.2", 11211),
            ("postgres", "db.example:6000/app", "db.example", 6000),
        ] {
            let key = Key::Port(host.to_owned(), port);
            assert_eq!(keys_of(kind, address), [key], "{address}");
        }
        for (kind, address) in [
            ("postgres", "postgres://localhost/x"),
            ("postgres", "host=/run/postgresql port=5433"),
            ("redis", "unix:///nowhere/redis.sock?db=1"),
            ("redis", "redis://[::1]:6380"),
            ("mysql", "127.0.0.1:3306"),
        ] {
            assert!(leads_here(kind, address), "{address}");
        }
        for (kind, address) in [
            ("postgres", "postgres://app@db.example/x"),
            ("postgres", "postgres://localhost/x?host=db.example"),
            ("postgres", "host=localhost,db.example"),
            ("postgres", "postgres://localhost,db.example/x"),
            ("redis", "rediss://10.0.0.2:6380"),
            ("mysql", "db.example:3306"),
        ] {
            assert!(!leads_here(kind, address), "{address}");
        }
        assert_eq!(
            keys_of("redis", "unix:///nowhere/redis.sock?db=1"),
            [Key::Path("/nowhere/redis.sock".into())]
        );
    }
}
