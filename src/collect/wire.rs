//! The connection below the protocols of cache servers: TCP or a unix socket, secured or not, with a bound on what one
//! answer may bring.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::CollectError;
use crate::net::tls::client_config;
use crate::net::{FormError, TlsForm};

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A port of a host.
    Tcp {
        /// Its name or address.
        host: String,
        /// The port.
        port: u16,
    },
    /// A unix socket.
    Unix(PathBuf),
}

impl Place {
    /// `host:port`, `host`, `[::1]:6379`, or the path of a unix socket.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(address: &str, usual_port: u16) -> Result<Self, FormError> {
        if address.starts_with('/') {
            return Ok(Self::Unix(address.into()));
        }
        let (host, port) = match address
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None if address.matches(':').count() == 1 => {
                let (host, port) = address.split_once(':').unwrap_or((address, ""));
                (host, Some(port))
            }
            // Several colons without brackets: an address of IPv6 on its own.
            None => (address, None),
        };
        let port = match port {
            None => Some(usual_port),
            Some(port) => port.parse().ok(),
        };
        match port {
            Some(port) if !host.is_empty() => Ok(Self::Tcp {
                host: host.to_owned(),
                port,
            }),
            _ => Err(FormError::of(
                "address",
                "write host:port or the path of a unix socket",
            )),
        }
    }

    /// What tells it apart in a name: the port on this machine, host and port elsewhere, the file of a socket.
    pub fn short(&self) -> String {
        match self {
            Self::Tcp { host, port } if is_loopback(host) => port.to_string(),
            Self::Tcp { .. } => self.to_string(),
            Self::Unix(path) => {
                let file = path.file_name().unwrap_or(path.as_os_str());
                file.to_string_lossy().into_owned()
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// How connections are secured: the rules, and the name that the certificate must bear.
#[derive(Clone)]
pub(crate) struct Security {
    config: Arc<ClientConfig>,
    server_name: Option<String>,
}

impl Security {
    /// After a `tls` table.
    ///
    /// # Errors
    /// When a file that it names is of no use.
    pub fn of(form: &TlsForm) -> Result<Self, FormError> {
        Ok(Self {
            config: client_config(form)?,
            server_name: form.server_name.clone(),
        })
    }

    async fn secure(&self, stream: TcpStream, host: &str) -> io::Result<Box<dyn Stream>> {
        let name = self.server_name.as_deref().unwrap_or(host).to_owned();
        let name = ServerName::try_from(name).map_err(io::Error::other)?;
        let connector = TlsConnector::from(self.config.clone());
        Ok(Box::new(connector.connect(name, stream).await?))
    }
}

/// Anything that bytes go through both ways.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connects; the caller gives up when it takes too long.
///
/// # Errors
/// What the system or the handshake said.
pub(crate) async fn connect(
    place: &Place,
    security: Option<&Security>,
) -> Result<Wire<Box<dyn Stream>>, CollectError> {
    let stream = dial(place, security)
        .await
        .map_err(|source| CollectError::Io {
            what: place.to_string(),
            source,
        })?;
    Ok(Wire {
        stream,
        allowance: Arc::default(),
    })
}

async fn dial(place: &Place, security: Option<&Security>) -> io::Result<Box<dyn Stream>> {
    match place {
        Place::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
        Place::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            match security {
                Some(security) => security.secure(stream, host).await,
                None => Ok(Box::new(stream)),
            }
        }
    }
}

/// How many more bytes may come, renewed with every question; and whether the other side has hung up.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    left: AtomicUsize,
    is_over: AtomicBool,
}

impl Allowance {
    /// Allows so many bytes from now on.
    pub fn renew(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    /// Whether an answer was longer than allowed.
    pub fn is_spent(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// Whether the other side has closed the connection.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn spend(&self, bytes: usize) {
        if bytes == 0 {
            self.is_over.store(true, Ordering::Relaxed);
        }
        let left = self.left.load(Ordering::Relaxed);
        self.left
            .store(left.saturating_sub(bytes), Ordering::Relaxed);
    }
}

/// A connection that breaks off what goes over the allowance.
pub(crate) struct Wire<S> {
    stream: S,
    allowance: Arc<Allowance>,
}

impl<S> Wire<S> {
    /// Its allowance, to renew. Nothing may come before.
    pub fn allowance(&self) -> Arc<Allowance> {
        self.allowance.clone()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.allowance.is_spent() {
            return Poll::Ready(Err(io::Error::other("too long an answer")));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.allowance.spend(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_named() {
        let cases = [
            ("127.0.0.1:6380", "127.0.0.1:6380", "6380"),
            ("localhost", "localhost:6379", "6379"),
            ("[::1]:6380", "[::1]:6380", "6380"),
            ("::1", "[::1]:6379", "6379"),
            ("cache-1:7000", "cache-1:7000", "cache-1:7000"),
            (
                "/run/redis/redis.sock",
                "/run/redis/redis.sock",
                "redis.sock",
            ),
        ];
        for (address, whole, short) in cases {
            let place = Place::parse(address, 6379).unwrap();
            assert_eq!(place.to_string(), whole);
            assert_eq!(place.short(), short, "{address}");
        }
        for wrong in ["", ":6379", "host:port", "host:70000", "[::1]:x"] {
            assert!(Place::parse(wrong, 6379).is_err(), "{wrong}");
        }
    }
}
