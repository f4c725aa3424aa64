//! How a connection is written down in the settings, and what is wrong with what is written.

use std::path::PathBuf;

use serde::Deserialize;
use thiserror::Error;

/// How a connection is secured. Certificates are verified unless `verify` is false.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsForm {
    /// Certificates of the authorities to trust instead of the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// The certificate that is shown to the server, PEM.
    pub cert_file: Option<PathBuf>,
    /// Its key, PEM.
    pub key_file: Option<PathBuf>,
    /// The name that the server's certificate must bear, if not that of the address.
    pub server_name: Option<String>,
    /// False trusts any certificate: only where nobody else can stand in between.
    pub verify: Option<bool>,
}

/// What is wrong with a form that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{key}: {why}")]
pub struct FormError {
    /// The key whose value is wrong, or that is missing.
    pub key: &'static str,
    /// What is wrong, with the mend, in one line.
    pub why: String,
}

impl FormError {
    /// What is wrong with the value of `key`.
    pub fn of(key: &'static str, why: impl Into<String>) -> Self {
        Self {
            key,
            why: why.into(),
        }
    }
}
