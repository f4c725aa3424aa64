//! How a probe is written down in the settings: one `[[probe]]` each.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::model::span;
use crate::net::TlsForm;

/// A `[[probe]]` as it is written.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeForm {
    /// What it is called on the screen; host and path of the URL when left out.
    pub name: Option<String>,
    /// What is asked for: `http://…` or `https://…`.
    pub url: String,
    /// `GET` when left out.
    pub method: Option<String>,
    /// Headers sent with the request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What is sent with the request.
    pub body: Option<String>,
    /// The status that the answer must have; any of 200 to 399 when left out.
    pub expect_status: Option<u16>,
    /// What must stand in the answer.
    pub expect_body: Option<String>,
    /// How often it is asked: 30 s when left out.
    #[serde(default, deserialize_with = "span::optional")]
    pub interval: Option<Duration>,
    /// After how long it is given up: 10 s when left out.
    #[serde(default, deserialize_with = "span::optional")]
    pub timeout: Option<Duration>,
    /// How the connection is secured.
    pub tls: Option<TlsForm>,
}
