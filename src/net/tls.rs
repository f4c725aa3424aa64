//! Secured connections, the same for every kind of server: rustls with the system's authorities or one's own.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::{FormError, TlsForm};

/// The client's side of a secured connection.
///
/// # Errors
/// When a file of the form can't be read or holds no certificate or key.
pub(crate) fn client_config(form: &TlsForm) -> Result<Arc<ClientConfig>, FormError> {
    let provider = Arc::new(ring::default_provider());
    let wrong = |error: rustls::Error| FormError::of("tls", error.to_string());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let builder = if form.verify == Some(false) {
        let anybody = Arc::new(Anybody(provider));
        builder
            .dangerous()
            .with_custom_certificate_verifier(anybody)
    } else {
        builder.with_root_certificates(authorities(form.ca_file.as_deref())?)
    };
    let config = match (&form.cert_file, &form.key_file) {
        (Some(cert), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unreadable("key_file", key, &error))?;
            builder
                .with_client_auth_cert(certificates("cert_file", cert)?, key)
                .map_err(wrong)?
        }
        (None, None) => builder.with_no_client_auth(),
        (Some(_), None) => return Err(FormError::of("tls", "cert_file needs its key_file")),
        (None, Some(_)) => return Err(FormError::of("tls", "key_file needs its cert_file")),
    };
    Ok(Arc::new(config))
}

fn authorities(own: Option<&Path>) -> Result<Arc<RootCertStore>, FormError> {
    static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let Some(path) = own else {
        // Reading some hundred files takes its time: once is enough.
        let read = || {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Arc::new(store)
        };
        return Ok(SYSTEM.get_or_init(read).clone());
    };
    let mut store = RootCertStore::empty();
    for certificate in certificates("ca_file", path)? {
        store
            .add(certificate)
            .map_err(|error| FormError::of("ca_file", format!("{}: {error}", path.display())))?;
    }
    Ok(Arc::new(store))
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, FormError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(|error| unreadable(key, path, &error))?
        .collect();
    let read = read.map_err(|error| unreadable(key, path, &error))?;
    if read.is_empty() {
        let why = format!("{} holds no certificate", path.display());
        return Err(FormError::of(key, why));
    }
    Ok(read)
}

fn unreadable(key: &'static str, path: &Path, error: &rustls::pki_types::pem::Error) -> FormError {
    FormError::of(key, format!("{}: {error}", path.display()))
}

/// Trusts anybody, because a person wrote `verify = false`. Signatures are still checked, so that the connection is
/// private to whoever answers.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
