//! A probe's form, checked and made ready to be asked again and again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use url::{Host, Url};

use super::ProbeForm;
use crate::model::text::printable;
use crate::net::FormError;
use crate::net::tls::client_config;

/// After how long a probe is given up, if the settings don't say.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What hubtop says that it is.
const AGENT: &str = concat!("hubtop/", env!("CARGO_PKG_VERSION"));

/// What is asked, and what the answer must be.
pub(super) struct Plan {
    /// Where it goes, without what may be secret.
    pub shown: Arc<str>,
    /// What it is called where the form gives it no name: host and path, so that two of one host are told apart.
    pub called: String,
    pub host: String,
    pub port: u16,
    pub tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    pub timeout: Duration,
    pub expect_status: Option<u16>,
    pub expect_body: Option<Vec<u8>>,
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Plan {
    /// # Errors
    /// What is wrong with the form.
    pub fn of(form: &ProbeForm) -> Result<Self, FormError> {
        let url = Url::parse(&form.url).map_err(|error| FormError::of("url", error.to_string()))?;
        let is_secured = match url.scheme() {
            "http" => false,
            "https" => true,
            other => {
                return Err(FormError::of(
                    "url",
                    format!("{other} is not http or https"),
                ));
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            let why = "who asks belongs into headers: Authorization = \"Basic …\"";
            return Err(FormError::of("url", why));
        }
        let host = host_of(&url)?;
        let method = form.method.as_deref().unwrap_or("GET");
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| FormError::of("method", format!("{method:?} is no method")))?;
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let target = target
            .parse()
            .map_err(|_| FormError::of("url", "its path can't be sent"))?;
        let shown = &url[..url::Position::AfterPath];
        Ok(Self {
            shown: printable(shown).into(),
            called: url[url::Position::BeforeHost..url::Position::AfterPath]
                .trim_end_matches('/')
                .to_owned(),
            tls: is_secured.then(|| secured(form, &host)).transpose()?,
            port: url.port_or_known_default().unwrap_or(80),
            timeout: form.timeout.unwrap_or(TIMEOUT),
            expect_status: form.expect_status,
            expect_body: form.expect_body.clone().map(String::into_bytes),
            headers: headers_of(form, &url)?,
            body: form.body.clone().unwrap_or_default().into(),
            host,
            method,
            target,
        })
    }

    /// One request, ready to be sent.
    pub fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Whether a status is what was expected.
    pub fn accepts(&self, status: u16) -> bool {
        match self.expect_status {
            Some(expected) => status == expected,
            None => (200..400).contains(&status),
        }
    }
}

/// The host as a name or an address, without the brackets of IPv6.
fn host_of(url: &Url) -> Result<String, FormError> {
    match url.host() {
        Some(Host::Domain(name)) => Ok(name.to_owned()),
        Some(Host::Ipv4(address)) => Ok(address.to_string()),
        Some(Host::Ipv6(address)) => Ok(address.to_string()),
        None => Err(FormError::of("url", "it names no host")),
    }
}

fn secured(
    form: &ProbeForm,
    host: &str,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), FormError> {
    let tls = form.tls.clone().unwrap_or_default();
    let name = tls.server_name.as_deref().unwrap_or(host);
    let server_name = ServerName::try_from(name.to_owned())
        .map_err(|_| FormError::of("server_name", format!("{name:?} is no name of a host")))?;
    Ok((client_config(&tls)?, server_name))
}

fn headers_of(form: &ProbeForm, url: &Url) -> Result<HeaderMap, FormError> {
    let mut headers = HeaderMap::new();
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let host = HeaderValue::from_str(host);
    let host = host.map_err(|_| FormError::of("url", "its host can't be sent"))?;
    headers.insert(HOST, host);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    for (name, value) in &form.headers {
        let wrong = |what| FormError::of("headers", format!("{name}: the {what} can't be sent"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("name"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong("value"))?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(toml: &str) -> Result<Plan, String> {
        let form: ProbeForm = toml::from_str(toml).unwrap();
        Plan::of(&form).map_err(|error| error.to_string())
    }

    #[test]
    fn a_request_is_what_the_form_says() {
        let plan = plan(
            r#"url = "http://[::1]:8080/a/b?token=x"
            method = "POST"
            body = "hello"
            headers = { Host = "shop.example", "X-Key" = "secret" }
            expect_status = 201"#,
        )
        .unwrap();
        assert_eq!(
            (&*plan.shown, &*plan.host, plan.port),
            ("http://[::1]:8080/a/b", "::1", 8080)
        );
        let request = plan.request();
        assert_eq!(request.uri(), "/a/b?token=x");
        assert_eq!(request.headers()["host"], "shop.example");
        assert!(!format!("{:?}", request.headers()).contains("secret"));
        assert!(plan.accepts(201) && !plan.accepts(200));
    }

    #[test]
    fn a_form_that_can_not_be_asked_says_why() {
        let why = |toml| plan(toml).map(|_| ()).unwrap_err();
        assert!(why(r#"url = "ftp://a/""#).contains("not http"));
        assert!(why(r#"url = "shop""#).starts_with("url:"));
        assert!(why(r#"url = "http://jo:pw@a/""#).contains("headers"));
        let error = why("url = \"http://a/\"\nheaders = { \"a b\" = \"c\" }");
        assert!(error.contains("a b: the name"), "{error}");
    }
}
