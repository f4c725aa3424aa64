//! Where a server is, from what people write: a URL, `host:port` or the path of a socket.

use std::net::IpAddr;

use mysql_async::{OptsBuilder, SslOpts};
use percent_encoding::percent_decode_str;
use rustls::RootCertStore;
use url::Url;

use crate::collect::form::SourceForm;
use crate::net::secret::Secret;
use crate::net::{FormError, TlsForm};

const PORT: u16 = 3306;

/// The largest packet that is read. What is asked for is far smaller; larger is garbage or a mistake.
const LARGEST_PACKET: usize = 4 << 20;

/// What the client would ask the server for if it were not told: the default of MySQL, seconds.
const WAIT_TIMEOUT: usize = 28_800;

/// Where a server is, and as whom to log in.
#[derive(Debug, Clone)]
pub(super) struct Address {
    place: Place,
    user: Option<String>,
    password: Option<Secret>,
    database: Option<String>,
    /// How the connection is secured; `None` when it is not.
    pub tls: Option<TlsForm>,
    /// Whether a server that offers no TLS is talked to without.
    pub tls_is_optional: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Tcp(String, u16),
    Socket(String),
}

impl Address {
    /// Reads the address of a form.
    ///
    /// # Errors
    /// When it can't be read; the line names no secret.
    pub fn of(form: &SourceForm) -> Result<Self, FormError> {
        let text = form.address.trim();
        let url = match text {
            socket if socket.starts_with('/') => {
                return Ok(Self::at(Place::Socket(socket.to_owned()), form));
            }
            url if url.contains("://") => Url::parse(url),
            host => Url::parse(&format!("mysql://{host}")),
        };
        let url = url.map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "mysql" | "mariadb") {
            return Err(wrong(&format!("{}:// is not known", url.scheme())));
        }
        let host = match url.host_str() {
            None | Some("") => "127.0.0.1".to_owned(),
            // An address of IPv6 stands in brackets there.
            Some(host) => host.trim_matches(['[', ']']).to_owned(),
        };
        let place = Place::Tcp(host, url.port().unwrap_or(PORT));
        let mut address = Self::at(place, form);
        address.take_url(&url)?;
        address.decide_on_tls(form);
        Ok(address)
    }

    fn at(place: Place, form: &SourceForm) -> Self {
        Self {
            place,
            user: form.user.clone(),
            password: None,
            database: None,
            tls: None,
            tls_is_optional: false,
        }
    }

    fn take_url(&mut self, url: &Url) -> Result<(), FormError> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if self.user.is_none() && !url.username().is_empty() {
            self.user = Some(decoded(url.username()));
        }
        self.password = url.password().map(|text| Secret::new(decoded(text)));
        let database = url.path().trim_matches('/');
        self.database = Some(decoded(database)).filter(|name| !name.is_empty());
        let mut tls = TlsForm::default();
        for (key, value) in url.query_pairs() {
            let value = value.into_owned();
            match &*key {
                "socket" => self.place = Place::Socket(value),
                "ssl-ca" => tls.ca_file = Some(value.into()),
                "ssl-cert" => tls.cert_file = Some(value.into()),
                "ssl-key" => tls.key_file = Some(value.into()),
                "ssl-mode" => match &*value.to_ascii_lowercase() {
                    "disabled" => {
                        self.tls = None;
                        return Ok(());
                    }
                    "preferred" => self.tls_is_optional = true,
                    "required" | "verify_ca" | "verify_identity" => self.tls = Some(tls.clone()),
                    other => return Err(wrong(&format!("ssl-mode {other} is not known"))),
                },
                other => return Err(wrong(&format!("{other} is not known"))),
            }
        }
        if self.tls.is_some() || tls != TlsForm::default() {
            self.tls = Some(tls);
        }
        Ok(())
    }

    /// Nobody stands between two programs of one machine; elsewhere a secured connection is asked for first.
    fn decide_on_tls(&mut self, form: &SourceForm) {
        let is_disabled = form
            .address
            .to_ascii_lowercase()
            .contains("ssl-mode=disabled");
        if let Some(asked_for) = &form.tls {
            self.tls = Some(asked_for.clone());
            self.tls_is_optional = false;
        } else if self.tls.is_none() && !is_disabled && !self.is_on_this_machine() {
            self.tls = Some(TlsForm::default());
            self.tls_is_optional = true;
        }
    }

    fn is_on_this_machine(&self) -> bool {
        match &self.place {
            Place::Tcp(host, _) => {
                host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
            Place::Socket(_) => true,
        }
    }

    /// What the source is called when the form gives no name: `mysql@3306/shop`, with the host when it is another
    /// machine.
    pub fn name(&self) -> String {
        let place = match &self.place {
            Place::Tcp(_, port) if self.is_on_this_machine() => port.to_string(),
            Place::Tcp(host, port) => format!("{host}:{port}"),
            Place::Socket(path) => path.rsplit('/').next().unwrap_or_default().to_owned(),
        };
        match &self.database {
            Some(database) => format!("mysql@{place}/{database}"),
            None => format!("mysql@{place}"),
        }
    }

    /// Who logs in.
    pub fn user(&self) -> &str {
        self.user.as_deref().unwrap_or("nobody")
    }

    /// What the client needs to connect, with the password as it is now.
    ///
    /// # Errors
    /// When the password or a certificate can't be read.
    pub fn opts(&self, form: &SourceForm, with_tls: bool) -> Result<OptsBuilder, FormError> {
        let password = match form.password()? {
            Some(secret) => Some(secret),
            None => self.password.clone(),
        };
        let opts = match &self.place {
            Place::Tcp(host, port) => OptsBuilder::default().ip_or_hostname(host).tcp_port(*port),
            Place::Socket(path) => OptsBuilder::default().socket(Some(path)),
        };
        let tls = self.tls.as_ref().filter(|_| with_tls);
        Ok(opts
            .user(self.user.clone())
            .pass(password.map(|secret| secret.reveal().to_owned()))
            .db_name(self.database.clone())
            .ssl_opts(tls.map(ssl_opts))
            .prefer_socket(matches!(self.place, Place::Socket(_)))
            .max_allowed_packet(Some(LARGEST_PACKET))
            .wait_timeout(Some(WAIT_TIMEOUT))
            .stmt_cache_size(0)
            .connect_attribute("program_name", "hubtop"))
    }
}

/// The client library makes its own rustls configuration; it is given what ours would be made of.
fn ssl_opts(form: &TlsForm) -> SslOpts {
    let roots = match &form.ca_file {
        Some(file) => vec![file.clone().into()],
        None => system_roots().into_iter().map(Into::into).collect(),
    };
    let identity = form.cert_file.clone().zip(form.key_file.clone());
    let identity =
        identity.map(|(cert, key)| mysql_async::ClientIdentity::new(cert.into(), key.into()));
    let opts = SslOpts::default()
        .with_disable_built_in_roots(true)
        .with_root_certs(roots)
        .with_client_identity(identity)
        .with_danger_accept_invalid_certs(form.verify == Some(false));
    match &form.server_name {
        Some(name) => opts.with_danger_tls_hostname_override(Some(name.clone())),
        None => opts,
    }
}

/// The system's authorities, those that can be used.
fn system_roots() -> Vec<Vec<u8>> {
    let found = rustls_native_certs::load_native_certs().certs;
    let usable = found
        .into_iter()
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    usable.map(|certificate| certificate.to_vec()).collect()
}

fn wrong(why: &str) -> FormError {
    FormError::of(
        "address",
        format!("{why}: write mysql://user@host:3306/database"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Address {
        let form = SourceForm {
            address: address.to_owned(),
            ..SourceForm::default()
        };
        Address::of(&form).unwrap()
    }

    #[test]
    fn the_name_tells_what_people_know_it_by() {
        let cases = [
            ("mysql://x@127.0.0.1:3307/shop", "mysql@3307/shop"),
            ("mariadb://localhost", "mysql@3306"),
            ("db1.example:3310", "mysql@db1.example:3310"),
            ("mysql://[::1]:3307", "mysql@3307"),
            ("/run/mysqld/mysqld.sock", "mysql@mysqld.sock"),
            (
                "mysql://x@localhost/shop?socket=/tmp/my.sock",
                "mysql@my.sock/shop",
            ),
        ];
        for (address, name) in cases {
            assert_eq!(of(address).name(), name, "{address}");
        }
    }

    #[test]
    fn other_machines_are_asked_for_a_secured_connection() {
        assert!(of("mysql://127.0.0.1/x").tls.is_none());
        let far = of("mysql://db1/x");
        assert!(far.tls.is_some() && far.tls_is_optional);
        let strict = of("mysql://db1/x?ssl-mode=VERIFY_IDENTITY&ssl-ca=%2Fetc%2Fca.pem");
        assert!(!strict.tls_is_optional);
        assert_eq!(
            strict.tls.unwrap().ca_file.unwrap().to_str(),
            Some("/etc/ca.pem")
        );
        assert!(of("mysql://db1/x?ssl-mode=DISABLED").tls.is_none());
    }

    #[test]
    fn a_mistake_is_told_without_the_password() {
        for address in [
            "mysql://x:hunter2@h:port/x",
            "redis://x:hunter2@h",
            "mysql://x:hunter2@h/?sssl=1",
        ] {
            let form = SourceForm {
                address: address.to_owned(),
                ..SourceForm::default()
            };
            let error = Address::of(&form).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
