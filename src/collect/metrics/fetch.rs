//! Asks for a page over HTTP as Prometheus does: bounded in bytes, time and redirects, with one line for whatever fails.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode};
use url::Url;

use crate::collect::CollectError;
use crate::collect::form::SourceForm;
use crate::net::FormError;
use crate::net::tls::client_config;

/// More of a page is not read, bytes after unpacking.
pub(super) const MOST_BYTES: usize = 16 << 20;
/// A connection is held for so long for the next page: servers of applications (uvicorn, Node) close theirs after 5 s.
const HELD: Duration = Duration::from_secs(4);
/// So often a page may say that it lies elsewhere.
const MOST_REDIRECTS: usize = 3;

/// What Prometheus 3 asks for, without the binary form.
const ACCEPTED: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
     application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
     text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/// The way to one page.
pub(super) struct Fetch {
    client: Client,
    url: Url,
    /// The address as people read it, without secrets.
    shown: String,
    form: SourceForm,
    /// The last page left a connection behind, which the next may come over.
    is_held: AtomicBool,
}

/// A page as far as it was read.
pub(super) struct Fetched {
    pub bytes: Vec<u8>,
    /// Whether it goes on beyond what was read.
    pub is_cut: bool,
}

impl Fetch {
    /// Reads the address and makes the client, without connecting yet.
    pub fn new(form: &SourceForm, timeout: Duration) -> Result<Self, FormError> {
        if form
            .tls
            .as_ref()
            .is_some_and(|tls| tls.server_name.is_some())
        {
            let why = "server_name has no meaning for a page: write the name into the address";
            return Err(FormError::of("tls", why));
        }
        let url = page_url(&form.address)?;
        let client = Client::builder()
            .user_agent(concat!("hubtop/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(form, timeout)?)
            .timeout(timeout)
            .redirect(Policy::custom(follow))
            // What is watched is asked itself, as Prometheus does it, whatever the environment says of proxies.
            .no_proxy()
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(HELD)
            .tls_backend_preconfigured(
                (*client_config(&form.tls.clone().unwrap_or_default())?).clone(),
            )
            .build()
            .map_err(|error| FormError::of("address", error.to_string()))?;
        // A password that can't be read is told at the start, not at the first page.
        form.password()?;
        let shown = shown(&url);
        Ok(Self {
            client,
            url,
            shown,
            form: form.clone(),
            is_held: AtomicBool::new(false),
        })
    }

    /// What the page is called: `:8000/metrics`, or with its host where that is another machine.
    pub fn name(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}"));
        let port = port.unwrap_or_default();
        let path = self.url.path();
        match self.url.host_str() {
            Some("localhost" | "127.0.0.1" | "[::1]") if !port.is_empty() => {
                format!("{port}{path}")
            }
            host => format!("{}{port}{path}", host.unwrap_or_default()),
        }
    }

    /// Asks for the page.
    pub async fn page(&self) -> Result<Fetched, CollectError> {
        let response = self.ask().await?;
        let status = response.status();
        if !status.is_success() {
            return Err(self.refused(status));
        }
        let content = response.headers().get(CONTENT_TYPE);
        let content = content.and_then(|value| value.to_str().ok());
        if content.is_some_and(|content| content.starts_with("text/html")) {
            return Err(self.malformed("it is a page for people (text/html): is the path right?"));
        }
        if content.is_some_and(|content| content.starts_with("application/vnd.google.protobuf")) {
            return Err(self.malformed("it answers in protobuf, which nobody asked for"));
        }
        self.read(response).await
    }

    /// That something which was read is no page of metrics.
    pub fn malformed(&self, why: &str) -> CollectError {
        CollectError::Malformed {
            what: self.shown.clone(),
            why: why.to_owned(),
        }
    }

    async fn ask(&self) -> Result<Response, CollectError> {
        let mut url = self.url.clone();
        let password = self
            .form
            .password()
            .map_err(|error| self.malformed(&error.to_string()))?;
        let user = self.form.user.clone().or_else(|| user_of(&url));
        let in_url = url.password().map(decoded);
        // What stands in an address goes into the header alone.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let request = self.client.get(url);
        let request = match (user, password) {
            (Some(user), Some(password)) => request.basic_auth(user, Some(password.reveal())),
            (Some(user), None) => request.basic_auth(user, in_url),
            (None, Some(token)) => request.bearer_auth(token.reveal()),
            (None, None) => request,
        };
        let again = request.try_clone();
        match (request.send().await, again) {
            // A server may end a connection that is held just as it is asked; that says nothing of the page.
            (Err(error), Some(again))
                if self.is_held.swap(false, Ordering::Relaxed) && is_hung_up(&error) =>
            {
                again.send().await
            }
            (answer, _) => answer,
        }
        .map_err(|error| self.failed(error))
    }

    async fn read(&self, mut response: Response) -> Result<Fetched, CollectError> {
        let mut bytes = Vec::new();
        loop {
            let chunk = response.chunk().await;
            let Some(chunk) = chunk.map_err(|error| self.failed(error))? else {
                self.is_held.store(true, Ordering::Relaxed);
                return Ok(Fetched {
                    bytes,
                    is_cut: false,
                });
            };
            let room = MOST_BYTES - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                // The rest of a line that is cut must not be read as another value.
                let end = memchr::memrchr(b'\n', &bytes).map_or(0, |end| end + 1);
                bytes.truncate(end);
                return Ok(Fetched {
                    bytes,
                    is_cut: true,
                });
            }
        }
    }

    fn refused(&self, status: StatusCode) -> CollectError {
        let shown = &self.shown;
        match status {
            StatusCode::UNAUTHORIZED => CollectError::Denied {
                grant: format!(
                    "{shown} wants user and password_file, or password_file alone for a token"
                ),
            },
            StatusCode::FORBIDDEN => CollectError::Denied {
                grant: format!("{shown} answers HTTP 403: let this user or machine read it"),
            },
            StatusCode::NOT_FOUND => {
                CollectError::Server(format!("{shown}: HTTP 404 Not Found: is the path right?"))
            }
            other => CollectError::Server(format!("{shown}: HTTP {other}")),
        }
    }

    /// One line for whatever went wrong on the way: the innermost cause says it.
    fn failed(&self, error: reqwest::Error) -> CollectError {
        if error.is_timeout() {
            let limit = self.form.timeout.unwrap_or(super::TIMEOUT);
            return CollectError::Timeout(limit);
        }
        let error = error.without_url();
        if error.is_redirect() {
            return self.malformed("it leads to another server, or round in circles");
        }
        let mut cause: &dyn std::error::Error = &error;
        while let Some(deeper) = cause.source() {
            if let Some(system) = deeper.downcast_ref::<io::Error>()
                && system.raw_os_error().is_some()
            {
                let source = io::Error::new(system.kind(), system.to_string());
                let what = self.shown.clone();
                return CollectError::Io { what, source };
            }
            cause = deeper;
        }
        self.malformed(&cause.to_string())
    }
}

/// Whether the connection ended before there was an answer.
fn is_hung_up(error: &reqwest::Error) -> bool {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let mut kinds = causes.map(|cause| {
        let is_cut = cause
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_incomplete_message);
        let system = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        is_cut
            || matches!(
                system,
                Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            )
    });
    kinds.any(|is_hung_up| is_hung_up)
}

/// Follows a redirect within the same host, a few times.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let stays = attempt.previous().first().is_some_and(|first| {
        first.host_str() == attempt.url().host_str()
            && !(first.scheme() == "https" && attempt.url().scheme() == "http")
    });
    if !stays {
        return attempt.error("it leads to another server");
    }
    if attempt.previous().len() > MOST_REDIRECTS {
        return attempt.error("it leads round in circles");
    }
    attempt.follow()
}

fn headers(form: &SourceForm, timeout: Duration) -> Result<HeaderMap, FormError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
    // Exporters that ask others in turn give up in time when they know how much there is.
    headers.insert(
        "x-prometheus-scrape-timeout-seconds",
        HeaderValue::from(timeout.as_secs().max(1)),
    );
    for (name, value) in &form.headers {
        let wrong = || {
            FormError::of(
                "headers",
                format!("{name:?} is no header, or its value is none"),
            )
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The address of a page: `:8000`, `host:8000/path` or a whole URL; the path is `/metrics` where none is given.
pub(super) fn page_url(address: &str) -> Result<Url, FormError> {
    let wrong =
        |why: String| FormError::of("address", format!("{why}; write http://host:port/metrics"));
    let address = address.trim();
    let whole = match address {
        _ if address.contains("://") => address.to_owned(),
        _ if address.starts_with(':') => format!("http://127.0.0.1{address}"),
        _ => format!("http://{address}"),
    };
    let mut url = Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!(
            "{}:// is neither http:// nor https://",
            url.scheme()
        )));
    }
    if url.path() == "/" {
        url.set_path("/metrics");
    }
    url.set_fragment(None);
    Ok(url)
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    // What is asked of a page may hold a token.
    url.set_query(None);
    url.into()
}

fn user_of(url: &Url) -> Option<String> {
    (!url.username().is_empty()).then(|| decoded(url.username()))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
