//! Where a PostgreSQL server is, from what people write: a URL, the words of a connection string, a socket's folder or
//! `host:port`.

use std::net::IpAddr;
#[cfg(unix)]
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::net::{FormError, TlsForm};

/// The port when none is given.
const PORT: u16 = 5432;

/// What hubtop calls itself on a server.
const APPLICATION: &str = "hubtop";

/// Where a server is, as people write it down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    /// What its section is called: `[[source]]`.
    pub section: &'static str,
    /// The key under which the address stands.
    pub key: &'static str,
    /// The address.
    pub address: &'a str,
    /// Who logs in, where the address does not say.
    pub user: Option<&'a str>,
    /// How the connection is secured.
    pub tls: Option<&'a TlsForm>,
}

/// Where a server is and as whom to log in; the password is only in it when the address holds it.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// What goes into the greeting: user, database, application.
    pub config: Config,
    /// Where to connect.
    pub place: Place,
    /// How the connection is secured; `None` when it is not.
    pub tls: Option<TlsForm>,
    /// The user.
    pub user: String,
    /// The database.
    pub database: String,
    /// The section of the settings that names it, for what is said about it.
    pub section: &'static str,
}

/// Where to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Over the network.
    Tcp(String, u16),
    /// Through a socket.
    #[cfg(unix)]
    Socket(PathBuf),
}

impl Address {
    /// Reads what is written.
    ///
    /// # Errors
    /// When it can't be read; the line names no secret.
    pub fn of(written: Written<'_>) -> Result<Self, FormError> {
        let (text, own_tls) = without_file_options(&connection_string(written.address.trim()));
        let wrong = |why: String| FormError::of(written.key, why);
        let mut config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
            wrong(format!(
                "{}: write postgres://user@host:5432/database",
                reason(&error)
            ))
        })?;
        let named = config.get_user().map(str::to_owned);
        let user = written.user.map(str::to_owned);
        let user = user.or(named).or_else(login_name);
        let Some(user) = user else {
            return Err(FormError::of("user", "the address names none: add user"));
        };
        let database = config.get_dbname().unwrap_or(&user).to_owned();
        config.user(&user).dbname(&database);
        config.application_name(APPLICATION);
        let place = place(&config, written.section).map_err(wrong)?;
        let mode = config.get_ssl_mode();
        let asked_for = written.tls.cloned().or(own_tls);
        let is_near = place.is_on_this_machine();
        // Nobody stands between two programs of one machine; elsewhere a secured connection is asked for first.
        let wants_tls = asked_for.is_some()
            || mode == SslMode::Require
            || (mode == SslMode::Prefer && !is_near);
        let may_go_without = asked_for.is_none() && mode != SslMode::Require;
        config.ssl_mode(match (wants_tls, may_go_without) {
            (false, _) => SslMode::Disable,
            (true, true) => SslMode::Prefer,
            (true, false) => SslMode::Require,
        });
        Ok(Self {
            config,
            place,
            tls: wants_tls.then(|| asked_for.unwrap_or_default()),
            user,
            database,
            section: written.section,
        })
    }

    /// What the source is called when the form gives no name: `pg@5432/app`, with the host when it is another machine.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Tcp(host, port) if !self.place.is_on_this_machine() => {
                format!("pg@{host}:{port}/{}", self.database)
            }
            Place::Tcp(_, port) => format!("pg@{port}/{}", self.database),
            #[cfg(unix)]
            Place::Socket(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let port = name.rsplit('.').next().unwrap_or_default();
                format!("pg@{port}/{}", self.database)
            }
        }
    }
}

impl Place {
    /// Whether it is on this machine.
    pub fn is_on_this_machine(&self) -> bool {
        match self {
            Self::Tcp(host, _) => {
                host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
            #[cfg(unix)]
            Self::Socket(_) => true,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            #[cfg(unix)]
            Self::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The address in one of the two ways that the client library reads.
fn connection_string(text: &str) -> String {
    if text.contains("://") || text.contains('=') {
        return text.to_owned();
    }
    if text.starts_with('/') {
        return format!("host={text}");
    }
    format!("postgres://{text}")
}

/// Takes out what the client library does not know: libpq's names of files, and its two stricter modes, which is how
/// every secured connection is made here.
fn without_file_options(text: &str) -> (String, Option<TlsForm>) {
    let mut tls = TlsForm::default();
    let mut found = false;
    let is_url = text.contains("://");
    let (head, options, join) = match text.split_once('?') {
        Some((head, options)) if is_url => (format!("{head}?"), options, "&"),
        None if is_url => return (text.to_owned(), None),
        _ => (String::new(), text, " "),
    };
    let parts = options.split(|c| if is_url { c == '&' } else { c == ' ' });
    let mut kept = Vec::new();
    for part in parts {
        match part.split_once('=') {
            Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require"),
            Some(("sslmode", "allow")) => kept.push("sslmode=prefer"),
            Some((key @ ("sslrootcert" | "sslcert" | "sslkey"), value)) => {
                let path = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
                let path = Some(path.into_owned().into());
                found = true;
                match key {
                    "sslrootcert" => tls.ca_file = path,
                    "sslcert" => tls.cert_file = path,
                    _ => tls.key_file = path,
                }
            }
            _ => kept.push(part),
        }
    }
    (format!("{head}{}", kept.join(join)), found.then_some(tls))
}

fn place(config: &Config, section: &str) -> Result<Place, String> {
    let port = config.get_ports().first().copied().unwrap_or(PORT);
    if let Some(address) = config.get_hostaddrs().first() {
        return Ok(Place::Tcp(address.to_string(), port));
    }
    match config.get_hosts() {
        [] => default_place(port),
        [Host::Tcp(host)] => Ok(Place::Tcp(host.clone(), port)),
        #[cfg(unix)]
        [Host::Unix(folder)] => Ok(Place::Socket(folder.join(format!(".s.PGSQL.{port}")))),
        _ => Err(format!("several hosts: write one {section} for each")),
    }
}

/// Without a host, as psql has it: the usual sockets, then loopback.
#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the arms of its only caller"
)]
fn default_place(port: u16) -> Result<Place, String> {
    #[cfg(unix)]
    for folder in ["/var/run/postgresql", "/tmp"] {
        let socket = PathBuf::from(folder).join(format!(".s.PGSQL.{port}"));
        if socket.exists() {
            return Ok(Place::Socket(socket));
        }
    }
    Ok(Place::Tcp("localhost".to_owned(), port))
}

fn login_name() -> Option<String> {
    ["PGUSER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .filter(|name| !name.is_empty())
}

fn reason(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<'a>(address: &'a str, user: Option<&'a str>) -> Written<'a> {
        Written {
            section: "[[source]]",
            key: "address",
            address,
            user,
            tls: None,
        }
    }

    fn of(address: &str) -> Address {
        Address::of(written(address, Some("mon"))).unwrap()
    }

    #[test]
    fn the_name_tells_what_people_know_it_by() {
        let cases = [
            ("postgres://x@127.0.0.1:5433/shop", "pg@5433/shop"),
            ("postgresql://localhost/shop", "pg@5432/shop"),
            ("postgres://db1.example/shop", "pg@db1.example:5432/shop"),
            ("host=/var/run/postgresql dbname=shop", "pg@5432/shop"),
            ("host=db1 port=5999 dbname=shop", "pg@db1:5999/shop"),
            ("/var/run/postgresql", "pg@5432/mon"),
            ("db1:5444", "pg@db1:5444/mon"),
        ];
        for (address, name) in cases {
            assert_eq!(of(address).name(), name, "{address}");
        }
    }

    #[test]
    fn other_machines_are_asked_for_a_secured_connection() {
        let near = of("postgres://127.0.0.1/x");
        assert!(near.tls.is_none());
        let far = of("postgres://db1/x");
        assert!(far.tls.is_some());
        assert_eq!(far.config.get_ssl_mode(), SslMode::Prefer);
        let strict = of("postgres://db1/x?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem");
        assert_eq!(strict.config.get_ssl_mode(), SslMode::Require);
        let ca = strict.tls.unwrap().ca_file.unwrap();
        assert_eq!(ca.to_str(), Some("/etc/ca.pem"));
        assert!(of("host=db1 sslmode=disable").tls.is_none());
    }

    #[test]
    fn a_mistake_is_told_without_the_password() {
        let written = written("postgres://x:hunter2@h:port/x", None);
        let error = Address::of(written).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
