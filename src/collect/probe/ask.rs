//! One request, taken apart into its phases.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::failure::{Failure, plain};
use super::plan::Plan;

/// So much of an answer is read; what comes behind it is left.
const MOST_BODY: usize = 1024 * 1024;
/// So many addresses of a name are tried.
const MOST_ADDRESSES: usize = 4;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    #[default]
    Dns,
    Connect,
    Tls,
    FirstByte,
    Body,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "looking up the name",
            Self::Connect => "connecting",
            Self::Tls => "securing the connection",
            Self::FirstByte => "waiting for the first byte",
            Self::Body => "reading the answer",
        })
    }
}

/// How far a request went, and how long each phase took.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub phase: Phase,
    pub dns: Option<Duration>,
    pub connect: Option<Duration>,
    pub tls: Option<Duration>,
    pub first_byte: Option<Duration>,
    pub body: Option<Duration>,
    /// When the first of the certificates ends that the server showed, seconds since 1970.
    pub certificate_end: Option<i64>,
}

impl Progress {
    /// Runs a phase and keeps its time.
    async fn go<T>(
        &mut self,
        phase: Phase,
        what: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.phase = phase;
        let begun = Instant::now();
        let result = what.await;
        let took = Some(begun.elapsed());
        match phase {
            Phase::Dns => self.dns = took,
            Phase::Connect => self.connect = took,
            Phase::Tls => self.tls = took,
            Phase::FirstByte => self.first_byte = took,
            Phase::Body => self.body = took,
        }
        result
    }
}

/// Asks once, within the plan's timeout; the status of an answer that is as expected.
pub(super) async fn ask(plan: &Plan, progress: &mut Progress) -> Result<u16, Failure> {
    let limit = plan.timeout;
    match tokio::time::timeout(limit, go_through(plan, progress)).await {
        Ok(result) => result,
        Err(_elapsed) => Err(Failure::Timeout {
            limit,
            phase: progress.phase,
        }),
    }
}

async fn go_through(plan: &Plan, progress: &mut Progress) -> Result<u16, Failure> {
    let addresses = progress.go(Phase::Dns, look_up(plan)).await?;
    let stream = progress.go(Phase::Connect, connect(&addresses)).await?;
    let Some((config, name)) = &plan.tls else {
        return exchange(plan, progress, stream).await;
    };
    let connector = TlsConnector::from(config.clone());
    let securing = async {
        let secured = connector.connect(name.clone(), stream).await;
        secured.map_err(Failure::Tls)
    };
    let stream = progress.go(Phase::Tls, securing).await?;
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    progress.certificate_end = certificates.iter().filter_map(|der| end_of(der)).min();
    exchange(plan, progress, stream).await
}

async fn look_up(plan: &Plan) -> Result<Vec<SocketAddr>, Failure> {
    let unknown = |why| Failure::Unknown {
        host: plan.host.clone(),
        why,
    };
    let found = tokio::net::lookup_host((&*plan.host, plan.port)).await;
    let found: Vec<SocketAddr> = found
        .map_err(|error| unknown(plain(&error)))?
        .take(MOST_ADDRESSES)
        .collect();
    if found.is_empty() {
        return Err(unknown("it has no address".to_owned()));
    }
    Ok(found)
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    let mut last = Failure::Unreachable {
        address: String::new(),
        why: "no address".to_owned(),
    };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Small requests shall not wait for more to be sent; where that can't be set they are a little later.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => {
                last = Failure::Unreachable {
                    address: address.to_string(),
                    why: plain(&error),
                };
            }
        }
    }
    Err(last)
}

/// Sends the request and reads the answer.
async fn exchange<S>(plan: &Plan, progress: &mut Progress, stream: S) -> Result<u16, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (response, _driver) = progress.go(Phase::FirstByte, send(plan, stream)).await?;
    let status = response.status().as_u16();
    let body = progress.go(Phase::Body, read_body(response)).await?;
    if !plan.accepts(status) {
        let wanted = plan.expect_status;
        return Err(Failure::Status { status, wanted });
    }
    match &plan.expect_body {
        Some(expected) if memmem::find(&body, expected).is_none() => Err(Failure::Body { status }),
        _ => Ok(status),
    }
}

/// What drives the connection; it ends with it.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send<S>(plan: &Plan, stream: S) -> Result<(Response<Incoming>, Driver), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error| broken(Phase::FirstByte, &error);
    let opened = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(broken)?;
    let driver = Driver(tokio::spawn(async move {
        // What goes wrong with it is told where the answer is awaited.
        let _ = connection.await;
    }));
    let response = sender.send_request(plan.request()).await.map_err(broken)?;
    Ok((response, driver))
}

async fn read_body(response: Response<Incoming>) -> Result<BytesMut, Failure> {
    let mut body = response.into_body();
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(Phase::Body, &error))?;
        if let Ok(data) = frame.into_data() {
            read.extend_from_slice(&data);
        }
        if read.len() >= MOST_BODY {
            break;
        }
    }
    Ok(read)
}

fn broken(phase: Phase, error: &hyper::Error) -> Failure {
    let why = if error.is_incomplete_message() {
        "the connection was closed".to_owned()
    } else if error.is_parse() {
        "the answer is not HTTP/1".to_owned()
    } else {
        let source = std::error::Error::source(error);
        let io = source.and_then(|source| source.downcast_ref::<std::io::Error>());
        io.map_or_else(|| error.to_string(), plain)
    };
    Failure::Broken { phase, why }
}

/// When a certificate ends, seconds since 1970.
fn end_of(der: &[u8]) -> Option<i64> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Some(certificate.validity().not_after.timestamp())
}
