//! Why a probe did not succeed, in one line.

use std::io;
use std::time::Duration;

use rustls::CertificateError;
use thiserror::Error;

use super::ask::Phase;
use crate::model::format;

/// Why a probe did not succeed.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{host} is not known: {why}")]
    Unknown { host: String, why: String },
    #[error("{address}: {why}")]
    Unreachable { address: String, why: String },
    #[error("{}", tls_line(.0))]
    Tls(io::Error),
    #[error("no answer within {} ({phase})", format::millis(.limit.as_secs_f64() * 1e3))]
    Timeout { limit: Duration, phase: Phase },
    #[error("{phase}: {why}")]
    Broken { phase: Phase, why: String },
    #[error("status {status}, expected {}", expected(*.wanted))]
    Status { status: u16, wanted: Option<u16> },
    #[error("the answer (status {status}) lacks what was expected in it")]
    Body { status: u16 },
}

fn expected(wanted: Option<u16>) -> String {
    wanted.map_or_else(|| "200 to 399".to_owned(), |status| status.to_string())
}

/// What the system said, without its number.
pub(super) fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        io::ErrorKind::UnexpectedEof => "the connection was closed".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error")
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    }
}

fn tls_line(error: &io::Error) -> String {
    let inner = error.get_ref();
    let Some(error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return format!("TLS: {}", plain(error));
    };
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return format!("TLS: {error}");
    };
    use CertificateError as C;
    match certificate {
        C::UnknownIssuer => {
            "the certificate is from an unknown authority: name it as tls.ca_file".to_owned()
        }
        C::Expired | C::ExpiredContext { .. } => "the certificate has expired".to_owned(),
        C::NotValidYet | C::NotValidYetContext { .. } => {
            "the certificate is not valid yet".to_owned()
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            "the certificate is for another name: set tls.server_name".to_owned()
        }
        other => {
            let why = format!("{other:?}");
            if why.contains("CaUsedAsEndEntity") {
                // What `openssl req -x509` makes by default.
                return "the server shows a certificate that is marked as an authority's own: \
                        have one made with CA:FALSE, or set tls.verify = false"
                    .to_owned();
            }
            format!("the certificate is not accepted: {why}")
        }
    }
}
