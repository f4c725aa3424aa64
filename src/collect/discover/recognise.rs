//! What somebody who listens may be, by the name of the process, the port or the name of the socket. It is only a guess:
//! a greeting makes it sure.

use std::path::Path;

use super::place::Place;

/// What can be watched, as `[[source]]` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// Redis or Valkey.
    Redis,
    /// memcached.
    Memcached,
    /// A page of metrics.
    Metrics,
    /// A log.
    AccessLog,
}

impl Kind {
    /// The `kind` of its `[[source]]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
            Self::Memcached => "memcached",
            Self::Metrics => "metrics",
            Self::AccessLog => "access_log",
        }
    }
}

/// What somebody may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// Known to be something else, or not to be disturbed.
    Leave,
    /// Its name says so.
    Named(Kind),
    /// Its port says so; it may be anything.
    Likely(Kind),
}

/// Processes by the beginning of their names; the kernel tells 15 letters of a name.
const NAMED: &[(&str, Kind)] = &[
    ("postgres", Kind::Postgres),
    ("postmaster", Kind::Postgres),
    ("mysqld", Kind::Mysql),
    ("mariadbd", Kind::Mysql),
    ("redis-server", Kind::Redis),
    ("valkey-server", Kind::Redis),
    ("keydb-server", Kind::Redis),
    ("dragonfly", Kind::Redis),
    ("memcached", Kind::Memcached),
];

/// Processes that are known to be something else: nothing is sent to them. Those whose name begins so; systemd holds
/// sockets for services that would be started by a greeting.
const LEFT_ALONE: &[&str] = &[
    "sshd",
    "dropbear",
    "systemd",
    "init",
    "Xorg",
    "X",
    "Xvfb",
    "Xwayland",
    "Xvnc",
    "xrdp",
    "gnome",
    "pulseaudio",
    "pipewire",
    "dnsmasq",
    "named",
    "unbound",
    "cups",
    "master",
    "exim",
    "sendmail",
    "dovecot",
    "rpc",
    "smbd",
    "nmbd",
    "ntpd",
    "chronyd",
    "avahi",
    "snmpd",
    "vsftpd",
    "proftpd",
    "slapd",
    "docker-init",
    "dockerd",
    "containerd",
    "zabbix",
    "nrpe",
    "pgbouncer",
    "pgpool",
    "maxscale",
    "proxysql",
    "twemproxy",
    "nutcracker",
    "redis-sentinel",
    "mongod",
    "mongos",
    "beam",
    "epmd",
    "mosquitto",
    "gpg-agent",
    "ssh-agent",
    "hubtop",
];

/// Ports of what is no server that hubtop reads; for processes whose names can't be seen.
const PORTS_LEFT_ALONE: &[u16] = &[
    21, 22, 23, 25, 53, 69, 79, 88, 110, 111, 113, 119, 139, 143, 161, 179, 389, 427, 445, 464,
    465, 515, 548, 554, 587, 631, 636, 873, 993, 995, 1080, 1433, 1521, 1883, 2049, 2181, 3128,
    3260, 3389, 4369, 5060, 5353, 5355, 5671, 5672, 6667, 8883, 9092, 9093, 9300, 10250, 25672,
    26379, 27017, 27018, 27019,
];

/// Ports at which a kind is looked for when the process can't be seen.
pub const USUAL_PORTS: &[(u16, Kind)] = &[
    (5432, Kind::Postgres),
    (5433, Kind::Postgres),
    (5434, Kind::Postgres),
    (3306, Kind::Mysql),
    (3307, Kind::Mysql),
    (6379, Kind::Redis),
    (6380, Kind::Redis),
    (6381, Kind::Redis),
    (7000, Kind::Redis),
    (7001, Kind::Redis),
    (7002, Kind::Redis),
    (11211, Kind::Memcached),
];

/// What somebody may be who listens at `place`.
pub fn guess(process: Option<&str>, place: &Place) -> Guess {
    let named = process.and_then(|name| {
        let mut known = NAMED.iter();
        known
            .find(|(start, _)| name.starts_with(start))
            .map(|(_, kind)| *kind)
    });
    match place {
        Place::Unix(path) => guess_socket(named, path),
        Place::Tcp(address) => {
            guess_port(process, named, address.port(), address.ip().is_loopback())
        }
    }
}

fn guess_port(process: Option<&str>, named: Option<Kind>, port: u16, is_near: bool) -> Guess {
    const X11: std::ops::RangeInclusive<u16> = 6000..=6063;
    const VNC: std::ops::RangeInclusive<u16> = 5900..=5999;
    if named == Some(Kind::Redis) && port == 26379 {
        return Guess::Leave;
    }
    if let Some(kind) = named {
        return Guess::Named(kind);
    }
    if process.is_some_and(is_left_alone) {
        return Guess::Leave;
    }
    if let Some((_, kind)) = USUAL_PORTS.iter().find(|(usual, _)| *usual == port) {
        return Guess::Likely(*kind);
    }
    let is_known = PORTS_LEFT_ALONE.contains(&port) || X11.contains(&port) || VNC.contains(&port);
    // Pages are asked for over loopback alone.
    if is_known || !is_near {
        return Guess::Leave;
    }
    Guess::Likely(Kind::Metrics)
}

fn is_left_alone(name: &str) -> bool {
    LEFT_ALONE.iter().any(|known| match *known {
        // A name so short begins many others.
        "X" | "init" | "rpc" | "master" | "named" => name == *known || name.starts_with("rpc."),
        known => name.starts_with(known),
    })
}

/// A socket is recognised by its name; servers have others that speak something else.
fn guess_socket(named: Option<Kind>, path: &Path) -> Guess {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let is_socket = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "sock" || extension == "socket");
    let kind = match name {
        "mysqld.sock" | "mysql.sock" | "mariadb.sock" | "mariadbd.sock" => Kind::Mysql,
        name if name.starts_with(".s.PGSQL.") && !name.ends_with(".lock") => Kind::Postgres,
        name if is_socket && (name.starts_with("redis") || name.starts_with("valkey")) => {
            Kind::Redis
        }
        name if is_socket && name.starts_with("memcached") => Kind::Memcached,
        // A cache has one socket, whatever it is called.
        _ => match named {
            Some(kind @ (Kind::Redis | Kind::Memcached)) => kind,
            _ => return Guess::Leave,
        },
    };
    match named {
        Some(named) if named != kind => Guess::Leave,
        Some(_) => Guess::Named(kind),
        None => Guess::Likely(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(address: &str) -> Place {
        Place::Tcp(address.parse().unwrap())
    }

    #[test]
    fn names_count_before_ports_and_what_is_something_else_is_left() {
        let cases = [
            (
                Some("postgres"),
                tcp("127.0.0.1:9999"),
                Guess::Named(Kind::Postgres),
            ),
            (
                Some("valkey-server"),
                tcp("10.0.0.2:6379"),
                Guess::Named(Kind::Redis),
            ),
            (Some("redis-server"), tcp("127.0.0.1:26379"), Guess::Leave),
            (Some("sshd"), tcp("127.0.0.1:5432"), Guess::Leave),
            (Some("systemd-resolve"), tcp("127.0.0.1:5355"), Guess::Leave),
            (
                Some("python3"),
                tcp("127.0.0.1:8000"),
                Guess::Likely(Kind::Metrics),
            ),
            (Some("python3"), tcp("10.0.0.2:8000"), Guess::Leave),
            (Some("rpcbind"), tcp("127.0.0.1:111"), Guess::Leave),
            (None, tcp("127.0.0.1:3306"), Guess::Likely(Kind::Mysql)),
            (None, tcp("127.0.0.1:22"), Guess::Leave),
            (None, tcp("127.0.0.1:6001"), Guess::Leave),
            (Some("Xtightvnc"), tcp("127.0.0.1:5901"), Guess::Leave),
            (
                None,
                Place::Unix("/run/postgresql/.s.PGSQL.5432".into()),
                Guess::Likely(Kind::Postgres),
            ),
            (
                Some("mariadbd"),
                Place::Unix("/run/mysqld/mysqld.sock".into()),
                Guess::Named(Kind::Mysql),
            ),
            (
                Some("mysqld"),
                Place::Unix("/run/mysqld/mysqlx.sock".into()),
                Guess::Leave,
            ),
            (
                Some("redis-server"),
                Place::Unix("/srv/cache".into()),
                Guess::Named(Kind::Redis),
            ),
            (
                Some("dbus-daemon"),
                Place::Unix("/run/dbus/bus.sock".into()),
                Guess::Leave,
            ),
        ];
        for (process, place, expected) in cases {
            assert_eq!(guess(process, &place), expected, "{process:?} {place}");
        }
    }
}
