//! Speaks HTTP with a Prometheus-compatible engine: bounded in bytes and time, with one line for whatever fails.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::Url;

use crate::net::secret::{Secret, password_of};
use crate::net::tls::client_config;
use crate::net::{FormError, TlsForm};

/// More of an answer is not read.
const MOST_BYTES: usize = 16 << 20;
/// So much of what a server says to a refusal is shown.
const MOST_WORDS: usize = 200;

/// How an engine is reached, and what it wants to be shown.
#[derive(Clone, Default)]
pub struct Access {
    /// The URL.
    pub address: String,
    /// Who logs in; without one, the password is a bearer token.
    pub user: Option<String>,
    /// The file whose first line is the password or the token.
    pub password_file: Option<PathBuf>,
    /// The variable of the environment that holds it.
    pub password_env: Option<String>,
    /// How the connection is secured.
    pub tls: TlsForm,
    /// Headers sent with each request: `X-Scope-OrgID`.
    pub headers: BTreeMap<String, String>,
    /// After how long a request is given up.
    pub timeout: Duration,
}

/// The way to one engine.
pub(super) struct Http {
    client: Client,
    url: Url,
    /// The address as people read it, without secrets.
    shown: String,
    access: Access,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What an engine said.
#[derive(Debug)]
pub(super) struct Said {
    pub status: StatusCode,
    /// When it wants to be asked again, as it wrote it.
    pub retry_after: Option<String>,
    /// What its clock showed, as it wrote it.
    pub date: Option<String>,
    pub body: Vec<u8>,
}

impl Said {
    /// The first line of what it said, bounded, for a refusal.
    pub fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line = text.trim().lines().next().unwrap_or_default();
        let plain = line.chars().filter(|c| !c.is_control());
        plain.take(MOST_WORDS).collect()
    }
}

impl Http {
    /// Reads the address and makes the client; nothing connects yet. `usual_path` stands in for a path that is not given.
    pub fn new(access: &Access, usual_path: &str) -> Result<Self, FormError> {
        let url = engine_url(&access.address, usual_path)?;
        if access.tls.server_name.is_some() {
            let why = "server_name has no meaning here: write the name into the address";
            return Err(FormError::of("tls", why));
        }
        let client = Client::builder()
            .user_agent(concat!("hubtop/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(&access.headers)?)
            .timeout(access.timeout)
            // What is written must not end where nobody said.
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(2)
            .tls_backend_preconfigured((*client_config(&access.tls)?).clone())
            .build()
            .map_err(|error| FormError::of("address", error.to_string()))?;
        // A password that can't be read is told at the start, not with the first request.
        password_of(
            access.password_file.as_deref(),
            access.password_env.as_deref(),
        )?;
        Ok(Self {
            client,
            shown: shown(&url),
            url,
            access: access.clone(),
        })
    }

    /// The address as people read it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A POST to the address, or to what lies below it.
    pub fn post(&self, below: &str) -> RequestBuilder {
        let mut url = self.url.clone();
        if !below.is_empty() {
            let path = format!("{}{below}", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        // What stands in an address goes into the header alone.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        self.client.post(url)
    }

    /// Logs in, sends and reads the answer, or says in one line why there is none.
    pub async fn ask(&self, request: RequestBuilder) -> Result<Said, String> {
        let request = self.logged_in(request).map_err(|error| error.to_string())?;
        let answer = request.send().await.map_err(|error| self.failed(error))?;
        let header = |name| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        Ok(Said {
            status: answer.status(),
            retry_after: header(RETRY_AFTER),
            date: header(DATE),
            body: self.body(answer).await?,
        })
    }

    fn logged_in(&self, request: RequestBuilder) -> Result<RequestBuilder, FormError> {
        let access = &self.access;
        let password = password_of(
            access.password_file.as_deref(),
            access.password_env.as_deref(),
        )?;
        let in_url = self.url.password().map(decoded).map(Secret::new);
        let user = (!self.url.username().is_empty()).then(|| decoded(self.url.username()));
        Ok(match (access.user.clone().or(user), password.or(in_url)) {
            (Some(user), password) => {
                request.basic_auth(user, password.as_ref().map(Secret::reveal))
            }
            (None, Some(token)) => request.bearer_auth(token.reveal()),
            (None, None) => request,
        })
    }

    async fn body(&self, mut answer: Response) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(error))? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                let most = MOST_BYTES >> 20;
                return Err(format!("{}: answers with more than {most} MB", self.shown));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// One line for whatever went wrong on the way: the innermost cause says it.
    fn failed(&self, error: reqwest::Error) -> String {
        let shown = &self.shown;
        if error.is_timeout() {
            let limit = self.access.timeout.as_secs_f64();
            return format!("{shown}: no answer within {limit} s");
        }
        let error = error.without_url();
        let mut cause: &dyn Error = &error;
        while let Some(deeper) = cause.source() {
            if let Some(system) = deeper.downcast_ref::<io::Error>()
                && system.raw_os_error().is_some()
            {
                return format!("{shown}: {system}");
            }
            cause = deeper;
        }
        format!("{shown}: {cause}")
    }
}

/// The URL of an engine: `host:9090` or a whole one.
fn engine_url(address: &str, usual_path: &str) -> Result<Url, FormError> {
    let wrong = |why: String| FormError::of("address", format!("{why}; write http://host:9090"));
    let address = address.trim();
    let whole = if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let mut url = Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        let why = format!("{}:// is neither http:// nor https://", url.scheme());
        return Err(wrong(why));
    }
    if url.path() == "/" && !usual_path.is_empty() {
        url.set_path(usual_path);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether two addresses are of the same server.
pub(super) fn is_same_server(one: &str, other: &str) -> bool {
    let server = |address| {
        let url = engine_url(address, "").ok()?;
        let host = url.host_str()?.to_owned();
        Some((url.scheme().to_owned(), host, url.port_or_known_default()))
    };
    server(one).is_some_and(|one| server(other) == Some(one))
}

fn headers(given: &BTreeMap<String, String>) -> Result<HeaderMap, FormError> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let wrong = || {
            let why = format!("{name:?} is no header, or its value is none");
            FormError::of("headers", why)
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    String::from(url).trim_end_matches('/').to_owned()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}
